package engine

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/freshet-go/freshet/internal/keeper"
)

type Restarts struct {
	Most int // how many in a row; 0 for none
	Wait time.Duration
}

const (
	longestWait = time.Minute
	calm        = 5 * time.Minute // how long a run goes on whose failure is a new story
)

// allow returns nil if the pipeline is to run again after r has ended with
// err, when it is time, and else what to return. Failures is how many runs in a
// row have failed before.
func (x Restarts) allow(ctx context.Context, r *Run, err error, failures *int) error {
	if x.Most == 0 || !passes(err, r.again) || ctx.Err() != nil {
		return err
	}
	if r.Now().Sub(r.start) >= calm {
		*failures = 0
	}
	if *failures >= x.Most {
		return err
	}
	wait := x.Wait
	for k := 0; k < *failures && wait < longestWait; k++ {
		wait *= 2
	}
	wait = min(wait, longestWait)
	wait -= time.Duration(rand.Float64() * float64(wait) / 5)
	a := &Activity{Kind: Restarting, Restart: *failures + 1, Most: x.Most, Wait: wait, Cause: err}
	inside, end := r.observe(ctx, a)
	r.Logger.ErrorContext(inside, "the run has failed and begins again from its last checkpoint",
		"pipeline", r.Plan.Name, "restart", *failures+1, "of", x.Most, "wait", wait, "cause", err)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		end(nil)
		return nil
	case <-ctx.Done():
		end(ended(ctx))
		return fmt.Errorf("stream: pipeline %q was told to stop while it waited to begin again (%w), which it had to after: %w", r.Plan.Name, ended(ctx), err)
	}
}

// passes reports whether what has ended a run may be over when the next one
// begins. Again says that the run was not the first of its Run.
func passes(err error, again bool) bool {
	for _, lasts := range []error{keeper.ErrLocked, keeper.ErrVersion, keeper.ErrOtherPipeline, keeper.ErrNoSavepoint, keeper.ErrSealed} {
		if errors.Is(err, lasts) {
			return false
		}
	}
	if _, ok := errors.AsType[*RewindError](err); ok {
		return false
	}
	if _, ok := errors.AsType[*LostResultsError](err); ok {
		return again // the place is away that the run before this one has written to
	}
	if u, ok := errors.AsType[*keeper.UnreadableError](err); ok {
		return !u.Damaged
	}
	if _, ok := errors.AsType[*storeError](err); ok {
		return !errors.Is(err, keeper.ErrDamaged)
	}
	_, ok := errors.AsType[*OperatorError](err)
	return ok
}

// A storeError is the error of a store of checkpoints, which may pass.
type storeError struct {
	doing string
	err   error
}

func (e *storeError) Error() string { return fmt.Sprintf("stream: %s: %v", e.doing, e.err) }
func (e *storeError) Unwrap() error { return e.err }
