package sink

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/freshet-go/freshet/stream"
)

// sqlGatherer is the writer of a run with checkpoints.
type sqlGatherer[T any] struct {
	sink *sqlSink[T]
	ask  func() // for a checkpoint
	data []byte // encoded rows
	rows int
	args []any
}

func (w *sqlGatherer[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	for row, v := range b.All() {
		if w.rows == w.sink.maxRows {
			return w.sink.failed(fmt.Errorf("%d rows wait for a checkpoint, and MaxRows allows no more", w.rows))
		}
		var err error
		if w.args, err = w.sink.arguments(w.args[:0], v); err != nil {
			return &stream.RowError{Row: row, Err: err}
		}
		w.data = appendSQLRow(w.data, w.args)
		if w.rows++; w.rows == w.sink.maxRows/2 {
			w.ask()
		}
	}
	return nil
}

// Prepare returns the rows: the checkpoint keeps them.
func (w *sqlGatherer[T]) Prepare(context.Context) ([]byte, error) {
	data := w.data
	w.data, w.rows = nil, 0
	return data, nil
}

func (w *sqlGatherer[T]) Flush(context.Context) error { return nil }
func (w *sqlGatherer[T]) Close() error                { return nil }

// A sqlCommitter executes the rows of a checkpoint and notes its id, in one
// transaction.
type sqlCommitter[T any] struct {
	*sqlSink[T]
	name string // of what is noted
}

// mostNameLength is what the table of commits holds.
const mostNameLength = 255

// OpenCommitter prepares the statement, to see whether the database takes it,
// and makes the table of commits.
func (s *sqlSink[T]) OpenCommitter(c *stream.SinkContext) (stream.Committer, error) {
	pipeline := strings.NewReplacer("%", "%25", "/", "%2F").Replace(c.Pipeline) // names must not meet
	x := &sqlCommitter[T]{s, pipeline + "/" + c.Name}
	if n := utf8.RuneCountInString(x.name); n > mostNameLength {
		return nil, s.failed(fmt.Errorf("the name %q has %d characters, and the table of commits holds %d", x.name, n, mostNameLength))
	}
	stmt, err := s.db.PrepareContext(c.Context, s.statement)
	if err == nil {
		err = stmt.Close()
	}
	if err == nil {
		err = x.makeTable(c.Context)
	}
	if err != nil {
		return nil, s.failed(err)
	}
	return x, nil
}

// makeTable makes the table of commits if it cannot be read. It may be that
// somebody else has made it by then.
func (c *sqlCommitter[T]) makeTable(ctx context.Context) error {
	if _, _, err := c.committed(ctx, c.db); err == nil {
		return nil
	}
	_, made := c.db.ExecContext(ctx, "CREATE TABLE "+c.table+" (name VARCHAR(255) PRIMARY KEY, checkpoint BIGINT NOT NULL)")
	if _, _, err := c.committed(ctx, c.db); err != nil {
		return errors.Join(made, err)
	}
	return nil
}

// A querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// committed returns the id that is noted, if there is one.
func (c *sqlCommitter[T]) committed(ctx context.Context, q querier) (id int64, noted bool, err error) {
	var name string
	err = q.QueryRowContext(ctx, c.own("SELECT name, checkpoint FROM %s WHERE name = ?"), c.name).Scan(&name, &id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, false, nil
	case err == nil && name != c.name: // some databases take no heed of case
		err = fmt.Errorf("table %s knows %q, which the database cannot tell from %q", c.table, name, c.name)
	}
	return id, err == nil, err
}

// own returns one of the sink's own statements.
func (c *sqlCommitter[T]) own(statement string) string {
	statement = fmt.Sprintf(statement, c.table)
	for n := 1; c.dollars && strings.Contains(statement, "?"); n++ {
		statement = strings.Replace(statement, "?", fmt.Sprintf("$%d", n), 1)
	}
	return statement
}

// Commit executes the rows, unless that was done.
func (c *sqlCommitter[T]) Commit(ctx context.Context, id int64, prepared [][]byte) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return c.failed(err)
	}
	defer tx.Rollback()
	first, err := c.note(ctx, tx, id)
	if err != nil || !first {
		return c.failed(err)
	}
	if err := c.execute(ctx, tx, prepared); err != nil {
		return c.failed(err)
	}
	return c.failed(tx.Commit())
}

// note notes the id, and reports false if one as new is noted. It comes before
// the rows: if two runs are at work against the rules, one waits here for the other,
// and fails.
func (c *sqlCommitter[T]) note(ctx context.Context, tx *sql.Tx, id int64) (first bool, err error) {
	last, noted, err := c.committed(ctx, tx)
	if err != nil || noted && last >= id {
		return false, err
	}
	if !noted {
		_, err := tx.ExecContext(ctx, c.own("INSERT INTO %s (checkpoint, name) VALUES (?, ?)"), id, c.name)
		return err == nil, err
	}
	result, err := tx.ExecContext(ctx, c.own("UPDATE %s SET checkpoint = ? WHERE name = ? AND checkpoint = ?"), id, c.name, last)
	if err != nil {
		return false, err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return false, errors.Join(fmt.Errorf("another run has committed for %q", c.name), err)
	}
	return true, nil
}

func (c *sqlCommitter[T]) execute(ctx context.Context, tx *sql.Tx, prepared [][]byte) error {
	stmt, err := tx.PrepareContext(ctx, c.statement)
	if err != nil {
		return err
	}
	defer stmt.Close()
	for _, data := range prepared {
		d := newSQLRowDecoder(data)
		for {
			args, ok := d.next()
			if !ok {
				break
			}
			if _, err := stmt.ExecContext(ctx, args...); err != nil {
				return err
			}
		}
		if err := d.end(); err != nil {
			return err
		}
	}
	return nil
}

// Committed returns the id that is noted.
func (c *sqlCommitter[T]) Committed(ctx context.Context) (id int64, err error) {
	id, _, err = c.committed(ctx, c.db)
	return id, c.failed(err)
}

// Abort has nothing to drop: rows that were not committed are in no checkpoint
// that counts.
func (c *sqlCommitter[T]) Abort(context.Context, int64) error { return nil }

func (c *sqlCommitter[T]) Close() error { return nil }
