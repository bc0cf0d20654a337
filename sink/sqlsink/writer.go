package sqlsink

import (
	"context"
	"database/sql"
	"log/slog"

	"github.com/freshet-go/freshet/stream"
)

// writer is the writer of a run without checkpoints.
type writer[T any] struct {
	writing
	arguments func([]any, T) ([]any, error)
}

// writing is what of a writer does not depend on the type of its events.
type writing struct {
	*target
	opened opened
	logger *slog.Logger
	rows   []int
	args   []any
	buffer rowBuffer
}

func (w *writer[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	rows := w.rows[:0]
	for row := range b.All() {
		rows = append(rows, row)
	}
	w.rows = rows
	return w.write(ctx, rows, func(args []any, row int) ([]any, error) { return w.arguments(args, b.Value(row)) })
}

// write executes rows, whose arguments arguments appends.
func (w *writing) write(ctx context.Context, rows []int, arguments func(args []any, row int) ([]any, error)) error {
	for size := len(rows); len(rows) > 0; {
		var refused int
		err := w.again(ctx, w.logger, func() (err error) {
			refused, err = w.execute(ctx, rows[:size], arguments)
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
func (w *writing) execute(ctx context.Context, rows []int, arguments func(args []any, row int) ([]any, error)) (refused int, err error) {
	w.buffer.reset()
	for i, row := range rows {
		if err := ctx.Err(); err != nil {
			return -1, err // StopTimeout has passed, and no function of the caller's is called any more
		}
		if w.args, err = arguments(w.args[:0], row); err != nil {
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

func (w *writing) Flush(context.Context) error { return nil }
func (w *writing) Close() error                { return w.failed(w.opened.close()) }
