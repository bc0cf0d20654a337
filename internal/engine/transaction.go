package engine

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/freshet-go/freshet/internal/failpoint"
	"github.com/freshet-go/freshet/internal/keeper"
	"github.com/freshet-go/freshet/internal/state"
)

// A Committer makes appear what the writers of a sink have prepared; see
// stream.Committer.
type Committer interface {
	Commit(ctx context.Context, id int64, prepared [][]byte) error
	Committed(ctx context.Context) (id int64, err error)
	Abort(ctx context.Context, id int64) error
	Close() error
}

// A skipper is a committer that can leave out rows which its place refuses.
type skipper interface {
	Skip(ctx context.Context, id int64, prepared [][]byte) ([]Refusal, error)
}

// A Refusal is a row that was left out; see stream.Refusal.
type Refusal struct {
	Value any
	Time  Time
	Row   []byte
	Err   error
}

// A preparer is a writer of a transactional sink; see stream.Preparer.
type preparer interface {
	Prepare(ctx context.Context) ([]byte, error)
}

// A transaction is what a run keeps for a transactional sink.
type transaction struct {
	n         *Node
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
	err := Apart(func() (err error) {
		committed, err = x.committer.Committed(c.r.Ctx)
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
	op     *Instance
	writer preparer
}

// prepare calls Prepare of the task's writers.
func (t *task) prepare() (all []preparedPart, err error) {
	for _, p := range t.preparing {
		p.op.Enter()
		data, err := func() (data []byte, err error) {
			defer Rescue(&err)
			data, err = p.writer.Prepare(t.rt.Ctx)
			failpoint.Hit("a writer prepared")
			return data, err
		}()
		if err != nil {
			return nil, p.op.Failure(fmt.Errorf("prepare: %w", err))
		}
		if data != nil {
			all = append(all, preparedPart{p.op.Node, data})
		}
	}
	return all, nil
}

// A preparedPart is what one Prepare has returned.
type preparedPart struct {
	n    *Node
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
			if s := c.r.from.operators[x.n.Name]; s != nil && len(s.whole) > 0 {
				x.prepared = s.whole
				failpoint.Hit("committing again")
				if err := c.commit(x, begins); err != nil {
					return err
				}
			}
		}
		failpoint.Hit("aborting")
		if err := Apart(func() error { return x.committer.Abort(c.r.Ctx, begins) }); err != nil {
			return c.failure(x.n, fmt.Errorf("abort: %w", err))
		}
	}
	return nil
}

// openCommitters opens the committers, and refuses a run that would show again
// what one of them has shown, or in which what it had shown would be missing.
func (c *coordination) openCommitters(begins int64) error {
	for _, n := range c.r.Plan.Nodes {
		if n.Committer == nil {
			continue
		}
		x := &transaction{n: n}
		err := Apart(func() (err error) {
			x.committer, err = n.Committer(c.r)
			return err
		})
		if err != nil {
			return c.failure(n, err)
		}
		c.transactions = append(c.transactions, x)
		if c.r.from != nil {
			x.shown = c.r.from.shown[n.Name]
		}
		if err := c.ask(x, begins); err != nil {
			return err
		}
	}
	return nil
}

// A SinkRun is what a sink may know of the run that it is opened for.
type SinkRun struct {
	Ctx            context.Context
	Pipeline       string
	Logger         *slog.Logger
	Hide           func(error) error // see Redact
	WantCheckpoint func()
	Commits        bool // what it writes appears when it is committed
}

// ForSink returns that of the sink n.
func (r *Run) ForSink(n *Node) SinkRun {
	return SinkRun{r.Ctx, r.Plan.Name, r.LoggerOf(n), r.hide, r.WantCheckpoint, r.Commits()}
}

// ForSink is that of the run.
func (pl *Place) ForSink(n *Node) SinkRun { return pl.run.ForSink(n) }

// WantCheckpoint asks for a checkpoint before the next one is due, or in a run
// without checkpoints for a round.
func (r *Run) WantCheckpoint() {
	signal(r.gathers.soon)
}

func (c *coordination) failure(n *Node, err error) error {
	return &OperatorError{Operator: n.Name, Err: err}
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
	a := &Activity{Kind: Committing, Operator: x.n.Name, Checkpoint: id}
	ctx, end := c.r.observe(c.context(), a)
	err := Apart(func() (err error) {
		if s, ok := x.skipping(); ok {
			refused, err = s.Skip(ctx, id, x.prepared)
			return err
		}
		return x.committer.Commit(ctx, id, x.prepared)
	})
	a.Refused = len(refused)
	end(err)
	if err != nil {
		return c.failure(x.n, fmt.Errorf("commit checkpoint %d: %w", id, err))
	}
	x.prepared = nil
	c.refuse(x, refused)
	return nil
}

func (c *coordination) closeTransactions() (err error) {
	for _, x := range c.transactions {
		if e := Apart(x.committer.Close); e != nil && err == nil {
			err = c.failure(x.n, e)
		}
	}
	return err
}

// noteTransactions puts what was prepared into the manifest, and what had been
// shown before.
func (c *coordination) noteTransactions(id int64, m *keeper.Manifest) error {
	for _, x := range c.transactions {
		c.reclaim(x)
		if err := c.ask(x, id-1); err != nil {
			return err
		}
		if x.shown > 0 {
			m.Sinks = append(m.Sinks, keeper.Sink{Operator: x.n.Name, Committed: x.shown})
		}
		var blobs []keeper.Blob
		for i, data := range x.prepared {
			blobs = append(blobs, keeper.Blob{Group: keeper.Whole, Instance: i, Data: data})
		}
		if len(blobs) == 0 {
			continue
		}
		pieces, err := c.keeper.Write(id, len(c.r.tasks)+x.n.ID, state.Version, blobs)
		if err != nil {
			return err
		}
		m.Operators = append(m.Operators, keeper.Operator{Name: x.n.Name, Kind: x.n.Kind, Pieces: pieces})
	}
	return nil
}
