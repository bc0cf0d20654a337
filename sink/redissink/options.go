package redissink

import (
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/option"
)

// An Option sets how a sink writes.
type Option func(*config)

type config struct {
	batch  int
	retry  time.Duration
	maxLen int64
	expire time.Duration

	replicas int
}

// mostText bounds the bytes of a pipeline or script, and what one event adds to it.
const mostText = 1 << 20

func configOf(opts []Option) config {
	c := config{batch: 500, retry: 30 * time.Second}
	option.Apply("redissink", &c, opts)
	return c
}

// Batch sets how many commands are sent before replies are waited for, and take effect at once with ExactlyOnce. A flush sends fewer, and so does
// a mebibyte. The default is 500. It panics if n is less than 1.
func Batch(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("redissink: Batch(%d): want at least 1", n))
	}
	return func(c *config) { c.batch = n }
}

// RetryFor sets how long a command is tried again that fails for a reason which passes, such as a server
// that restarts or fails over. The default is 30 seconds. It panics if d is negative.
func RetryFor(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("redissink: RetryFor(%v): negative", d))
	}
	return func(c *config) { c.retry = d }
}

// MaxLen bounds a stream or list: the oldest entries go. Streams are a little longer, as that costs the
// server less (MAXLEN ~). The default is no bound. It panics if n is less than 1.
func MaxLen(n int64) Option {
	if n < 1 {
		panic(fmt.Sprintf("redissink: MaxLen(%d): want at least 1", n))
	}
	return func(c *config) { c.maxLen = n }
}

// Expire makes a key expire when it has not been written for d. The default is not to. It panics if d is
// less than a millisecond.
func Expire(d time.Duration) Option {
	if d < time.Millisecond {
		panic(fmt.Sprintf("redissink: Expire(%v): want at least a millisecond", d))
	}
	return func(c *config) { c.expire = d }
}

// Replicas has ExactlyOnce wait for n replicas to have what a checkpoint has written (WAIT): then a fail-over to one of them
// loses nothing of it. Without so many replicas commits fail after RetryFor. The default is not to wait. It is not for clusters. It panics if n is
// less than 1.
func Replicas(n int) Option {
	if n < 1 {
		panic(fmt.Sprintf("redissink: Replicas(%d): want at least 1", n))
	}
	return func(c *config) { c.replicas = n }
}
