package sqlsink

import (
	"context"
	"fmt"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// gatherer is the writer of a run with checkpoints.
type gatherer[T any] struct {
	gathering
	arguments func([]any, T) ([]any, error)
	values    codec.Encoder[T] // nil where values need not be kept
	value     []byte
}

// gathering is what of a gatherer does not depend on the type of its events.
type gathering struct {
	sink  *target
	noted string // of the plan
	ask   func() // for a checkpoint
	data  []byte // encoded rows
	rows  int
	args  []any
	calls uint64 // of Prepare
}

func (w *gatherer[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	for row, v := range b.All() {
		if w.rows == w.sink.maxRows {
			return w.sink.failed(fmt.Errorf("%d rows wait for a checkpoint, and MaxRows allows no more", w.rows))
		}
		var err error
		if w.args, err = w.arguments(w.args[:0], v); err != nil {
			return &stream.RowError{Row: row, Err: err}
		}
		if w.values == nil {
			w.data = appendRow(w.data, w.calls, w.noted, w.args)
		} else if w.value, err = w.values.Append(w.value[:0], v); err != nil {
			return &stream.RowError{Row: row, Err: fmt.Errorf("sink: keep the value: %w", err)}
		} else {
			w.data = appendRowOf(w.data, w.calls, w.noted, w.args, w.value, int64(b.Time(row)))
		}
		if w.rows++; w.rows == w.sink.maxRows/2 {
			w.ask()
		}
	}
	return nil
}

// Prepare returns the rows: the checkpoint keeps them.
func (w *gathering) Prepare(context.Context) ([]byte, error) {
	data := w.data
	w.data, w.rows = nil, 0
	w.calls++
	return data, nil
}

func (w *gathering) Flush(context.Context) error { return nil }
func (w *gathering) Close() error                { return nil }
