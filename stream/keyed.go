package stream

import (
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
)

// A Keyed stream is a stream with a key. Operators on it keep state by key;
// with several shards, the events of one key meet on one shard.
type Keyed[K comparable, T any] struct{ out *keyedOutput[K, T] }

// A keyedOutput is where a keyed stream begins, and who consumes it.
type keyedOutput[K comparable, T any] struct {
	flow
	consumers []func(*engine.Place) keyedReceiver[K, T]
}

func newKeyedOutput[K comparable, T any](p *Pipeline, n *engine.Node) *keyedOutput[K, T] {
	o := &keyedOutput[K, T]{flow: flow{p: p, node: n}}
	opens(&o.flow, reflect.TypeFor[T](), reflect.TypeFor[K](), func() int { return len(o.consumers) })
	return o
}

func (o *keyedOutput[K, T]) connect[_ lazily](pl *engine.Place) keyedReceiver[K, T] {
	if len(o.consumers) == 1 {
		return o.consumers[0](pl)
	}
	f := new(keyedFan[K, T])
	for _, consumer := range o.consumers {
		f.to = append(f.to, consumer(pl))
	}
	return f
}

// attachKeyed adds an operator with one keyed input. It begins a stage where
// there are several shards.
func attachKeyed[K comparable, T, U any](k Keyed[K, T], kind, detail string, opts []Option,
	bind func(*Pipeline, *engine.Node), build func(op *engine.Instance, out receiver[U]) keyedReceiver[K, T],
) Stream[U] {
	p := k.out.p
	n := p.addKeyed(kind, detail, opts, &k.out.flow)
	out := newOutput[U](p, n)
	k.consume(n, 0, func(pl *engine.Place) keyedReceiver[K, T] {
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

// addKeyed adds an operator whose input has keys.
func (p *Pipeline) addKeyed(kind, detail string, opts []Option, in *flow) *engine.Node {
	n := p.add(kind, opts, in)
	n.Keyed, n.Detail = true, detail
	if configOf(n).ttl > 0 {
		needsTime(n, "TimeToLive", 0)
	}
	if configOf(n).ordered {
		needsTime(n, "InOrder", 0)
		n.Depends(engine.SettingOrder, "event time")
	}
	return n
}

// consume connects the keyed stream to node n, directly or over an exchange.
// input says which of the inputs of n it is. It is not inlined, as each copy would have a
// copy of what it builds.
//
//go:noinline
func (k Keyed[K, T]) consume(n *engine.Node, input int, build func(*engine.Place) keyedReceiver[K, T]) {
	k.out.consumers = append(k.out.consumers, func(pl *engine.Place) keyedReceiver[K, T] {
		if pl.Continues(n) {
			return build(pl)
		}
		return &exchange[K, T]{senders: k.enter(pl, n, input, build).senders(pl), size: pl.BatchSize()}
	})
}

// enter returns how events come into the stage that n begins.
func (k Keyed[K, T]) enter(pl *engine.Place, n *engine.Node, input int, build func(*engine.Place) keyedReceiver[K, T]) *entrance[*KeyedBatch[K, T]] {
	fresh := func() *KeyedBatch[K, T] { return new(KeyedBatch[K, T]) }
	return enter(pl, n, input, fresh, func(pl *engine.Place) (func(*KeyedBatch[K, T]) error, func(engine.Control) error) {
		r := build(pl)
		return func(b *KeyedBatch[K, T]) error {
			err := r.pushKeyed(b)
			b.empty()
			b.keys, b.hashes = b.keys[:0], b.hashes[:0]
			return err
		}, r.Control
	})
}

// A keyedFan passes everything on to several receivers.
type keyedFan[K comparable, T any] struct{ to []keyedReceiver[K, T] }

func (f *keyedFan[K, T]) pushKeyed(b *KeyedBatch[K, T]) error {
	for _, r := range f.to {
		if err := r.pushKeyed(b); err != nil {
			return err
		}
	}
	return nil
}

func (f *keyedFan[K, T]) Control(c engine.Control) error {
	for _, r := range f.to {
		if err := r.Control(c); err != nil {
			return err
		}
	}
	return nil
}
