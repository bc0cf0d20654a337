package sqlsource

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/internal/sqldb"
)

// A Dialect is how a database wants its statements.
type Dialect uint8

const (
	MySQL      = Dialect(sqldb.MySQL) // and MariaDB
	PostgreSQL = Dialect(sqldb.PostgreSQL)
	SQLite     = Dialect(sqldb.SQLite)
)

func (d Dialect) String() string { return sqldb.Dialect(d).String() }

// An Option says how a source reads a database.
type Option func(*config)

type config struct {
	where   string
	args    []any
	by      []string
	ranges  int
	page    int
	every   time.Duration
	overlap time.Duration
	retry   time.Duration
}

func configure(opts []Option) config {
	c := config{ranges: 1, page: 2000, every: time.Second, overlap: 10 * time.Second, retry: 30 * time.Second}
	option.Apply("sqlsource", &c, opts)
	return c
}

// Where has only rows be read of which a condition is true, which is SQL as the database wants it:
//
//	sqlsource.Where("shop = $1 AND NOT cancelled", "north")
//
// It is for Table and Poll. With a filter on a column that changes, a row that comes to
// pass it does so without a growing key.
func Where(condition string, args ...any) Option {
	return func(c *config) { c.where, c.args = condition, args }
}

// By names the columns by which rows are read, in their order, instead of those that are tagged
// as keys: By("updated_at", "id"). They have to be fields.
func By(columns ...string) Option { return func(c *config) { c.by = columns } }

// Ranges has Table read n parts of the table at once, each a partition, with a connection each. The
// default is 1. A run that goes on from a checkpoint keeps the parts that it has. It panics if n is not
// between 1 and 1,024.
func Ranges(n int) Option {
	if n < 1 || n > 1024 {
		panic(fmt.Sprintf("sqlsource: Ranges(%d): want 1 to 1024", n))
	}
	return func(c *config) { c.ranges = n }
}

// PageRows sets how many rows Table and Poll ask for at once, which are in memory twice. The default is 2,000. It panics
// if n is not positive.
func PageRows(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("sqlsource: PageRows(%d): want at least 1", n))
	}
	return func(c *config) { c.page = n }
}

// Every sets how long Poll waits, when it has come to the end, before it looks for more. The default is a second. It
// panics if d is not positive.
func Every(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("sqlsource: Every(%v): want a positive duration", d))
	}
	return func(c *config) { c.every = d }
}

// Overlap sets for how long Poll looks for rows that become visible behind others with a higher key. The default is
// 10 seconds. It has to be longer than the longest transaction that writes to the table, and the lag of a replica
// where that is read. It panics if d is negative.
func Overlap(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("sqlsource: Overlap(%v): want a duration that is not negative", d))
	}
	return func(c *config) { c.overlap = d }
}

// Retry sets how long Table and Poll ask again where a query fails for a reason that passes: a lock, a deadlock, a
// connection that was lost. The default is 30 seconds; with 0 the first such error ends the run. It panics if d is negative.
func Retry(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("sqlsource: Retry(%v): want a duration that is not negative", d))
	}
	return func(c *config) { c.retry = d }
}
