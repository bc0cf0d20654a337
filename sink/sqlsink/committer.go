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
type committer struct {
	*target
	opened opened
	buffer rowBuffer // of a transaction
	name   string    // of what is noted
	logger *slog.Logger
	epoch  int64 // that this run has taken; 0 before that
}

// mostNameLength is what the table of commits holds.
const mostNameLength = 255

// mostKeyBytes is what a key of MySQL before 5.7 holds: less than 255 characters of utf8mb4.
const mostKeyBytes = 767

// OpenCommitter prepares the statement, to see whether the database takes it,
// and makes the table of commits.
func (s *target) OpenCommitter(c *stream.SinkContext) (stream.Committer, error) {
	pipeline := strings.NewReplacer("%", "%25", "/", "%2F").Replace(c.Pipeline) // names must not meet
	x := &committer{target: s, name: pipeline + "/" + c.Name, logger: c.Logger}
	if n := utf8.RuneCountInString(x.name); n > mostNameLength {
		return nil, s.failed(fmt.Errorf("the name %q has %d characters, and the table of commits holds %d", x.name, n, mostNameLength))
	}
	err := s.again(c.Context, c.Logger, func() (err error) {
		if x.opened == nil {
			x.opened, err = s.plan.prepare(c.Context, s.db)
			if err == nil {
				err = s.doubt(c)
			}
		}
		if err == nil {
			err = x.makeTable(c.Context)
		}
		return err
	})
	if err != nil {
		if x.opened != nil {
			_ = x.opened.close() // the error before matters more
		}
		return nil, s.failed(err)
	}
	return x, nil
}

// makeTable makes the table of commits if it cannot be read, or gives one of before its column. It may be that
// somebody else has done so by then.
func (c *committer) makeTable(ctx context.Context) error {
	_, err := c.committed(ctx, c.db)
	if err == nil || c.faultOf(err) == PassingFault {
		return err
	}
	var name string
	const create = "CREATE TABLE %s (name VARCHAR(255) PRIMARY KEY, checkpoint BIGINT NOT NULL, epoch BIGINT NOT NULL DEFAULT 0)"
	change := create
	switch err := c.db.QueryRowContext(ctx, c.own("SELECT name FROM %s WHERE name = ?"), c.name).Scan(&name); {
	case err == nil, errors.Is(err, sql.ErrNoRows):
		change = "ALTER TABLE %s ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0"
	}
	_, made := c.db.ExecContext(ctx, c.own(change))
	_, err = c.committed(ctx, c.db)
	if err != nil && change == create && len(c.name) <= mostKeyBytes {
		_, _ = c.db.ExecContext(ctx, c.own(strings.Replace(create, "VARCHAR(255)", fmt.Sprintf("VARBINARY(%d)", mostKeyBytes), 1))) // the error before matters more
		_, err = c.committed(ctx, c.db)
	}
	if err != nil {
		return errors.Join(made, err)
	}
	return nil
}

// A querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// A mark is what is noted of commits. There is none where the epoch and the id are 0.
type mark struct {
	id    int64
	epoch int64
	noted bool
}

// committed returns what is noted.
func (c *committer) committed(ctx context.Context, q querier) (m mark, err error) {
	ctx, cancel, err := sqldb.Unhurried(ctx)
	if err != nil {
		return m, err
	}
	defer cancel()
	var name string
	err = q.QueryRowContext(ctx, c.own("SELECT name, checkpoint, epoch FROM %s WHERE name = ?"), c.name).Scan(&name, &m.id, &m.epoch)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return mark{}, nil
	case err == nil && name != c.name: // some databases take no heed of case
		err = fmt.Errorf("table %s knows %q, which the database cannot tell from %q", c.table, name, c.name)
	}
	m.noted = err == nil
	return m, err
}

// own returns one of the sink's own statements.
func (c *committer) own(statement string) string {
	statement = fmt.Sprintf(statement, c.table)
	for n := 1; c.dollars && strings.Contains(statement, "?"); n++ {
		statement = strings.Replace(statement, "?", fmt.Sprintf("$%d", n), 1)
	}
	return statement
}

// Marker names the row that notes which checkpoint has been executed last.
func (c *committer) Marker() string { return fmt.Sprintf("row %q of table %s", c.name, c.table) }

// Committed returns the id that is noted.
func (c *committer) Committed(ctx context.Context) (id int64, err error) {
	err = c.again(ctx, c.logger, func() error {
		m, err := c.committed(ctx, c.db)
		if err == nil {
			err = c.fenced(m)
		}
		id = m.id
		return err
	})
	return id, c.failed(err)
}

func (c *committer) Close() error { return c.failed(c.opened.close()) }
