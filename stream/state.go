package stream

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/freshet-go/freshet/internal/state"
)

// A State is a value that an instance of an operator of the caller's own holds besides
// what it holds by key: a model, a count. It is saved and restored with the run. It
// is for the goroutine that calls the processor.
type State[V any] struct {
	val     V
	held    *holdings
	merging Merging[V]
	coder   *state.Coder[keptValue[V]]
}

// A Merging says what becomes of the values of a State when a run goes on with another
// number of instances, as with other Shards: see ToOne and ToEach. With as many instances as
// before, each finds its own value. It has nothing to do with [Stream.Merge] and [Union], which make one stream of several.
type Merging[V any] struct {
	merge func(a, b V) V
	each  bool
}

// ToOne makes one instance begin with the merge of all values, in the order of the
// instances, and the others with what the operator has put there when it was made. It is for what adds up: counts,
// sums, summaries of the events that an instance has seen. Merge may change a and return it.
func ToOne[V any](merge func(a, b V) V) Merging[V] {
	given("ToOne", "the function merge", merge)
	return Merging[V]{merge: merge}
}

// ToEach makes every instance begin with the merge of all values, in the order of the
// instances. It is for what all instances have to know: a model that each of them
// trains and whose average is meant, limits, the latest of something. Merge may
// change a and return it.
func ToEach[V any](merge func(a, b V) V) Merging[V] {
	given("ToEach", "the function merge", merge)
	return Merging[V]{merge: merge, each: true}
}

// State returns the value of a name, for the processor that is being made, which is zero until
// something is put there. V is a type that codec.Binary can encode. A value without
// pointers, slices and maps is encoded beside the stream, another one in front of it: keep
// what is large by key.
//
// A run that goes on from a checkpoint finds it by its name, also what [StateWriter.Put] has put
// there. It panics if the name is taken, and once the processor has been made.
func (c *OperatorContext) State[V any](name string, merging Merging[V]) *State[V] {
	if merging.merge == nil {
		panic("stream: " + c.Name + `: State "` + name + `": the Merging is zero: make one with ToOne or ToEach`)
	}
	h := c.held
	h.take("State", name)
	s := &State[V]{held: h, merging: merging}
	if h.op.Checkpointed() {
		s.coder = state.NewCoder[keptValue[V]]()
		h.hold(state.HeadOf(name, state.KindValue, nil, reflect.TypeFor[V]()), (*heldValue[V])(s), s.coder)
	}
	return s
}

// Get returns the value.
func (s *State[V]) Get() V { return s.val }

// Put makes v the value.
func (s *State[V]) Put(v V) { s.val = v }

// At returns the value, to read and to change. The pointer stays valid.
func (s *State[V]) At() *V { return &s.val }

// A keptValue is a value as it is saved, and whose it was.
type keptValue[V any] struct {
	Instance int `binary:"1"`
	Count    int `binary:"2"` // how many instances there were
	Val      V   `binary:"3"`
}

// A heldValue is a State as a holder.
type heldValue[V any] State[V]

func (s *heldValue[V]) Save(to *state.Saving) error {
	op := s.held.op
	return s.coder.PutRest(to, keptValue[V]{op.Index(), op.Count(), s.val})
}

func (s *heldValue[V]) Restore(r *state.Restoring) error {
	op := s.held.op
	var all []keptValue[V]
	if err := s.coder.EachWhole(r, func(v keptValue[V]) { all = append(all, v) }); err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b keptValue[V]) int { return cmp.Compare(a.Instance, b.Instance) })
	same := len(all) > 0 && all[0].Count == op.Count()
	if !same && !s.merging.each && op.Index() > 0 {
		return nil // the first one has all
	}
	began := false
	for _, v := range all {
		switch {
		case same && v.Instance != op.Index():
		case !began:
			s.val, began = v.Val, true
		default: // of another instance, or one of several that StateWriter.Put was given
			s.val = s.merging.merge(s.val, v.Val)
		}
	}
	return nil
}
