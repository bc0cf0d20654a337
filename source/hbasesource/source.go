package hbasesource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/hbaserest"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// A Version is a value of a column with its time, for fields that take several:
//
//	Prices []hbasesource.Version[float64] `hbase:"d:price,versions"`
type Version[V any] struct {
	Time  time.Time
	Value V
}

// ErrCut is the cause of an error where the gateway has said that a scan has ended which has not, and says so again and again: it
// hides why. Its log has that.
var ErrCut = hbaserest.ErrCut

// A tabled source reads a table.
type tabled[T any] struct {
	config
	client  *hbaserest.Client
	fields  *hbaserest.Fields
	columns [][]byte
}

// newTabled panics for what only a programmer can have got wrong.
func newTabled[T any](what string, client *http.Client, gateway, table string, c config) *tabled[T] {
	s := &tabled[T]{config: c}
	var err error
	if s.fields, err = hbaserest.FieldsOf(reflect.TypeFor[T]()); err == nil {
		s.client, err = hbaserest.New(client, gateway, table, c.authorize, c.timeout, c.most)
	}
	if err == nil && c.upto != "" && c.from >= c.upto {
		err = fmt.Errorf("no key is in [%q, %q)", c.from, c.upto)
	}
	if err != nil {
		panic(fmt.Sprintf("hbasesource: %s: %v", what, err))
	}
	s.columns = s.fields.Columns()
	return s
}

// FixedPartitions says that several processes may open the source, each to read some of its partitions: see [stream.Fixed].
func (s *tabled[T]) FixedPartitions() string { return "" }

// String names the table.
func (s *tabled[T]) String() string { return "table " + s.client.Table }

// check looks whether the table has the families: a scan of one that it lacks finds nothing, and does not say so.
func (s *tabled[T]) check(ctx context.Context, logger *slog.Logger) error {
	err := s.again(ctx, logger, func() error { return s.client.Check(ctx, s.columns) })
	if err != nil {
		return s.failed("its schema", err)
	}
	return nil
}

// again calls f, and again while its error passes.
func (s *tabled[T]) again(ctx context.Context, logger *slog.Logger, f func() error) error {
	return hbaserest.Retry(ctx, s.retry, func(err error) {
		if logger != nil {
			logger.Warn("the table cannot be read, and it is tried again", "source", s.String(), "for", s.retry, "cause", err)
		}
	}, f)
}

// failed is the error of a source.
func (s *tabled[T]) failed(where string, err error) error {
	if errors.Is(err, io.EOF) { // or the run would take it for the end of the rows
		err = fmt.Errorf("%w: %v", io.ErrUnexpectedEOF, err)
	}
	if way := hbaserest.WayOut(err); way != "" {
		err = fmt.Errorf("%w; %s", err, way)
	}
	return &source.ReadError{Source: s.String(), Offset: where, Err: err}
}

// scan returns what to ask for behind a key, up to one.
func (s *tabled[T]) scan(from, upto []byte) hbaserest.Scan {
	return hbaserest.Scan{From: from, Upto: upto, Columns: s.columns, Versions: s.versions, Filter: s.filter, Cells: s.cells}
}

// decode makes a value of a row.
func (s *tabled[T]) decode(v *T, key []byte, cells []hbaserest.Cell) error {
	return s.fields.Decode(unsafe.Pointer(v), key, cells)
}

// behind returns the first key behind one.
func behind(key []byte) []byte { return append(key[:len(key):len(key)], 0) }

// contextOf is that of a source, also where a test opens it without one.
func contextOf(c *stream.SourceContext) context.Context {
	if c.Context == nil {
		return context.Background()
	}
	return c.Context
}
