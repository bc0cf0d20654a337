package stream

import (
	"cmp"
	"fmt"
	"iter"
	"reflect"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A SavedView is what an operator held when a checkpoint was taken, on all shards at one moment of the stream: behind all events that the checkpoint
// has, and none else. It does not change, and any number of goroutines may ask it. [View.AsOf] makes one.
type SavedView[K comparable, V any] struct {
	held *engine.HeldState
	hash func(K) uint64
	read func(*state.Restoring, func(K, V)) error
}

// A viewReader reads what a checkpoint has for a View.
type viewReader[K comparable, V any] struct {
	of   engine.HeldPart
	read func(*state.Restoring, func(K, V)) error
}

// AsOf returns what the operator held when a checkpoint was taken: the one in the store with that id, or for 0 the newest, with which a run would
// begin. Nothing need run: it is enough that the pipeline has been built, as it says what the types are. An operator of the caller's own exposes
// its state when it runs, so there a run has to have begun. Where one is under way in this process or another one, it is neither stopped nor asked.
//
// Several Views are as of one moment if they are asked for with one id: [SavedView.Checkpoint] has that of the first.
//
// It reads what the checkpoint has of this operator into memory, encoded. The error is an fs.ErrNotExist where the store has no such checkpoint; others
// say that it cannot be read, that it is of another pipeline or does not know the operator, or that the operator was set to something else, or held other types, when it
// was taken. For 0 a checkpoint whose manifest is damaged is passed over for the one before, as by a run: Checkpoint says which it was. State that is damaged is an error.
func (v *View[K, V]) AsOf[_ lazily](store checkpoint.Store, id int64) (*SavedView[K, V], error) {
	given("AsOf", "the Store", store)
	v.instances.mu.Lock()
	of, reader := v.instances.of, v.saved
	v.instances.mu.Unlock()
	if of == nil {
		return nil, errNoOperator
	}
	hash, err := keyhash.Of[K]()
	if err != nil {
		return nil, v.instances.failed(err)
	}
	held, err := engine.ReadHeld(store, id, of, reader.of)
	if err != nil {
		return nil, v.instances.failed(err)
	}
	return &SavedView[K, V]{held, hash, reader.read}, nil
}

// Checkpoint returns the id of the checkpoint, and when it was taken.
func (s *SavedView[K, V]) Checkpoint() (id int64, taken time.Time) { return s.held.ID, s.held.Taken }

// Watermark returns the watermark that the operator had come to, the lowest of its shards; the zero time before the first.
func (s *SavedView[K, V]) Watermark() time.Time { return shown(s.held.Watermark) }

// Get returns what was held for a key, and whether there was anything. It takes as long as decoding what was held for one in 128 of the keys.
func (s *SavedView[K, V]) Get(key K) (held V, known bool, err error) {
	err = s.group(keyhash.Group(s.hash(key), state.Groups), func(k K, v V) {
		if k == key {
			held, known = v, true
		}
	})
	if err != nil {
		return *new(V), false, err
	}
	return held, known, nil
}

// All yields what was held for each key, each once, in no order. It ends with an error, once, where the state cannot be decoded.
func (s *SavedView[K, V]) All() iter.Seq2[KeyValue[K, V], error] {
	return func(yield func(KeyValue[K, V], error) bool) {
		var some []KeyValue[K, V]
		for group := range state.Groups {
			some = some[:0]
			err := s.group(group, func(k K, v V) { some = append(some, KeyValue[K, V]{k, v}) })
			if err != nil {
				yield(KeyValue[K, V]{}, err)
				return
			}
			for _, kv := range some {
				if !yield(kv, nil) {
					return
				}
			}
		}
	}
}

// group decodes the keys of a group. The types may decode themselves, and panic.
func (s *SavedView[K, V]) group(group int, f func(K, V)) error {
	from, err := s.held.Group(group)
	if err == nil {
		var failure error
		err = cmp.Or(attempted(func() { failure = s.read(from, f) }), failure)
	}
	if err != nil {
		return fmt.Errorf("stream: view as of checkpoint %d: %w", s.held.ID, err)
	}
	return nil
}

// keeps notes how a checkpoint has what v shows: as a keptState for each key, of which result makes what is shown.
func (v *View[K, V]) keeps[S any](result func(S) V) {
	if v == nil {
		return
	}
	of := engine.HeldPart{Records: []reflect.Type{reflect.TypeFor[keptState[K, S]]()}}
	v.reads(of, func(from *state.Restoring, f func(K, V)) error {
		return state.NewCoder[keptState[K, S]]().EachGroup(from, func(x keptState[K, S]) { f(x.Key, result(x.Val)) })
	})
}

// keepsPart notes that a checkpoint has what v shows as a part with a name.
func (v *View[K, V]) keepsPart[_ lazily](of engine.HeldPart) {
	v.reads(of, func(from *state.Restoring, f func(K, V)) error {
		return state.NewCoder[keptState[K, V]]().EachGroup(from, func(x keptState[K, V]) { f(x.Key, x.Val) })
	})
}

// reads notes which part of the operator's state v shows, and how to read that.
func (v *View[K, V]) reads[_ lazily](of engine.HeldPart, read func(*state.Restoring, func(K, V)) error) {
	v.instances.mu.Lock()
	defer v.instances.mu.Unlock()
	v.saved = viewReader[K, V]{of, read}
}
