package stream

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// A RunOption sets how a pipeline is run. None of them changes a result that
// depends on event time. Of two that set the same thing the last one counts.
type RunOption func(*runOptions)

// Shards sets how many shards keyed operators are spread over. The default is
// GOMAXPROCS, and 128 where that is more: there are 128 groups of keys, and a shard without one has nothing to do. With one shard, a pipeline of one source has no queue
// in it at all. It panics unless n is 1 to 128.
func Shards(n int) RunOption {
	if n < 1 || n > state.Groups {
		panic(fmt.Sprintf("stream: Shards(%d): want 1 to %d", n, state.Groups))
	}
	return func(r *runOptions) { r.Shards = n }
}

// BatchSize sets how many events stages hand over at once at most. The
// default is 512. When a source has nothing more at once, less is handed over. It panics unless n is 1 to 1,048,576.
func BatchSize(n int) RunOption {
	if n < 1 || n > 1<<20 {
		panic(fmt.Sprintf("stream: BatchSize(%d): want 1 to %d", n, 1<<20))
	}
	return func(r *runOptions) { r.Batch = n }
}

// Logger sets where the run logs to. The default is nowhere. It panics if l is nil.
func Logger(l *slog.Logger) RunOption {
	if l == nil {
		panic("stream: Logger: the Logger is nil")
	}
	return func(r *runOptions) { r.Logger = l }
}

// StopTimeout sets how long a run may take to end once its context has: to
// let what has been read flow through and sinks flush. After it, what is
// still under way is dropped, and Run says so: no function of yours is called
// any more but Close, and Run returns when the last call under way has. It is
// also how long the readers of a run may take to Commit. The default is 30
// seconds. It panics if d is negative.
func StopTimeout(d time.Duration) RunOption {
	if d < 0 {
		panic(fmt.Sprintf("stream: StopTimeout(%v): negative", d))
	}
	return func(r *runOptions) { r.Grace = d }
}

// runOptions are what a run is set to.
type runOptions struct {
	engine.Config
	shown *progressLine
}

const defaultBatch = 512

// optionsOf returns what the options set.
func (p *Pipeline) optionsOf(opts []RunOption) runOptions {
	r := runOptions{Config: engine.Config{
		Shards: min(runtime.GOMAXPROCS(0), state.Groups), Batch: defaultBatch, Grace: 30 * time.Second, GiveUp: time.Minute,
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	}}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("stream: Run of pipeline %q: option %d of %d is nil", p.plan.Name, i+1, len(opts)))
		}
		o(&r)
	}
	return r
}

// Run runs the pipeline and returns when all sources have ended and all that
// they gave has reached the sinks. Every goroutine that it began has ended then. Its errors are
//
//   - before anything runs: what Validate finds; an option that means nothing without Checkpoints; with Checkpoints also state that cannot be
//     saved, a store that another run has, checkpoints that are all damaged (checkpoint.ErrUnreadable), one that does not fit the pipeline (see DropState), a
//     RewindError, and a LostResultsError;
//   - the first error of an operator, a source or a sink, as an *OperatorError: the run has stopped at once. With Restarts it is the one that they did not help with;
//   - of the last checkpoint, and of committing its results, which have to succeed;
//   - when ctx ends: an error in which errors.Is finds ctx's error and its cause.
//
// When ctx ends, sources stop, what they have given flows through, and sinks are flushed. Windows that are still open then are not fired: with Checkpoints
// they are kept for the next run, and without they are lost.
//
// In a process that a cluster has started to be a worker (see package flink) it returns an error: each task would run the whole pipeline.
func (p *Pipeline) Run(ctx context.Context, opts ...RunOption) error {
	given("Run", "the context", ctx)
	if door.InWorker() {
		return fmt.Errorf("stream: pipeline %q is run in one process, and this one was started by a cluster to be a worker: the program has to come to flink.Run, with the same arguments at each start", p.plan.Name)
	}
	if err := p.Validate(); err != nil {
		return err
	}
	o := p.optionsOf(opts)
	if o.shown != nil {
		o.Show = func() (end func()) { return o.shown.begin(p, o.Logger) }
	}
	return p.plan.Run(ctx, o.Config)
}
