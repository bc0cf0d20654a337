package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/token"
)

// A Run is one execution of a pipeline.
type Run struct {
	Config

	Plan  *Plan
	start time.Time // by now
	made  time.Time // by the real clock
	sync  bool      // all tasks share the caller's goroutine: see driver.go
	id    string    // unlike that of any other run

	foreign  *foreign      // nil unless another engine runs the stages
	cut      *coordination // nil for a run that takes no checkpoints of its own
	gathers  *gathering    // cut's, or that of rounds
	barriers bool          // there are checkpoints or rounds
	from     *beginning    // nil for a run that begins empty

	restoring Activity // what the run begins with, for its observers

	restarts      int64    // of runs before it that Run began
	droppedBefore []string // by runs before, whose state is not there any more

	claimed bool // the plan is held for it
	again   bool // it is not the first of its kind
	resting bool // all sources have been read; only what a commit has refused is passed on

	unsaved []error                    // why operators cannot be saved
	layouts map[*Node][]keeper.Setting // what their states are made of

	Stopping context.Context // ends when sources have to stop
	Ctx      context.Context // ends when everything has to
	cancel   context.CancelCauseFunc
	halt     *halt // set when ctx ends

	leaving atomic.Bool // what is due may be left to the next run, see line

	tasks     []*task
	stages    map[*Node][]*Place
	homes     map[*Node]*Node // the operator that begins the stage of each
	tracking  tracking
	entrances map[inputKey]any
	ports     []*Port
	lines     map[*Node]*line
	shared    map[sharedKey]any
	numbers   numbers
	following *following   // nil where no batch is followed
	opened    []*Partition // when the run began
	assigned  []*Assignment
	moving    chan struct{} // capacity 1: who fills it may move partitions, or gather a checkpoint
	begun     bool

	driftMu sync.Mutex
	drift   chan struct{}

	statsMu sync.Mutex
	stats   map[*Node][]*counters
	read    map[*Node]*reads // of sources
	warned  map[warning]bool
}

type inputKey struct {
	n     *Node
	input int
}

type sharedKey struct {
	n  *Node
	pl *Place
}

func newRun(p *Plan, cfg Config) *Run {
	r := &Run{
		Config: cfg, Plan: p, id: token.New(),
		stages: map[*Node][]*Place{}, entrances: map[inputKey]any{}, lines: map[*Node]*line{},
		shared: map[sharedKey]any{}, moving: make(chan struct{}, 1), stats: map[*Node][]*counters{}, read: map[*Node]*reads{},
		drift: make(chan struct{}), layouts: map[*Node][]keeper.Setting{}, halt: &halt{}, made: time.Now(),
	}
	r.following = newFollowing(r)
	r.restoring.Kind = Restoring
	r.gathers = newGathering(r)
	if r.Store != nil {
		r.cut = newCoordination(r)
		r.barriers = true
	}
	return r
}

// Run runs the plan until it has ended or failed for good.
func (p *Plan) Run(ctx context.Context, cfg Config) (err error) {
	if cfg.Redact != nil {
		cfg.Logger = slog.New(redacting{cfg.Logger.Handler(), cfg.Redact})
	}
	ctx, cfg, end := p.observed(ctx, cfg)
	defer func() {
		err = cfg.hide(err)
		end(err)
	}()
	return p.runs(ctx, cfg)
}

func (p *Plan) runs(ctx context.Context, cfg Config) error {
	var mine *Run // the last that was begun
	defer func() {
		if mine != nil && mine.claimed {
			p.free()
		}
	}()
	goneOn, again, resting, made, restarts := false, false, false, int64(0), int64(0)
	for failures := 0; ; failures++ {
		r := newRun(p, cfg)
		r.again, r.resting, r.restarts = again, resting, restarts
		if goneOn {
			r.Savepoint = "" // what came after it counts: newer checkpoints of other runs are ruled out
		}
		if err := r.complete(); err != nil {
			return err
		}
		if r.Restarts.Most > 0 && r.cut == nil {
			return fmt.Errorf("stream: pipeline %q is run with Restarts, but without Checkpoints to begin again from", p.Name)
		}
		if r.cut != nil {
			r.cut.made = made
		}
		mine = r
		err := r.once(ctx)
		if again = true; r.cut != nil {
			goneOn, made = goneOn || r.cut.goesOn, r.cut.made
		}
		if err == nil && r.cut != nil && r.cut.refused {
			resting = true
			failures--
			continue
		}
		if err == nil {
			return nil
		}
		if err := r.Restarts.allow(ctx, r, err, &failures); err != nil {
			return err
		}
		restarts++
	}
}

