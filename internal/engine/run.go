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

	"github.com/freshet-go/freshet/internal/token"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A Run is one execution of a pipeline.
type Run struct {
	Config

	Plan  *Plan
	start time.Time // by now
	made  time.Time // by the real clock
	sync  bool      // all tasks share the caller's goroutine: see driver.go
	id    string    // unlike that of any other run

	cut  *coordination // nil for a run without checkpoints
	from *beginning    // nil for a run that begins empty

	droppedBefore []string // by runs before, whose state is not there any more

	again   bool // it is not the first of its kind
	resting bool // all sources have been read; only what a commit has refused is passed on

	unsaved []error                        // why operators cannot be saved
	layouts map[*Node][]checkpoint.Setting // what their states are made of

	Stopping context.Context // ends when sources have to stop
	Ctx      context.Context // ends when everything has to
	cancel   context.CancelCauseFunc
	halt     *halt // set when ctx ends

	leaving atomic.Bool // what is due may be left to the next run, see line

	tasks      []*task
	stages     map[*Node][]*Place
	homes      map[*Node]*Node // the operator that begins the stage of each
	entrances  map[any]any
	lines      map[*Node]*line
	shared     map[sharedKey]any
	partitions []*Partition
	readers    map[*Partition]Opened
	begun      bool

	driftMu sync.Mutex
	drift   chan struct{}

	statsMu sync.Mutex
	stats   map[*Node][]*counters
	warned  map[warning]bool
}

type sharedKey struct {
	n  *Node
	pl *Place
}

func newRun(p *Plan, cfg Config) *Run {
	r := &Run{
		Config: cfg, Plan: p, id: token.New(),
		stages: map[*Node][]*Place{}, entrances: map[any]any{}, lines: map[*Node]*line{},
		shared: map[sharedKey]any{}, readers: map[*Partition]Opened{}, stats: map[*Node][]*counters{},
		drift: make(chan struct{}), layouts: map[*Node][]checkpoint.Setting{}, halt: &halt{}, made: time.Now(),
	}
	if r.Store != nil {
		r.cut = newCoordination(r)
	}
	return r
}

