package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-go/freshet/internal/token"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A RunOption sets how a pipeline is run. None of them changes a result that
// depends on event time. Of two that set the same thing the last one counts.
type RunOption func(*run)

// Shards sets how many shards keyed operators are spread over. The default is
// GOMAXPROCS. With one, a pipeline of one source has no queue in it at all.
func Shards(n int) RunOption {
	if n < 1 || n > keyGroups {
		panic(fmt.Sprintf("stream: Shards(%d): want 1 to %d", n, keyGroups))
	}
	return func(r *run) { r.shards = n }
}

// BatchSize sets how many events stages hand over at once at most. The
// default is 512. When a source has nothing more at once, less is handed over.
func BatchSize(n int) RunOption {
	if n < 1 || n > 1<<20 {
		panic(fmt.Sprintf("stream: BatchSize(%d): want 1 to %d", n, 1<<20))
	}
	return func(r *run) { r.batch = n }
}

// Logger sets where the run logs to. The default is nowhere.
func Logger(l *slog.Logger) RunOption {
	if l == nil {
		panic("stream: Logger: the Logger is nil")
	}
	return func(r *run) { r.logger = l }
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
	return func(r *run) { r.grace = d }
}

const defaultBatch = 512

// A run is one execution of a pipeline.
type run struct {
	p      *Pipeline
	shards int
	batch  int
	grace  time.Duration
	giveUp time.Duration // how long a checkpoint may take
	logger *slog.Logger
	now    func() time.Time
	start  time.Time // by now
	made   time.Time // by the real clock
	sync   bool      // all tasks share the caller's goroutine: see driver.go
	shown  *progressLine
	id     string // unlike that of any other run

	cut     *coordination // nil for a run without checkpoints
	from    *beginning    // nil for a run that begins empty
	dropped []string      // operators whose state is not wanted

	droppedBefore []string // by runs before, whose state is not there any more

	useless []string // options given that mean nothing without checkpoints

	savepoint string // to begin with; "" for the newest checkpoint
	restarts  restarts
	again     bool // it is not the first of its Run
	resting   bool // all sources have been read; only what a commit has refused is passed on

	unsaved []error                        // why operators cannot be saved
	layouts map[*node][]checkpoint.Setting // what their states are made of

	stop   context.Context // ends when sources have to stop
	ctx    context.Context // ends when everything has to
	cancel context.CancelCauseFunc
	halt   *halt // set when ctx ends

	leaving atomic.Bool // what is due may be left to the next run, see line

	tasks      []*task
	stages     map[*node][]*place
	homes      map[*node]*node
	entrances  map[any]any
	lines      map[*node]*line
	shared     map[sharedKey]any
	partitions []*partition
	readers    map[*partition]any
	begun      bool

	driftMu sync.Mutex
	drift   chan struct{}

	statsMu sync.Mutex
	stats   map[*node][]*counters
	warned  map[warning]bool
}

type sharedKey struct {
	n  *node
	pl *place
}

func newRun(p *Pipeline, opts []RunOption) *run {
	r := &run{
		p: p, shards: runtime.GOMAXPROCS(0), batch: defaultBatch, grace: 30 * time.Second, giveUp: time.Minute, id: token.New(),
		logger: slog.New(slog.DiscardHandler), now: time.Now,
		stages: map[*node][]*place{}, homes: map[*node]*node{}, entrances: map[any]any{}, lines: map[*node]*line{},
		shared: map[sharedKey]any{}, readers: map[*partition]any{}, stats: map[*node][]*counters{},
		drift: make(chan struct{}), layouts: map[*node][]checkpoint.Setting{}, halt: &halt{}, made: time.Now(),
	}
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("stream: Run of pipeline %q: option %d of %d is nil", p.name, i+1, len(opts)))
		}
		o(r)
	}
	return r
}

