package sqlsink

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A FencedError says that a run may commit no more, as a later one of the same pipeline has
// begun with the same database. It ends the run, and [stream.Restarts] does not begin it again:
// for errors.Is it is a [checkpoint.ErrLocked].
type FencedError struct {
	Marker       string // where runs note that they have begun: `row "shop/rows" of table freshet_commits`
	Epoch, Taken int64  // the number of this run, and that of the later one
}

func (e *FencedError) Error() string {
	return fmt.Sprintf("another run has begun with this database: %s holds epoch %d, and this run is of epoch %d", e.Marker, e.Taken, e.Epoch)
}

// Is reports whether target is checkpoint.ErrLocked.
func (e *FencedError) Is(target error) bool { return target == checkpoint.ErrLocked }

// A conflictError says that somebody else has noted something in between. The next try sees what.
type conflictError struct{ err error }

func (e *conflictError) Error() string {
	if e.err != nil {
		return "another run has noted something: " + e.err.Error()
	}
	return "another run has noted something"
}

// fenced returns an error if a later run has begun.
func (c *committer) fenced(m mark) error {
	if c.epoch > 0 && m.epoch > c.epoch {
		return &FencedError{c.Marker(), c.epoch, m.epoch}
	}
	return nil
}

// note notes the id, and reports false if one as new is noted, and which one
// was noted before. It comes before
// the rows: if two runs are at work against the rules, one waits here for the other,
// and fails. A run that has no epoch yet takes the next one with its first commit.
func (c *committer) note(ctx context.Context, tx *sql.Tx, id int64) (first bool, was, now mark, err error) {
	if was, err = c.committed(ctx, tx); err != nil {
		return false, was, was, err
	}
	if err := c.fenced(was); err != nil {
		return false, was, was, err
	}
	if was.noted && was.id >= id {
		return false, was, was, nil
	}
	now = mark{id: id, epoch: c.epoch, noted: true}
	if now.epoch == 0 {
		now.epoch = was.epoch + 1
	}
	return true, was, now, c.change(ctx, tx, was, now)
}

// change notes what is now where was is noted.
func (c *committer) change(ctx context.Context, tx *sql.Tx, was, now mark) error {
	if !was.noted {
		_, err := tx.ExecContext(ctx, c.own("INSERT INTO %s (checkpoint, epoch, name) VALUES (?, ?, ?)"), now.id, now.epoch, c.name)
		if err != nil && c.faultOf(err) == RowFault { // it is there by now
			return &conflictError{err}
		}
		return err
	}
	result, err := tx.ExecContext(ctx, c.own("UPDATE %s SET checkpoint = ?, epoch = ? WHERE name = ? AND checkpoint = ? AND epoch = ?"),
		now.id, now.epoch, c.name, was.id, was.epoch)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(&conflictError{}, err)
	}
	return nil
}

// Abort takes the next epoch, from which on earlier runs can commit nothing. There is nothing to drop: rows that
// were not committed are in no checkpoint that counts.
func (c *committer) Abort(ctx context.Context, id int64) error {
	if c.epoch > 0 {
		return nil
	}
	var now mark
	err := c.again(ctx, c.logger, func() error {
		return c.transact(ctx, func(tx *sql.Tx) error {
			was, err := c.committed(ctx, tx)
			if err != nil {
				return err
			}
			if was.id > id { // since the run has asked
				return &stream.RewindError{Begins: id, Committed: was.id, Marker: c.Marker()}
			}
			now = mark{id: was.id, epoch: was.epoch + 1}
			return c.change(ctx, tx, was, now)
		})
	})
	if err != nil {
		return c.failed(err)
	}
	c.epoch = now.epoch
	return nil
}
