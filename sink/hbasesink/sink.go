package hbasesink

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"unsafe"

	"github.com/freshet-go/freshet/internal/hbaserest"
	"github.com/freshet-go/freshet/stream"
)

// Puts writes each event as a row, with the key that key makes of it:
//
//	type Total struct {
//		Shop  string `hbase:"@row"`
//		Cents int64  `hbase:"d:cents,bytes"`
//		Note  *string `hbase:"d:note"`
//	}
//
//	totals.To(hbasesink.Puts(client, "http://gateway:8080", "totals", func(t Total) string { return t.Shop }))
//
// The tags are those of hbasesource.Table; "@row", versions and times of cells are not written. A pointer that is nil
// is left out: what is in its column stays. Keys have 1 to 32,767 bytes.
//
// The cells of a row have the time of the field with the tag "@time", or, where there is none or it is zero, that of the event, in milliseconds. So a row that is
// written again overwrites itself, and one that is older does not win. An event without a time is a failure, but for [ServerTime].
//
// It panics if client or key is nil, the gateway or the table has no good name, or T is no struct with such tags.
func Puts[T any](client *http.Client, gateway, table string, key func(T) string, opts ...Option) stream.Sink[T] {
	t := newTarget("Puts", reflect.TypeFor[T](), client, gateway, table, key == nil, opts)
	return &sink[T]{target: t, what: "puts", add: func(w *batch, v *T, at stream.Time) error {
		return w.put(key(*v), unsafe.Pointer(v), at, false)
	}}
}

// Changes has a table follow changes of rows: it puts those that are new or changed, as [Puts] does, and deletes those that are gone, and that
// have another key now. Of an Update it deletes the columns whose pointers are nil.
//
// A delete hides what the row has in the families of T up to the time of the change, [stream.Change.Row] or the event has it, also what is put afterwards: so a
// replay ends as the first run did, and changes of one row need times that ascend. Milliseconds count; where several changes of a row share
// one, give the field "@time" another number that ascends, such as the position in a log. A delete without the row as it was has no key: it needs Before.
//
// It panics as Puts does.
func Changes[T any](client *http.Client, gateway, table string, key func(T) string, opts ...Option) stream.Sink[stream.Change[T]] {
	t := newTarget("Changes", reflect.TypeFor[T](), client, gateway, table, key == nil, opts)
	return &sink[stream.Change[T]]{target: t, what: "changes", add: func(w *batch, c *stream.Change[T], at stream.Time) error {
		if c.Kind == stream.Delete {
			if !c.HasBefore {
				return errNoBefore
			}
			return w.delete(key(c.Before), unsafe.Pointer(&c.Before), at)
		}
		now := key(c.After)
		if c.HasBefore {
			if before := key(c.Before); before != now {
				// At the time of the row as it is now: that of the one before may be its own.
				if err := w.delete(before, unsafe.Pointer(&c.After), at); err != nil {
					return err
				}
			}
		}
		return w.put(now, unsafe.Pointer(&c.After), at, true)
	}}
}

// A target is a table, and how values become rows of it.
type target struct {
	config
	client   *hbaserest.Client
	fields   *hbaserest.Fields
	families [][]byte
}

func newTarget(what string, of reflect.Type, client *http.Client, gateway, table string, keyless bool, opts []Option) *target {
	t := &target{config: configure(opts)}
	var err error
	if keyless {
		err = fmt.Errorf("the function key is nil")
	}
	if err == nil {
		t.fields, err = hbaserest.FieldsOf(of)
	}
	if err == nil {
		t.client, err = hbaserest.New(client, gateway, table, t.authorize, t.timeout, 64<<20)
	}
	if err == nil {
		if t.families = t.fields.Families(); len(t.families) == 0 {
			err = fmt.Errorf("%v has no field for a column", of)
		}
	}
	if err != nil {
		panic(fmt.Sprintf("hbasesink: %s: %v", what, err))
	}
	return t
}

type sink[T any] struct {
	*target
	what string
	add  func(w *batch, v *T, at stream.Time) error
	once bool // each row is checked, and goes by itself
}

// String is what a plan shows.
func (s *sink[T]) String() string { return "hbase " + s.what + " to " + s.client.Table }

// Open makes a writer. It looks whether the table is there, and has the families that each row needs.
func (s *sink[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	w := &writer[T]{add: s.add, batch: batch{target: s.target, name: c.Name, logger: c.Logger, alone: s.once, keys: map[string]int64{}}}
	if w.logger == nil {
		w.logger = slog.New(slog.DiscardHandler)
	}
	ctx := c.Context
	if ctx == nil {
		ctx = context.Background()
	}
	if err := w.again(ctx, func() error { return s.client.Check(ctx, s.fields.Always()) }); err != nil {
		return nil, w.failed("", err)
	}
	return w, nil
}

// A WriteError is the error of a sink that the gateway does not take something from.
type WriteError struct {
	Sink  string // the operator's name
	Table string
	Key   string // of the row; empty where it was no single one
	Err   error  // as the gateway says, or the way to it
}

// Error names the operator, the row and the cause, and the way out where there is one.
func (e *WriteError) Error() string {
	s := "hbasesink: " + e.Sink + ": table " + e.Table + ": "
	if e.Key != "" {
		s += fmt.Sprintf("row %q: ", e.Key[:min(len(e.Key), 100)])
	}
	s += e.Err.Error()
	if way := hbaserest.WayOut(e.Err); way != "" {
		s += "; " + way
	}
	return s
}

// Unwrap returns e.Err.
func (e *WriteError) Unwrap() error { return e.Err }
