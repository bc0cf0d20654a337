package stream

import (
	"unsafe"

	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// aggregateSliced is Aggregate for windows on the default trigger.
func aggregateSliced[K comparable, T, A, R any](w Windowed[K, T], f folding[T, A], o outcome[K, A, R], opts []Option) Stream[Pane[K, R]] {
	k := w.in
	p := k.out.p
	n := p.add("aggregate", configure(opts), k.out.node)
	n.keyed = true
	out := newOutput[Pane[K, R]](p, n)
	o.bind(p, n)
	k.out.consumers = append(k.out.consumers, func(pl *place) keyedReceiver[K, T] {
		if pl.rt.home(n) != n {
			op := pl.instance(n)
			return &slicing[K, T, A, R]{folder: newFolder[K](op, f, w.spec), firing: newFiring(op, f, o.open(op), w.spec, out.connect(pl))}
		}
		e := enter(pl.rt, n, n, func(pl *place) (func(*parts[K, A]) error, func(control) error) {
			op := pl.instance(n)
			m := &merging[K, A, R]{firing: newFiring(op, f, o.open(op), w.spec, out.connect(pl)), ops: f.ops()}
			return m.push, m.control
		})
		counted := countedOf(&f)
		c := &combining[K, T, A]{folder: newFolder[K](pl.instance(n), counted, w.spec), senders: e.senders(pl), size: pl.rt.batch}
		c.store = panes.NewSliced[K](w.spec, counted.ops(), nil)
		return c
	})
	return Stream[Pane[K, R]]{out}
}

// A firing is the part of an aggregation that holds windows and fires them.
type firing[K comparable, A, R any] struct {
	op    *instance
	store *panes.Sliced[K, A]
	panel panel[K, A, R]
	coder *coder[panes.Kept[K, A]]
}

func newFiring[K comparable, T, A, R any](op *instance, f folding[T, A], r results[K, A, R], spec window.Spec, out receiver[Pane[K, R]]) *firing[K, A, R] {
	x := &firing[K, A, R]{op: op}
	x.panel = panel[K, A, R]{results: r, out: newEmitter(op, out)}
	x.store = panes.NewSliced(spec, f.ops(), x.panel.emit)
	x.coder = newCoder[panes.Kept[K, A]]()
	op.hold(x, x.coder)
	return x
}

func (x *firing[K, A, R]) save(s *saving) error {
	saveSlices(s, x.store, x.coder)
	return nil
}

// saveSlices saves all that a store of slices holds.
func saveSlices[K comparable, A any](s *saving, store *panes.Sliced[K, A], to *coder[panes.Kept[K, A]]) {
	put := to.into(s, store.Keys())
	store.Each(func(k panes.Kept[K, A]) {
		s.keys++
		put(k.Hash, k)
	})
}

func (x *firing[K, A, R]) restore(r *restoring) error {
	x.store.Pass(r.watermark)
	return x.coder.eachGroup(r, x.store.Put)
}

func (x *firing[K, A, R]) control(c control) error {
	if c.kind == ctlWatermark {
		x.op.advance(c.watermark)
		if err := x.advance(c.watermark); err != nil {
			return x.op.failure(err)
		}
		x.op.stats.keys.Store(int64(x.store.Keys()))
		if err := x.panel.flush(); err != nil {
			return err
		}
	}
	return x.panel.pass(c)
}

func (x *firing[K, A, R]) advance(wm Time) (err error) {
	defer rescue(&err)
	x.store.Advance(wm)
	return nil
}

// A folder is the part of an aggregation that takes events in.
type folder[K comparable, T, A any] struct {
	guard[T]
	folding[T, A]
	spec  window.Spec
	slots []uint32 // where the accumulators of a batch may be
	fresh int      // one more than the event of the batch that last made an accumulator
}

func newFolder[K comparable, T, A any](op *instance, f folding[T, A], spec window.Spec) folder[K, T, A] {
	return folder[K, T, A]{guard: newGuard[T](op), folding: f, spec: spec}
}

// take adds the events of b to store, those that are late by late. It does
// with the ones that the aggregator panics on as the operator is told to.
func (f *folder[K, T, A]) take(store *panes.Sliced[K, A], b *KeyedBatch[K, T], late func(t, wm Time, hash uint64, k K, part A)) error {
	n := b.Len()
	f.op.in(n)
	if b.times == nil {
		return f.op.failure(errNoTime)
	}
	cursor := 0
	f.fresh = 0
	for k := 0; k < n; k++ {
		var cause error
		if k, cause = f.span(store, b, k, &cursor, late); cause != nil {
			if row := b.at(k); f.fresh == k+1 { // made for the event that failed
				store.At(b.times[row]).Table.Delete(b.hashes[row], b.keys[row])
			}
			if err := f.failed(&b.Batch, b.at(k), cause); err != nil {
				return err
			}
		}
	}
	return f.settle()
}

// span adds from the k-th event on.
func (f *folder[K, T, A]) span(store *panes.Sliced[K, A], b *KeyedBatch[K, T], from int, cursor *int, late func(t, wm Time, hash uint64, k K, part A)) (at int, cause error) {
	defer rescue(&cause)
	at = from
	n, now := b.Len(), store.Watermark()
	agg, stamped, marked := f.accumulation, f.stamped != nil, len(b.late) > 0
	values, times, keys, hashes, rows := b.values, b.times, b.keys, b.hashes, b.selected()
	f.slots = sized(f.slots, len(hashes))
	slots, sl := f.slots, store.Current()
	if b.bounded && b.last >= now && !sl.Contains(b.last) {
		sl = store.At(b.last) // most events are of the newest slice
	}
	hint := sl.Table
	together := !marked && !stamped && b.bounded && b.first >= now && b.first >= sl.Start && b.last < sl.End
	if together && hint.Len() == 1 && unsafe.Sizeof(*new(K)) == 0 {
		acc := &hint.Entries()[0].Val // there is only one key
		for k := from; k < n; k++ {
			at = k
			row := k
			if rows != nil {
				row = int(rows[k])
			}
			*acc = agg.Add(*acc, values[row])
		}
		return n, nil
	}
	hint.Probe(hashes, rows, slots)
	entries := hint.Entries()
	if together { // all events are on time and in the slice at hand
		for k := from; k < n; k++ {
			at = k
			row := k
			if rows != nil {
				row = int(rows[k])
			}
			if i := slots[row] - 1; int(i) < len(entries) && entries[i].Key == keys[row] {
				entries[i].Val = agg.Add(entries[i].Val, values[row])
				continue
			}
			acc, fresh := hint.At(hashes[row], keys[row])
			if fresh {
				entries = hint.Entries() // they may have moved
				f.fresh = k + 1
				*acc = agg.New()
			}
			*acc = agg.Add(*acc, values[row])
		}
		return n, nil
	}
	for k := from; k < n; k++ {
		at = k
		row := k
		if rows != nil {
			row = int(rows[k])
		}
		t := times[row]
		if t < now || marked {
			if wm := b.behind(row, cursor, now); t < wm {
				f.takeLate(b, row, wm, late)
				entries = hint.Entries() // they may have moved
				continue
			}
		}
		table := hint
		if t < sl.Start || t >= sl.End {
			table = store.At(t).Table
		}
		var acc *A
		if i := slots[row] - 1; table == hint && int(i) < len(entries) && entries[i].Key == keys[row] {
			acc = &entries[i].Val // the way that nearly all events take
		} else {
			var fresh bool
			if acc, fresh = table.At(hashes[row], keys[row]); fresh {
				entries = hint.Entries() // they may have moved
				f.fresh = k + 1
				*acc = agg.New()
			}
		}
		if stamped {
			*acc = f.add(*acc, &b.Batch, row)
		} else {
			*acc = agg.Add(*acc, values[row])
		}
	}
	return n, nil
}

// takeLate deals with an event that is behind the watermark wm.
func (f *folder[K, T, A]) takeLate(b *KeyedBatch[K, T], row int, wm Time, late func(t, wm Time, hash uint64, k K, part A)) {
	t := b.times[row]
	if gone(f.spec, t, wm) {
		f.op.stats.dropped.Add(1)
		return
	}
	f.op.stats.late.Add(1)
	late(t, wm, b.hashes[row], b.keys[row], f.add(f.New(), &b.Batch, row))
}

// slicing is an aggregation whose input needs no exchange.
type slicing[K comparable, T, A, R any] struct {
	folder[K, T, A]
	firing *firing[K, A, R]
}

func (s *slicing[K, T, A, R]) pushKeyed(b *KeyedBatch[K, T]) error {
	if err := s.take(s.firing.store, b, s.firing.store.AddLate); err != nil {
		return err
	}
	return s.firing.panel.flush() // late panes
}

func (s *slicing[K, T, A, R]) control(c control) error {
	if err := s.guard.control(c); err != nil {
		return err
	}
	return s.firing.control(c)
}
