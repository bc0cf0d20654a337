package stream

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/state"
)

// A Stateful is a Processor that saves and restores its state itself. In a run with
// Checkpoints every Processor has to be one, see Stateless, or has its state held by
// [OperatorContext.KeyedState] and State, which costs less at each checkpoint; it may do both. Its
// methods are called by the goroutine that calls Process.
type Stateful interface {
	// Save puts all state into s, in parts that have names. It is called between batches.
	Save(s *StateWriter) error
	// Restore takes back what was saved. It is called before the first event,
	// if the checkpoint that the run begins with knows the operator. Advance is called
	// only for watermarks later than that of the checkpoint.
	Restore(s *StateReader) error
}

// Stateless is for processors to embed that have no state, or none that would
// be missed after a restart: it is a Stateful that saves nothing.
type Stateless struct{}

// Save saves nothing.
func (Stateless) Save(*StateWriter) error { return nil }

// Restore restores nothing.
func (Stateless) Restore(*StateReader) error { return nil }

// A StateWriter takes the state of an instance. Each call of a Put is a part with a
// name. Values are encoded as codec.Binary does, and may be of the types that it can
// encode.
type StateWriter struct {
	held  *holdings
	heads []state.Head
	parts []*state.Saving // by head
}

// PutKeyed puts state by key. Where the order lasts, a checkpoint writes what has
// changed; else, as with a Go map, all of it. After a restart each instance finds that of the keys that
// it is handed, whatever their number is then. It is an error to put a key whose events go to another
// instance, and in an operator whose input has no key, as several instances could put the same one: Put does there.
func (w *StateWriter) PutKeyed[K comparable, V any](name string, all iter.Seq2[K, V]) error {
	if w.held.key == nil {
		return errors.New("PutKeyed in an operator whose input has no key: use Put")
	}
	to, err := w.part(state.HeadOf(name, state.KindKeyed, reflect.TypeFor[K](), reflect.TypeFor[V]()))
	if err != nil {
		return err
	}
	hash, err := keyhash.Of[K]()
	if err != nil {
		return partError(name, err)
	}
	c := state.NewCoder[keptState[K, V]]()
	if err := c.Check(); err != nil {
		return partError(name, err)
	}
	for k, v := range all {
		to.Keys++
		h := hash(k)
		if op := w.held.op; state.ShardOf(h, op.Count()) != op.Index() {
			return partError(name, fmt.Errorf("PutKeyed of the key %v, whose events go to another instance: it would have it twice", k))
		}
		if e := c.Put(to.Group(h), keptState[K, V]{h, k, v, engine.MinTime}); e != nil { // at once: the map is the user's
			err = errors.Join(err, partError(name, e))
		}
	}
	return err
}

// Put puts state that belongs to no key. After a restart every instance finds
// what all of them have put.
func (w *StateWriter) Put[V any](name string, values ...V) error {
	to, err := w.part(state.HeadOf(name, state.KindValue, nil, reflect.TypeFor[V]()))
	if err != nil {
		return err
	}
	c := state.NewCoder[keptValue[V]]()
	if err := c.Check(); err != nil {
		return partError(name, err)
	}
	for _, v := range values {
		if e := c.Put(to.Rest(), keptValue[V]{w.held.op.Index(), w.held.op.Count(), v}); e != nil {
			err = errors.Join(err, partError(name, e))
		}
	}
	return err
}

// part begins a part.
func (w *StateWriter) part(head state.Head) (*state.Saving, error) {
	switch {
	case head.Name == "":
		return nil, errors.New("the name of a part of its state is empty")
	case head.Name == timersName:
		return nil, fmt.Errorf("%q is the name of its Timers", timersName)
	case slices.ContainsFunc(w.heads, func(h state.Head) bool { return h.Name == head.Name }):
		return nil, fmt.Errorf("two parts of its state are named %q", head.Name)
	}
	to := &state.Saving{}
	w.heads, w.parts = append(w.heads, head), append(w.parts, to)
	return to, nil
}

// join encodes what has been copied, and makes one state of the parts.
func (w *StateWriter) join(s *state.Saving) error {
	for i, p := range w.parts {
		for _, encode := range p.Later {
			encode()
		}
		if p.Err != nil {
			return partError(w.heads[i].Name, p.Err)
		}
	}
	return state.JoinNamed(s, w.heads, w.parts)
}

// A StateReader gives back the parts that a StateWriter was given, by their names. A
// part that the checkpoint does not have is empty. One that it has and that is not
// asked for is an error, see [OperatorContext.Forget], and so is one of a type that
// its values cannot be read as.
//
// Parts of a checkpoint of a version in which they had no names are given in the order in
// which they were put.
type StateReader struct {
	parts *state.Named
	read  []string // names that were asked for
	place int      // of the next part without a name
}

// Keyed returns the part of a name that PutKeyed was given. Each key comes once,
// in no order.
func (r *StateReader) Keyed[K comparable, V any](name string) (all []KeyValue[K, V], err error) {
	if part := r.byPlace(); part != nil {
		return decoded(part, (*state.Coder[KeyValue[K, V]]).EachGroup)
	}
	part, err := r.part(state.HeadOf(name, state.KindKeyed, reflect.TypeFor[K](), reflect.TypeFor[V]()))
	if err != nil {
		return nil, err
	}
	kept, err := decoded(part, (*state.Coder[keptState[K, V]]).EachGroup)
	for _, k := range kept {
		all = append(all, KeyValue[K, V]{k.Key, k.Val})
	}
	return all, err
}

// Get returns the part of a name that Put was given, by all instances.
func (r *StateReader) Get[V any](name string) (all []V, err error) {
	if part := r.byPlace(); part != nil {
		return decoded(part, (*state.Coder[V]).EachWhole)
	}
	part, err := r.part(state.HeadOf(name, state.KindValue, nil, reflect.TypeFor[V]()))
	if err != nil {
		return nil, err
	}
	kept, err := decoded(part, (*state.Coder[keptValue[V]]).EachWhole)
	for _, k := range kept {
		all = append(all, k.Val)
	}
	return all, err
}

// part returns the part of a name, which has to be of what head says.
func (r *StateReader) part(head state.Head) (*state.Restoring, error) {
	r.read = append(r.read, head.Name)
	if was, there := r.parts.Head(head.Name); there {
		if err := head.Reads(was); err != nil {
			return nil, partError(head.Name, err)
		}
	}
	return r.parts.Part(head.Name), nil
}

// byPlace returns the next part of a checkpoint in which parts have no names, and nil
// if they have.
func (r *StateReader) byPlace() *state.Restoring {
	if len(r.parts.Places) == 0 {
		return nil
	}
	r.place++
	if r.place > len(r.parts.Places) {
		return &state.Restoring{} // it was empty
	}
	return r.parts.Places[r.place-1]
}

func decoded[R any](part *state.Restoring, each func(*state.Coder[R], *state.Restoring, func(R)) error) (all []R, err error) {
	c := state.NewCoder[R]()
	if err := c.Check(); err != nil {
		return nil, err
	}
	err = each(c, part, func(v R) { all = append(all, v) })
	return all, err
}
