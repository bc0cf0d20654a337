package sink

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/freshet-go/freshet/stream"
)

// Commit executes the rows, unless that was done.
func (c *sqlCommitter[T]) Commit(ctx context.Context, id int64, prepared [][]byte) error {
	_, err := c.commit(ctx, id, prepared, false)
	return c.uncommitted(ctx, id, err)
}

// CommitSkipping executes the rows that the database takes, and notes in the
// same transaction which others there are. Where a constraint is checked at the end of
// the transaction only, nobody knows whose fault it is, and that is an error.
func (c *sqlCommitter[T]) CommitSkipping(ctx context.Context, id int64, prepared [][]byte) ([]stream.Refusal, error) {
	refused, err := c.commit(ctx, id, prepared, false)
	if c.refuses(ctx, err) {
		refused, err = c.commit(ctx, id, prepared, true)
	}
	return refused, c.uncommitted(ctx, id, err)
}

func (c *sqlCommitter[T]) refuses(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && c.faultOf(err) == RowFault
}

// uncommitted is the error of a commit: of one that a row is at fault for, it names the ways out.
func (c *sqlCommitter[T]) uncommitted(ctx context.Context, id int64, err error) error {
	if c.refuses(ctx, err) {
		err = fmt.Errorf("%w; checkpoint %d has promised it, so each run fails that begins with it: let the database take the row, or run with SkipFailures or Divert to leave it out, or, to give up all rows of the checkpoint, have %s hold %d",
			err, id, c.Marker(), id)
	}
	if ctx.Err() != nil { // the run has ended, whatever the transaction says of that
		return c.failed(err)
	}
	return c.failed(c.unplaced(err))
}

// commit is one transaction, tried again where it fails for what passes. Savepoints
// tells whether it goes on behind a row that is refused.
func (c *sqlCommitter[T]) commit(ctx context.Context, id int64, prepared [][]byte, savepoints bool) (refused []stream.Refusal, err error) {
	err = c.again(ctx, c.logger, func() error {
		return c.transact(ctx, func(tx *sql.Tx) (err error) {
			refused, err = c.commitIn(ctx, tx, id, prepared, savepoints)
			return err
		})
	})
	return refused, err
}

// commitIn is what happens in the transaction.
func (c *sqlCommitter[T]) commitIn(ctx context.Context, tx *sql.Tx, id int64, prepared [][]byte, savepoints bool) ([]stream.Refusal, error) {
	first, last, err := c.note(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if !first {
		if last > id {
			return nil, nil
		}
		return c.readRefused(ctx, tx, id, prepared)
	}
	if err := c.forgetRefused(ctx, tx, last); err != nil {
		return nil, err
	}
	x := execution[T]{sqlCommitter: c, tx: tx, savepoints: savepoints}
	if err := x.executeAll(ctx, prepared); err != nil {
		return nil, err
	}
	return x.refused, c.noteRefused(ctx, tx, id, x.ranks)
}

// An execution executes the rows of a checkpoint.
type execution[T any] struct {
	*sqlCommitter[T]
	tx         *sql.Tx
	stmt       *sql.Stmt
	savepoints bool

	refused []stream.Refusal
	ranks   []int
}

func (x *execution[T]) executeAll(ctx context.Context, prepared [][]byte) (err error) {
	if x.stmt, err = x.tx.PrepareContext(ctx, x.statement); err != nil {
		return err
	}
	defer x.stmt.Close()
	var ranks []int
	if x.savepoints {
		if ranks, err = firstRanks(prepared); err != nil {
			return err
		}
	}
	for i, data := range prepared {
		d := newSQLRowDecoder(data)
		for k := 0; ; k++ {
			args, ok := d.next()
			if !ok {
				break
			}
			err := x.execute(ctx, args)
			if err == nil {
				continue
			}
			if !x.savepoints || x.faultOf(err) != RowFault {
				return err
			}
			refusal, e := x.refusal(d, err)
			if e != nil {
				return e
			}
			x.refused, x.ranks = append(x.refused, refusal), append(x.ranks, ranks[i]+k)
		}
		if err := d.end(); err != nil {
			return err
		}
	}
	return nil
}

// execute executes one row. With savepoints, the transaction goes on behind one
// that is refused.
func (x *execution[T]) execute(ctx context.Context, args []any) error {
	if x.savepoints {
		if _, err := x.tx.ExecContext(ctx, "SAVEPOINT freshet_row"); err != nil {
			return err
		}
	}
	if _, err := x.stmt.ExecContext(ctx, args...); err != nil {
		err = &RefusedError{Sink: x.String(), Args: append([]any(nil), args...), Err: err}
		if x.savepoints && x.faultOf(err) == RowFault {
			if _, e := x.tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT freshet_row"); e != nil {
				return e
			}
		}
		return err
	}
	if x.savepoints {
		_, err := x.tx.ExecContext(ctx, "RELEASE SAVEPOINT freshet_row")
		return err
	}
	return nil
}
