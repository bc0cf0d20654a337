package sqlsink

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/freshet-go/freshet/internal/sqldb"
	"github.com/freshet-go/freshet/stream"
)

// A RefusedError is the error of a row of a checkpoint that the database refuses.
type RefusedError struct {
	Sink string // the statement
	Args []any  // of the row
	Err  error  // as the database says
}

func (e *RefusedError) Error() string {
	var args []string
	for _, a := range e.Args {
		switch a.(type) {
		case string, []byte:
			args = append(args, fmt.Sprintf("%q", a))
		default:
			args = append(args, fmt.Sprint(a))
		}
	}
	return fmt.Sprintf("%v: the row (%s)", e.Err, sqldb.Shorten(strings.Join(args, ", "), 200))
}

// Unwrap returns e.Err.
func (e *RefusedError) Unwrap() error { return e.Err }

// refusal is what is reported of a row.
func (c *committer) refusal(hasValue bool, row keptRow, cause error) (stream.Refusal, error) {
	r := stream.Refusal{Err: cause, Row: row.row}
	if !hasValue {
		return r, nil
	}
	v, err := c.readValue(row.value)
	if err != nil {
		return r, err
	}
	r.Value, r.Time = v, stream.Time(row.at)
	return r, nil
}

// firstRanks numbers the rows of a checkpoint in an order that is the same whenever it is
// committed: that of the bytes of the parts. It returns the number of each part's first.
func firstRanks(prepared [][]byte) ([]int, error) {
	order := make([]int, len(prepared))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return bytes.Compare(prepared[a], prepared[b]) })
	ranks, n := make([]int, len(prepared)), 0
	for _, i := range order {
		ranks[i] = n
		d := newRowDecoder(prepared[i])
		for {
			if _, ok := d.next(); !ok {
				break
			}
			n++
		}
		if err := d.End(); err != nil {
			return nil, err
		}
	}
	return ranks, nil
}

// prefix is what the names of rows begin with that were refused.
func (c *committer) prefix() string { return c.name + "#refused#" }

// noteRefused notes which rows of a checkpoint are left out.
func (c *committer) noteRefused(ctx context.Context, tx *sql.Tx, id int64, ranks []int) error {
	for _, rank := range ranks {
		name := c.prefix() + strconv.Itoa(rank)
		if n := utf8.RuneCountInString(name); n > mostNameLength {
			return fmt.Errorf("the name %q of a row that is refused has %d characters, and the table of commits holds %d", name, n, mostNameLength)
		}
		if _, err := tx.ExecContext(ctx, c.own("INSERT INTO %s (checkpoint, name) VALUES (?, ?)"), id, name); err != nil {
			return err
		}
	}
	return nil
}

// refusedRanks returns which rows of a checkpoint were left out.
func (c *committer) refusedRanks(ctx context.Context, tx *sql.Tx, id int64) (ranks []int, err error) {
	ctx, cancel, err := sqldb.Unhurried(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	rows, err := tx.QueryContext(ctx, c.own("SELECT name FROM %s WHERE checkpoint = ?"), id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if digits, ok := strings.CutPrefix(name, c.prefix()); ok {
			rank, err := strconv.Atoi(digits)
			if err != nil {
				return nil, fmt.Errorf("table %s: %q is no row that was refused", c.table, name)
			}
			ranks = append(ranks, rank)
		}
	}
	return ranks, rows.Err()
}

// forgetRefused removes the notes of an earlier checkpoint.
func (c *committer) forgetRefused(ctx context.Context, tx *sql.Tx, id int64) error {
	ranks, err := c.refusedRanks(ctx, tx, id)
	for _, rank := range ranks {
		if err == nil {
			_, err = tx.ExecContext(ctx, c.own("DELETE FROM %s WHERE name = ?"), c.prefix()+strconv.Itoa(rank))
		}
	}
	return err
}

var errRefusedBefore = errors.New("the database has refused it when the checkpoint was committed first")

// readRefused returns the rows that were left out when the checkpoint was committed.
func (c *committer) readRefused(ctx context.Context, tx *sql.Tx, id int64, prepared [][]byte) (refused []stream.Refusal, err error) {
	left, err := c.refusedRanks(ctx, tx, id)
	if err != nil || len(left) == 0 {
		return nil, err
	}
	ranks, err := firstRanks(prepared)
	if err != nil {
		return nil, err
	}
	for i, data := range prepared {
		d := newRowDecoder(data)
		for k := 0; ; k++ {
			args, ok := d.next()
			if !ok {
				break
			}
			if !slices.Contains(left, ranks[i]+k) {
				continue
			}
			cause := &RefusedError{Sink: c.String(), Args: append([]any(nil), c.plan.shown(args)...), Err: errRefusedBefore}
			r, err := c.refusal(d.hasValue, keptRow{value: d.value, at: d.at, row: d.row()}, cause)
			if err != nil {
				return nil, err
			}
			refused = append(refused, r)
		}
	}
	return refused, nil
}
