package sqlsink

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/option"
)

// An Option says how a sink deals with a database.
type Option func(*config)

type config struct {
	table   string // of commits
	maxRows int
	rows    int // of a statement
	dollars bool
	retry   time.Duration
	fault   func(error) Fault
}

func configure(opts []Option) config {
	c := config{table: "freshet_commits", maxRows: 1_000_000, rows: 1000, retry: 30 * time.Second, fault: faultOf}
	option.Apply("sqlsink", &c, opts)
	return c
}

// CommitTable names the table in which commits are noted. The default is
// freshet_commits. It is made if it is missing, as
//
//	name VARCHAR(255) PRIMARY KEY, checkpoint BIGINT NOT NULL, epoch BIGINT NOT NULL DEFAULT 0
//
// and one of before that has no column epoch gets it. Where no key can be that long, as in MySQL before 5.7, the name is VARBINARY(767).
//
// CommitTable panics if name is not one of ASCII letters, digits and underscores,
// with at most a schema and a dot before it.
func CommitTable(name string) Option {
	if !isTableName(name) {
		panic(fmt.Sprintf("sqlsink: CommitTable(%q): want a name of letters, digits and underscores", name))
	}
	return func(c *config) { c.table = name }
}

// MaxRows bounds the rows that an instance keeps until a checkpoint. The
// default is a million. When half of them have come it asks for a checkpoint
// before the next one is due; more of them than n are an error. It panics if n is
// less than 2.
func MaxRows(n int) Option {
	if n < 2 {
		panic(fmt.Sprintf("sqlsink: MaxRows(%d): want at least 2", n))
	}
	return func(c *config) { c.maxRows = n }
}

// RowsPerStatement bounds the rows of one statement of [Upsert] and [Changes]. The default is
// 1,000. A statement has fewer where the database takes no more parameters (65,535; of SQLite's
// no more than 500 are used, which is faster), or they would be more than a MiB. It panics if n is not positive.
func RowsPerStatement(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("sqlsink: RowsPerStatement(%d): want at least 1", n))
	}
	return func(c *config) { c.rows = n }
}

// Dollars has the sink's own statements say $1 and $2, as PostgreSQL wants it,
// and not ? as other databases do. It is for [Statement], which is executed as it is; the others
// know their dialect.
func Dollars() Option { return func(c *config) { c.dollars = true } }
