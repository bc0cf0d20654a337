package stream

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"

	"github.com/freshet-go/freshet/internal/keyhash"
)

// A Keyed stream is a stream with a key. Operators on it keep state by key;
// with several shards, the events of one key meet on one shard.
type Keyed[K comparable, T any] struct{ out *keyedOutput[K, T] }

// A keyedOutput is where a keyed stream begins, and who consumes it.
type keyedOutput[K comparable, T any] struct {
	p         *Pipeline
	node      *engine.Node
	consumers []func(*engine.Place) keyedReceiver[K, T]
}

func (o *keyedOutput[K, T]) ConsumerCount() int { return len(o.consumers) }
func (o *keyedOutput[K, T]) Optional() bool     { return false }
func (o *keyedOutput[K, T]) Label() string      { return "" }

func (o *keyedOutput[K, T]) connect(pl *engine.Place) keyedReceiver[K, T] {
	if len(o.consumers) == 1 {
		return o.consumers[0](pl)
	}
	var f keyedFan[K, T]
	for _, consumer := range o.consumers {
		f = append(f, consumer(pl))
	}
	return f
}

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
	n := p.add("keyby", configure(opts), s.out.node)
	out := &keyedOutput[K, T]{p: p, node: n}
	n.Outlets = append(n.Outlets, out)
	s.out.consumers = append(s.out.consumers, func(pl *engine.Place) receiver[T] {
		op := pl.Instance(n)
		return &keyer[K, T]{guard: newGuard[T](op), key: key, floats: floats, hash: hash, next: out.connect(pl)}
	})
	bindFailures[T](p, n)
	return Keyed[K, T]{out}
}

// attachKeyed adds an operator with one keyed input. It begins a stage where
// there are several shards.
func attachKeyed[K comparable, T, U any](k Keyed[K, T], kind, detail string, opts []Option,
	bind func(*Pipeline, *engine.Node), build func(op *engine.Instance, out receiver[U]) keyedReceiver[K, T],
) Stream[U] {
	p := k.out.p
	n := p.add(kind, configure(opts), k.out.node)
	n.Keyed, n.Detail = true, detail
	if configOf(n).ttl > 0 {
		needsTime(n, "TimeToLive", 0)
	}
	if configOf(n).ordered {
		needsTime(n, "InOrder", 0)
		n.Depends(engine.SettingOrder, "event time")
	}
	out := newOutput[U](p, n)
	k.consume(n, n, func(pl *engine.Place) keyedReceiver[K, T] {
		op := pl.Instance(n)
		r := build(op, out.connect(pl))
		if configOf(n).ordered {
			r = newSorter(op, r)
		}
		if configOf(n).needs[0].is {
			r = timeGate[K, T]{op, r}
		}
		op.Control = r.Control
		return r
	})
	bind(p, n)
	return Stream[U]{out}
}

// consume connects the keyed stream to node n, directly or over an exchange.
// key tells the inputs of n apart. It is not inlined, as each copy would have a
// copy of what it builds.
//
//go:noinline
func (k Keyed[K, T]) consume(n *engine.Node, key any, build func(*engine.Place) keyedReceiver[K, T]) {
	k.out.consumers = append(k.out.consumers, func(pl *engine.Place) keyedReceiver[K, T] {
		if pl.Continues(n) {
			return build(pl)
		}
		fresh := func() *KeyedBatch[K, T] { return new(KeyedBatch[K, T]) }
		e := enter(pl, n, key, fresh, func(pl *engine.Place) (func(*KeyedBatch[K, T]) error, func(engine.Control) error) {
			r := build(pl)
			return func(b *KeyedBatch[K, T]) error {
				err := r.pushKeyed(b)
				b.empty()
				b.keys, b.hashes = b.keys[:0], b.hashes[:0]
				return err
			}, r.Control
		})
		return &exchange[K, T]{senders: e.senders(pl), size: pl.BatchSize()}
	})
}

// A keyedFan passes everything on to several receivers.
type keyedFan[K comparable, T any] []keyedReceiver[K, T]

func (f keyedFan[K, T]) pushKeyed(b *KeyedBatch[K, T]) error {
	for _, r := range f {
		if err := r.pushKeyed(b); err != nil {
			return err
		}
	}
	return nil
}

