package redisio

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	shortestRetry = 10 * time.Millisecond
	longestRetry  = time.Second
)

// Retry calls f, and again while its error passes, for as long as within says. Waiting is called
// once, before it is called again for the first time. It waits twice as long each time, give or take a half.
func Retry(ctx context.Context, within time.Duration, waiting func(error), f func() error) error {
	start := time.Now()
	for wait := shortestRetry; ; wait = min(2*wait, longestRetry) {
		err := f()
		if err == nil || ctx.Err() != nil || !Passes(err) {
			return err
		}
		pause := wait/2 + rand.N(wait)
		if since := time.Since(start); since+pause > within {
			return fmt.Errorf("tried for %v: %w", since.Round(time.Millisecond), err)
		}
		if wait == shortestRetry && waiting != nil {
			waiting(err)
		}
		if !Sleep(ctx, pause) {
			return err
		}
	}
}

// Sleep waits, and reports false if ctx ends before.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Within calls f and returns when it does, or when ctx ends: go-redis does not interrupt a
// command whose context ends, but waits for the client's ReadTimeout. F must not
// touch what its caller uses after an error.
func Within(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if ctx.Done() == nil {
		return f()
	}
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
