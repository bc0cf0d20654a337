package redissource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/freshet-go/freshet/internal/redisio"
)

// patience is with a server that fails for a reason which passes. It waits longer each time, and gives
// up after RetryFor.
type patience struct {
	*opened
	what  string
	since time.Time     // of the first failure in a row; zero if there is none
	pause time.Duration // to be waited before the next call
	last  time.Duration
}

const (
	shortestPause = 10 * time.Millisecond
	longestPause  = time.Second
)

// judge is told how a call went. It returns an error if that ends Read, and nil if it is to be made again.
func (p *patience) judge(ctx context.Context, err error) error {
	if err == nil {
		if !p.since.IsZero() {
			p.logger().Info("the server answers again", "source", p.what, "after", time.Since(p.since).Round(time.Millisecond))
		}
		p.since, p.pause, p.last = time.Time{}, 0, 0
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if _, ok := errors.AsType[*ReadError](err); ok {
		return err
	}
	if !redisio.Passes(err) {
		return p.failed(err)
	}
	p.stats.retries.Add(1)
	if p.since.IsZero() {
		p.since = time.Now()
		p.logger().Warn("the server cannot be read from, and it is tried again", "source", p.what, "for", p.retry, "cause", err)
	}
	if since := time.Since(p.since); since > p.retry {
		return p.failed(fmt.Errorf("tried for %v: %w", since.Round(time.Millisecond), err))
	}
	p.last = min(max(2*p.last, shortestPause), longestPause)
	p.pause = p.last/2 + rand.N(p.last)
	return nil
}

// failed is the error of Read. The end of a connection must not look like the end of the data.
func (p *patience) failed(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &ReadError{p.what, err}
}

// wait waits before the next call, and reports false if ctx ends before.
func (p *patience) wait(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	if p.pause == 0 {
		return true
	}
	if !redisio.Sleep(ctx, p.pause) {
		return false
	}
	p.pause = 0
	return true
}
