package hbasesink

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"unsafe"

	"github.com/freshet-go/freshet/internal/hbaserest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A writer writes the events of one instance. Write returns when all of its events are in the table, so that a row which is
// refused is a failure of its event; a flush has nothing to do.
type writer[T any] struct {
	batch
	add   func(w *batch, v *T, at stream.Time) error
	value T
}

// Write writes a batch in as few requests as it needs.
func (w *writer[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	w.reset()
	for row, v := range b.All() {
		if err := ctx.Err(); err != nil {
			return err // StopTimeout has passed, and no function of the caller's is called any more
		}
		w.row, w.value = row, v
		err := w.add(&w.batch, &w.value, b.Time(row))
		if err == errMeets {
			w.drop(row)
			if err := w.send(ctx); err != nil {
				return err
			}
			err = w.add(&w.batch, &w.value, b.Time(row))
		}
		if err != nil {
			w.drop(row)
			if sent := w.send(ctx); sent != nil { // what came before it is to be written
				return sent
			}
			return &stream.RowError{Row: row, Err: w.failed("", err)}
		}
		if len(w.steps) >= w.config.batch || len(w.set) >= mostBytes {
			if err := w.send(ctx); err != nil {
				return err
			}
		}
	}
	return w.send(ctx)
}

// Flush has nothing to flush.
func (w *writer[T]) Flush(context.Context) error { return nil }

// Close has nothing to close: the client is the caller's.
func (w *writer[T]) Close() error { return nil }

// A batch is what goes to the gateway together.
type batch struct {
	*target
	name   string // of the operator
	logger *slog.Logger
	alone  bool // rows are checked

	row   int // of the event that is added
	steps []step
	keys  map[string]int64 // of the steps, with their times
	set   []byte           // a CellSet of the rows that are put
	cells []hbaserest.Cell
	text  []byte // of values
}

// A step is what is done to one row.
type step struct {
	row      int // of the event
	key      string
	at       int64
	from, to int      // in set: what is put
	gone     [][]byte // columns or families that are deleted; where it is checked, those that are put
	cells    int      // that are put, where it is checked
}

const longestKey = 32767 // HBase's

var (
	errNoBefore = errors.New("a delete without the row as it was has no key: it needs Before")
	errMeets    = errors.New("a row of the batch has the same key") // it is sent before
	errNoTime   = errors.New("the event has no time: call EventTime, give a field the tag @time, or take ServerTime")
)

// timeOf returns the time of the cells of an event.
func (w *batch) timeOf(p unsafe.Pointer, at stream.Time) (int64, error) {
	if w.serverTime {
		return hbaserest.ServerTime, nil
	}
	ms, ok := w.fields.TimeOf(p)
	if !ok {
		if at == window.MinTime {
			return 0, errNoTime
		}
		ms = at.Std().UnixMilli()
	}
	if ms < 0 || ms == hbaserest.ServerTime {
		return 0, fmt.Errorf("the time %d ms is none that HBase has: they begin with 1970", ms)
	}
	return ms, nil
}

// begin begins a step.
func (w *batch) begin(key string, p unsafe.Pointer, at stream.Time) (*step, error) {
	if len(key) == 0 || len(key) > longestKey {
		return nil, fmt.Errorf("a key has 1 to %d bytes, and not %d", longestKey, len(key))
	}
	ms, err := w.timeOf(p, at)
	if err != nil {
		return nil, fmt.Errorf("row %q: %w", key[:min(len(key), 100)], err)
	}
	// Of steps with one time for one row the later one counts, so they must not go together; with others it is the times that count.
	if before, twice := w.keys[key]; twice && (w.alone || before == ms) {
		return nil, errMeets
	}
	w.keys[key] = ms
	w.steps = append(w.steps, step{row: w.row, key: key, at: ms, from: len(w.set), to: len(w.set)})
	return &w.steps[len(w.steps)-1], nil
}

// put adds a row that is put. With whole, its columns without a value are deleted.
func (w *batch) put(key string, p unsafe.Pointer, at stream.Time, whole bool) error {
	s, err := w.begin(key, p, at)
	if err != nil {
		return err
	}
	w.text = w.text[:0]
	w.cells, w.text, err = w.fields.AppendCells(w.cells[:0], w.text, p, s.at, func(column []byte) {
		if whole {
			s.gone = append(s.gone, column)
		}
	})
	if err != nil {
		return fmt.Errorf("row %q: %w", key[:min(len(key), 100)], err)
	}
	if len(w.cells) > 0 {
		w.set = hbaserest.AppendRow(w.set, []byte(key), w.cells)
		s.to = len(w.set)
	}
	return nil
}

// delete adds a row that is deleted.
func (w *batch) delete(key string, p unsafe.Pointer, at stream.Time) error {
	s, err := w.begin(key, p, at)
	if err == nil {
		s.gone = w.families
	}
	return err
}

// drop takes out the steps of an event.
func (w *batch) drop(row int) {
	for n := len(w.steps); n > 0 && w.steps[n-1].row == row; n-- {
		w.set = w.set[:w.steps[n-1].from]
		w.steps = w.steps[:n-1]
	}
}

// reset forgets all steps.
func (w *batch) reset() {
	clear(w.steps)
	clear(w.keys)
	w.steps, w.set = w.steps[:0], w.set[:0]
}
