package engine

import (
	"encoding/binary"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/keeper"
)

// An intWire sends numbers to other processes.
type intWire struct{}

func (intWire) Append(dst []byte, p Parcel) ([]byte, error) {
	for _, n := range p.(*intParcel).all {
		dst = binary.AppendVarint(dst, int64(n))
	}
	return dst, nil
}

func (intWire) Read(src []byte, p Parcel) error {
	x := p.(*intParcel)
	for len(src) > 0 {
		n, size := binary.Varint(src)
		if size <= 0 {
			return errors.New("a number is cut short")
		}
		x.all, src = append(x.all, int(n)), src[size:]
	}
	return nil
}

func (intWire) Empty(p Parcel) { x := p.(*intParcel); x.all = x.all[:0] }

// An intOutlet gives numbers.
type intOutlet struct{ name string }

func (intOutlet) ConsumerCount() int { return 1 }
func (intOutlet) Optional() bool     { return false }
func (o intOutlet) Label() string    { return o.name }
func (intOutlet) Types() (value, key reflect.Type) {
	return reflect.TypeFor[int](), reflect.TypeFor[string]()
}

// An abroad is a tallying that another engine runs, which is a loop: each instance has a plan of its own, as in
// a process of its own, and what they send each other waits in one queue.
type abroad struct {
	t      *testing.T
	to     *target
	topics []*topic
	cfg    Config
	plan   *door.Plan
	store  keeper.Store
	cannot error
	deaf   bool  // the readers are not told what is safe
	fails  error // what sending fails with

	insts    map[spot]door.Instance
	plans    map[spot]*tallying
	queue    []sent
	advances []int64
}

type spot struct{ stage, index int }

type sent struct {
	to    spot
	frame []byte
}

func (j *abroad) tallying() *tallying {
	p := newTallying(j.to, j.topics...)
	p.cannotCross, p.deaf = j.cannot, j.deaf
	for _, n := range p.plan.Nodes {
		out := intOutlet{n.Name}
		n.Outlets = append(n.Outlets, out)
		for _, in := range n.Inputs {
			n.Inlets = append(n.Inlets, in.Outlets[0])
		}
	}
	return p
}

type abroadOutput struct{ *abroad }

func (o abroadOutput) Send(edge, to int, frame []byte) error {
	if o.fails != nil {
		return o.fails
	}
	o.queue = append(o.queue, sent{spot{o.plan.Edges[edge].To, to}, slices.Clone(frame)})
	return nil
}

type orderedOutput struct{ abroadOutput }

func (o orderedOutput) Advance(edge, to int, wm int64) error {
	o.advances = append(o.advances, int64(edge), int64(to), wm)
	return nil
}

// newAbroad has the plan described.
func newAbroad(t *testing.T, shards int, bounded bool, from door.From, topics ...*topic) *abroad {
	j := &abroad{t: t, to: newTarget(), topics: topics, cfg: testConfig()}
	j.cfg.Shards = shards
	j.describe(bounded, from)
	return j
}

func (j *abroad) describe(bounded bool, from door.From) {
	plan, err := j.tallying().plan.Describe(j.t.Context(), j.cfg, !bounded, bounded, from)
	require.NoError(j.t, err)
	j.plan, j.store = plan, from.Store
}

// opening is what an instance is opened with, with the states that all of its stage have saved before.
func (j *abroad) opening(s *door.Stage, index int, saved map[int][]*door.State) door.Opening {
	o := door.Opening{Plan: j.plan, Stage: s.ID, Index: index, Output: abroadOutput{j}, Store: j.store, Logger: j.cfg.Logger, Now: j.cfg.Now}
	if j.plan.Bounded {
		o.Output = orderedOutput{abroadOutput{j}}
	}
	for _, p := range s.Partitions {
		if p.Instance == index {
			o.Partitions = append(o.Partitions, p)
		}
	}
	states := saved[s.ID]
	for _, x := range states {
		o.Rest = append(o.Rest, x.Rest)
	}
	if s.Keyed {
		for g := range o.Groups {
			if door.Owner(g, s.Instances) == index && len(states) > 0 {
				o.Groups[g] = states[door.Owner(g, len(states))].Groups[g]
			}
		}
	}
	return o
}

func (j *abroad) open(saved map[int][]*door.State) {
	j.insts, j.plans, j.queue = map[spot]door.Instance{}, map[spot]*tallying{}, nil
	j.each(func(s *door.Stage, at spot) {
		p := j.tallying()
		inst, err := p.plan.OpenForeign(j.cfg, j.opening(s, at.index, saved))
		require.NoError(j.t, err)
		j.insts[at], j.plans[at] = inst, p
	})
}

func (j *abroad) each(f func(s *door.Stage, at spot)) {
	for i := range j.plan.Stages {
		for k := range j.plan.Stages[i].Instances {
			f(&j.plan.Stages[i], spot{j.plan.Stages[i].ID, k})
		}
	}
}

// settle delivers what is under way.
func (j *abroad) settle() {
	for {
		for len(j.queue) > 0 {
			x := j.queue[0]
			j.queue = j.queue[1:]
			require.NoError(j.t, j.insts[x.to].Take(x.frame))
		}
		for _, inst := range j.insts {
			require.NoError(j.t, inst.Quiet())
		}
		if len(j.queue) == 0 {
			return
		}
	}
}

// steps has each instance of the source make so many steps, or all until it has ended.
func (j *abroad) steps(n int) {
	j.each(func(s *door.Stage, at spot) {
		for i := 0; s.Kind == door.Source && (n < 0 || i < n); i++ {
			done, err := j.insts[at].Step()
			require.NoError(j.t, err)
			j.settle()
			if done {
				return
			}
		}
	})
}

// checkpoint sends barriers from stage to stage, and returns what the instances have saved.
func (j *abroad) checkpoint(id int64) map[int][]*door.State {
	saved := map[int][]*door.State{}
	j.each(func(s *door.Stage, at spot) {
		require.NoError(j.t, j.insts[at].Barrier(id))
		j.settle()
		x, err := j.insts[at].Save(id)
		require.NoError(j.t, err)
		saved[s.ID] = append(saved[s.ID], x)
	})
	return saved
}

func (j *abroad) complete(id int64) {
	for _, inst := range j.insts {
		require.NoError(j.t, inst.Complete(id))
	}
}

func (j *abroad) close() {
	for _, inst := range j.insts {
		require.NoError(j.t, inst.Close())
	}
}

// sums are those of all instances, of which each has keys of its own.
func (j *abroad) sums() map[int]int {
	var all []map[int]int
	for at, p := range j.plans {
		if at.stage == j.plan.Stages[1].ID {
			for _, a := range p.tallies {
				all = append(all, a.sums)
			}
		}
	}
	return merged(all...)
}
