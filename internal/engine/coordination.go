package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/failpoint"
	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/state"
)

// A coordination takes the checkpoints of a run: it writes what is gathered, and
// commits what transactional sinks have prepared. It has one goroutine.
type coordination struct {
	*gathering
	keeper *keeper.Keeper
	asked  chan savepointRequest

	stats     checkpointStats  // guarded by mu
	durations histogram        // of those that were made
	sizes     map[string]int64 // bytes of the state of each operator, in the last checkpoint; guarded by mu

	made         int64 // the newest checkpoint that this run, or one before it in place, has made or begun with
	refused      bool  // its last commit has refused rows that another run has to pass on
	goesOn       bool  // the run has gone on from its checkpoint, and newer ones are ruled out
	transactions []*transaction
	taking       context.Context           // of the last checkpoint that was begun; nil before
	before       map[pieceKey]writtenPiece // what the last checkpoint consists of
}

// A taskState is what a task has saved for a checkpoint.
type taskState struct {
	operators []operatorState
	sources   []savedSource
	prepared  []preparedPart
}

type operatorState struct {
	op        *Instance
	encode    func() (*state.Saving, error)
	watermark Time
}

func newCoordination(r *Run) *coordination {
	c := &coordination{gathering: r.gathers, asked: make(chan savepointRequest), before: map[pieceKey]writtenPiece{}}
	c.prepared = func(p preparedPart) {
		for _, x := range c.transactions {
			if x.n == p.n {
				x.prepared = append(x.prepared, p.data)
			}
		}
	}
	return c
}

// open finds the checkpoint that the run begins with.
func (c *coordination) open() error {
	opts := append([]keeper.Option{keeper.Logger(c.r.Logger)}, c.r.StoreOptions...)
	k, err := keeper.Open(c.r.Store, c.r.Plan.Name, opts...)
	if err != nil {
		return &storeError{"open the store of checkpoints", err}
	}
	c.keeper = k
	snap, err := c.begins()
	if err != nil {
		err = &storeError{"begin with a checkpoint", err}
	} else if err = c.r.drops(snap); err == nil && snap != nil {
		c.made = max(c.made, snap.Manifest.ID)
		c.r.restoring.Checkpoint, c.r.restoring.Savepoint = snap.Manifest.ID, snap.Manifest.Savepoint
		err = c.r.begin(snap)
		c.r.Logger.Info("going on from a checkpoint", "pipeline", c.r.Plan.Name, "checkpoint", snap.Manifest.ID)
	}
	if err != nil {
		return errors.Join(err, k.Close())
	}
	return nil
}

func (c *coordination) begins() (*keeper.Snapshot, error) {
	if newest := c.keeper.Newest(); newest < c.made {
		return nil, fmt.Errorf("checkpoint %d, which this run has made, is not in the store any more: it is away, or somebody has emptied it", c.made)
	}
	if c.r.Savepoint != "" {
		return c.keeper.Savepoint(c.r.Savepoint)
	}
	return c.keeper.Latest()
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
		if err != nil && !errors.Is(err, keeper.ErrLockLost) {
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
			c.r.Logger.ErrorContext(c.context(), "a checkpoint was given up", "pipeline", c.r.Plan.Name, "checkpoint", id, "cause", err)
		}
	}
}

// lost reports whether err says that the store or the place of a sink is
// another's now, or was put back: then no later checkpoint may be made either.
func (c *coordination) lost(err error) bool {
	_, rewinds := errors.AsType[*RewindError](err)
	_, lost := errors.AsType[*LostResultsError](err)
	return rewinds || lost || errors.Is(err, keeper.ErrLockLost)
}

func (c *coordination) note(f func(*checkpointStats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(&c.stats)
}

// take takes one checkpoint. One that fails before it is durable is for its caller to give up. With an error it is durable or not; if it is, its
// results could not be committed.
func (c *coordination) take(w wish) (id int64, durable bool, err error) {
	id = c.keeper.Begin()
	start := c.r.Now()
	a := &Activity{Kind: Checkpointing, Checkpoint: id, Savepoint: w.savepoint}
	inside, end := c.r.observe(c.r.Ctx, a)
	c.taking = inside
	defer func() { end(err) }()
	if err := c.all(id, w.last); err != nil {
		return id, false, err
	}
	failpoint.Hit("states gathered")
	written, bytes, err := c.write(id, w)
	if err != nil {
		return id, false, err
	}
	c.made = id
	a.Written, a.Bytes = written, bytes
	failpoint.Hit("checkpoint durable")
	if err := c.commitAll(id); err != nil {
		return id, true, err
	}
	failpoint.Hit("checkpoint committed")
	if err := c.acknowledge(); err != nil {
		return id, true, err
	}
	now := c.r.Now()
	c.durations.record(int64(now.Sub(start)), 1)
	c.note(func(s *checkpointStats) {
		*s = checkpointStats{Made: s.Made + 1, Failed: s.Failed, ID: id, At: now, Duration: now.Sub(start), Written: written, Bytes: bytes}
	})
	return id, true, nil
}

// context is that of the checkpoint at hand.
func (c *coordination) context() context.Context {
	if c.taking == nil {
		return c.r.Ctx
	}
	return c.taking
}

var errSlowCommit = errors.New("the readers have taken longer than StopTimeout to commit")

// acknowledging returns the context of the Commits for one checkpoint.
func (r *Run) acknowledging() (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(r.Ctx, r.Grace, errSlowCommit)
}

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
