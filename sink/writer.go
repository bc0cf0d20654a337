package sink

import (
	"bytes"
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
// is not closed. Its error is a [*WriteError], and ends the run. A run that begins
// again writes to w again, and completes a row first that w has taken in part. (A
// [bufio.Writer] keeps its error for ever.) A value that the format cannot write is a
// failure of its event.
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

// A writerSink knows what stands in w, which outlives a run. What a run knows is in
// the rowWriters.
type writerSink[T any] struct {
	format codec.Format[T]
	headed *turn[T] // what all writers share, if the format has a header

	mu   sync.Mutex
	w    io.Writer
	torn []byte // what w has not taken of the row that it has taken in part
}

// A turn is an encoder, and the right to use it.
type turn[T any] struct {
	sync.Mutex
	codec.Encoder[T]
	begins bool // what is encoded next brings the header, and has to be first
}

func (s *writerSink[T]) String() string { return fmt.Sprintf("%T", s.w) }

// Local is stream.Local's.
func (s *writerSink[T]) Local() string { return fmt.Sprintf("it writes to a %T of one process", s.w) }

// Open returns a writer of one instance.
func (s *writerSink[T]) Open(*stream.SinkContext) (stream.Writer[T], error) {
	if s.headed != nil {
		return &rowWriter[T]{sink: s, turn: s.headed}, nil
	}
	return &rowWriter[T]{sink: s, turn: &turn[T]{Encoder: s.format.NewEncoder()}}, nil
}

// send writes whole rows, and returns how many bytes of them w has taken.
func (s *writerSink[T]) send(rows []byte) (taken int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.torn) > 0 {
		n, err := s.write(s.torn)
		if s.torn = s.torn[n:]; err != nil {
			return 0, err
		}
	}
	taken, err = s.write(rows)
	if err != nil {
		s.torn = s.rowFrom(rows, taken)
	}
	return taken, err
}

func (s *writerSink[T]) write(b []byte) (taken int, err error) {
	n, err := s.w.Write(b)
	if n = min(max(n, 0), len(b)); err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return n, err
}

// rowFrom returns the rest of the row that begins before at, if one does.
func (s *writerSink[T]) rowFrom(rows []byte, at int) []byte {
	d := s.format.NewDecoder()
	for end := 0; end < at; {
		n, _, err := d.Split(rows[end:], true)
		if err != nil || n == 0 {
			return nil
		}
		if end += n; end > at {
			return bytes.Clone(rows[at:end])
		}
	}
	return nil
}

func (s *writerSink[T]) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.w.(interface{ Flush() error }); ok {
		return f.Flush()
	}
	return nil
}

// bufferSize is how much is gathered before it is written.
const bufferSize = 64 << 10

type rowWriter[T any] struct {
	sink *writerSink[T]
	turn *turn[T]
	buf  []byte // whole rows
	err  error  // of the sink's writer; it stays
}

func (w *rowWriter[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	w.turn.Lock()
	defer w.turn.Unlock()
	for row, v := range b.All() {
		err := ctx.Err()
		if err != nil {
			return err
		}
		if w.buf, err = w.turn.Append(w.buf, v); err != nil {
			return &stream.RowError{Row: row, Err: fmt.Errorf("sink: encode: %w", err)}
		}
		if w.turn.begins || len(w.buf) >= bufferSize {
			if err := w.send(); err != nil {
				return err
			}
		}
	}
	return nil
}

// send hands over what has been gathered.
func (w *rowWriter[T]) send() error {
	if w.err != nil || len(w.buf) == 0 {
		return w.err
	}
	taken, err := w.sink.send(w.buf)
	w.failed(err)
	switch {
	case !w.turn.begins:
	case taken > 0: // and the rest of the header follows if need be
		w.turn.begins = false
	default:
		w.turn.Encoder = w.sink.format.NewEncoder()
	}
	w.buf = w.buf[:0]
	if cap(w.buf) > 4*bufferSize {
		w.buf = nil // one huge row should not stay
	}
	return w.err
}

func (w *rowWriter[T]) failed(err error) {
	if err != nil {
		w.err = &WriteError{Sink: w.sink.String(), Err: err}
	}
}

func (w *rowWriter[T]) Flush(context.Context) error {
	if err := w.flushRows(); err != nil {
		return err
	}
	w.failed(w.sink.flush())
	return w.err
}

// flushRows sends what is left. The turn is another's while that writes a header.
func (w *rowWriter[T]) flushRows() error {
	w.turn.Lock()
	defer w.turn.Unlock()
	return w.send()
}

func (w *rowWriter[T]) Close() error { return nil }
