package stream

import (
	"context"
	"fmt"

	"github.com/freshet-go/freshet/internal/failpoint"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A TransactionalSink is a Sink whose results appear when a checkpoint holds
// that they were given: each exactly once, however often the run is killed. In
// a run with Checkpoints its writers are Preparers, and what they prepare is
// made to appear by one Committer. In a run without, it is a Sink like others,
// and SinkContext.Transactional is false.
//
// For each checkpoint Run calls Prepare of all writers, writes what they
// return into the checkpoint together with all state, and calls Commit when
// the checkpoint is durable. A run that begins with a checkpoint calls Commit for
// it again first, as the one before may have been killed in between, and then
// Abort for what that one has prepared after it.
type TransactionalSink[T any] interface {
	Sink[T]
	// OpenCommitter is called once a run, before Open, with the Instance and
	// Count of the context zero.
	OpenCommitter(c *SinkContext) (Committer, error)
}

// A Preparer is a Writer of a TransactionalSink.
type Preparer interface {
	// Prepare ends what has been written since it was last called. When it
	// returns that has to survive a crash of the machine, be it as part of what
	// it returns, which is stored in the checkpoint; nobody may see it yet. It
	// returns what the Committer needs to make it appear, or nil if nothing was
	// written.
	Prepare(ctx context.Context) ([]byte, error)
}

// A Committer makes appear what the writers of all instances have prepared. It
// is used by one goroutine, which may be another than the writers'. One that can
// leave out rows is a SkippingCommitter.
//
// A Committer may also have
//
//	Marker() string // where it notes what it has committed, for errors: "file out/.x.checkpoint"
type Committer interface {
	// Commit makes appear what was prepared for checkpoint id. It is called
	// again with the same arguments after a crash, when it must not do so
	// again; ids ascend. Prepared holds what Prepare returned, in no order,
	// possibly of several calls to one writer.
	Commit(ctx context.Context, id int64, prepared [][]byte) error
	// Committed returns the newest checkpoint whose results have begun to
	// appear, or 0. It changes nothing. A run that would begin with an older
	// one is refused with a *RewindError, before any sink is asked for more. Each
	// checkpoint holds what Committed returned before it was made: where it
	// returns less later, results have gone, and the run is refused with
	// a *LostResultsError.
	Committed(ctx context.Context) (id int64, err error)
	// Abort drops all that earlier runs prepared and that was not committed.
	// Id is the checkpoint that the run begins with, or 0.
	Abort(ctx context.Context, id int64) error
	Close() error
}

// openCommitter is a sink's OpenCommitter.
type openCommitter func(*SinkContext) (Committer, error)

// A transaction is what a run keeps for a transactional sink.
type transaction struct {
	n         *node
	committer Committer
	prepared  [][]byte  // since the last checkpoint that came about
	shown     int64     // what Committed has returned last
	refused   []Refusal // to be passed on by the sink's task; guarded by the coordination's mu
}

// marker returns where the committer notes what it has committed.
func (x *transaction) marker() string {
	if m, ok := x.committer.(interface{ Marker() string }); ok {
		return m.Marker()
	}
	return ""
}

// ask asks the committer what it has shown, of which begins is the checkpoint that
// the run is about to begin with or to make.
func (c *coordination) ask(x *transaction, begins int64) error {
	var committed int64
	err := guard0(func() (err error) {
		committed, err = x.committer.Committed(c.r.ctx)
		return err
	})
	switch {
	case err != nil:
	case committed > begins:
		err = &RewindError{Begins: begins, Committed: committed, Marker: x.marker()}
	case committed < x.shown:
		err = &LostResultsError{Begins: begins, Shown: x.shown, Committed: committed, Marker: x.marker()}
	default:
		x.shown = committed
		return nil
	}
	return c.failure(x.n, err)
}

// preparing is the holder of a transactional sink's instance. It has no state
// of its own: what it prepares goes to the transaction.
type preparing struct {
	op     *instance
	writer Preparer
}

// prepare calls Prepare of the task's writers.
func (t *task) prepare() (all []preparedPart, err error) {
	for _, p := range t.preparing {
		p.op.enter()
		data, err := func() (data []byte, err error) {
			defer rescue(&err)
			data, err = p.writer.Prepare(t.rt.ctx)
			failpoint.Hit("a writer prepared")
			return data, err
		}()
		if err != nil {
			return nil, p.op.failure(fmt.Errorf("prepare: %w", err))
		}
		if data != nil {
			all = append(all, preparedPart{p.op.node, data})
		}
	}
	return all, nil
}

// A preparedPart is what one Prepare has returned.
type preparedPart struct {
	n    *node
	data []byte
}

// openTransactions opens the committers, commits what the checkpoint that the
// run begins with holds, and aborts the rest. Before that no sink has shown more
// than this checkpoint, and newer ones, if there are any, are ruled out: what is
// aborted is theirs.
func (c *coordination) openTransactions() error {
	begins := int64(0)
	if c.r.from != nil {
		begins = c.r.from.id
	}
	if err := c.openCommitters(begins); err != nil {
		return err
	}
	if c.r.from != nil {
		if err := c.keeper.GoOn(begins); err != nil {
			return &storeError{"rule out newer checkpoints", err}
		}
		c.goesOn = true
	}
	for _, x := range c.transactions {
		if c.r.from != nil {
			if s := c.r.from.operators[x.n.name]; s != nil && len(s.whole) > 0 {
				x.prepared = s.whole
				failpoint.Hit("committing again")
				if err := c.commit(x, begins); err != nil {
					return err
				}
			}
		}
		failpoint.Hit("aborting")
		if err := guard0(func() error { return x.committer.Abort(c.r.ctx, begins) }); err != nil {
			return c.failure(x.n, fmt.Errorf("abort: %w", err))
		}
	}
	return nil
}

// openCommitters opens the committers, and refuses a run that would show again
// what one of them has shown, or in which what it had shown would be missing.
func (c *coordination) openCommitters(begins int64) error {
	for _, n := range c.r.p.nodes {
		if n.committer == nil {
			continue
		}
		x := &transaction{n: n}
		err := guard0(func() (err error) {
			x.committer, err = n.committer(c.r.sinkContext(n))
			return err
		})
		if err != nil {
			return c.failure(n, err)
		}
		c.transactions = append(c.transactions, x)
		if c.r.from != nil {
			x.shown = c.r.from.shown[n.name]
		}
		if err := c.ask(x, begins); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) sinkContext(n *node) *SinkContext {
	return &SinkContext{
		Context: r.ctx, Pipeline: r.p.name, Name: n.name, Transactional: r.cut != nil && n.committer != nil,
		Diverts:    n.diverts != nil && n.diverts(),
		Logger:     r.logger.With("pipeline", r.p.name, "operator", n.name),
		Checkpoint: r.wantCheckpoint,
	}
}

// wantCheckpoint asks for a checkpoint before the next one is due.
func (r *run) wantCheckpoint() {
	if r.cut != nil {
		signal(r.cut.soon)
	}
}

func (c *coordination) failure(n *node, err error) error {
	return &OperatorError{Operator: n.name, Err: err}
}

// commitAll commits what was prepared for a checkpoint that is durable. It looks at the
// lock again: another run may have begun since the manifest was written, and then the results
// are that one's to show.
func (c *coordination) commitAll(id int64) error {
	for _, x := range c.transactions {
		if err := c.keeper.Held(); err != nil {
			return err
		}
		if err := c.commit(x, id); err != nil {
			return err
		}
		failpoint.Hit("a sink committed")
	}
	return nil
}

func (c *coordination) commit(x *transaction, id int64) error {
	if len(x.prepared) == 0 {
		return nil
	}
	var refused []Refusal
	err := guard0(func() (err error) {
		if s, ok := x.skipping(); ok {
			refused, err = s.CommitSkipping(c.r.ctx, id, x.prepared)
			return err
		}
		return x.committer.Commit(c.r.ctx, id, x.prepared)
	})
	if err != nil {
		return c.failure(x.n, fmt.Errorf("commit checkpoint %d: %w", id, err))
	}
	x.prepared = nil
	c.refuse(x, refused)
	return nil
}

func (c *coordination) closeTransactions() (err error) {
	for _, x := range c.transactions {
		if e := guard0(x.committer.Close); e != nil && err == nil {
			err = c.failure(x.n, e)
		}
	}
	return err
}

// noteTransactions puts what was prepared into the manifest, and what had been
// shown before.
func (c *coordination) noteTransactions(id int64, m *checkpoint.Manifest) error {
	for _, x := range c.transactions {
		c.reclaim(x)
		if err := c.ask(x, id-1); err != nil {
			return err
		}
		if x.shown > 0 {
			m.Sinks = append(m.Sinks, checkpoint.Sink{Operator: x.n.name, Committed: x.shown})
		}
		var blobs []checkpoint.Blob
		for i, data := range x.prepared {
			blobs = append(blobs, checkpoint.Blob{Group: checkpoint.Whole, Instance: i, Data: data})
		}
		if len(blobs) == 0 {
			continue
		}
		pieces, err := c.keeper.Write(id, len(c.r.tasks)+x.n.id, stateCodec, blobs)
		if err != nil {
			return err
		}
		m.Operators = append(m.Operators, checkpoint.Operator{Name: x.n.name, Kind: x.n.kind, Pieces: pieces})
	}
	return nil
}
