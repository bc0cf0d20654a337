package sqlsink

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/freshet-go/freshet/internal/sqldb"
	"github.com/freshet-go/freshet/stream"
)

// A committer executes the rows of a checkpoint and notes its id, in one
// transaction.
type committer[T any] struct {
	*target[T]
	name   string // of what is noted
	logger *slog.Logger
}

// mostNameLength is what the table of commits holds.
const mostNameLength = 255

// OpenCommitter prepares the statement, to see whether the database takes it,
// and makes the table of commits.
func (s *target[T]) OpenCommitter(c *stream.SinkContext) (stream.Committer, error) {
	pipeline := strings.NewReplacer("%", "%25", "/", "%2F").Replace(c.Pipeline) // names must not meet
	x := &committer[T]{s, pipeline + "/" + c.Name, c.Logger}
	if n := utf8.RuneCountInString(x.name); n > mostNameLength {
		return nil, s.failed(fmt.Errorf("the name %q has %d characters, and the table of commits holds %d", x.name, n, mostNameLength))
	}
	err := s.again(c.Context, c.Logger, func() error {
		stmt, err := s.db.PrepareContext(c.Context, s.statement)
		if err == nil {
			err = stmt.Close()
		}
		if err == nil {
			err = x.makeTable(c.Context)
		}
		return err
	})
	if err != nil {
		return nil, s.failed(err)
	}
	return x, nil
}

// makeTable makes the table of commits if it cannot be read. It may be that
// somebody else has made it by then.
func (c *committer[T]) makeTable(ctx context.Context) error {
	if _, _, err := c.committed(ctx, c.db); err == nil || c.faultOf(err) == PassingFault {
		return err
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
func (c *committer[T]) committed(ctx context.Context, q querier) (id int64, noted bool, err error) {
	ctx, cancel, err := sqldb.Unhurried(ctx)
	if err != nil {
		return 0, false, err
	}
	defer cancel()
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
func (c *committer[T]) own(statement string) string {
	statement = fmt.Sprintf(statement, c.table)
	for n := 1; c.dollars && strings.Contains(statement, "?"); n++ {
		statement = strings.Replace(statement, "?", fmt.Sprintf("$%d", n), 1)
	}
	return statement
}

// note notes the id, and reports false if one as new is noted, and which one
// was noted before. It comes before
// the rows: if two runs are at work against the rules, one waits here for the other,
// and fails.
func (c *committer[T]) note(ctx context.Context, tx *sql.Tx, id int64) (first bool, last int64, err error) {
	last, noted, err := c.committed(ctx, tx)
	if err != nil || noted && last >= id {
		return false, last, err
	}
	if !noted {
		_, err := tx.ExecContext(ctx, c.own("INSERT INTO %s (checkpoint, name) VALUES (?, ?)"), id, c.name)
		return err == nil, 0, err
	}
	result, err := tx.ExecContext(ctx, c.own("UPDATE %s SET checkpoint = ? WHERE name = ? AND checkpoint = ?"), id, c.name, last)
	if err != nil {
		return false, last, err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return false, last, errors.Join(fmt.Errorf("another run has committed for %q", c.name), err)
	}
	return true, last, nil
}

// Marker names the row that notes which checkpoint has been executed last.
func (c *committer[T]) Marker() string { return fmt.Sprintf("row %q of table %s", c.name, c.table) }

// Committed returns the id that is noted.
func (c *committer[T]) Committed(ctx context.Context) (id int64, err error) {
	err = c.again(ctx, c.logger, func() (err error) {
		id, _, err = c.committed(ctx, c.db)
		return err
	})
	return id, c.failed(err)
}

// Abort has nothing to drop: rows that were not committed are in no checkpoint
// that counts.
func (c *committer[T]) Abort(context.Context, int64) error { return nil }

func (c *committer[T]) Close() error { return nil }
