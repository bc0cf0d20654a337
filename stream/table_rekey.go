package stream

import (
	"fmt"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/keyhash"
)

// rekey adds an operator that gives each row of a table another key. A row that changes its key is
// deleted by the old one and inserted by the new one, at the same time.
func rekey[K comparable, V any, G comparable, T any](t Table[K, V], kind string, opts []Option, key func(K, V) G, with func(K, Change[V]) T) Keyed[G, T] {
	hash, err := keyhash.Batch[G]()
	if err != nil {
		panic(fmt.Sprintf("stream: %s by a %v: %v", kind, reflect.TypeFor[G](), err))
	}
	in := t.changes.out
	n := in.p.add(kind, opts, &in.flow)
	bindFailures[Change[V]](in.p, n)
	out := newKeyedOutput[G, T](in.p, n)
	floats := keyhash.Floats[G]()
	in.consumers = append(in.consumers, func(pl *engine.Place) keyedReceiver[K, Change[V]] {
		op := pl.Instance(n)
		return &rekeying[K, V, G, T]{guard: newGuard[Change[V]](op), key: key, with: with, hash: hash, floats: floats, next: out.connect(pl)}
	})
	return Keyed[G, T]{out}
}

type rekeying[K comparable, V any, G comparable, T any] struct {
	guard[Change[V]]
	key    func(K, V) G
	with   func(K, Change[V]) T
	hash   keyhash.Hasher[G]
	floats bool // keys may be NaN
	next   keyedReceiver[G, T]
	out    KeyedBatch[G, T]
}

func (x *rekeying[K, V, G, T]) pushKeyed(b *KeyedBatch[K, Change[V]]) error {
	x.op.In(b.Len())
	x.out.head.born = b.head.born
	for k, n := 0, b.Len(); k < n; k++ {
		if x.op.Halted() {
			return engine.ErrStopped
		}
		if err := x.move(b, b.head.at(k)); err != nil {
			return err
		}
	}
	if err := x.settle(); err != nil {
		return err
	}
	o := &x.out
	n := len(o.values)
	if n == 0 {
		return nil
	}
	o.hashes = sized(o.hashes, n)
	x.hash(o.keys, nil, o.hashes)
	x.op.Out(n)
	err := x.next.pushKeyed(o)
	o.empty()
	clear(o.keys)
	o.keys, o.hashes = o.keys[:0], o.hashes[:0]
	return err
}

// move puts out what a change is by the keys of what the row was and is.
func (x *rekeying[K, V, G, T]) move(b *KeyedBatch[K, Change[V]], row int) error {
	c, k := b.values[row], b.keys[row]
	var from, to G
	var had, is bool
	if c.HasBefore {
		g, cause := x.keyOf(k, c.Before)
		from, had = g, cause == nil
	}
	if c.Kind != Delete {
		g, cause := x.keyOf(k, c.After)
		if to, is = g, cause == nil; !is {
			if err := x.failed(&b.Batch, row, cause); err != nil {
				return err
			}
		}
	}
	switch {
	case had && is && from == to:
		x.add(b, row, to, x.with(k, c))
		return nil
	case had:
		x.add(b, row, from, x.with(k, Change[V]{Kind: Delete, Before: c.Before, HasBefore: true}))
	}
	if is {
		x.add(b, row, to, x.with(k, Change[V]{Kind: Insert, After: c.After}))
	}
	return nil
}

func (x *rekeying[K, V, G, T]) keyOf(k K, v V) (g G, cause error) {
	defer engine.Rescue(&cause)
	g = x.key(k, v)
	if x.floats && g != g {
		return g, errNaN
	}
	return g, nil
}

func (x *rekeying[K, V, G, T]) add(b *KeyedBatch[K, Change[V]], row int, g G, v T) {
	o := &x.out
	o.values, o.keys = append(o.values, v), append(o.keys, g)
	o.head.times = append(o.head.times, b.head.times[row])
	o.head.seqs = append(o.head.seqs, b.head.seqOf(row))
}

func (x *rekeying[K, V, G, T]) Control(c engine.Control) error { return x.op.Pass(c, x.next) }
