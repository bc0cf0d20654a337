package sqldb

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	shortestWait = 5 * time.Millisecond
	longestWait  = time.Second
)

// Again calls f, and again while its error is one that passes, for as long as most says. Warn
// is called before the second try.
func Again(ctx context.Context, most time.Duration, passes func(error) bool, warn func(error), f func() error) error {
	start := time.Now()
	for wait := shortestWait; ; wait = min(2*wait, longestWait) {
		err := f()
		if err == nil || ctx.Err() != nil || !passes(err) {
			return err
		}
		pause := wait/2 + rand.N(wait/2)
		if since := time.Since(start); since+pause > most {
			return fmt.Errorf("tried for %v: %w", since.Round(time.Millisecond), err)
		}
		if wait == shortestWait {
			warn(err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}