// Run runs the pipeline and returns when all sources have ended and all that
// they gave has reached the sinks. It returns the first error of an operator,
// as an *OperatorError, or what Validate finds.
//
// When ctx ends, sources stop, what they have given flows through, sinks are
// flushed, and Run returns an error in which errors.Is finds ctx's error and its
// cause; windows that are still open then are not fired. Every goroutine that Run began has ended when it returns.
func (p *Pipeline) Run(ctx context.Context, opts ...RunOption) error {
	if err := p.Validate(); err != nil {
		return err
	}
	goneOn, again, resting, made := false, false, false, int64(0)
	for failures := 0; ; failures++ {
		r := newRun(p, opts)
		r.again, r.resting = again, resting
		if goneOn {
			r.savepoint = "" // what came after it counts: newer checkpoints of other runs are ruled out
		}
		if err := r.complete(); err != nil {
			return err
		}
		if r.restarts.most > 0 && r.cut == nil {
			return fmt.Errorf("stream: pipeline %q is run with Restarts, but without Checkpoints to begin again from", p.name)
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
		if err := r.restarts.allow(ctx, r, err, &failures); err != nil {
			return err
		}
	}
}

// once runs the pipeline until it ends or fails.
func (r *run) once(ctx context.Context) (err error) {
	if err := r.claim(); err != nil {
		return err
	}
	defer r.release()
	defer func() { err = because(ctx, err) }()
	hard, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	stop, halt := context.WithCancel(ctx)
	defer halt()
	r.ctx, r.stop = hard, stop
	r.cancel = r.halting(cancel)
	defer context.AfterFunc(hard, halt)()
	unwatch := r.watch(ctx)
	defer unwatch()
	if r.cut != nil {
		defer r.cut.end()
		if err := guard0(r.cut.open); err != nil {
			return err
		}
		defer func() {
			if e := errors.Join(r.cut.closeTransactions(), guard0(r.cut.keeper.Close)); e != nil {
				err = errors.Join(err, e)
			}
		}()
	}
	if err := r.prepare(); err != nil {
		r.closeReaders()
		return err
	}
	if r.shown != nil {
		defer r.shown.begin(r)()
	}

	var wg sync.WaitGroup
	if r.cut != nil {
		r.cut.next(0, false)
		wg.Go(func() {
			err := guard0(r.cut.run)
			switch err.(type) {
			case nil:
				return
			case *PanicError, *GoexitError:
				err = fmt.Errorf("stream: the checkpoints of pipeline %q: %w", r.p.name, err)
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
func (r *run) halting(cancel context.CancelCauseFunc) context.CancelCauseFunc {
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
func (r *run) watch(ctx context.Context) (unwatch func()) {
	over := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		select {
		case <-ctx.Done():
		case <-over:
			return
		}
		r.logger.Info("stopping", "pipeline", r.p.name, "cause", context.Cause(ctx))
		quick := min(patience, r.grace/2)
		timer := time.NewTimer(quick)
		defer timer.Stop()
		select {
		case <-timer.C:
			r.leaving.Store(true)
			timer.Reset(r.grace - quick)
		case <-over:
			return
		}
		select {
		case <-timer.C:
			r.cancel(fmt.Errorf("stream: pipeline %q had not come to rest %v after it was told to stop: %w", r.p.name, r.grace, ended(ctx)))
		case <-over:
		}
	})
	return sync.OnceFunc(func() {
		close(over)
		wg.Wait()
	})
}

// claim makes r the pipeline's run.
func (r *run) claim() error {
	r.p.mu.Lock()
	defer r.p.mu.Unlock()
	if r.p.run != nil && !r.p.run.over() {
		return fmt.Errorf("stream: pipeline %q is running already", r.p.name)
	}
	r.p.run = r
	r.start = r.now()
	return nil
}

func (r *run) over() bool {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	return r.begun
}

func (r *run) release() {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	r.begun = true
}

// nanos returns the run's clock as a number that is never 0.
func (r *run) nanos() int64 { return int64(r.now().Sub(r.start)) + 1 }

// prepare makes all that the run consists of, and commits what an earlier run
// has prepared.
func (r *run) prepare() error {
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
func (r *run) build() error {
	for _, n := range r.p.nodes {
		if n.source == nil {
			continue
		}
		if err := r.openSource(n); err != nil {
			return err
		}
	}
	for _, n := range r.p.nodes {
		if n.build != nil {
			n.build(r)
		}
	}
	if r.cut != nil {
		return errors.Join(r.unsaved...)
	}
	return nil
}

// openSource opens the source n and makes the tasks that read it: one for
// each partition that waits, and one a shard for all the others.
func (r *run) openSource(n *node) error {
	all, err := n.source(r)
	if err != nil {
		return err
	}
	var tasks []*task
	var sharing []*task
	for i, o := range all {
		r.number(o.part)
		r.readers[o.part] = o.reader
		var t *task
		if o.waits || len(sharing) < r.shards {
			t = &task{rt: r, stage: n}
			tasks = append(tasks, t)
			if !o.waits {
				sharing = append(sharing, t)
			}
		} else {
			t = sharing[i%len(sharing)]
		}
		o.part.local = len(t.parts)
		t.parts = append(t.parts, o.part)
	}
	if len(tasks) == 0 {
		tasks = []*task{{rt: r, stage: n}} // no partition: it ends at once
	}
	for _, t := range tasks {
		r.addPlace(n, t, len(tasks))
	}
	return nil
}

// number gives a partition its place in the order of partitions: the one that
// it had in the run that the checkpoint is of, if it was there.
func (r *run) number(p *partition) {
	if r.from != nil {
		if s, ok := r.from.sources[p.source][p.name]; ok {
			p.index, p.count = s.Index, s.Count
			p.promised = Time(s.Watermark)
			p.front = p.promised
			p.resting = s.Done
			if grow := p.index + 1 - len(r.partitions); grow > 0 {
				r.partitions = append(r.partitions, make([]*partition, grow)...)
			}
			r.partitions[p.index] = p
			return
		}
		if grow := r.from.indices - len(r.partitions); grow > 0 {
			r.partitions = append(r.partitions, make([]*partition, grow)...)
		}
	}
	p.index = len(r.partitions)
	r.partitions = append(r.partitions, p)
}

func (r *run) closeReaders() {
	for _, reader := range r.readers {
		if c, ok := reader.(interface{ Close() error }); ok {
			_ = guard0(c.Close) // the error of Open matters more
		}
	}
}

func (r *run) addPlace(n *node, t *task, count int) *place {
	t.index = len(r.stages[n])
	pl := &place{rt: r, task: t, index: t.index, count: count}
	r.stages[n] = append(r.stages[n], pl)
	t.roused = make(chan struct{}, 1)
	r.tasks = append(r.tasks, t)
	return pl
}

// stageOf returns the places of the stage that n begins.
func (r *run) stageOf(n *node) []*place {
	if places, ok := r.stages[n]; ok || n.source != nil {
		return places
	}
	count := r.shards
	if n.single {
		count = 1
	}
	for range count {
		r.addPlace(n, &task{rt: r, stage: n, inbox: newInbox()}, count)
	}
	return r.stages[n]
}

// home returns the node that begins the stage of n.
func (r *run) home(n *node) *node {
	if h, ok := r.homes[n]; ok {
		return h
	}
	h := n
	if len(n.inputs) > 0 && !n.spread {
		h = r.home(n.inputs[0])
		for _, in := range n.inputs[1:] {
			if r.home(in) != h {
				h = n
			}
		}
		if n.moves() && (r.instances(h) > 1 || n.keyed && r.shards > 1) {
			h = n
		}
	}
	r.homes[n] = h
	return h
}

// instances returns how many instances the stage has that h begins.
func (r *run) instances(h *node) int { return len(r.stageOf(h)) }

// shareIn returns what make returns, made once for a node in a place: an operator
// with several inputs is reached over each of them.
func shareIn[I any](pl *place, n *node, build func() I) I {
	key := sharedKey{n, pl}
	if i, ok := pl.rt.shared[key]; ok {
		return i.(I)
	}
	i := build()
	pl.rt.shared[key] = i
	return i
}

// drifted returns a channel that is closed when a bound on drift has moved.
func (r *run) drifted() <-chan struct{} {
	r.driftMu.Lock()
	defer r.driftMu.Unlock()
	return r.drift
}

func (r *run) moveDrift() {
	r.driftMu.Lock()
	defer r.driftMu.Unlock()
	close(r.drift)
	r.drift = make(chan struct{})
}
