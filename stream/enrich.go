package stream

import (
	"context"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
)

// An EnrichOption sets how Enrich and Lookup call. An Option is one too.
type EnrichOption interface{ setEnrich(*enrichConfig) }

// An enrichOption is the EnrichOption that calls it.
type enrichOption func(*enrichConfig)

func (o enrichOption) setEnrich(c *enrichConfig) { o(c) }

type enrichConfig struct {
	concurrency int
	unordered   bool
	timeout     time.Duration
	retries     int
	backoff     time.Duration
	cache       int
	cacheFor    time.Duration
	opts        []Option
}

// Concurrency sets how many calls an instance has under way at most. The
// default is 16. It panics if n is less than 1.
func Concurrency(n int) EnrichOption {
	if n < 1 {
		panic(fmt.Sprintf("stream: Concurrency(%d): want at least 1", n))
	}
	return enrichOption(func(c *enrichConfig) { c.concurrency = n })
}

// Unordered lets results of one batch be passed on as they come, which the
// slow ones do not hold up. The watermark still does not overtake any. It is
// for Enrich. The default is the order of the events, also in a batch on Spark,
// where a task that is run again has to send the same.
func Unordered() EnrichOption {
	return enrichOption(func(c *enrichConfig) {
		c.unordered = true
		gives(&c.opts, optUnordered)
	})
}

// Timeout bounds each call, by its context. The default is no bound.
// It panics if d is not positive.
func Timeout(d time.Duration) EnrichOption {
	if d <= 0 {
		panic(fmt.Sprintf("stream: Timeout(%v): not positive", d))
	}
	return enrichOption(func(c *enrichConfig) { c.timeout = d })
}

// Retry calls up to n more times after an error, waiting backoff before the
// first and twice as long before each next one, give or take a half. The
// default is not to. It panics if n or backoff is negative.
func Retry(n int, backoff time.Duration) EnrichOption {
	if n < 0 || backoff < 0 {
		panic(fmt.Sprintf("stream: Retry(%d, %v): want numbers that are not negative", n, backoff))
	}
	return enrichOption(func(c *enrichConfig) { c.retries, c.backoff = n, backoff })
}

// CacheResults keeps up to size results by lookup key for d, and does not
// call again for a key that it holds. It is for Lookup. The default is none.
// It panics if size or d is not positive.
func CacheResults(size int, d time.Duration) EnrichOption {
	if size < 1 || d <= 0 {
		panic(fmt.Sprintf("stream: CacheResults(%d, %v): want positive numbers", size, d))
	}
	return enrichOption(func(c *enrichConfig) {
		c.cache, c.cacheFor = size, d
		gives(&c.opts, optCacheResults)
	})
}

// Enrich turns each value into another by a call that takes its time, to a
// database or a service, with several calls under way at once. Order and
// times stay as they are, unless Unordered is set. Call must be safe for
// concurrent use; its context ends when the run does. What still fails after
// the retries is a failure of the event.
//
// The calls of one batch are under way together, and the next batch waits for
// the last of them: the memory that waits is bounded by the batch.
func (s Stream[T]) Enrich[U any](call func(context.Context, T) (U, error), opts ...EnrichOption) Stream[U] {
	started(s.out != nil, "Enrich", "Stream")
	given("Enrich", "the function call", call)
	c := enriching(opts)
	return attach(s, "enrich", c.opts, func(op *engine.Instance, out receiver[U]) receiver[T] {
		c := c
		c.unordered = c.unordered && !op.Bounded() // what a task of a batch sends has to be the same when it is run again
		return &enricher[T, U]{guard: newGuard[T](op), call: call, cfg: c, out: newEmitter(op, out)}
	})
}

func enriching(opts []EnrichOption) enrichConfig {
	c := enrichConfig{concurrency: 16}
	for i, o := range opts {
		if o == nil {
			o = missing(i, len(opts))
		}
		o.setEnrich(&c)
	}
	return c
}

type enricher[T, U any] struct {
	guard[T]
	call    func(context.Context, T) (U, error)
	cfg     enrichConfig
	out     *Emitter[U]
	results []answer[U]
}

type answer[U any] struct {
	v   U
	err error
}

func (e *enricher[T, U]) push(b *Batch[T]) error {
	n := b.Len()
	e.op.In(n)
	e.out.inherit(b.head.born, b.head.part)
	e.results = sized(e.results, n)
	done := inParallel(n, e.cfg.concurrency, func(k int) {
		x := &e.results[k]
		*x = answer[U]{err: &engine.GoexitError{}} // unless the call returns
		x.v, x.err = attempt(e.op.Ctx(), &e.cfg, func(ctx context.Context) (U, error) { return e.call(ctx, b.values[b.head.at(k)]) })
	})
	defer done.drain()
	if !e.cfg.unordered {
		done.drain()
		for k := range n {
			if err := e.pass(b, k); err != nil {
				return err
			}
		}
	} else {
		for k := range done.each {
			if err := e.pass(b, k); err != nil {
				return err
			}
		}
	}
	if err := e.settle(); err != nil {
		return err
	}
	return e.out.flush()
}

func (e *enricher[T, U]) pass(b *Batch[T], k int) error {
	row := b.head.at(k)
	r := &e.results[k]
	if r.err != nil {
		return e.failed(b, row, r.err)
	}
	e.out.pass(r.v, &b.head, row)
	return nil
}

func (e *enricher[T, U]) Control(c engine.Control) error {
	return e.op.Pass(c, e.out.out)
}
