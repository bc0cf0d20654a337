package hbasesink

import (
	"fmt"
	"net/http"
	"time"

	"github.com/freshet-go/freshet/internal/option"
)

// An Option says how a sink writes to a table.
type Option func(*config)

type config struct {
	batch      int
	at         int
	retry      time.Duration
	timeout    time.Duration
	serverTime bool
	authorize  func(*http.Request) error
}

// mostBytes bounds a request, but for one of a single row.
const mostBytes = 4 << 20

func configure(opts []Option) config {
	c := config{batch: 1000, at: 8, retry: 30 * time.Second, timeout: time.Minute}
	option.Apply("hbasesink", &c, opts)
	return c
}

// Batch bounds the rows of one request, which has fewer where a batch of events has, and where they would be more than 4 MiB. The default is
// 1,000. See stream.BatchSize, which says how many events a batch has at most. It panics if n is less than 1.
func Batch(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("hbasesink: Batch(%d): want at least 1", n))
	}
	return func(c *config) { c.batch = n }
}

// AtOnce sets how many deletes, or checks, are under way at once: the gateway takes each by itself. The default is 8. It panics if n is less
// than 1.
func AtOnce(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("hbasesink: AtOnce(%d): want at least 1", n))
	}
	return func(c *config) { c.at = n }
}

// Retry sets how long a request is made again that fails for a reason which passes: a gateway that restarts, a region that moves, an answer
// that is lost. The default is 30 seconds; with 0 it is not made again. It panics if d is negative.
func Retry(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("hbasesink: Retry(%v): negative", d))
	}
	return func(c *config) { c.retry = d }
}

// Timeout bounds how long one answer is waited for. The default is a minute. It panics if d is not positive.
func Timeout(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("hbasesink: Timeout(%v): not positive", d))
	}
	return func(c *config) { c.timeout = d }
}

// ServerTime makes cells get the time of the region server that takes them, instead of the event's. Then a row that is written again gets
// another version, and may show an older state for a moment when a run begins again.
func ServerTime() Option { return func(c *config) { c.serverTime = true } }

// Authorize has f put what proves who asks into each request, a password say, or a token: instead of a user and a password in the address. When the gateway
// refuses it, by a status of 401, it is called once more, for what it says may have changed. An error of f passes: it is called again, as
// Retry says. Several goroutines call it at once. It panics if f is nil.
func Authorize(f func(*http.Request) error) Option {
	if f == nil {
		panic("hbasesink: Authorize(nil)")
	}
	return func(c *config) { c.authorize = f }
}
