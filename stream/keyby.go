package stream

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/keyhash"
)

// KeyBy gives each event a key. Events stay where they are; the operator that
// follows brings those of one key together, in the order that they have in
// each partition. It panics if K has no hash that another process would agree
// on: if it holds a pointer, a channel or an interface. A key that is not equal
// to itself, as NaN is not, is a failure of the event.
func (s Stream[T]) KeyBy[K comparable](key func(T) K, opts ...Option) Keyed[K, T] {
	started(s.out != nil, "KeyBy", "Stream")
	given("KeyBy", "the function key", key)
	return keyBy(s, key, opts)
}

// keyBy is KeyBy. Without a key function all events have the zero key.
func keyBy[K comparable, T any](s Stream[T], key func(T) K, opts []Option) Keyed[K, T] {
	hash, err := keyhash.Batch[K]()
	if err != nil {
		panic(fmt.Sprintf("stream: KeyBy by a %v: %v", reflect.TypeFor[K](), err))
	}
	floats := keyhash.Floats[K]()
	p := s.out.p
	n := p.add("keyby", opts, &s.out.flow)
	out := newKeyedOutput[K, T](p, n)
	s.out.consumers = append(s.out.consumers, func(pl *engine.Place) receiver[T] {
		op := pl.Instance(n)
		return &keyer[K, T]{guard: newGuard[T](op), key: key, floats: floats, hash: hash, next: out.connect(pl)}
	})
	bindFailures[T](p, n)
	return Keyed[K, T]{out}
}

// A keyer computes the keys of a batch and their hashes.
type keyer[K comparable, T any] struct {
	guard[T]
	key    func(T) K // nil where all have the zero key
	floats bool      // keys may be NaN
	hash   keyhash.Hasher[K]
	next   keyedReceiver[K, T]
	rows   []int32
	out    KeyedBatch[K, T]
}

// errNaN is the failure of an event whose key no later event can have again.
var errNaN = errors.New("the key is NaN, or holds one, and so is not equal to itself")

func (k *keyer[K, T]) push(b *Batch[T]) error {
	k.op.In(b.Len())
	k.out.Batch = *b
	k.out.keys = sized(k.out.keys, len(b.values))
	k.out.hashes = sized(k.out.hashes, len(b.values))
	if k.key != nil {
		if err := k.spans(b, func(i int) (int, error) { return k.span(b, i) }); err != nil {
			return err
		}
		k.out.head.without(k.lost, b.Len(), &k.rows)
		if k.out.Len() == 0 {
			return nil
		}
	}
	k.hash(k.out.keys, k.out.head.selected(), k.out.hashes)
	k.op.Out(k.out.Len())
	return k.next.pushKeyed(&k.out)
}

func (k *keyer[K, T]) span[_ lazily](b *Batch[T], from int) (at int, cause error) {
	defer engine.Rescue(&cause)
	at = from
	key, keys, values, halt := k.key, k.out.keys, b.values, k.op.Halt()
	if !b.head.narrow {
		keys = keys[:len(values)]
		for i := from; i < len(values); i++ {
			at = i
			if halt.Load() {
				return i, engine.ErrStopped
			}
			keys[i] = key(values[i])
			if k.floats && keys[i] != keys[i] {
				return i, errNaN
			}
		}
		return len(values), nil
	}
	for i, row := range b.head.rows[from:] {
		at = from + i
		if halt.Load() {
			return at, engine.ErrStopped
		}
		keys[row] = key(values[row])
		if k.floats && keys[row] != keys[row] {
			return at, errNaN
		}
	}
	return len(b.head.rows), nil
}

func (k *keyer[K, T]) Control(c engine.Control) error {
	if c.Kind == engine.Told || c.Kind == engine.AllTold { // of partitions, which end here
		return nil
	}
	return k.op.Pass(c, k.next)
}
