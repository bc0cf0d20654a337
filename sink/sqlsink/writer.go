package sqlsink

import (
	"context"
	"database/sql"
	"log/slog"

	"github.com/freshet-go/freshet/stream"
)

// writer is the writer of a run without checkpoints.
type writer[T any] struct {
	*target[T]
	opened    opened
	logger    *slog.Logger
	arguments func([]any, T) ([]any, error)
	rows      []int
	args      []any
	buffer    rowBuffer
}

func (w *writer[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	rows := w.rows[:0]
	for row := range b.All() {
		rows = append(rows, row)
	}
	w.rows = rows
	for size := len(rows); len(rows) > 0; {
		var refused int
		err := w.again(ctx, w.logger, func() (err error) {
			refused, err = w.execute(ctx, b, rows[:size])
			return err
		})
		switch {
		case err == nil:
			rows = rows[size:]
			size = len(rows)
		case ctx.Err() == nil && size > 1 && isTwice(err):
			size /= 2
		case ctx.Err() != nil || w.faultOf(err) != RowFault:
			return w.failed(w.unplaced(err))
		case size == 1:
			return &stream.RowError{Row: rows[0], Err: err}
		case refused < 0:
			size /= 2 // one of them
		default:
			size = max(refused, 1) // those before it, or it alone
		}
	}
	return nil
}

// execute executes some rows of b, in one transaction. If
// one is refused, it executes none, and returns which, or -1 if the database
// does not say before the end.
func (w *writer[T]) execute(ctx context.Context, b *stream.Batch[T], rows []int) (refused int, err error) {
	w.buffer.reset()
	for i, row := range rows {
		if w.args, err = w.arguments(w.args[:0], b.Value(row)); err != nil {
			return i, err
		}
		w.buffer.add(w.args)
	}
	refused = -1
	err = w.transact(ctx, func(tx *sql.Tx) error {
		x := w.opened.begin(ctx, tx)
		for all := w.buffer.all(); len(all) > 0; {
			n := min(len(all), x.most())
			at, err := x.execute(ctx, all[:n])
			if err != nil {
				if at >= 0 {
					refused = len(rows) - len(all) + at
				}
				return err
			}
			all = all[n:]
		}
		return nil
	})
	return refused, err
}

func (w *writer[T]) Flush(context.Context) error { return nil }
func (w *writer[T]) Close() error                { return w.failed(w.opened.close()) }
