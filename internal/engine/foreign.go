package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/state"
)

// A foreign is what a run knows of which another engine runs the stages: see package
// door. Such a run makes one instance of one stage whole, the one that is driven. Of the stages
// before it one instance is made as well, as only these make what consumes them; it does
// nothing. All other places are hollow: they have ports, which lanes lead to, and nothing behind.
type foreign struct {
	saves   bool // there are checkpoints
	bounded bool // all sources end, and what sinks have prepared is committed then; see door.Config

	plan   *door.Plan // nil while the run only finds out what it is
	stage  *Node      // that is driven; nil for none
	index  int
	before map[*Node]bool // stages before it
	parts  []door.Partition
	out    door.Output
	handed bool  // it goes on from what another engine has saved
	above  int   // what is added to the plan's numbers of partitions that the checkpoint does not know: see numbering
	base   int64 // of a job that goes on from a checkpoint of our own: what the engine's numbers of checkpoints come behind

	crossings []*crossing
	alone     map[*Node]string // while it finds out: why what waits in a source is for one process
	refused   []error          // why the plan cannot be run in this way
}

// Groups are the same ones there and here.
var _ [door.Groups]byte = [state.Groups]byte{}

// newForeign begins a run for another engine. The caller ends it by cancel.
func newForeign(p *Plan, cfg Config, f *foreign) *Run {
	r := newRun(p, cfg)
	r.foreign = f
	hard, cancel := context.WithCancelCause(context.Background())
	r.Ctx, r.Stopping, r.cancel = hard, hard, r.halting(cancel)
	r.start = r.Now()
	return r
}

// Foreign reports whether another engine runs the stages.
func (pl *Place) Foreign() bool { return pl.run.foreign != nil }

// Fixed reports whether another engine has handed out the partitions of sources.
func (r *Run) Fixed() bool { return r.foreign != nil }

// Bounded reports whether another engine runs the stages one behind the other, in a job that has an end: the clock means nothing in it.
func (r *Run) Bounded() bool { return r.foreign != nil && r.foreign.bounded }

// Commits reports whether what sinks write appears when it is committed.
func (r *Run) Commits() bool { return r.Checkpointed() || r.Bounded() }

// NeedsClock says that the operator acts by the clock, and how: a bounded job of another engine has none.
func (i *Instance) NeedsClock(how string) {
	if r := i.Place.run; r.Bounded() {
		r.refuse(i.Node, how+", and in a batch nothing is done by the clock")
	}
}

// Bounded is the run's.
func (i *Instance) Bounded() bool { return i.Place.run.Bounded() }

// Hollow reports whether nothing is made in the place, as it is in another process.
func (pl *Place) Hollow() bool {
	f := pl.run.foreign
	switch {
	case f == nil:
		return false
	case pl.task.stage == f.stage:
		return pl.Index != f.index
	}
	return pl.Index != 0 || f.stage != nil && !f.before[pl.task.stage]
}

// first reports whether the instance speaks for all of its operator in this process.
func (i *Instance) first() bool { return i.Place.Index == 0 || i.Place.run.foreign != nil }

// refuse notes why another engine cannot run the plan.
func (r *Run) refuse(n *Node, why string) {
	if r.foreign != nil {
		r.foreign.refused = append(r.foreign.refused, refusal(n, why))
	}
}

// Alone says that the operator is of one process, and why: another engine may not run it.
func (i *Instance) Alone(why string) { i.Place.run.refuse(i.Node, why) }

func refusal(n *Node, why string) error {
	return fmt.Errorf("stream: %s cannot be run by another engine: %s", n.Name, why)
}

