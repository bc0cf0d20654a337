package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/equal"
)

// Filter is the table of the rows that satisfy keep. A row that changes so that it satisfies keep no more is
// deleted, and one that comes to satisfy it is inserted. It holds no state.
func (t Table[K, V]) Filter[_ lazily](keep func(K, V) bool, opts ...Option) Table[K, V] {
	started(t.changes.out != nil, "Filter", "Table")
	given("Filter", "the function keep", keep)
	return remap(t, "filtertable", opts, nil, func(k K, v V) (V, bool) { return v, keep(k, v) })
}

// MapValues is the table of what f makes of each row, by the same keys. A change that f does not show
// is none. It holds no state.
func (t Table[K, V]) MapValues[U any](f func(K, V) U, opts ...Option) Table[K, U] {
	started(t.changes.out != nil, "MapValues", "Table")
	given("MapValues", "the function f", f)
	return remap(t, "maptable", opts, f, nil)
}

// remap adds an operator that makes a row of each row by f, or, where that is nil, a row or none by some.
func remap[K comparable, V, U any](t Table[K, V], kind string, opts []Option, f func(K, V) U, some func(K, V) (U, bool)) Table[K, U] {
	in, same := t.changes.out, sameAs[U]()
	n := in.p.add(kind, opts, &in.flow)
	n.Parts = in.node.Parts
	bindFailures[Change[V]](in.p, n)
	out := newKeyedOutput[K, Change[U]](in.p, n)
	in.consumers = append(in.consumers, func(pl *engine.Place) keyedReceiver[K, Change[V]] {
		op := pl.Instance(n)
		return &remapping[K, V, U]{guard: newGuard[Change[V]](op), f: f, some: some, same: same, bare: plainRows[K, U](), next: out.connect(pl)}
	})
	return Table[K, U]{Keyed[K, Change[U]]{out}}
}

type remapping[K comparable, V, U any] struct {
	guard[Change[V]]
	f    func(K, V) U
	some func(K, V) (U, bool) // in place of f
	same equal.Test
	bare bool // what it puts out refers to nothing
	next keyedReceiver[K, Change[U]]
	out  KeyedBatch[K, Change[U]] // on the columns of what came in
	rows []int32                  // the first n are those of which there is a change
	n    int

	begun bool // what the row at hand was is known, and stands in its change
	had   bool // whether it was
	atNow bool // and f is at what it is
}

func (x *remapping[K, V, U]) pushKeyed(b *KeyedBatch[K, Change[V]]) error {
	x.op.In(b.Len())
	x.out.head, x.out.keys, x.out.hashes = b.head, b.keys, b.hashes
	x.out.values = sized(x.out.values, len(b.values))
	x.rows, x.n = sized(x.rows, b.Len()), 0
	for k, n := 0, b.Len(); k < n; {
		at, cause := x.span(b, k)
		switch {
		case cause == nil:
			k = n
		case cause == engine.ErrStopped:
			return cause
		case !x.atNow:
			k = at // on the row as it was: that was told when it came, and there was none
		default:
			k, x.begun, x.atNow = at+1, false, false
			row := b.head.at(at)
			if err := x.failed(&b.Batch, row, cause); err != nil {
				return err
			}
			x.add(row, false)
		}
	}
	if err := x.settle(); err != nil || x.n == 0 {
		return err
	}
	if x.n < b.Len() {
		x.out.head.rows, x.out.head.narrow = x.rows[:x.n], true
	}
	x.op.Out(x.n)
	err := x.next.pushKeyed(&x.out)
	if !x.bare {
		clear(x.out.values)
	}
	return err
}

// span makes the changes of rows from the k-th on. It returns the one that f fails on: as it was, and is called again for what
// it is, or as it is, where atNow is true.
func (x *remapping[K, V, U]) span[_ lazily](b *KeyedBatch[K, Change[V]], from int) (at int, cause error) {
	defer engine.Rescue(&cause)
	halt, f := x.op.Halt(), x.f
	for k, n := from, b.Len(); k < n; k++ {
		at = k
		if halt.Load() {
			return k, engine.ErrStopped
		}
		row := b.head.at(k)
		c, to, key := &b.values[row], &x.out.values[row], b.keys[row]
		if !x.begun {
			x.begun, x.had = true, false
			switch {
			case !c.HasBefore:
			case f != nil:
				to.Before = f(key, c.Before)
				x.had = true
			default:
				to.Before, x.had = x.some(key, c.Before)
			}
		}
		x.atNow = true
		is := c.Kind != Delete
		switch {
		case !is:
		case f != nil:
			to.After = f(key, c.After)
		default:
			to.After, is = x.some(key, c.After)
		}
		x.begun, x.atNow = false, false
		x.add(row, is)
	}
	return b.Len(), nil
}

// add puts out what has become of a row, if that is anything.
func (x *remapping[K, V, U]) add[_ lazily](row int, is bool) {
	if becomes(&x.out.values[row], x.had, is, x.same) {
		x.rows[x.n] = int32(row)
		x.n++
	}
}

func (x *remapping[K, V, U]) Control(c engine.Control) error { return x.op.Pass(c, x.next) }
