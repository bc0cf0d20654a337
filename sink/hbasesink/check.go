package hbasesink

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"unsafe"

	"github.com/freshet-go/freshet/internal/hbaserest"
	"github.com/freshet-go/freshet/stream"
)

// A Check is what has to be in a column of a row for that to be put.
type Check struct {
	Column string // "family:qualifier", one of the columns that are put
	Value  []byte // as it is written in the column; none means that there has to be none
}

// ErrCheckFailed is the cause of a failure of CheckAndPuts, where the row is not as the check has it.
var ErrCheckFailed = errors.New("hbasesink: the row is not as the check wants it")

// CheckAndPuts writes rows as [Puts] does, each only if a column of it holds what check says: to insert what is not there, or to
// change what nobody else has changed since it was read.
//
//	orders.To(hbasesink.CheckAndPuts(client, "http://gateway:8080", "orders", Order.Key, func(Order) hbasesink.Check {
//		return hbasesink.Check{Column: "d:number"} // it has to be new
//	}), stream.SkipFailures())
//
// A row that is otherwise is a failure of its event, ErrCheckFailed, with [stream.SkipFailures] and [stream.Divert]. A row that is
// there exactly as it would be put, with its time, was put by this event before, in an answer that was lost or a run that has ended: that
// is no failure. Where somebody else has changed it since, a replay is one, and changes nothing.
//
// Each row is a request, of which some are under way at once, see [AtOnce]. HBase compares and puts in one step, for one row.
//
// It panics as Puts does, if check is nil, and with ServerTime, by which nobody would know a row again.
func CheckAndPuts[T any](client *http.Client, gateway, table string, key func(T) string, check func(T) Check, opts ...Option) stream.Sink[T] {
	t := newTarget("CheckAndPuts", reflect.TypeFor[T](), client, gateway, table, key == nil, opts)
	switch {
	case check == nil:
		panic("hbasesink: CheckAndPuts: the function check is nil")
	case t.serverTime:
		panic("hbasesink: CheckAndPuts: not with ServerTime: a row that was put before could not be known again")
	}
	columns := t.fields.Columns()
	return &sink[T]{target: t, what: "checked puts", once: true, add: func(w *batch, v *T, at stream.Time) error {
		c := check(*v)
		if err := w.put(key(*v), unsafe.Pointer(v), at, false); err != nil {
			return err
		}
		s := &w.steps[len(w.steps)-1]
		if !slices.ContainsFunc(w.cells, func(x hbaserest.Cell) bool { return string(x.Column) == c.Column }) {
			return fmt.Errorf("row %q: the column %q is checked and not put, which HBase's gateway does not do", s.key[:min(len(s.key), 100)], c.Column)
		}
		s.cells, s.gone = len(w.cells), columns
		w.set = hbaserest.AppendRow(w.set[:s.from], []byte(s.key), append(w.cells, hbaserest.Cell{Column: []byte(c.Column), Time: hbaserest.ServerTime, Value: c.Value}))
		s.to = len(w.set)
		return nil
	}}
}
