package engine

import (
	"fmt"
	"slices"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/keeper"
)

// A job of another engine may go on from a checkpoint that a run in one process has made, of the same pipeline. Who describes the plan finds the checkpoint, and the numbers
// that partitions have in it. Each instance then reads what is its own from the store, until the engine has a checkpoint of the job: after that it is handed that.
//
// Places that remember by the number of a checkpoint what they have shown, as those of transactional sinks do, have to see numbers that ascend. An engine begins at 1. So
// the pipeline's numbers are the engine's and that of the checkpoint, the base, which each state has from then on.

// findOwn has the plan begin with a checkpoint, to be described.
func (r *Run) findOwn(from door.From) error {
	if from.Store == nil {
		return nil
	}
	snap, err := keeper.Find(from.Store, r.Plan.Name, from.Savepoint, keeper.Logger(r.Logger))
	if err == nil && snap == nil {
		err = fmt.Errorf("there is none of pipeline %q", r.Plan.Name)
	}
	if err != nil {
		return fmt.Errorf("stream: find the checkpoint to go on from: %w", err)
	}
	return r.begin(snap)
}

// beginOwn has an instance begin with the plan's checkpoint, if there is one.
func (r *Run) beginOwn(o *door.Opening) error {
	if o.Plan.From == 0 {
		return nil
	}
	if o.Store == nil {
		return fmt.Errorf("stream: the job goes on from checkpoint %d of pipeline %q, and this process was not told of the store", o.Plan.From, r.Plan.Name)
	}
	of := o.Plan.Stage(o.Stage).Operators
	snap, err := keeper.Part(o.Store, r.Plan.Name, o.Plan.From, func(operator string) bool { return slices.Contains(of, operator) })
	if err != nil {
		return fmt.Errorf("stream: the store of the checkpoint that the job goes on from has to be reached from here, too: %w", err)
	}
	r.foreign.base = o.Plan.From
	return r.begin(snap)
}

// openOwn has the committer of a sink begin with the plan's checkpoint, if there is one.
func (d *committing) openOwn(o *door.Opening) error {
	r, name := d.c.r, d.x.n.Name
	if err := r.beginOwn(o); err != nil || r.from == nil {
		return err
	}
	d.restored, d.x.shown = r.from.id, r.from.shown[name]
	if s := r.from.operators[name]; s != nil && len(s.whole) > 0 {
		d.pending = []pendingPart{{d.restored, s.whole}}
	}
	return nil
}
