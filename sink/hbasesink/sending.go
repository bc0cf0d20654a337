package hbasesink

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/freshet-go/freshet/internal/hbaserest"
	"github.com/freshet-go/freshet/stream"
)

// again calls f, and again while its error passes.
func (w *batch) again(ctx context.Context, f func() error) error {
	return hbaserest.Retry(ctx, w.retry, func(err error) {
		w.logger.Warn("the table cannot be written to, and it is tried again", "sink", w.name, "table", w.client.Table, "for", w.retry, "cause", err)
	}, f)
}

// failed is the error of a row, or of none.
func (w *batch) failed(key string, err error) error {
	return &WriteError{Sink: w.name, Table: w.client.Table, Key: key, Err: err}
}

// send does all steps, and forgets them. Where the gateway refuses one, the steps of events before that are
// done, and the error is a RowError of its event. Later ones may be done, and are done again.
func (w *batch) send(ctx context.Context) error {
	defer w.reset()
	n, cause := len(w.steps), error(nil)
	if !w.alone {
		bad, err := w.putAll(ctx, w.steps)
		if err != nil && bad < 0 {
			return w.ends(ctx, "", err)
		}
		if err != nil {
			n, cause = bad, err
		}
	}
	// Of an event that is refused nothing is deleted: not the row with the key that it had before, either.
	first := n
	for cause != nil && first > 0 && w.steps[first-1].row == w.steps[n].row {
		first--
	}
	if bad, err := w.each(ctx, w.steps[:first]); err != nil {
		if bad < 0 || !w.refused(err) {
			return w.ends(ctx, w.keyOf(bad), err)
		}
		n, cause = bad, err
	}
	if cause != nil {
		return &stream.RowError{Row: w.steps[n].row, Err: w.failed(w.steps[n].key, cause)}
	}
	return nil
}

func (w *batch) keyOf(step int) string {
	if step < 0 {
		return ""
	}
	return w.steps[step].key
}

// ends is the error that ends the run.
func (w *batch) ends(ctx context.Context, key string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return w.failed(key, err)
}

// refused reports whether an error is of a row.
func (w *batch) refused(err error) bool {
	return hbaserest.RowFault(err) || errors.Is(err, ErrCheckFailed)
}

// putAll puts what steps have to put. Where a row is refused, others of the request may be in, and the gateway does not say which it
// is: halves are put again, until it is alone. It returns the first that is refused, or -1 where the error is of none.
func (w *batch) putAll(ctx context.Context, steps []step) (bad int, err error) {
	if len(steps) == 0 {
		return -1, nil
	}
	set := w.set[steps[0].from:steps[len(steps)-1].to]
	if len(set) == 0 {
		return -1, nil
	}
	err = w.again(ctx, func() error { return w.client.Put(ctx, set) })
	if err == nil || !w.refused(err) {
		return -1, err
	}
	if len(steps) == 1 {
		return 0, err
	}
	half := len(steps) / 2
	if bad, err = w.putAll(ctx, steps[:half]); err != nil {
		return bad, err
	}
	if bad, err = w.putAll(ctx, steps[half:]); bad >= 0 {
		bad += half
	}
	return bad, err
}

// each does what the gateway does one by one: deletes, and rows that are checked. Some are under way at once; of errors it returns that of
// the first step.
func (w *batch) each(ctx context.Context, steps []step) (bad int, err error) {
	var single []int
	for i, s := range steps {
		if w.alone || len(s.gone) > 0 {
			single = append(single, i)
		}
	}
	var next atomic.Int64
	var mu sync.Mutex
	bad = -1
	var all sync.WaitGroup
	for range min(w.at, len(single)) {
		all.Go(func() {
			for {
				k := int(next.Add(1)) - 1
				mu.Lock()
				stop := err != nil && !w.refused(err) // others may still come before the one that is refused
				mu.Unlock()
				if k >= len(single) || stop {
					return
				}
				i := single[k]
				if failed := w.one(ctx, &steps[i]); failed != nil {
					mu.Lock()
					// One that ends the run counts more than one that is refused.
					if bad < 0 || !w.refused(failed) && w.refused(err) || i < bad && w.refused(failed) == w.refused(err) {
						bad, err = i, failed
					}
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return bad, err
}

func (w *batch) one(ctx context.Context, s *step) error {
	if w.alone {
		return w.checked(ctx, s)
	}
	return w.again(ctx, func() error { return w.client.Delete(ctx, []byte(s.key), s.gone, s.at) })
}

// checked puts a row if what is there is as it should be. A row that is there as it would be put was put by this event before: its
// answer was lost, or the run has begun again.
func (w *batch) checked(ctx context.Context, s *step) error {
	set := w.set[s.from:s.to]
	done := false
	err := w.again(ctx, func() (err error) {
		done, err = w.client.CheckAndPut(ctx, set)
		return err
	})
	if err != nil || done {
		return err
	}
	var rows []hbaserest.Row
	err = w.again(ctx, func() (err error) {
		rows, err = w.client.Rows(ctx, [][]byte{[]byte(s.key)}, s.gone, 1)
		return err
	})
	if err != nil {
		return err
	}
	there := func(c hbaserest.Cell) bool {
		for _, row := range rows {
			for _, x := range row.Cells {
				if bytes.Equal(x.Column, c.Column) {
					return x.Time == c.Time && bytes.Equal(x.Value, c.Value)
				}
			}
		}
		return false
	}
	left := s.cells
	err = hbaserest.ParseCells(set, func(_ []byte, c hbaserest.Cell) error {
		if left--; left >= 0 && !there(c) { // the last is the one that is checked
			return ErrCheckFailed
		}
		return nil
	})
	return err
}