// Run runs the plan until it has ended or failed for good.
func (p *Plan) Run(ctx context.Context, cfg Config) error {
	goneOn, again, resting, made := false, false, false, int64(0)
	for failures := 0; ; failures++ {
		r := newRun(p, cfg)
		r.again, r.resting = again, resting
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
		defer r.cut.end()
		if err := Apart(r.cut.open); err != nil {
			return err
		}
		defer func() {
			if e := errors.Join(r.cut.closeTransactions(), Apart(r.cut.keeper.Close)); e != nil {
				err = errors.Join(err, e)
			}
		}()
	}
	if err := r.prepare(); err != nil {
		r.closeReaders()
		return err
	}
	if r.Show != nil {
		defer r.Show()()
	}

	var wg sync.WaitGroup
	if r.cut != nil {
		r.cut.next(0, false)
		wg.Go(func() {
			err := Apart(r.cut.run)
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
	wg.Wait()
	unwatch()
	if err := context.Cause(hard); err != nil {
		return err
	}
	return ended(ctx)
}

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

// claim makes r the pipeline's run.
func (r *Run) claim() error {
	r.Plan.mu.Lock()
	defer r.Plan.mu.Unlock()
	if r.Plan.run != nil && !r.Plan.run.over() {
		return fmt.Errorf("stream: pipeline %q is running already", r.Plan.Name)
	}
	r.Plan.run = r
	r.start = r.Now()
	return nil
}

func (r *Run) over() bool {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	return r.begun
}

func (r *Run) release() {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	r.begun = true
}

// nanos returns the run's clock as a number that is never 0.
func (r *Run) nanos() int64 { return int64(r.Now().Sub(r.start)) + 1 }

// prepare makes all that the run consists of, and commits what an earlier run
// has prepared.
func (r *Run) prepare() error {
	if err := r.build(); err != nil || r.cut == nil {
		return err
	}
	if r.from != nil {
		if err := r.fits(); err != nil {
			return err
		}
		r.nameless()
	}
	return r.cut.openTransactions()
}

// build opens the sources and makes every instance of every operator.
func (r *Run) build() error {
	for _, n := range r.Plan.Nodes {
		if n.Source == nil {
			continue
		}
		if err := r.openSource(n); err != nil {
			return err
		}
	}
	placed := place(r.Plan.Nodes, r.Shards, func(n *Node) int { return len(r.stages[n]) })
	r.homes = placed.home
	for _, n := range r.Plan.Nodes {
		if r.homes[n] == n && n.Source == nil {
			r.addStage(n, placed.count[n])
		}
	}
	for _, n := range r.Plan.Nodes {
		if n.Build != nil {
			n.Build(r)
		}
	}
	if r.cut != nil {
		return errors.Join(r.unsaved...)
	}
	return nil
}

// openSource opens the source n and makes the tasks that read it.
func (r *Run) openSource(n *Node) error {
	all, err := n.Source(r)
	if err != nil {
		return err
	}
	waits := make([]bool, len(all))
	for i, o := range all {
		waits[i] = o.Waits
	}
	of, count := readers(waits, r.Shards)
	tasks := r.addStage(n, count)
	for i, o := range all {
		r.number(o.Part)
		r.readers[o.Part] = o
		t := tasks[of[i]]
		o.Part.Local = len(t.parts)
		t.parts = append(t.parts, o.Part)
	}
	return nil
}

// number gives a partition its place in the order of partitions: the one that
// it had in the run that the checkpoint is of, if it was there.
func (r *Run) number(p *Partition) {
	if r.from != nil {
		if s, ok := r.from.sources[p.Source][p.Name]; ok {
			p.index, p.Count = s.Index, s.Count
			p.Promised = Time(s.Watermark)
			p.Front = p.Promised
			p.Resting = s.Done
			if grow := p.index + 1 - len(r.partitions); grow > 0 {
				r.partitions = append(r.partitions, make([]*Partition, grow)...)
			}
			r.partitions[p.index] = p
			return
		}
		if grow := r.from.indices - len(r.partitions); grow > 0 {
			r.partitions = append(r.partitions, make([]*Partition, grow)...)
		}
	}
	p.index = len(r.partitions)
	r.partitions = append(r.partitions, p)
}

func (r *Run) closeReaders() {
	for _, o := range r.readers {
		_ = Apart(o.Reader.Close) // the error of Open matters more
	}
}

// addStage makes the tasks of the stage that n begins.
func (r *Run) addStage(n *Node, count int) []*task {
	var tasks []*task
	for i := range count {
		t := &task{rt: r, stage: n, index: i, roused: make(chan struct{}, 1)}
		if n.Source == nil {
			t.inbox = newInbox()
		}
		tasks = append(tasks, t)
		r.stages[n] = append(r.stages[n], &Place{Run: r, task: t, Index: i, count: count})
	}
	r.tasks = append(r.tasks, tasks...)
	return tasks
}

// Stage returns the places of the stage that n begins.
func (r *Run) Stage(n *Node) []*Place { return r.stages[n] }

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
	if r.cut != nil || len(r.Useless) == 0 {
		return nil
	}
	return fmt.Errorf("stream: pipeline %q is run with %s, which means nothing without Checkpoints", r.Plan.Name, strings.Join(r.Useless, " and "))
}

// Checkpointed reports whether the run takes checkpoints.
func (r *Run) Checkpointed() bool { return r.cut != nil }

// LoggerOf returns the logger of an operator.
func (r *Run) LoggerOf(n *Node) *slog.Logger {
	return r.Logger.With("pipeline", r.Plan.Name, "operator", n.Name)
}
