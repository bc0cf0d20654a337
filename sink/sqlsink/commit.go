package sqlsink

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/freshet-go/freshet/internal/prepared"
	"github.com/freshet-go/freshet/stream"
)

// How a commit deals with a row that the database refuses.
type manner int

const (
	fast     manner = iota // the error may be of any row of a statement
	naming                 // the error names the row
	skipping               // the row is left out
)

// Commit executes the rows, unless that was done.
func (c *committer) Commit(ctx context.Context, id int64, parts [][]byte) error {
	_, err := c.commit(ctx, id, parts, fast)
	if _, named := errors.AsType[*RefusedError](err); !named && c.refuses(ctx, err) {
		_, err = c.commit(ctx, id, parts, naming)
	}
	return c.uncommitted(ctx, id, err)
}

// CommitSkipping executes the rows that the database takes, and notes in the
// same transaction which others there are. Where a constraint is checked at the end of
// the transaction only, nobody knows whose fault it is, and that is an error.
func (c *committer) CommitSkipping(ctx context.Context, id int64, parts [][]byte) ([]stream.Refusal, error) {
	refused, err := c.commit(ctx, id, parts, fast)
	if c.refuses(ctx, err) {
		refused, err = c.commit(ctx, id, parts, skipping)
	}
	return refused, c.uncommitted(ctx, id, err)
}

// refuses reports whether an error may be of a row that is not named. Of an unknown one the row is looked for, too: without it nobody
// could say what to leave out, and each run would fail that begins with the checkpoint.
func (c *committer) refuses(ctx context.Context, err error) bool {
	return err != nil && ctx.Err() == nil && (c.faultOf(err) == RowFault || c.mayBeOfRow(err))
}

// mayBeOfRow reports whether an error, that of a statement of many rows, may be gone where they are executed by halves.
func (c *committer) mayBeOfRow(err error) bool {
	if isTwice(err) {
		return true
	}
	_, named := errors.AsType[*RefusedError](err)
	_, changed := errors.AsType[*changedError](err)
	_, fenced := errors.AsType[*FencedError](err)
	return c.faultOf(err) == UnknownFault && !named && !changed && !fenced && !errors.Is(err, context.Canceled) && !errors.Is(err, prepared.ErrDamaged)
}

// uncommitted is the error of a commit. Of one that each later run will have too, it names the ways out.
func (c *committer) uncommitted(ctx context.Context, id int64, err error) error {
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

// commit is one transaction, tried again where it fails for what passes.
func (c *committer) commit(ctx context.Context, id int64, parts [][]byte, how manner) (refused []stream.Refusal, err error) {
	epoch := c.epoch
	err = c.again(ctx, c.logger, func() error {
		return c.transact(ctx, func(tx *sql.Tx) (err error) {
			refused, epoch, err = c.commitIn(ctx, tx, id, parts, how)
			return err
		})
	})
	if err == nil {
		c.epoch = epoch
	}
	return refused, err
}

// commitIn is what happens in the transaction. It returns the epoch of the run from then on.
func (c *committer) commitIn(ctx context.Context, tx *sql.Tx, id int64, parts [][]byte, how manner) ([]stream.Refusal, int64, error) {
	first, was, now, err := c.note(ctx, tx, id)
	if err != nil {
		return nil, 0, err
	}
	if !first {
		if was.id > id {
			return nil, c.epoch, nil
		}
		refused, err := c.readRefused(ctx, tx, id, parts)
		return refused, c.epoch, err
	}
	if err := c.forgetRefused(ctx, tx, was.id); err != nil {
		return nil, 0, err
	}
	x := commit{committer: c, tx: tx, executor: c.opened.begin(ctx, tx), how: how}
	if err := x.executeAll(ctx, parts); err != nil {
		return nil, 0, err
	}
	return x.refused, now.epoch, c.noteRefused(ctx, tx, id, x.ranks)
}

// inOrder returns the numbers of parts in the order in which their writers have prepared them.
func inOrder(parts [][]byte) []int {
	order, calls := make([]int, len(parts)), make([]uint64, len(parts))
	for i, data := range parts {
		order[i], calls[i] = i, newRowDecoder(data).call
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(calls[a], calls[b]) })
	return order
}
