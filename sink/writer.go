package sink

import (
	"context"
	"fmt"
	"io"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// Writer writes the values to w in format. Rows are whole and never mixed,
// however many shards write: each call of w.Write hands over whole rows, and
// no two calls overlap. A header, where the format has one, is written once,
// before the first row.
//
// Rows are gathered, up to 64 KiB for each shard, until the run flushes; if w
// has a method Flush() error, as a [bufio.Writer] has, it is called then. w
// is not closed. Its error is a [*WriteError], and ends the run. A run that begins
// again writes to w again, and completes a row first that w has taken in part. (A
// [bufio.Writer] keeps its error for ever.) A value that the format cannot write is a
// failure of its event.
//
// Values are written at least once: what a run wrote again after a restart is
// there twice.
//
// It panics if w or format is nil.
func Writer[T any](w io.Writer, format codec.Format[T]) stream.Sink[T] {
	return newWriter("Writer", w, format)
}

func newWriter[T any](call string, w io.Writer, format codec.Format[T]) stream.Sink[T] {
	wantWriter(call, w)
	if format == nil {
		panic(fmt.Sprintf("sink: %s: the Format is nil", call))
	}
	out := &outlet{w: w, records: recordsOf(format), encoder: func() any { return format.NewEncoder() }}
	if codec.HasHeader(format) {
		out.headed = &turn{encoder: format.NewEncoder(), begins: true}
	}
	return &writerSink[T]{out}
}

// JSONLines is Writer in the format of [codec.JSON]: one JSON value a line.
// Values are written at least once: what a run wrote again after a restart is
// there twice. It panics if w is nil, and where [codec.JSON] does.
func JSONLines[T any](w io.Writer) stream.Sink[T] { return newWriter("JSONLines", w, codec.JSON[T]()) }

// CSV is Writer in the format of [codec.CSV], which says what T may be: a
// header, and one row for each value. Like it, CSV panics if T has no columns,
// and if w is nil. Values are written at least once: what a run wrote again after
// a restart is there twice.
func CSV[T any](w io.Writer) stream.Sink[T] { return newWriter("CSV", w, codec.CSV[T]()) }

// wantWriter panics where there is nothing to write to.
func wantWriter(call string, w io.Writer) {
	if w == nil {
		panic(fmt.Sprintf("sink: %s: the io.Writer is nil", call))
	}
}

// A writerSink is an outlet of values.
type writerSink[T any] struct{ out *outlet }

func (s *writerSink[T]) String() string { return s.out.String() }

// Local is stream.Local's.
func (s *writerSink[T]) Local() string {
	return fmt.Sprintf("it writes to a %T of one process", s.out.w)
}

// Open returns a writer of one instance.
func (s *writerSink[T]) Open(*stream.SinkContext) (stream.Writer[T], error) {
	return &rowWriter[T]{s.out.rows()}, nil
}

// A rowWriter encodes values into the rows of one instance.
type rowWriter[T any] struct{ rows *rows }

func (w *rowWriter[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	r := w.rows
	r.turn.Lock()
	defer r.turn.Unlock()
	e := r.turn.encoder.(codec.Encoder[T])
	for row, v := range b.All() {
		err := ctx.Err()
		if err != nil {
			return err
		}
		if r.buf, err = e.Append(r.buf, v); err != nil {
			return &stream.RowError{Row: row, Err: fmt.Errorf("sink: encode: %w", err)}
		}
		if r.turn.begins || len(r.buf) >= bufferSize {
			if err := r.send(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *rowWriter[T]) Flush(context.Context) error { return w.rows.flush() }

func (w *rowWriter[T]) Close() error { return nil }
