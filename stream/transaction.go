package stream

import (
	"context"

	"github.com/freshet-go/freshet/internal/engine"
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
//
// On a cluster its writers and its Committer are in different processes: see [LocalCommits] and [BatchCommits].
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

// openCommitter returns what a run opens the committer of a sink by.
func openCommitter(n *engine.Node, open func(*SinkContext) (Committer, error)) func(*engine.Run) (engine.Committer, error) {
	return func(r *engine.Run) (engine.Committer, error) {
		c, err := open(sinkContext(r.ForSink(n), n))
		if err != nil {
			return nil, err
		}
		if s, ok := c.(SkippingCommitter); ok {
			return skippingCommitter{s}, nil
		}
		return c, nil
	}
}

// A skippingCommitter is a SkippingCommitter as the run sees it.
type skippingCommitter struct{ SkippingCommitter }

// Skip is CommitSkipping.
func (s skippingCommitter) Skip(ctx context.Context, id int64, prepared [][]byte) (rows []engine.Refusal, err error) {
	refused, err := s.CommitSkipping(ctx, id, prepared)
	for _, r := range refused {
		rows = append(rows, engine.Refusal(r))
	}
	return rows, err
}

// Marker is what the Committer says.
func (s skippingCommitter) Marker() string {
	if m, ok := s.SkippingCommitter.(interface{ Marker() string }); ok {
		return m.Marker()
	}
	return ""
}

func sinkContext(r engine.SinkRun, n *engine.Node) *SinkContext {
	return &SinkContext{
		Context: r.Ctx, Pipeline: r.Pipeline, Name: n.Name, Transactional: r.Commits && n.Committer != nil,
		Diverts:    n.Diverts != nil && n.Diverts(),
		Logger:     r.Logger,
		Hide:       r.Hide,
		Checkpoint: r.WantCheckpoint,
	}
}
