package stream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Restarts has Run begin again from the last checkpoint when an operator, a
// source, a sink or the store has failed, up to n times in a row. It waits before that: as
// long as wait says for the first time, twice as long each further time up to
// a minute, and up to a fifth less by chance. With ten restarts and a wait of a second an outage
// of four minutes is survived. Once a run has gone on for five minutes the count
// begins anew.
//
// What cannot pass ends the run at once: checkpoints that are damaged or of a later version,
// a store that another process has or that is of another pipeline, state of operators that
// the pipeline does not have, a RewindError or a LostResultsError. A store in which
// checkpoints are missing that this call of Run has made is taken for one that is away.
//
// It needs Checkpoints. An event that fails whenever it comes is not helped by it:
// Run returns the error when n is used up; see SkipFailures and Divert. Sources
// that cannot be read twice, as a channel, are not either.
func Restarts(n int, wait time.Duration) RunOption {
	if n < 0 || wait < 0 {
		panic(fmt.Sprintf("stream: Restarts(%d, %v): want numbers that are not negative", n, wait))
	}
	return func(r *run) { r.restarts = restarts{most: n, wait: wait} }
}

type restarts struct {
	most int // how many in a row; 0 for none
	wait time.Duration
}

const (
	longestWait = time.Minute
	calm        = 5 * time.Minute // how long a run goes on whose failure is a new story
)

// allow returns nil if the pipeline is to run again after r has ended with
// err, when it is time, and else what to return. Failures is how many runs in a
// row have failed before.
func (x restarts) allow(ctx context.Context, r *run, err error, failures *int) error {
	if x.most == 0 || !passes(err, r.again) || ctx.Err() != nil {
		return err
	}
	if r.now().Sub(r.start) >= calm {
		*failures = 0
	}
	if *failures >= x.most {
		return err
	}
	wait := x.wait
	for k := 0; k < *failures && wait < longestWait; k++ {
		wait *= 2
	}
	wait = min(wait, longestWait)
	wait -= time.Duration(rand.Float64() * float64(wait) / 5)
	r.logger.Error("the run has failed and begins again from its last checkpoint",
		"pipeline", r.p.name, "restart", *failures+1, "of", x.most, "wait", wait, "cause", err)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stream: pipeline %q was told to stop while it waited to begin again (%w), which it had to after: %w", r.p.name, ended(ctx), err)
	}
}

// passes reports whether what has ended a run may be over when the next one
// begins. Again says that the run was not the first of its Run.
func passes(err error, again bool) bool {
	for _, lasts := range []error{checkpoint.ErrLocked, checkpoint.ErrVersion, checkpoint.ErrOtherPipeline, checkpoint.ErrNoSavepoint} {
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
	if u, ok := errors.AsType[*checkpoint.UnreadableError](err); ok {
		return !u.Damaged
	}
	if _, ok := errors.AsType[*storeError](err); ok {
		return !errors.Is(err, checkpoint.ErrDamaged)
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
