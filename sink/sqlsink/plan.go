package sqlsink

import (
	"context"
	"database/sql"
	"strings"
)

// A plan says what is executed for rows of arguments.
type plan interface {
	String() string
	// noted is what stands with rows in a checkpoint, and takes tells whether rows
	// of which that was noted can be executed.
	noted() string
	takes(noted string) bool
	// shown returns what errors show of a row.
	shown(args []any) []any
	prepare(ctx context.Context, db *sql.DB) (opened, error)
	// doubtful returns what the caller should hear of, though rows can be written.
	doubtful(ctx context.Context, db *sql.DB) (doubt, err error)
}

// An opened plan is one that a database has taken.
type opened interface {
	begin(ctx context.Context, tx *sql.Tx) executor
	close() error
}

// An executor executes rows in a transaction.
type executor interface {
	// most is how many rows there may be at once.
	most() int
	// execute executes rows. If it fails, it returns which is to blame, or -1 if
	// the database does not say.
	execute(ctx context.Context, rows [][]any) (refused int, err error)
}

// A statement is the plan of one that is executed for each row.
type statement string

// String returns it in one line.
func (s statement) String() string { return strings.Join(strings.Fields(string(s)), " ") }

func (s statement) noted() string           { return string(s) }
func (s statement) takes(noted string) bool { return placeholders(noted) == placeholders(string(s)) }
func (s statement) shown(args []any) []any  { return args }

func (s statement) prepare(ctx context.Context, db *sql.DB) (opened, error) {
	stmt, err := db.PrepareContext(ctx, string(s))
	if err != nil {
		return nil, err
	}
	return preparedStatement{stmt}, nil
}

func (s statement) doubtful(context.Context, *sql.DB) (doubt, err error) { return nil, nil }

type preparedStatement struct{ stmt *sql.Stmt }

func (p preparedStatement) close() error { return p.stmt.Close() }

func (p preparedStatement) begin(ctx context.Context, tx *sql.Tx) executor {
	return singly{tx.StmtContext(ctx, p.stmt)}
}

type singly struct{ stmt *sql.Stmt }

func (x singly) most() int { return 1 }

func (x singly) execute(ctx context.Context, rows [][]any) (int, error) {
	for i, args := range rows {
		if _, err := x.stmt.ExecContext(ctx, args...); err != nil {
			return i, err
		}
	}
	return -1, nil
}

// A rowBuffer holds rows of arguments.
type rowBuffer struct {
	args []any
	ends []int
	rows [][]any
}

func (b *rowBuffer) reset() {
	clear(b.args) // or it would keep texts
	b.args, b.ends = b.args[:0], b.ends[:0]
}

// add adds a row, whose values it keeps.
func (b *rowBuffer) add(args []any) { b.end(append(b.args, args...)) }

// end adds a row that has been appended to b.args.
func (b *rowBuffer) end(args []any) {
	b.args = args
	b.ends = append(b.ends, len(args))
}

// all returns the rows.
func (b *rowBuffer) all() [][]any {
	b.rows = b.rows[:0]
	start := 0
	for _, end := range b.ends {
		b.rows = append(b.rows, b.args[start:end:end])
		start = end
	}
	return b.rows
}

// notedBytes estimates what an argument takes on its way.
func notedBytes(a any) int {
	switch v := a.(type) {
	case string:
		return 16 + len(v)
	case []byte:
		return 16 + 2*len(v)
	}
	return 16
}

const mostBytes = 1 << 20 // of a statement, as databases bound what they take at once
