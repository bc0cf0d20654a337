package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-go/freshet/internal/delta"
	"github.com/freshet-go/freshet/internal/failpoint"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A coordination takes the checkpoints of a run: it has barriers sent from the
// sources, gathers what each task has saved behind them, writes that, and
// commits what transactional sinks have prepared. It has one goroutine.
type coordination struct {
	r      *Run
	keeper *checkpoint.Keeper
	over   chan struct{} // closed when tasks that have parked may end
	end    func()        // closes over, once
	soon   chan struct{} // capacity 1: a sink asks for a checkpoint
	asked  chan savepointRequest

	epoch atomic.Pointer[epoch]

	mu      sync.Mutex
	id      int64               // the checkpoint under way
	states  map[*task]taskState // what has come for it
	parked  int
	changed chan struct{} // capacity 1: a state has come, or a task has parked
	stats   checkpointStats

	made         int64 // the newest checkpoint that this run, or one before it in place, has made or begun with
	refused      bool  // its last commit has refused rows that another run has to pass on
	goesOn       bool  // the run has gone on from its checkpoint, and newer ones are ruled out
	transactions []*transaction
	before       map[pieceKey]writtenPiece // what the last checkpoint consists of
}

// An epoch is the time from the wish for one checkpoint to that for the next.
type epoch struct {
	id     int64
	last   bool // sources that have to stop wait for this one
	ctx    context.Context
	cancel context.CancelFunc
	gone   chan struct{} // closed when the next one has begun
}

type pieceKey struct {
	operator        string
	group, instance int
}

// A writtenPiece is a piece of the last checkpoint, and its bytes.
type writtenPiece struct {
	checkpoint.Piece
	chain delta.Chain
}

// put puts in where lies what was written of the piece.
func (w *writtenPiece) put(p checkpoint.Piece) {
	n := w.chain.Patches()
	if n == 0 {
		w.Piece = p
		return
	}
	w.Patches = append(slices.Clip(w.Patches[:n-1]), p.Place())
}

// A taskState is what a task has saved for a checkpoint.
type taskState struct {
	operators []operatorState
	sources   []checkpoint.Source
	prepared  []preparedPart
}

type operatorState struct {
	op        *Instance
	encode    func() (*Saving, error)
	watermark Time
}

func newCoordination(r *Run) *coordination {
	over := make(chan struct{})
	return &coordination{
		r: r, over: over, end: sync.OnceFunc(func() { close(over) }), changed: make(chan struct{}, 1),
		soon: make(chan struct{}, 1), asked: make(chan savepointRequest),
		states: map[*task]taskState{}, before: map[pieceKey]writtenPiece{},
	}
}

// open finds the checkpoint that the run begins with.
func (c *coordination) open() error {
	opts := append([]checkpoint.Option{checkpoint.Logger(c.r.Logger)}, c.r.StoreOptions...)
	keeper, err := checkpoint.Open(c.r.Store, c.r.Plan.Name, opts...)
	if err != nil {
		return &storeError{"open the store of checkpoints", err}
	}
	c.keeper = keeper
	snap, err := c.begins()
	if err != nil {
		err = &storeError{"begin with a checkpoint", err}
	} else if err = c.r.drops(snap); err == nil && snap != nil {
		c.made = max(c.made, snap.Manifest.ID)
		err = c.r.begin(snap)
		c.r.Logger.Info("going on from a checkpoint", "pipeline", c.r.Plan.Name, "checkpoint", snap.Manifest.ID)
	}
	if err != nil {
		return errors.Join(err, keeper.Close())
	}
	return nil
}

func (c *coordination) begins() (*checkpoint.Snapshot, error) {
	if newest := c.keeper.Newest(); newest < c.made {
		return nil, fmt.Errorf("checkpoint %d, which this run has made, is not in the store any more: it is away, or somebody has emptied it", c.made)
	}
	if c.r.Savepoint != "" {
		return c.keeper.Savepoint(c.r.Savepoint)
	}
	return c.keeper.Latest()
}

// next begins an epoch.
func (c *coordination) next(id int64, last bool) {
	e := &epoch{id: id, last: last, gone: make(chan struct{})}
	e.ctx, e.cancel = context.WithCancel(c.r.Stopping)
	if old := c.epoch.Swap(e); old != nil {
		old.cancel()
		close(old.gone)
	}
}

// A wish is a checkpoint that somebody wants.
type wish struct {
	savepoint string
	last      bool // no other follows
	final     bool // all sources have been read to their ends
	reply     chan savepointReply
}

