package stream

import (
	"unsafe"

	"github.com/freshet-go/freshet/internal/engine"

	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// A folder is the part of an aggregation that takes events in.
type folder[K comparable, T, A any] struct {
	guard[T]
	fold   folding[T, A]
	kind   *panes.Kind[K, A]
	spec   *window.Spec
	onward bool     // in front of an exchange
	slots  []uint32 // where the accumulators of a batch may be
	fresh  int      // the place in the batch of the event that last made an accumulator, counted from 1; 0 if none has
	sums   *summing[K, T, A]
}

func newFolder[K comparable, T, A any](op *engine.Instance, f folding[T, A], spec *window.Spec, kind *panes.Kind[K, A]) folder[K, T, A] {
	x := folder[K, T, A]{guard: newGuard[T](op), fold: f, spec: spec, kind: kind}
	if kind.Sums() {
		x.sums = &summing[K, T, A]{of: f.agg.(additive[T, A]).Terms()}
	}
	return x
}

// A lateTaker takes the accumulator of a late event.
type lateTaker[K comparable, A any] func(t, wm Time, hash uint64, k K, part A)

// take adds the events of b to store, those that are late by late. It does
// with the ones that the aggregator panics on as the operator is told to.
func (f *folder[K, T, A]) take[_ lazily](store *panes.Sliced, b *KeyedBatch[K, T], late lateTaker[K, A]) error {
	f.op.In(b.Len())
	if b.head.times == nil {
		return f.op.Failure(ErrNoTime)
	}
	cursor := 0
	f.fresh = 0
	return f.spans(&b.Batch, func(k int) (at int, cause error) {
		if at, cause = f.span(store, b, k, &cursor, late); cause != nil && f.fresh == at+1 { // made for the event that failed
			f.kind.CellsOf(store.At(b.head.times[b.head.at(at)])).TakeBack()
		}
		return at, cause
	})
}

// span adds from the k-th event on. Nearly all events are of the newest slice,
// whose accumulators are looked up together.
func (f *folder[K, T, A]) span[_ lazily](store *panes.Sliced, b *KeyedBatch[K, T], from int, cursor *int, late lateTaker[K, A]) (at int, cause error) {
	defer engine.Rescue(&cause)
	at = from
	now := store.Watermark()
	sl := store.Current()
	if b.head.bounded && b.head.last >= now && !sl.Contains(b.head.last) {
		sl = store.At(b.head.last)
	}
	cells := f.kind.CellsOf(sl)
	together := len(b.head.late) == 0 && f.fold.stamped == nil && b.head.bounded && b.head.first >= now && b.head.first >= sl.Start && b.head.last < sl.End
	if together && cells.Table.Len() == 1 && unsafe.Sizeof(*new(K)) == 0 {
		cause = f.spanOfOne(cells, b, &at)
		return at, cause
	}
	if f.sums != nil {
		cause = f.spanOfSums(store, sl, b, &at, cursor, together, late)
		return at, cause
	}
	f.slots = sized(f.slots, len(b.hashes))
	cells.Table.Probe(b.hashes, b.head.selected(), f.slots)
	if together {
		cause = f.spanOfSlice(cells, b, &at)
	} else {
		cause = f.spanOfAny(store, sl, b, &at, cursor, late)
	}
	return at, cause
}

// spanOfOne adds events on time to the only accumulator of a slice: there is
// only one key.
func (f *folder[K, T, A]) spanOfOne[_ lazily](cells *panes.Cells[K, A], b *KeyedBatch[K, T], at *int) error {
	halt := f.op.Halt()
	agg, acc, values, rows := f.fold.agg, &cells.Table.Entries()[0].Val, b.values, b.head.selected()
	for k, n := *at, b.Len(); k < n; k++ {
		*at = k
		if halt.Load() {
			return engine.ErrStopped
		}
		row := k
		if rows != nil {
			row = int(rows[k])
		}
		*acc = agg.Add(*acc, values[row])
		if cells.Counts != nil {
			cells.Counts[0]++
		}
	}
	*at = b.Len()
	return nil
}

// spanOfSlice adds events that are on time and in one slice.
func (f *folder[K, T, A]) spanOfSlice[_ lazily](cells *panes.Cells[K, A], b *KeyedBatch[K, T], at *int) error {
	halt := f.op.Halt()
	agg, slots, entries, counts := f.fold.agg, f.slots, cells.Table.Entries(), cells.Counts
	values, keys, rows := b.values, b.keys, b.head.selected()
	for k, n := *at, b.Len(); k < n; k++ {
		*at = k
		if halt.Load() {
			return engine.ErrStopped
		}
		row := k
		if rows != nil {
			row = int(rows[k])
		}
		i := int(slots[row]) - 1
		if uint(i) >= uint(len(entries)) || entries[i].Key != keys[row] {
			i = f.insert(cells, b, row, k)
			entries, counts = cells.Table.Entries(), cells.Counts // they may have moved
		}
		entries[i].Val = agg.Add(entries[i].Val, values[row])
		if counts != nil {
			counts[i]++
		}
	}
	*at = b.Len()
	return nil
}

// spanOfAny adds events of any time. Where most are is probed: sl.
func (f *folder[K, T, A]) spanOfAny[_ lazily](store *panes.Sliced, sl *panes.Slice, b *KeyedBatch[K, T], at, cursor *int, late lateTaker[K, A]) error {
	halt := f.op.Halt()
	now, marked := store.Watermark(), len(b.head.late) > 0
	agg, stamped := f.fold.agg, f.fold.stamped != nil
	probed := f.kind.CellsOf(sl)
	for k, n := *at, b.Len(); k < n; k++ {
		*at = k
		if halt.Load() {
			return engine.ErrStopped
		}
		row := b.head.at(k)
		t := b.head.times[row]
		if t < now || marked {
			if wm := b.head.behind(row, cursor, now); t < wm {
				f.takeLate(b, row, wm, late)
				continue
			}
		}
		cells, i := probed, int(f.slots[row])-1
		if t < sl.Start || t >= sl.End {
			cells, i = f.kind.CellsOf(store.At(t)), -1
		}
		entries := cells.Table.Entries()
		if uint(i) >= uint(len(entries)) || entries[i].Key != b.keys[row] {
			i = f.insert(cells, b, row, k)
			entries = cells.Table.Entries()
		}
		if e := &entries[i]; stamped {
			e.Val = f.fold.add(e.Val, &b.Batch, row)
		} else {
			e.Val = agg.Add(e.Val, b.values[row])
		}
		if cells.Counts != nil {
			cells.Counts[i]++
		}
	}
	*at = b.Len()
	return nil
}

// insert returns the place of a row's key, the k-th of the batch, which may be
// new.
func (f *folder[K, T, A]) insert[_ lazily](cells *panes.Cells[K, A], b *KeyedBatch[K, T], row, k int) int {
	i, fresh := cells.Insert(b.hashes[row], b.keys[row])
	if fresh {
		f.fresh = k + 1
	}
	return i
}

// takeLate deals with an event that is behind the watermark wm.
func (f *folder[K, T, A]) takeLate[_ lazily](b *KeyedBatch[K, T], row int, wm Time, late lateTaker[K, A]) {
	if t := b.head.times[row]; f.inTime(t, wm) {
		late(t, wm, b.hashes[row], b.keys[row], f.fold.add(f.fold.agg.New(), &b.Batch, row))
	}
}

// inTime reports whether a late event at t still counts at watermark wm. It counts
// those that do not, and those that do unless they go on to where their windows are:
// there they may be too late.
func (f *folder[K, T, A]) inTime[_ lazily](t, wm Time) bool {
	if panes.Gone(*f.spec, t, wm) {
		f.op.TooLate(1)
		return false
	}
	if !f.onward {
		f.op.Late(1)
	}
	return true
}
