package hbasesource

import (
	"fmt"
	"net/http"
	"time"

	"github.com/freshet-go/freshet/internal/option"
)

// An Option says how a source reads a table.
type Option func(*config)

type config struct {
	from, upto string
	salts      int
	filter     string
	versions   int
	ranges     int
	cells      int
	most       int64
	retry      time.Duration
	timeout    time.Duration
	every      time.Duration
	overlap    time.Duration
	since      int64
	authorize  func(*http.Request) error
}

func configure(opts []Option) config {
	c := config{
		versions: 1, ranges: 16, cells: 10_000, most: 64 << 20, retry: 30 * time.Second, timeout: time.Minute,
		every: 5 * time.Second, overlap: time.Minute,
	}
	option.Apply("hbasesource", &c, opts)
	return c
}

// Range has only rows be read with keys in [from, upto), byte by byte; an empty one is no bound.
func Range(from, upto string) Option {
	return func(c *config) { c.from, c.upto = from, upto }
}

// Prefix has only rows be read whose keys begin with prefix.
func Prefix(prefix string) Option { return Range(prefix, behindPrefix(prefix)) }

// behindPrefix returns the first key behind all those with a prefix, or nothing where there is none.
func behindPrefix(prefix string) string {
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i]++; b[i] != 0 {
			return string(b[:i+1])
		}
	}
	return ""
}

// Salted has a table be read whose keys are those of hbasesink.Salted with n salts: each salt is a partition, and Range and
// Prefix are of keys without it. It panics if n is not between 1 and 256.
func Salted(n int) Option {
	if n < 1 || n > 256 {
		panic(fmt.Sprintf("hbasesource: Salted(%d): want 1 to 256", n))
	}
	return func(c *config) { c.salts = n }
}

// Filter has region servers leave out rows and cells, by a filter in JSON as the REST gateway has them:
//
//	hbasesource.Filter(`{"type":"SingleColumnValueFilter","op":"EQUAL","family":"ZA==","qualifier":"c2hvcA==","comparator":{"type":"BinaryComparator","value":"bm9ydGg="}}`)
//
// Names and values are base64. What a filter does not let pass, other fields of T do not have either.
func Filter(json string) Option { return func(c *config) { c.filter = json } }

// Versions sets how many versions of a column come, for fields that take several. The default is 1, the newest. It panics if n is not positive.
func Versions(n int) Option {
	positive("Versions", n)
	return func(c *config) { c.versions = n }
}

// Ranges bounds the partitions of Table, which are read at once. Each is one region, or several beside each other. The default is 16. A run that
// goes on from a checkpoint keeps the partitions that it has. It panics if n is not positive.
func Ranges(n int) Option {
	positive("Ranges", n)
	return func(c *config) { c.ranges = n }
}

// AnswerCells sets how many cells one answer of the gateway has, of which each partition has two in memory. The default is 10,000. It panics
// if n is not positive.
func AnswerCells(n int) Option {
	positive("AnswerCells", n)
	return func(c *config) { c.cells = n }
}

// MaxAnswer bounds the bytes of an answer of the gateway, and of one row; more is an error. The default is 64 MiB. It panics if n is not
// positive.
func MaxAnswer(n int) Option {
	positive("MaxAnswer", n)
	return func(c *config) { c.most = int64(n) }
}

// Retry sets how long a request is made again that fails for a reason which passes: a gateway that restarts, a region that is not
// there, an answer that is lost. The default is 30 seconds; with 0 the first such error ends the run. It panics if d is negative.
func Retry(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("hbasesource: Retry(%v): negative", d))
	}
	return func(c *config) { c.retry = d }
}

// Timeout bounds how long one answer is waited for. The default is a minute, which is as long as HBase's own scanners
// are waited for. It panics if d is not positive.
func Timeout(d time.Duration) Option {
	lasting("Timeout", d)
	return func(c *config) { c.timeout = d }
}

// Every sets how long Poll waits between two looks. The default is 5 seconds. It panics if d is not positive.
func Every(d time.Duration) Option {
	lasting("Every", d)
	return func(c *config) { c.every = d }
}

// Overlap sets how much older than a look a cell may be that this look is the first to find: as its time is the clock of another
// machine, or that of an event, and not when it was written. The default is a minute. It panics if d is not positive.
func Overlap(d time.Duration) Option {
	lasting("Overlap", d)
	return func(c *config) { c.overlap = d }
}

// Since has Poll begin with cells that are as new as t. The default is all rows that are there.
func Since(t time.Time) Option { return func(c *config) { c.since = max(t.UnixMilli(), 1) } }

func positive(option string, n int) {
	if n < 1 {
		panic(fmt.Sprintf("hbasesource: %s(%d): want at least 1", option, n))
	}
}

func lasting(option string, d time.Duration) {
	if d <= 0 {
		panic(fmt.Sprintf("hbasesource: %s(%v): not positive", option, d))
	}
}

// Authorize has f put what proves who asks into each request, a password say, or a token: instead of a user and a password in the address. When the gateway
// refuses it, by a status of 401, it is called once more, for what it says may have changed. An error of f passes: it is called again, as
// Retry says. Several goroutines call it at once. It panics if f is nil.
func Authorize(f func(*http.Request) error) Option {
	if f == nil {
		panic("hbasesource: Authorize(nil)")
	}
	return func(c *config) { c.authorize = f }
}