// run takes checkpoints until all tasks have parked or have to stop, and a last
// one then.
func (c *coordination) run() error {
	defer c.end()
	ticker := time.NewTicker(c.r.Every)
	defer ticker.Stop()
	for {
		var w wish
		due := true
		if !c.allParked() { // else the last one has parked while a checkpoint was taken
			select {
			case <-c.r.Ctx.Done():
				return nil
			case <-c.r.Stopping.Done():
			case <-c.changed:
				due = false
			case s := <-c.asked:
				w.savepoint, w.reply = s.name, s.reply
			case <-c.soon:
			case <-ticker.C:
			}
		}
		w.last = c.r.Stopping.Err() != nil || c.allParked()
		w.final = w.last && c.r.Stopping.Err() == nil
		if !due && !w.last {
			continue
		}
		id, durable, err := c.take(w)
		if err != nil && !errors.Is(err, checkpoint.ErrLockLost) {
			// What another run has shown meanwhile looks like a rewind, or like results that are missing.
			if lost := c.keeper.Held(); lost != nil {
				err = fmt.Errorf("%w; so %w", lost, err)
			}
		}
		gone := err != nil && c.lost(err)
		if err != nil && !durable && !gone {
			c.keeper.GiveUp(id)
		}
		if w.reply != nil {
			w.reply <- savepointReply{id, err}
		}
		switch {
		case err != nil && durable && !gone: // it cannot be committed, so neither could the next
			return err
		case gone:
			return &storeError{fmt.Sprintf("checkpoint %d", id), err}
		case c.r.Ctx.Err() != nil:
			return nil
		case w.last && err != nil:
			return &storeError{fmt.Sprintf("the last checkpoint of pipeline %q", c.r.Plan.Name), err}
		case w.last:
			c.refused = w.final && c.waiting()
			return nil
		case err != nil:
			c.note(func(s *checkpointStats) { s.Failed++ })
			c.r.Logger.Error("a checkpoint was given up", "pipeline", c.r.Plan.Name, "checkpoint", id, "cause", err)
		}
	}
}

// lost reports whether err says that the store or the place of a sink is
// another's now, or was put back: then no later checkpoint may be made either.
func (c *coordination) lost(err error) bool {
	_, rewinds := errors.AsType[*RewindError](err)
	_, lost := errors.AsType[*LostResultsError](err)
	return rewinds || lost || errors.Is(err, checkpoint.ErrLockLost)
}

func (c *coordination) note(f func(*checkpointStats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.stats)
}

func (c *coordination) allParked() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.parked == len(c.r.tasks)
}

// take takes one checkpoint. With an error it is durable or not; if it is, its
// results could not be committed.
func (c *coordination) take(w wish) (id int64, durable bool, err error) {
	id = c.keeper.Begin()
	start := c.r.Now()
	if err := c.collect(id, w.last); err != nil {
		return id, false, err
	}
	failpoint.Hit("states gathered")
	written, bytes, err := c.write(id, w)
	if err != nil {
		return id, false, err
	}
	c.made = id
	failpoint.Hit("checkpoint durable")
	if err := c.commitAll(id); err != nil {
		return id, true, err
	}
	failpoint.Hit("checkpoint committed")
	c.acknowledge()
	now := c.r.Now()
	c.note(func(s *checkpointStats) {
		*s = checkpointStats{Made: s.Made + 1, Failed: s.Failed, ID: id, At: now, Duration: now.Sub(start), Written: written, Bytes: bytes}
	})
	return id, true, nil
}

// acknowledge tells the sources what is durable.
func (c *coordination) acknowledge() {
	ctx, done := c.r.acknowledging()
	defer done()
	for _, t := range c.r.tasks {
		if t.source != nil {
			t.source.acknowledge(ctx, c.states[t].sources)
		}
	}
}

var errGivenUp = errors.New("it did not come about in time")

// collect waits for the state of all tasks.
func (c *coordination) collect(id int64, last bool) error {
	c.want(id)
	c.next(id, last)
	for _, t := range c.r.tasks {
		t.rouse()
	}
	timeout := time.NewTimer(c.r.GiveUp)
	defer timeout.Stop()
	for !c.complete() {
		select {
		case <-c.changed:
		case <-timeout.C:
			return errGivenUp
		case <-c.r.Ctx.Done():
			return ErrStopped
		}
	}
	return nil
}

func (c *coordination) want(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.id = id
	clear(c.states)
}

func (c *coordination) complete() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.states) == len(c.r.tasks)
}

// saved takes the state of a task. That for a checkpoint which has been given
// up is of no use, but what its sinks have prepared belongs to the next one.
func (c *coordination) saved(t *task, id int64, s taskState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range s.prepared {
		for _, x := range c.transactions {
			if x.n == p.n {
				x.prepared = append(x.prepared, p.data)
			}
		}
	}
	if id == c.id {
		c.states[t] = s
		signal(c.changed)
	}
}

func (c *coordination) parks() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parked++
	signal(c.changed)
}

