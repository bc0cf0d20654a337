package sink

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// SQL executes statement for each event, with the arguments that row makes of
// its value, one for each placeholder:
//
//	sink.SQL(db, "INSERT INTO sales (shop, amount) VALUES (?, ?)",
//		func(s Sale) []any { return []any{s.Shop, s.Amount} })
//
// The caller opens db, with a driver of their own, and closes it behind Run.
// Arguments may be of what database/sql takes by default: numbers, bools,
// strings, []byte, time.Time, nil, pointers to them and [driver.Valuer]. A nil
// []byte is NULL. A value of which no arguments can be made is a failure of its event.
//
// In a run with [stream.Checkpoints] every event is executed exactly once. The
// arguments are kept in memory and become a part of the checkpoint. When that
// is durable, one transaction executes them all and notes the checkpoint's id,
// in a table named freshet_commits that is made if it is missing, under the
// names of the pipeline and the operator. So results can be seen when the checkpoint
// has come about, all at once. A run that begins with an older checkpoint than
// the one noted, or with none, is refused with a [*stream.RewindError]. It costs
// the memory of the rows between two checkpoints, their place in the
// checkpoint, and one execution each; see [MaxRows]. A row that the database
// refuses then fails the run, and again whenever it begins again, until the
// database takes the row: the checkpoint has promised it.
//
// In a run without, each batch is one transaction, and every event is executed
// at least once. A row that the database refuses, also alone, is a failure of
// its event; the events before it have been written. With a statement that
// says what becomes of a row which is there already, as INSERT ... ON CONFLICT
// (key) DO UPDATE or INSERT ... ON DUPLICATE KEY UPDATE, the table is the same
// however often an event comes: that is as good as once.
//
// Instances execute at once, each with a connection of db; those of a run with
// checkpoints share the connection that commits. The statement is prepared
// when the sink is opened. SQL is tested with SQLite; what it asks of the
// database itself is plain enough for PostgreSQL, with [Dollars], and for MySQL
// and MariaDB, whose tables have to be transactional.
//
// A database that cannot be reached is a [*WriteError]. Only one run at a time
// may use a pipeline's name with a database.
func SQL[T any](db *sql.DB, statement string, row func(T) []any, opts ...SQLOption) stream.Sink[T] {
	s := &sqlSink[T]{
		sqlConfig: sqlConfig{table: "freshet_commits", maxRows: 1_000_000},
		db:        db, statement: statement, row: row,
	}
	for _, o := range opts {
		o(&s.sqlConfig)
	}
	return s
}

// A SQLOption says how SQL deals with a database.
type SQLOption func(*sqlConfig)

type sqlConfig struct {
	table   string // of commits
	maxRows int
	dollars bool
}

var sqlIdentifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$`)

// SQLTable names the table in which commits are noted. The default is
// freshet_commits. It is made if it is missing, as
//
//	name VARCHAR(255) PRIMARY KEY, checkpoint BIGINT NOT NULL
//
// SQLTable panics if name is not one of ASCII letters, digits and underscores,
// with at most a schema and a dot before it.
func SQLTable(name string) SQLOption {
	if !sqlIdentifier.MatchString(name) {
		panic(fmt.Sprintf("sink: SQLTable(%q): want a name of letters, digits and underscores", name))
	}
	return func(c *sqlConfig) { c.table = name }
}

// MaxRows bounds the rows that an instance keeps until a checkpoint. The
// default is a million. When half of them have come it asks for a checkpoint
// before the next one is due; more of them than n are an error. It panics if n is
// less than 2.
func MaxRows(n int) SQLOption {
	if n < 2 {
		panic(fmt.Sprintf("sink: MaxRows(%d): want at least 2", n))
	}
	return func(c *sqlConfig) { c.maxRows = n }
}

// Dollars has the sink's own statements say $1 and $2, as PostgreSQL wants it,
// and not ? as other databases do. The statement of SQL is executed as it is.
func Dollars() SQLOption { return func(c *sqlConfig) { c.dollars = true } }

type sqlSink[T any] struct {
	sqlConfig
	db        *sql.DB
	statement string
	row       func(T) []any
}

// String returns the statement, as far as it fits in a line.
func (s *sqlSink[T]) String() string {
	return shorten(strings.Join(strings.Fields(s.statement), " "), 60)
}

func (s *sqlSink[T]) failed(err error) error {
	if err == nil {
		return nil
	}
	return &WriteError{Sink: s.String(), Err: err}
}

// Open returns a writer that executes, or in a run with checkpoints one that
// gathers for the committer.
func (s *sqlSink[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	if c.Transactional {
		return &sqlGatherer[T]{sink: s, ask: c.Checkpoint}, nil
	}
	stmt, err := s.db.PrepareContext(c.Context, s.statement)
	if err != nil {
		return nil, s.failed(err)
	}
	return &sqlWriter[T]{sqlSink: s, stmt: stmt}, nil
}

// arguments appends what row makes of v, as drivers get it.
func (s *sqlSink[T]) arguments(args []any, v T) (_ []any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &stream.PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	for i, a := range s.row(v) {
		x, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err == nil && !isSQLValue(x) {
			err = fmt.Errorf("a %T cannot be stored in a checkpoint", x)
		}
		if err != nil {
			return nil, fmt.Errorf("sink: argument %d of %s: %w", i+1, s, err)
		}
		switch v := x.(type) {
		case []byte:
			if v == nil {
				x = nil
			}
		case time.Time:
			x = v.Round(0) // some drivers would send the monotonic clock's too
		}
		args = append(args, x)
	}
	return args, nil
}

// sqlWriter is the writer of a run without checkpoints.
type sqlWriter[T any] struct {
	*sqlSink[T]
	stmt *sql.Stmt
	rows []int
	args []any
}

func (w *sqlWriter[T]) Write(ctx context.Context, b *stream.Batch[T]) error {
	rows := w.rows[:0]
	for row := range b.All() {
		rows = append(rows, row)
	}
	w.rows = rows
	for size := len(rows); len(rows) > 0; {
		n, err := w.execute(ctx, b, rows[:size])
		if _, refused := errors.AsType[*stream.RowError](err); refused && size > 1 {
			size = max(n, 1) // those before it, and then it alone: it may have been a deadlock
			continue
		} else if refused && (ctx.Err() != nil || w.db.PingContext(ctx) != nil) {
			return w.failed(errors.Unwrap(err))
		} else if err != nil {
			return err
		}
		rows = rows[size:]
		size = len(rows)
	}
	return nil
}

// execute executes the statement for some rows of b, in one transaction. If
// one is refused, it executes none, and returns how many came before it.
func (w *sqlWriter[T]) execute(ctx context.Context, b *stream.Batch[T], rows []int) (before int, err error) {
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, w.failed(err)
	}
	defer tx.Rollback()
	stmt := tx.StmtContext(ctx, w.stmt)
	for i, row := range rows {
		if w.args, err = w.arguments(w.args[:0], b.Value(row)); err == nil {
			_, err = stmt.ExecContext(ctx, w.args...)
		}
		if err != nil {
			return i, &stream.RowError{Row: row, Err: err}
		}
	}
	return 0, w.failed(tx.Commit())
}

func (w *sqlWriter[T]) Flush(context.Context) error { return nil }
func (w *sqlWriter[T]) Close() error                { return w.failed(w.stmt.Close()) }