// openForeign makes the tasks of a source: of one that is driven with the
// partitions that it was given, and of another one with none.
func (r *Run) openForeign(n *Node) error {
	f := r.foreign
	if f.plan == nil {
		return r.openListed(n)
	}
	tasks := r.addStage(n, f.plan.Stage(n.ID).Instances)
	if n != f.stage {
		return nil
	}
	opened, err := n.Source(r)
	if err != nil {
		return err
	}
	if err := r.missing(n); err != nil {
		closeAll(opened.Partitions)
		return err
	}
	t := tasks[f.index]
	at := map[string]*Partition{}
	for _, p := range opened.Partitions {
		at[p.Name] = p
	}
	for _, want := range f.parts {
		p := at[want.Name]
		delete(at, want.Name)
		if err := r.take(n, p, want); err != nil {
			closeAll(opened.Partitions)
			return err
		}
		if p == nil {
			continue
		}
		p.Local = len(t.parts)
		t.parts = append(t.parts, p)
		r.reads(n).add(p)
	}
	r.tellUnread(n, opened.Partitions)
	for _, p := range opened.Partitions {
		if at[p.Name] == p { // it is another instance's
			if e := Apart(p.Reader.Close); e != nil {
				err = errors.Join(err, &OperatorError{Operator: n.Name, Position: p.Name, Err: e})
			}
		}
	}
	r.opened = append(r.opened, t.parts...)
	if opened.Watch != nil {
		r.assign(n, tasks, opened)
	}
	return err
}

// tellUnread says which partitions no instance was given, at each start: there is no other sign of what is left out.
func (r *Run) tellUnread(n *Node, opened []*Partition) {
	given := map[string]bool{}
	for _, p := range r.foreign.plan.Stage(n.ID).Partitions {
		given[p.Name] = true
	}
	for _, p := range opened {
		if !given[p.Name] && !(r.from != nil && r.from.sources[n.Name][p.Name].Done) {
			r.LoggerOf(n).Warn("a partition has come since the job began, and nobody reads it: stop the job with a savepoint, and go on from that, which takes it in", "partition", p.Name)
		}
	}
}

// take gives a partition its number, and what the checkpoint has of it. P is nil if the source does not have it any more.
func (r *Run) take(n *Node, p *Partition, want door.Partition) error {
	if r.from != nil {
		if s, ok := r.from.sources[n.Name][want.Name]; ok {
			if p == nil && s.Done {
				return nil
			}
			if p != nil {
				r.numbers.makeRoom(s.Index)
				r.resume(p, s)
				return nil
			}
		}
	}
	if p == nil {
		return &OperatorError{Operator: n.Name, Position: want.Name, Err: errors.New("the source does not have this partition any more, which it had when the job began")}
	}
	number := r.foreign.above + want.Number
	if number >= mostNumbers {
		err := errManyPartitions
		if r.foreign.above > 0 {
			err = fmt.Errorf("%w, counted with those of all savepoints that it went on from with other partitions, which have used up %d: begin it anew", err, r.foreign.above)
		}
		return &OperatorError{Operator: n.Name, Position: want.Name, Err: err}
	}
	r.numbers.makeRoom(number)
	r.numbers.put(p, number)
	return nil
}

// openListed opens a source to know its partitions.
func (r *Run) openListed(n *Node) error {
	opened, err := n.Source(r)
	if err != nil {
		return err
	}
	r.opened = append(r.opened, opened.Partitions...)
	if opened.Watch != nil && !opened.Fixed {
		r.refuse(n, cmp.Or(opened.Unfixed, "its partitions come and go while it is read, and another engine hands them out before. Run it in one process"))
	}
	if opened.Watch != nil && opened.Fixed && len(opened.Partitions) == 0 {
		r.refuse(n, "it has no partition yet, and those that come later are read by nobody: begin when what it reads is there")
	}
	if !opened.Fixed {
		r.foreign.alone[n] = cmp.Or(opened.Unfixed, "its partitions wait for the outside world, and each task would open all of them. Use a source that reads what is there, or run it in one process")
	}
	waits := make([]bool, len(opened.Partitions))
	for i, p := range opened.Partitions {
		waits[i] = p.Waits
		if _, ok := p.Reader.(acknowledger); ok && !r.Checkpointed() {
			r.refuse(n, "it wants to be told what is safe, and there are no checkpoints")
		}
	}
	of, count := readers(waits, r.Shards)
	tasks := r.addStage(n, count)
	for i, p := range opened.Partitions {
		if err := r.number(p); err != nil {
			return &OperatorError{Operator: n.Name, Position: p.Name, Err: err}
		}
		if opened.Fixed {
			if p.begins, err = p.offset(); err != nil {
				return err
			}
		}
		t := tasks[of[i]]
		p.Local = len(t.parts)
		t.parts = append(t.parts, p)
		r.reads(n).add(p)
	}
	return nil
}

func closeAll(parts []*Partition) {
	for _, p := range parts {
		_ = Apart(p.Reader.Close) // the error before matters more
	}
}
