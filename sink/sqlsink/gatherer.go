package sqlsink

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/freshet-go/freshet/internal/prepared"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// gatherer is the writer of a run with checkpoints.
type gatherer[T any] struct {
	gathering
	put    func([]byte, T) ([]byte, error) // appends the arguments of an event
	values codec.Encoder[T]                // nil where values need not be kept
	value  []byte
}

// gathering is what of a gatherer does not depend on the type of its events.
type gathering struct {
	sink  *target
	noted string // of the plan
	ask   func() // for a checkpoint
	data  []byte // encoded rows
	last  int    // how many bytes were prepared last
	rows  int
	calls uint64 // of Prepare
}

func (w *gatherer[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	for row, v := range b.All() {
		if err := ctx.Err(); err != nil {
			return err // StopTimeout has passed, and no function of the caller's is called any more
		}
		if w.rows == w.sink.maxRows {
			return w.sink.failed(fmt.Errorf("%d rows wait for a checkpoint, and MaxRows allows no more", w.rows))
		}
		if len(w.data) == 0 {
			w.begin(w.values != nil)
		}
		data, err := w.put(w.data, v)
		if err != nil {
			return &stream.RowError{Row: row, Err: err}
		}
		if w.values != nil {
			if w.value, err = w.values.Append(w.value[:0], v); err != nil {
				return &stream.RowError{Row: row, Err: fmt.Errorf("sink: keep the value: %w", err)}
			}
			data = binary.AppendVarint(prepared.AppendBytes(data, w.value), int64(b.Time(row)))
		}
		w.data = data
		if w.rows++; w.rows == w.sink.maxRows/2 {
			w.ask()
		}
	}
	return nil
}

// mostAhead bounds what is allocated at once for rows that may not come.
const mostAhead = 4 << 20

// begin appends the head, with room for as many rows as the last checkpoint had.
func (w *gathering) begin(values bool) {
	version := byte(rowsVersion)
	if values {
		version = valueVersion
	}
	w.data = appendHead(make([]byte, 0, min(w.last+w.last/8, mostAhead)), version, w.calls, w.noted)
}

// Prepare returns the rows: the checkpoint keeps them.
func (w *gathering) Prepare(context.Context) ([]byte, error) {
	data := w.data
	if w.rows == 0 {
		data = nil // of events that are failures there is at most a head
	}
	w.data, w.rows, w.last = nil, 0, len(data)
	w.calls++
	return data, nil
}

func (w *gathering) Flush(context.Context) error { return nil }
func (w *gathering) Close() error                { return nil }
