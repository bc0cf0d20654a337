// Package sqlaudit keeps a log of package audit in a table of a database:
//
//	CREATE TABLE audit (seq BIGINT PRIMARY KEY, entry LONGTEXT NOT NULL)
//
// with TEXT instead of LONGTEXT where that has no bound, as in PostgreSQL and SQLite. The program needs INSERT and SELECT on it, and
// should be given nothing else.
package sqlaudit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"regexp"

	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/stream/audit"
)

// An Option sets how a table is asked.
type Option func(*table)

// Dollars has statements say $1 and $2, as PostgreSQL has it, instead of two question marks.
func Dollars() Option { return func(t *table) { t.marks = "$1, $2" } }

var name = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$`)

// Table is a storage in a table of two columns, seq and entry, which the caller has made. Two that write at once do not fork the log: the
// second one's entry has a number that is there. Closing the storage does not close db. It panics if db is nil, or the name is not
// of letters, digits and underscores, with a schema and a dot before it or not.
func Table(db *sql.DB, table string, opts ...Option) audit.Storage {
	return of(db, table, opts)
}

func of(db *sql.DB, called string, opts []Option) *table {
	if db == nil {
		panic("sqlaudit: Table: the DB is nil")
	}
	if !name.MatchString(called) {
		panic(fmt.Sprintf("sqlaudit: Table: %q is no name of a table", called))
	}
	t := &table{db: db, name: called, marks: "?, ?"}
	option.Apply("sqlaudit: Table", t, opts)
	return t
}

type table struct {
	db    *sql.DB
	name  string
	marks string
}

// Open has nothing to do: an INSERT is whole or not at all.
func (t *table) Open(context.Context) (left int, err error) { return 0, nil }

func (t *table) Append(ctx context.Context, seq int64, line []byte) error {
	_, err := t.db.ExecContext(ctx, "INSERT INTO "+t.name+" (seq, entry) VALUES ("+t.marks+")", seq, string(line))
	return err
}

func (t *table) Close() error { return nil }

func (t *table) Lines(ctx context.Context) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		rows, err := t.db.QueryContext(ctx, "SELECT entry FROM "+t.name+" ORDER BY seq")
		if err != nil {
			yield(nil, fmt.Errorf("sqlaudit: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var line []byte
			if err := rows.Scan(&line); err != nil {
				yield(nil, fmt.Errorf("sqlaudit: %w", err))
				return
			}
			if !yield(line, nil) {
				return
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			yield(nil, fmt.Errorf("sqlaudit: %w", err))
		}
	}
}
