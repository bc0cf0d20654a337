package sqlsink

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/stream"
)

// Commit executes the rows, unless that was done.
func (c *committer[T]) Commit(ctx context.Context, id int64, prepared [][]byte) error {
	_, err := c.commit(ctx, id, prepared, false)
	return c.uncommitted(ctx, id, err)
}

// CommitSkipping executes the rows that the database takes, and notes in the
// same transaction which others there are. Where a constraint is checked at the end of
// the transaction only, nobody knows whose fault it is, and that is an error.
func (c *committer[T]) CommitSkipping(ctx context.Context, id int64, prepared [][]byte) ([]stream.Refusal, error) {
	refused, err := c.commit(ctx, id, prepared, false)
	if c.refuses(ctx, err) {
		refused, err = c.commit(ctx, id, prepared, true)
	}
	return refused, c.uncommitted(ctx, id, err)
}

func (c *committer[T]) refuses(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && c.faultOf(err) == RowFault
}

// uncommitted is the error of a commit. Of one that each later run will have too, it names the ways out.
func (c *committer[T]) uncommitted(ctx context.Context, id int64, err error) error {
	if err == nil || ctx.Err() != nil { // the run has ended, whatever the transaction says of that
		return c.failed(err)
	}
	giveUp := fmt.Sprintf("to give up all rows of the checkpoint, have %s hold %d", c.Marker(), id)
	_, changed := errors.AsType[*changedError](err)
	_, ofRow := errors.AsType[*RefusedError](err)
	switch fault := c.faultOf(err); {
	case changed:
		err = fmt.Errorf("checkpoint %d holds %w: run once with the statement as it was, with SkipFailures or Divert where it refuses a row, or, %s", id, err, giveUp)
	case fault == RowFault:
		err = fmt.Errorf("%w; checkpoint %d has promised it, so each run fails that begins with it: let the database take the row, or run with SkipFailures or Divert to leave it out, or, %s",
			err, id, giveUp)
	case fault == UnknownFault && ofRow:
		err = fmt.Errorf("%w; checkpoint %d has promised its rows, so each run fails that begins with it, until the database takes them: where it is a row's fault, have Faults say so, and run with SkipFailures or Divert to leave it out; or, %s",
			c.unplaced(err), id, giveUp)
	default:
		err = c.unplaced(err)
	}
	return c.failed(err)
}

// commit is one transaction, tried again where it fails for what passes. Savepoints
// tells whether it goes on behind a row that is refused.
func (c *committer[T]) commit(ctx context.Context, id int64, prepared [][]byte, savepoints bool) (refused []stream.Refusal, err error) {
	err = c.again(ctx, c.logger, func() error {
		return c.transact(ctx, func(tx *sql.Tx) (err error) {
			refused, err = c.commitIn(ctx, tx, id, prepared, savepoints)
			return err
		})
	})
	return refused, err
}

// commitIn is what happens in the transaction.
func (c *committer[T]) commitIn(ctx context.Context, tx *sql.Tx, id int64, prepared [][]byte, savepoints bool) ([]stream.Refusal, error) {
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
	x := execution[T]{committer: c, tx: tx, savepoints: savepoints}
	if err := x.executeAll(ctx, prepared); err != nil {
		return nil, err
	}
	return x.refused, c.noteRefused(ctx, tx, id, x.ranks)
}

// An execution executes the rows of a checkpoint.
type execution[T any] struct {
	*committer[T]
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
		d := newRowDecoder(data)
		if d.statement != "" && placeholders(d.statement) != placeholders(x.statement) {
			return &changedError{d.statement, x.statement}
		}
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
		if err := d.End(); err != nil {
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