// once runs the pipeline until it ends or fails.
func (r *Run) once(ctx context.Context) (err error) {
	if err := r.claim(); err != nil {
		return err
	}
	defer r.release()
	defer func() { err = because(ctx, err) }()
	hard, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	stop, halt := context.WithCancel(ctx)
	defer halt()
	r.Ctx, r.Stopping = hard, stop
	r.cancel = r.halting(cancel)
	defer context.AfterFunc(hard, halt)()
	unwatch := r.watch(ctx)
	defer unwatch()
	if r.cut != nil {
		defer r.gathers.end()
	}
	if err := r.open(); err != nil {
		return err
	}
	defer func() {
		if e := r.closeStore(); e != nil {
			err = errors.Join(err, e)
		}
	}()
	if r.Show != nil {
		defer r.Show()()
	}

	var wg sync.WaitGroup
	if gather := r.gatherer(); gather != nil {
		r.gathers.next(0, false)
		wg.Go(func() {
			err := Apart(gather)
			switch err.(type) {
			case nil:
				return
			case *PanicError, *GoexitError:
				err = fmt.Errorf("stream: the checkpoints of pipeline %q: %w", r.Plan.Name, err)
			}
			r.cancel(err)
		})
	}
	for _, t := range r.tasks {
		wg.Go(t.drive)
	}
	for _, a := range r.assigned {
		wg.Go(a.watch)
	}
	wg.Wait()
	unwatch()
	if err := context.Cause(hard); err != nil {
		return err
	}
	return ended(ctx)
}

// gatherer returns what has barriers sent, or nil if nothing needs them.
func (r *Run) gatherer() func() error {
	if r.cut != nil {
		return r.cut.run
	}
	if !r.acknowledges() {
		return nil
	}
	r.barriers = true
	return (&rounds{r.gathers}).run
}

// claim makes r the pipeline's run. One that begins again has the plan from the run before it. The plan is held
// until somebody calls free.
func (r *Run) claim() error {
	r.Plan.mu.Lock()
	defer r.Plan.mu.Unlock()
	if r.Plan.held && !r.again {
		return fmt.Errorf("stream: pipeline %q is running already", r.Plan.Name)
	}
	r.Plan.run, r.Plan.held, r.claimed = r, true, true
	r.start = r.Now()
	return nil
}

func (p *Plan) free() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = false
}

func (r *Run) release() {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	r.begun = true
}

// nanos returns the run's clock as a number that is never 0.
func (r *Run) nanos() int64 { return int64(r.Now().Sub(r.start)) + 1 }

// drifted returns a channel that is closed when a bound on drift has moved.
func (r *Run) drifted() <-chan struct{} {
	r.driftMu.Lock()
	defer r.driftMu.Unlock()
	return r.drift
}

func (r *Run) moveDrift() {
	r.driftMu.Lock()
	defer r.driftMu.Unlock()
	close(r.drift)
	r.drift = make(chan struct{})
}

// complete returns an error for options that the run would ignore.
func (r *Run) complete() error {
	if r.Follow && r.observers == nil {
		return fmt.Errorf("stream: pipeline %q is run with SampleBatches, which means nothing without Observe", r.Plan.Name)
	}
	if r.cut != nil || len(r.Useless) == 0 {
		return nil
	}
	return fmt.Errorf("stream: pipeline %q is run with %s, which means nothing without Checkpoints", r.Plan.Name, strings.Join(r.Useless, " and "))
}

// Checkpointed reports whether the run takes checkpoints.
func (r *Run) Checkpointed() bool { return r.cut != nil || r.foreign != nil && r.foreign.saves }

// LoggerOf returns the logger of an operator.
func (r *Run) LoggerOf(n *Node) *slog.Logger {
	return r.Logger.With("pipeline", r.Plan.Name, "operator", n.Name)
}
