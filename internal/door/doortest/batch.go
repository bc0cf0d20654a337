package doortest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/freshet-go/freshet/internal/door"
)

// A Batch is a bounded job, as an engine runs it that has its stages run one behind the other.
type Batch struct {
	door.Config
	// Twice has each instance run a second time, and what it sends compared: the first time it is as one that was lost.
	Twice bool
	// Open opens an instance; nil for door.Open of the pipeline.
	Open func(pipeline any, o door.Opening) (door.Instance, error)
	// Ran is told of each instance that has ended; nil for nobody.
	Ran func(door.Instance)
}

// Run runs the job to its end. Build makes the pipeline, once for each instance, as processes of their own would.
func (b Batch) Run(ctx context.Context, build func() any) error {
	b.Bounded = true
	if b.Open == nil {
		b.Open = door.Open
	}
	plan, err := door.Describe(ctx, build(), b.Config)
	if err != nil {
		return err
	}
	x := &batch{Batch: b, plan: plan, build: build, sent: map[target][]sentFrame{}}
	committers := map[int]door.Instance{}
	defer func() {
		for _, inst := range committers {
			_ = inst.Close() // the error before matters more
		}
	}()
	for _, s := range plan.Stages { // what they drop is of earlier jobs
		if s.Kind == door.Commit {
			if committers[s.ID], err = x.open(s, 0, nil); err != nil {
				return err
			}
		}
	}
	for _, s := range plan.Stages {
		for i := range s.Instances {
			if s.Kind != door.Commit {
				if err := x.runStage(s, i); err != nil {
					return err
				}
			}
		}
	}
	for id, inst := range committers {
		if err := x.commit(target{id, 0}, inst); err != nil {
			return err
		}
		delete(committers, id)
		again, err := x.open(*plan.Stage(id), 0, nil) // it removes what has been prepared in vain
		if err == nil {
			err = again.Close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

type batch struct {
	Batch
	plan  *door.Plan
	build func() any
	sent  map[target][]sentFrame
}

// A target is an instance that frames are for.
type target struct{ stage, instance int }

// A sentFrame is one of what an instance has sent, with what tells its place among all that are for one instance.
type sentFrame struct {
	to        target
	watermark int64 // that the lane was told of before
	edge      int
	sender    int
	seq       int
	bytes     []byte
}

func (f sentFrame) compare(g sentFrame) int {
	return cmp.Or(cmp.Compare(f.watermark, g.watermark), cmp.Compare(f.edge, g.edge), cmp.Compare(f.sender, g.sender), cmp.Compare(f.seq, g.seq))
}

// An attempt is the output of an instance that is run.
type attempt struct {
	plan   *door.Plan
	sender int
	frames []sentFrame
	lanes  map[[2]int]int64 // how far each has been told
}

func (a *attempt) Send(edge, to int, frame []byte) error {
	wm, told := a.lanes[[2]int{edge, to}]
	if !told {
		wm = math.MinInt64
	}
	a.frames = append(a.frames, sentFrame{target{a.plan.Edges[edge].To, to}, wm, edge, a.sender, len(a.frames), bytes.Clone(frame)})
	return nil
}

func (a *attempt) Advance(edge, to int, watermark int64) error {
	lane := [2]int{edge, to}
	if was, told := a.lanes[lane]; told && watermark < was {
		return fmt.Errorf("the watermark of edge %d goes back from %d to %d", edge, was, watermark)
	}
	a.lanes[lane] = watermark
	return nil
}

func (x *batch) open(s door.Stage, index int, out *attempt) (door.Instance, error) {
	o := door.Opening{Plan: x.plan, Stage: s.ID, Index: index, Output: out, Logger: x.Logger, Now: x.Now}
	for _, p := range s.Partitions {
		if p.Instance == index {
			o.Partitions = append(o.Partitions, p)
		}
	}
	return x.Open(x.build(), o)
}

// runStage runs one instance, and keeps what it sends.
func (x *batch) runStage(s door.Stage, index int) error {
	in := x.sent[target{s.ID, index}]
	slices.SortFunc(in, sentFrame.compare)
	out, err := x.attempt(s, index, in)
	if err == nil && x.Twice {
		first := out
		if out, err = x.attempt(s, index, in); err == nil {
			err = x.same(s, first, out)
		}
	}
	if err != nil {
		return err
	}
	for _, f := range out {
		x.sent[f.to] = append(x.sent[f.to], f)
	}
	return nil
}

// same returns an error if two attempts have not sent the same. What is for a committer may tell which attempt it is of.
func (x *batch) same(s door.Stage, first, again []sentFrame) error {
	if len(first) != len(again) {
		return fmt.Errorf("%s has sent %d frames, and %d again", s.Name, len(first), len(again))
	}
	for i, f := range first {
		g := again[i]
		if f.to != g.to || f.compare(g) != 0 || x.plan.Stage(f.to.stage).Kind != door.Commit && !bytes.Equal(f.bytes, g.bytes) {
			return fmt.Errorf("frame %d of %s is another one when it is run again", i, s.Name)
		}
	}
	return nil
}

func (x *batch) attempt(s door.Stage, index int, in []sentFrame) (frames []sentFrame, err error) {
	out := &attempt{plan: x.plan, sender: index, lanes: map[[2]int]int64{}}
	inst, err := x.open(s, index, out)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, inst.Close()) }()
	for done := s.Kind != door.Source; !done; {
		if done, err = inst.Step(); err != nil {
			return nil, err
		}
	}
	for _, f := range in {
		if err := inst.Take(f.bytes); err != nil {
			return nil, err
		}
	}
	if r, ok := inst.(*remote); ok {
		if err := r.until(func() bool { return r.ended }); err != nil {
			return nil, err
		}
	}
	if !inst.Ended() && s.Kind != door.Source {
		return nil, fmt.Errorf("%s has not ended when all has been given", s.Name)
	}
	if x.Ran != nil {
		x.Ran(inst)
	}
	return out.frames, nil
}

func (x *batch) commit(at target, inst door.Instance) error {
	in := x.sent[at]
	slices.SortFunc(in, sentFrame.compare)
	for _, f := range in {
		if err := inst.Take(f.bytes); err != nil {
			return err
		}
	}
	err := inst.Barrier(1)
	if err == nil {
		_, err = inst.Save(1)
	}
	if err == nil {
		err = inst.Complete(1)
	}
	return errors.Join(err, inst.Close())
}