// write writes what has been collected, and returns how many bytes of state
// that were, and how many there are in all.
func (c *coordination) write(id int64, w wish) (written, bytes int64, err error) {
	m := &checkpoint.Manifest{
		ID: id, Run: c.r.id, Taken: c.r.Now(), Savepoint: w.savepoint, Final: w.final,
		Groups: KeyGroups, Shards: c.r.Shards, Dropped: slices.Concat(c.r.droppedBefore, c.r.Dropped),
	}
	var deltas delta.Writer
	pieces := map[pieceKey]writtenPiece{}
	operators := map[string]*checkpoint.Operator{}
	for i, t := range c.r.tasks {
		s := c.states[t]
		m.Sources = append(m.Sources, s.sources...)
		n, err := c.writeTask(id, i, &deltas, s, operators, pieces)
		if err != nil {
			return 0, 0, err
		}
		written += n
	}
	for _, n := range c.r.Plan.Nodes {
		if o := operators[n.Name]; o != nil {
			if !slices.ContainsFunc(o.Instances, func(wm int64) bool { return wm > o.Watermark }) {
				o.Instances = nil
			}
			m.Operators = append(m.Operators, *o)
			bytes += o.Bytes()
		}
	}
	if err := c.noteTransactions(id, m); err != nil {
		return 0, 0, err
	}
	if err := c.keeper.Commit(m); err != nil {
		return 0, 0, err
	}
	c.before = pieces
	return written, bytes, nil
}

// writeTask writes the state of one task, as far as it is not as it was. It
// leaves c.before as it is: the checkpoint may yet be given up.
func (c *coordination) writeTask(id int64, part int, deltas *delta.Writer, s taskState, operators map[string]*checkpoint.Operator, written map[pieceKey]writtenPiece) (bytes int64, err error) {
	var blobs []checkpoint.Blob
	var keys []pieceKey
	for _, o := range s.operators {
		name := o.op.Node.Name
		to := operators[name]
		if to == nil {
			to = &checkpoint.Operator{Name: name, Kind: o.op.Node.Kind, Watermark: int64(o.watermark), Settings: c.r.settings(o.op.Node)}
			if o.op.Node.Keyed {
				to.Instances = make([]int64, o.op.Place.count)
			}
			operators[name] = to
		}
		if o.op.Node.Keyed {
			to.Instances[o.op.Place.Index] = int64(o.watermark)
		}
		state, err := o.encode()
		if err != nil {
			return 0, err
		}
		to.Keys += state.Keys
		to.Watermark = min(to.Watermark, int64(o.watermark))
		add := func(group, instance int, data []byte) {
			if len(data) == 0 {
				return
			}
			key := pieceKey{name, group, instance}
			piece := c.before[key]
			var write []byte
			piece.chain, write = deltas.Next(piece.chain, id+int64(group+1+instance), data)
			written[key] = piece
			if write == nil {
				to.Pieces = append(to.Pieces, piece.Piece)
				return
			}
			blobs, keys = append(blobs, checkpoint.Blob{Group: group, Instance: instance, Data: write}), append(keys, key)
			bytes += int64(len(write))
		}
		for g, data := range state.Groups {
			add(g, 0, data)
		}
		add(checkpoint.Whole, o.op.Place.Index, state.Whole)
	}
	pieces, err := c.keeper.Write(id, part, stateCodec, blobs)
	if err != nil {
		return 0, err
	}
	for i, p := range pieces {
		w := written[keys[i]]
		w.put(p)
		written[keys[i]] = w
		to := operators[keys[i].operator]
		to.Pieces = append(to.Pieces, w.Piece)
	}
	return bytes, nil
}

// Save saves the state of the task for a checkpoint.
func (t *task) Save(id int64) error {
	if t.rt.halt.Load() {
		return ErrStopped
	}
	t.saved = id
	var s taskState
	for _, op := range t.holding {
		op.Enter()
		encode, err := op.Save()
		if err != nil {
			return op.Failure(fmt.Errorf("save the state: %w", err))
		}
		s.operators = append(s.operators, operatorState{op, encode, Time(op.stats.watermark.Load())})
	}
	prepared, err := t.prepare()
	if err != nil {
		return err
	}
	s.prepared = prepared
	if t.source != nil {
		s.sources = t.source.offsets()
	}
	t.rt.cut.saved(t, id, s)
	return nil
}

// park keeps a task that has come to its end until the run's last checkpoint
// has been taken.
func (t *task) park() error {
	c := t.rt.cut
	if c == nil {
		return nil
	}
	c.parks()
	t.idle.begin(t.rt)
	defer t.idle.end(t.rt)
	for {
		if id := c.epoch.Load().id; id > t.saved {
			if err := t.Save(id); err != nil {
				return err
			}
		}
		select {
		case <-t.roused:
		case <-c.over:
			return nil
		case <-t.rt.Ctx.Done():
			return ErrStopped
		}
	}
}

// rouse has the task look whether a checkpoint is wanted, if it has parked.
func (t *task) rouse() { signal(t.roused) }

// checkpointStats are what a run has done about checkpoints so far.
type checkpointStats struct {
	Made   int64 // that are durable
	Failed int64 // that were given up

	// Of the last one that was made:
	ID       int64
	At       time.Time
	Duration time.Duration // from the wish for it until its results were committed
	Written  int64         // bytes of state, for what was not as it had been
	Bytes    int64         // bytes of state in all, with patches
}

var errSlowCommit = errors.New("the readers have taken longer than StopTimeout to commit")

// acknowledging returns the context of the Commits for one checkpoint.
func (r *Run) acknowledging() (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(r.Ctx, r.Grace, errSlowCommit)
}