func (f keyedFan[K, T]) Control(c engine.Control) error {
	for _, r := range f {
		if err := r.Control(c); err != nil {
			return err
		}
	}
	return nil
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
		k.out.without(k.lost, b.Len(), &k.rows)
		if k.out.Len() == 0 {
			return nil
		}
	}
	k.hash(k.out.keys, k.out.selected(), k.out.hashes)
	k.op.Out(k.out.Len())
	return k.next.pushKeyed(&k.out)
}

func (k *keyer[K, T]) span(b *Batch[T], from int) (at int, cause error) {
	defer engine.Rescue(&cause)
	at = from
	key, keys, values, halt := k.key, k.out.keys, b.values, k.op.Halt()
	if !b.narrow {
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
	for i, row := range b.rows[from:] {
		at = from + i
		if halt.Load() {
			return at, engine.ErrStopped
		}
		keys[row] = key(values[row])
		if k.floats && keys[row] != keys[row] {
			return at, errNaN
		}
	}
	return len(b.rows), nil
}

func (k *keyer[K, T]) Control(c engine.Control) error {
	return k.op.Pass(c, k.next)
}

// An exchange sends each event to the shard that its key belongs to.
type exchange[K comparable, T any] struct {
	senders *senders[*KeyedBatch[K, T]]
	size    int
}

func (x *exchange[K, T]) pushKeyed(b *KeyedBatch[K, T]) error {
	cursor, shards := 0, x.senders.count()
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.at(k)
		shard := engine.ShardOf(b.hashes[row], shards)
		to := x.senders.fill(shard)
		if !to.takes(&b.Batch) {
			if err := x.senders.ship(shard); err != nil {
				return err
			}
			to = x.senders.fill(shard)
		}
		to.add(&b.Batch, row, &cursor)
		to.keys = append(to.keys, b.keys[row])
		to.hashes = append(to.hashes, b.hashes[row])
		if len(to.values) >= x.size {
			if err := x.senders.ship(shard); err != nil {
				return err
			}
		}
	}
	return nil
}

func (x *exchange[K, T]) Control(c engine.Control) error { return x.senders.Control(c) }

// A KeyedOperator is an Operator that is handed keyed events. It sees all the
// events of a key in one instance.
type KeyedOperator[K comparable, In, Out any] interface {
	New(c *OperatorContext) (KeyedProcessor[K, In, Out], error)
}

// KeyedOperatorFunc makes a KeyedOperator of a function that makes its
// instances.
type KeyedOperatorFunc[K comparable, In, Out any] func(c *OperatorContext) (KeyedProcessor[K, In, Out], error)

// New calls f.
func (f KeyedOperatorFunc[K, In, Out]) New(c *OperatorContext) (KeyedProcessor[K, In, Out], error) {
	return f(c)
}

// A KeyedProcessor is an instance of a KeyedOperator, on the terms of a
// Processor.
type KeyedProcessor[K comparable, In, Out any] interface {
	Process(in *KeyedBatch[K, In], out *Emitter[Out]) error
}

// Apply adds a keyed operator of the caller's own.
func (k Keyed[K, T]) Apply[U any](op KeyedOperator[K, T, U], opts ...Option) Stream[U] {
	started(k.out != nil, "Apply", "Keyed")
	given("Apply", "the KeyedOperator", op)
	return attachKeyed(k, "apply", "", opts, bindNothing, func(i *engine.Instance, out receiver[U]) keyedReceiver[K, T] {
		a := &appliedKeyed[K, T, U]{hooks: hooks[U]{op: i, out: newEmitter(i, out)}}
		i.OnStart(func() error {
			p, err := op.New(contextOf(i))
			if err != nil {
				return err
			}
			a.p = p
			a.bind(p)
			return holdUser(i, p)
		})
		return a
	})
}

// appliedKeyed runs a KeyedProcessor.
type appliedKeyed[K comparable, T, U any] struct {
	hooks[U]
	p KeyedProcessor[K, T, U]
}

func (a *appliedKeyed[K, T, U]) pushKeyed(b *KeyedBatch[K, T]) error {
	if a.op.Halted() {
		return engine.ErrStopped
	}
	a.op.In(b.Len())
	a.out.inherit(b.born, nil)
	if err := a.process(b); err != nil {
		return a.op.Failure(err)
	}
	return a.out.flush()
}

func (a *appliedKeyed[K, T, U]) process(b *KeyedBatch[K, T]) (err error) {
	defer engine.Rescue(&err)
	return a.p.Process(b, a.out)
}
