package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A halt is set once a run has to end at once. Loops over events look at it
// before each call of a user's function, so it has a cache line of its own.
type halt struct {
	atomic.Bool
	_ [127]byte
}

// halting returns cancel, which sets the halt before.
func (r *Run) halting(cancel context.CancelCauseFunc) context.CancelCauseFunc {
	return func(cause error) {
		r.halt.Store(true)
		cancel(cause)
	}
}

// ended returns why ctx has ended: both ctx's error and its cause are found in
// what it returns. It returns nil if ctx has not ended.
func ended(ctx context.Context) error { return because(ctx, ctx.Err()) }

// because adds to an error that says that ctx has ended what is missing of
// ctx's error and its cause.
func because(ctx context.Context, err error) error {
	why, cause := ctx.Err(), context.Cause(ctx)
	if why == nil || !errors.Is(err, why) && !errors.Is(err, cause) {
		return err
	}
	if !errors.Is(err, why) {
		err = fmt.Errorf("%w: %w", why, err)
	}
	if !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return err
}

// patience is how long a run that is told to stop goes on firing what is due. If
// that takes longer, the rest is left to the next run.
const patience = 100 * time.Millisecond

// watch gives a run that is told to stop its time to do so, until the function
// that it returns is called.
func (r *Run) watch(ctx context.Context) (unwatch func()) {
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-ctx.Done():
		case <-over:
			return
		}
		r.Logger.Info("stopping", "pipeline", r.Plan.Name, "cause", context.Cause(ctx))
		quick := min(patience, r.Grace/2)
		timer := time.NewTimer(quick)
		defer timer.Stop()
		select {
		case <-timer.C:
			r.leaving.Store(true)
			timer.Reset(r.Grace - quick)
		case <-over:
			return
		}
		select {
		case <-timer.C:
			r.cancel(fmt.Errorf("stream: pipeline %q had not come to rest %v after it was told to stop: %w", r.Plan.Name, r.Grace, ended(ctx)))
		case <-over:
		}
	})
	return sync.OnceFunc(func() {
		close(over)
		wg.Wait()
	})
}
