package stream

import (
	"iter"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// A KeyedState holds a value for each key of an operator of the caller's own. It is
// saved and restored with the run, as the state of Process is: copied in front of a
// checkpoint's barrier, encoded beside the stream, and with any number of shards each
// instance finds the keys whose events it is handed.
//
// Its methods cost one look-up, and allocate nothing for a key that is there. They may be called by the
// goroutine that calls the processor, during such a call.
type KeyedState[K comparable, V any] struct {
	keys keyStates[K, V]
	now  Time // the watermark
	op   *engine.Instance
	head state.Head

	slots []uint32 // of Prefetch: where the values of a batch's keys are likely to be
}

// Expose makes the View to show what the state holds, as the option [Expose] does for other operators. It is called while the processor is made, by each
// instance of the operator. It panics if to is in use already.
func (s *KeyedState[K, V]) Expose[_ lazily](to *View[K, V]) {
	s.op.Alone(exposesHere)
	to.keepsPart(s.op.Part(s.head))
	to.instances.claim(s.op.Node)
	to.instances.add(s.op, viewed(&s.keys, asHeld[V]))
}

// KeyedState returns the state by key of a name, for the processor that is being
// made. K is the type of the input's key, and V one that codec.Binary can encode. With
// TimeToLive a value is forgotten that long after the latest event by whose KeyRef it
// was used.
//
// A run that goes on from a checkpoint finds it by its name, also what [StateWriter.PutKeyed] has put
// there. It panics if the input has no key, or one of another type; if the name is taken; and once the
// processor has been made.
func (c *OperatorContext) KeyedState[K comparable, V any](name string) *KeyedState[K, V] {
	h := c.held
	h.keyed("KeyedState", reflect.TypeFor[K]())
	h.take("KeyedState", name)
	s := &KeyedState[K, V]{now: engine.MinTime, op: h.op, head: state.HeadOf(name, state.KindKeyed, reflect.TypeFor[K](), reflect.TypeFor[V]())}
	s.keys.ttl = configOf(h.op.Node).ttl
	if h.op.Checkpointed() {
		coder := s.keys.makeCoder()
		h.hold(s.head, (*heldKeys[K, V])(s), coder)
	}
	h.tables = append(h.tables, keyedTable{s.keys.states.Len, s.advance})
	return s
}

// Get returns the value of a key, and whether there is one. Unlike At it makes none.
func (s *KeyedState[K, V]) Get(k KeyRef[K]) (v V, ok bool) {
	if p := s.find(&k); p != nil {
		return p.val, true
	}
	return v, false
}

// Prefetch brings what is held for the keys of some rows of a batch into the processor's caches: keys that
// are looked up one by one wait for memory one by one, and those of a batch all at once. Rows of nil are all rows. It changes nothing. It is
// worth its price where there are more keys than the caches have room for, and Get is called for most of the rows then, which
// finds the value of a row where it was before, as long as it is there.
func (s *KeyedState[K, V]) Prefetch[T any](b *KeyedBatch[K, T], rows []int32) {
	s.slots = sized(s.slots, len(b.hashes))
	s.keys.states.Probe(b.hashes, rows, s.slots)
}

// Prefetched appends to a slice the values that Prefetch has found for some rows, none where rows is nil. It has to have been called for these rows of the batch
// before: for others Prefetched panics or gives nothing of use. It leaves out rows whose key has none, and
// once in a while one whose key has. It looks at no time to live, and prolongs none: it is for who wants to bring in what values point to.
func (s *KeyedState[K, V]) Prefetched[T any](b *KeyedBatch[K, T], rows []int32, to []V) []V {
	entries := s.keys.states.Entries()
	for _, row := range rows {
		if i := int(s.slots[row]) - 1; uint(i) < uint(len(entries)) && entries[i].Key == b.keys[row] {
			to = append(to, entries[i].Val.val)
		}
	}
	return to
}

// Put makes v the value of a key.
func (s *KeyedState[K, V]) Put(k KeyRef[K], v V) { s.at(&k).val = v }

// At returns the value of a key, to read and to change: the zero value if there was
// none, which is held from then on. The pointer is valid until a value is added to
// this state or taken out of it.
func (s *KeyedState[K, V]) At(k KeyRef[K]) *V { return &s.at(&k).val }

// Delete forgets the value of a key, if there is one.
func (s *KeyedState[K, V]) Delete(k KeyRef[K]) { s.keys.states.Delete(k.hash, k.key) }

// Len returns the number of keys that have a value.
func (s *KeyedState[K, V]) Len() int { return s.keys.states.Len() }

// All yields each key of this instance that has a value, in no order. The loop may
// delete the key at hand, and change values, but add and delete no others.
func (s *KeyedState[K, V]) All[_ lazily]() iter.Seq2[KeyRef[K], V] {
	return func(yield func(KeyRef[K], V) bool) {
		// Backwards: the last entry takes the place of one that is deleted.
		for i := s.keys.states.Len() - 1; i >= 0; i-- {
			e, hash := &s.keys.states.Entries()[i], s.keys.states.Hashes()[i]
			if !yield(KeyRef[K]{key: e.Key, hash: hash, at: engine.MinTime, from: fromState}, e.Val.val) {
				return
			}
		}
	}
}

// find returns what is held for a key, or nil.
func (s *KeyedState[K, V]) find(k *KeyRef[K]) *keyState[V] {
	p := s.ahead(k)
	if p == nil {
		p = s.keys.states.Find(k.hash, k.key)
	}
	if p == nil || s.keys.ttl == 0 {
		return p
	}
	switch k.from {
	case fromEvent: // only events prolong the life of a value
		if k.at >= p.last.Add(s.keys.ttl) {
			return nil
		}
		p.last = max(p.last, k.at)
	case fromTimer:
		if k.at >= p.last.Add(s.keys.ttl) {
			return nil
		}
	}
	return p
}

// ahead returns what Prefetch has found for a row, or nil. It may have been for another batch, and values have come and gone since: the key
// decides.
func (s *KeyedState[K, V]) ahead(k *KeyRef[K]) *keyState[V] {
	if int(k.row) >= len(s.slots) {
		return nil
	}
	entries, i := s.keys.states.Entries(), int(s.slots[k.row])-1
	if uint(i) >= uint(len(entries)) || entries[i].Key != k.key {
		return nil
	}
	return &entries[i].Val
}

// at is find that begins a value where there is none.
func (s *KeyedState[K, V]) at(k *KeyRef[K]) *keyState[V] {
	if s.keys.ttl > 0 {
		return s.living(k)
	}
	p, fresh := s.keys.states.At(k.hash, k.key)
	if fresh || k.from == fromEvent && k.at > p.last { // for runs to come, which may have a time to live
		p.last = s.since(k)
	}
	return p
}

// living is at where values have a time to live.
func (s *KeyedState[K, V]) living(k *KeyRef[K]) *keyState[V] {
	if k.from != fromEvent {
		if p := s.find(k); p != nil {
			return p
		}
	}
	p, _ := s.keys.at(k.hash, k.key, s.since(k))
	return p
}

// since returns when a value begins that is made for a key.
func (s *KeyedState[K, V]) since(k *KeyRef[K]) Time {
	if k.from == fromEvent || k.from == fromTimer {
		return max(k.at, engine.MinTime+1)
	}
	return max(s.now, engine.MinTime+1)
}

// advance forgets the values whose time to live has passed.
func (s *KeyedState[K, V]) advance(wm Time) {
	s.now = wm
	s.keys.expire(wm)
}

// heldKeys are a KeyedState as a holder.
type heldKeys[K comparable, V any] KeyedState[K, V]

func (s *heldKeys[K, V]) Save(to *state.Saving) error { return s.keys.Save(to) }

// Restore has the life of what StateWriter.PutKeyed has put begin now.
func (s *heldKeys[K, V]) Restore(r *state.Restoring) error {
	return s.keys.coder.EachGroup(r, func(x keptState[K, V]) {
		if x.Last == engine.MinTime {
			x.Last = max(r.Watermark, engine.MinTime+1)
		}
		s.keys.put(x)
	})
}
