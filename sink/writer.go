package sink

import (
	"context"
	"fmt"
	"io"
	"sync"

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
// is not closed. Its error is a [*WriteError]; nothing is written after it. A
// value that the format cannot write is a failure of its event.
//
// Values are written at least once: what a run wrote again after a restart is
// there twice.
func Writer[T any](w io.Writer, format codec.Format[T]) stream.Sink[T] {
	s := &writerSink[T]{w: w, format: format}
	if codec.HasHeader(format) {
		s.headed = &turn[T]{Encoder: format.NewEncoder(), begins: true}
	}
	return s
}

// JSONLines is Writer in the format of [codec.JSON]: one JSON value a line.
// Values are written at least once: what a run wrote again after a restart is
// there twice.
func JSONLines[T any](w io.Writer) stream.Sink[T] { return Writer(w, codec.JSON[T]()) }

// CSV is Writer in the format of [codec.CSV], which says what T may be: a
// header, and one row for each value. Like it, CSV panics if T has no columns.
// Values are written at least once: what a run wrote again after a restart is
// there twice.
func CSV[T any](w io.Writer) stream.Sink[T] { return Writer(w, codec.CSV[T]()) }

type writerSink[T any] struct {
	format codec.Format[T]
	headed *turn[T] // what all writers share, if the format has a header

	mu  sync.Mutex
	w   io.Writer
	err error // of w; it stays
}

// A turn is an encoder, and the right to use it.
type turn[T any] struct {
	sync.Mutex
	codec.Encoder[T]
	begins bool // what is encoded next brings the header, and has to be first
}

func (s *writerSink[T]) String() string { return fmt.Sprintf("%T", s.w) }

// Open returns a writer of one instance.
func (s *writerSink[T]) Open(*stream.SinkContext) (stream.Writer[T], error) {
	if s.headed != nil {
		return &rowWriter[T]{sink: s, turn: s.headed}, nil
	}
	return &rowWriter[T]{sink: s, turn: &turn[T]{Encoder: s.format.NewEncoder()}}, nil
}

// do calls f unless w has failed before.
func (s *writerSink[T]) do(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if err := f(); err != nil {
		s.err = &WriteError{Sink: s.String(), Err: err}
	}
	return s.err
}

// bufferSize is how much is gathered before it is written.
const bufferSize = 64 << 10

type rowWriter[T any] struct {
	sink *writerSink[T]
	turn *turn[T]
	buf  []byte // whole rows
}

func (w *rowWriter[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	w.turn.Lock()
	defer w.turn.Unlock()
	for row, v := range b.All() {
		var err error
		if w.buf, err = w.turn.Append(w.buf, v); err != nil {
			return &stream.RowError{Row: row, Err: fmt.Errorf("sink: encode: %w", err)}
		}
		if w.turn.begins || len(w.buf) >= bufferSize {
			w.turn.begins = false
			if err := w.send(); err != nil {
				return err
			}
		}
	}
	return nil
}

// send hands over what has been gathered.
func (w *rowWriter[T]) send() error {
	if len(w.buf) == 0 {
		return nil
	}
	err := w.sink.do(func() error {
		n, err := w.sink.w.Write(w.buf)
		if err == nil && n < len(w.buf) {
			err = io.ErrShortWrite
		}
		return err
	})
	w.buf = w.buf[:0]
	if cap(w.buf) > 4*bufferSize {
		w.buf = nil // one huge row should not stay
	}
	return err
}

func (w *rowWriter[T]) Flush(context.Context) error {
	if err := w.send(); err != nil {
		return err
	}
	return w.sink.do(func() error {
		if f, ok := w.sink.w.(interface{ Flush() error }); ok {
			return f.Flush()
		}
		return nil
	})
}

func (w *rowWriter[T]) Close() error { return nil }
