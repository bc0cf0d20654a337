package sqlsink

import (
	"context"
	"database/sql"

	"github.com/freshet-go/freshet/stream"
)

// A commit executes the rows of a checkpoint.
type commit struct {
	*committer
	executor executor
	tx       *sql.Tx
	how      manner

	kept []keptRow // what is known of the rows in the buffer, where one may be refused

	refused []stream.Refusal
	ranks   []int
}

// A keptRow is a row as it stood in the checkpoint.
type keptRow struct {
	rank  int
	value []byte
	at    int64
	row   []byte
}

func (x *commit) executeAll(ctx context.Context, prepared [][]byte) (err error) {
	x.buffer.reset()
	var ranks []int
	if x.how == skipping {
		if ranks, err = firstRanks(prepared); err != nil {
			return err
		}
	}
	for _, i := range inOrder(prepared) {
		d := newRowDecoder(prepared[i])
		if d.statement != "" && !x.plan.takes(d.statement) {
			return &changedError{d.statement, x.plan.noted()}
		}
		for k := 0; ; k++ {
			args, ok := d.appendNext(x.buffer.args)
			if !ok {
				break
			}
			x.buffer.end(args)
			if x.how == skipping {
				x.kept = append(x.kept, keptRow{rank: ranks[i] + k, value: d.value, at: d.at, row: d.row()})
			}
			if len(x.buffer.ends) >= x.executor.most() {
				if err := x.flush(ctx, d); err != nil {
					return err
				}
			}
		}
		if err := d.End(); err != nil {
			return err
		}
		if err := x.flush(ctx, d); err != nil { // the next part may have no values
			return err
		}
	}
	return nil
}

// flush executes the rows in the buffer.
func (x *commit) flush(ctx context.Context, d *rowDecoder) error {
	rows := x.buffer.all()
	var err error
	if len(rows) > 0 && x.how == fast {
		var at int
		if at, err = x.executor.execute(ctx, rows); err != nil && at >= 0 {
			err = x.refusedError(rows[at], err)
		}
	} else if len(rows) > 0 {
		err = x.executeByHalves(ctx, d, rows, x.kept)
	}
	x.buffer.reset()
	clear(x.kept)
	x.kept = x.kept[:0]
	return err
}

func (x *commit) refusedError(args []any, err error) error {
	return &RefusedError{Sink: x.String(), Args: append([]any(nil), x.plan.shown(args)...), Err: err}
}

// executeByHalves executes rows behind a savepoint, to which the transaction goes
// back where the database refuses one, to find out which.
func (x *commit) executeByHalves(ctx context.Context, d *rowDecoder, rows [][]any, kept []keptRow) error {
	if _, err := x.tx.ExecContext(ctx, "SAVEPOINT freshet_row"); err != nil {
		return err
	}
	_, err := x.executor.execute(ctx, rows)
	if err == nil {
		_, err := x.tx.ExecContext(ctx, "RELEASE SAVEPOINT freshet_row")
		return err
	}
	if len(rows) == 1 {
		err = x.refusedError(rows[0], err)
	}
	if x.faultOf(err) != RowFault && !(len(rows) > 1 && x.mayBeOfRow(err)) {
		return err
	}
	if len(rows) == 1 && x.how == naming {
		return err
	}
	if _, e := x.tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT freshet_row"); e != nil {
		if x.faultOf(e) == UnknownFault { // the transaction is over, which the first error has done
			return err
		}
		return e
	}
	if len(rows) == 1 {
		refusal, e := x.refusal(d.hasValue, kept[0], err)
		x.refused, x.ranks = append(x.refused, refusal), append(x.ranks, kept[0].rank)
		return e
	}
	half := len(rows) / 2
	var first, second []keptRow
	if x.how == skipping {
		first, second = kept[:half], kept[half:]
	}
	if err := x.executeByHalves(ctx, d, rows[:half], first); err != nil {
		return err
	}
	return x.executeByHalves(ctx, d, rows[half:], second)
}
