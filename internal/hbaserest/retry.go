package hbaserest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	shortestPause = 20 * time.Millisecond
	longestPause  = 2 * time.Second
)

// Retry calls f, and again while its error passes, for as long as within says, from the first such error on. Waiting is called once, before it is called
// again for the first time. It waits twice as long each time, give or take a half.
func Retry(ctx context.Context, within time.Duration, waiting func(error), f func() error) error {
	var start time.Time
	for wait := shortestPause; ; wait = min(2*wait, longestPause) {
		err := f()
		if err == nil || ctx.Err() != nil || !Passes(err) {
			return err
		}
		if start.IsZero() { // f may have waited for longer than that for an answer
			start = time.Now()
		}
		pause := wait/2 + rand.N(wait)
		if since := time.Since(start); since+pause > within {
			if within == 0 {
				return err
			}
			return fmt.Errorf("tried for %v: %w", since.Round(time.Millisecond), err)
		}
		if wait == shortestPause && waiting != nil {
			waiting(err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
