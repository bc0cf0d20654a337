package stream

import (
	"errors"
	"fmt"
	"iter"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"

	"github.com/freshet-go/freshet/internal/keyhash"
)

// A Stateful is a Processor whose state is part of checkpoints. Its methods
// are called by the goroutine that calls Process. In a run with Checkpoints every
// Processor has to be one: see Stateless.
type Stateful interface {
	// Save puts all state into s. It is called between batches.
	Save(s *StateWriter) error
	// Restore takes back what was saved. It is called before the first event,
	// if the checkpoint that the run begins with knows the operator. It has to read the
	// parts in the order in which Save put them. Advance is called only for watermarks
	// later than that of the checkpoint.
	Restore(s *StateReader) error
}

// Stateless is for processors to embed that have no state, or none that would
// be missed after a restart: it is a Stateful that saves nothing.
type Stateless struct{}

// Save saves nothing.
func (Stateless) Save(*StateWriter) error { return nil }

// Restore restores nothing.
func (Stateless) Restore(*StateReader) error { return nil }

// A StateWriter takes the state of an instance. Each call of a Put is a part,
// which a StateReader finds by its place among them. Values are encoded as
// codec.Binary does, and may be of the types that it can encode.
type StateWriter struct {
	parts []*state.Saving
	keyed bool // the operator's input has a key, so no other instance has the same
}

// PutKeyed puts state by key. Where the order lasts, a checkpoint writes what has
// changed; else, as with a Go map, all of it. After a restart each instance finds that of the keys that
// it is handed, whatever their number is then. It is an error in an operator
// whose input has no key, as several instances could put the same one: Put does there.
func (w *StateWriter) PutKeyed[K comparable, V any](all iter.Seq2[K, V]) error {
	if !w.keyed {
		return errors.New("PutKeyed in an operator whose input has no key: use Put")
	}
	to := &state.Saving{}
	w.parts = append(w.parts, to)
	hash, err := keyhash.Of[K]()
	if err != nil {
		return err
	}
	c := state.NewCoder[KeyValue[K, V]]()
	if err := c.Check(); err != nil {
		return err
	}
	for k, v := range all {
		to.Keys++
		err = errors.Join(err, c.Put(to.Group(hash(k)), KeyValue[K, V]{k, v})) // at once: the map is the user's
	}
	return err
}

// Put puts state that belongs to no key. After a restart every instance finds
// what all of them have put.
func (w *StateWriter) Put[V any](values ...V) (err error) {
	to := &state.Saving{}
	w.parts = append(w.parts, to)
	c := state.NewCoder[V]()
	if err := c.Check(); err != nil {
		return err
	}
	for _, v := range values {
		err = errors.Join(err, c.Put(to.Rest(), v))
	}
	return err
}

// A StateReader gives back the parts that a StateWriter was given, in their
// order.
type StateReader struct {
	parts []*state.Restoring
	next  int
}

// Keyed returns the next part, which PutKeyed was given. Each key comes once,
// in no order.
func (r *StateReader) Keyed[K comparable, V any]() ([]KeyValue[K, V], error) {
	return nextPart(r, (*state.Coder[KeyValue[K, V]]).EachGroup)
}

// All returns the next part, which Put was given.
func (r *StateReader) All[V any]() ([]V, error) { return nextPart(r, (*state.Coder[V]).EachWhole) }

func nextPart[V any](r *StateReader, each func(*state.Coder[V], *state.Restoring, func(V)) error) (all []V, err error) {
	if r.next >= len(r.parts) {
		return nil, nil // it was empty
	}
	c := state.NewCoder[V]()
	if err := c.Check(); err != nil {
		return nil, err
	}
	r.next++
	err = each(c, r.parts[r.next-1], func(v V) { all = append(all, v) })
	return all, err
}

// holdUser has the state of a processor of the user's saved.
func holdUser(i *engine.Instance, p any) error {
	if !i.Checkpointed() {
		return nil
	}
	s, ok := p.(Stateful)
	if !ok {
		return fmt.Errorf("%T is not Stateful, so it cannot be part of a run with checkpoints: give it Save and Restore, or embed Stateless if it has no state", p)
	}
	i.Hold(userState{s, i.Node.Keyed}, encodable{})
	return nil
}

// encodable says that types are checked when they are encoded.
type encodable struct{}

func (encodable) Check() error        { return nil }
func (encodable) Types() reflect.Type { return nil }

// userState is the holder of a Stateful.
type userState struct {
	Stateful
	keyed bool
}

func (u userState) Save(s *state.Saving) (err error) {
	defer engine.Rescue(&err)
	w := StateWriter{keyed: u.keyed}
	if err := u.Stateful.Save(&w); err != nil {
		return err
	}
	all := state.Join(w.parts)
	for g, b := range all.Groups {
		if len(b) > 0 {
			to := state.Begin(&s.Groups[g])
			*to = append(*to, b...)
		}
	}
	if len(all.Whole) > 0 {
		*s.Rest() = append(*s.Rest(), all.Whole...)
	}
	s.Keys = all.Keys
	return nil
}

func (u userState) Restore(r *state.Restoring) (err error) {
	defer engine.Rescue(&err)
	parts, err := r.Parts(0)
	if err != nil {
		return err
	}
	return u.Stateful.Restore(&StateReader{parts: parts})
}
