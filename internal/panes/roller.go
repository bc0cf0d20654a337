package panes

import (
	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/window"
)

// A roller keeps the merge of the slices that lie in the window which is
// about to fire. Slices enter and leave in order of time.
type roller[K comparable, A any] interface {
	// enter adds a slice, unless it has entered before.
	enter(*Slice[K, A])
	// leave takes out the slices that begin before t.
	leave(t window.Time)
	// each calls f with every key of the window and its accumulator, which
	// f may read until it returns.
	each(f func(hash uint64, k K, acc A))
}

// subtracting keeps one running accumulator for each key: what enters is
// merged in, what leaves is subtracted. It is for aggregates whose Sub is
// exact.
type subtracting[K comparable, A any] struct {
	ops    Ops[A]
	inside []*Slice[K, A]
	sums   table.Table[K, counted[A]]
}

// counted is an accumulator and the number of slices that have the key.
type counted[A any] struct {
	acc    A
	slices int
}

func (r *subtracting[K, A]) enter(sl *Slice[K, A]) {
	if n := len(r.inside); n > 0 && r.inside[n-1].Start >= sl.Start {
		return
	}
	r.inside = append(r.inside, sl)
	entries, hashes := sl.Table.Entries(), sl.Table.Hashes()
	for i := range entries {
		e := &entries[i]
		r.merge(hashes[i], e.Key, e.Val, true)
	}
}

func (r *subtracting[K, A]) merge(hash uint64, k K, part A, fresh bool) {
	p, first := r.sums.At(hash, k)
	if first {
		p.acc = r.ops.New()
	}
	p.acc = r.ops.Merge(p.acc, part)
	if fresh {
		p.slices++
	}
}

func (r *subtracting[K, A]) leave(t window.Time) {
	n := 0
	for n < len(r.inside) && r.inside[n].Start < t {
		entries, hashes := r.inside[n].Table.Entries(), r.inside[n].Table.Hashes()
		for i := range entries {
			e := &entries[i]
			p := r.sums.Find(hashes[i], e.Key)
			if p.slices--; p.slices == 0 {
				r.sums.Delete(hashes[i], e.Key)
				continue
			}
			p.acc = r.ops.Sub(p.acc, e.Val)
		}
		n++
	}
	r.inside = r.inside[:copy(r.inside, r.inside[n:])]
}

func (r *subtracting[K, A]) each(f func(uint64, K, A)) {
	entries, hashes := r.sums.Entries(), r.sums.Hashes()
	for i := range entries {
		f(hashes[i], entries[i].Key, entries[i].Val.acc)
	}
}

// twoStacks merges a sliding window in amortised constant time a slice for
// any associative aggregate. The newer slices are merged into one table as
// they enter. The older ones stand as suffixes: front[i] is the merge of its
// slice and all after it up to the newer part, so that the oldest leaves by
// being dropped. When the front is used up, the newer slices are turned into
// a new front.
//
// It is the two-stacks algorithm of Tangwongsan, Hirzel, Schneider and Wu,
// "General Incremental Sliding-Window Aggregation", VLDB 2015, with a table
// of keys where the paper has one value.
type twoStacks[K comparable, A any] struct {
	ops   Ops[A]
	front []suffix[K, A] // oldest last, so that it can be popped
	newer []*Slice[K, A] // ascending
	back  table.Table[K, A]
	end   window.Time // slices that end at or before it have entered
	begun bool
	free  []*table.Table[K, A]
}

type suffix[K comparable, A any] struct {
	slice window.Window
	table *table.Table[K, A]
}

func (r *twoStacks[K, A]) enter(sl *Slice[K, A]) {
	if r.begun && sl.End <= r.end {
		return
	}
	r.begun, r.end = true, sl.End
	r.newer = append(r.newer, sl)
	r.mergeAll(&r.back, sl.Table)
}

func (r *twoStacks[K, A]) mergeAll(into, from *table.Table[K, A]) {
	entries, hashes := from.Entries(), from.Hashes()
	for i := range entries {
		e := &entries[i]
		r.merge(into, hashes[i], e.Key, e.Val)
	}
}

func (r *twoStacks[K, A]) merge(into *table.Table[K, A], hash uint64, k K, part A) {
	p, fresh := into.At(hash, k)
	if fresh {
		*p = r.ops.New()
	}
	*p = r.ops.Merge(*p, part)
}

func (r *twoStacks[K, A]) leave(t window.Time) {
	for {
		if len(r.front) == 0 {
			old := 0
			for old < len(r.newer) && r.newer[old].Start < t {
				old++
			}
			if old == 0 {
				return
			}
			if old == len(r.newer) { // all of them leave: no need to turn them
				r.newer = r.newer[:0]
				r.back.Reset()
				return
			}
			r.newer = r.newer[:copy(r.newer, r.newer[old:])]
			r.turn()
			return
		}
		last := len(r.front) - 1
		if r.front[last].slice.Start >= t {
			return
		}
		r.front[last].table.Reset()
		r.free = append(r.free, r.front[last].table)
		r.front = r.front[:last]
	}
}

// turn makes the newer slices the front.
func (r *twoStacks[K, A]) turn() {
	var next *table.Table[K, A]
	for i := len(r.newer) - 1; i >= 0; i-- {
		t := r.table()
		if next != nil {
			r.mergeAll(t, next)
		}
		r.mergeAll(t, r.newer[i].Table)
		r.front = append(r.front, suffix[K, A]{r.newer[i].Window, t})
		next = t
	}
	r.newer = r.newer[:0]
	r.back.Reset()
}

func (r *twoStacks[K, A]) table() *table.Table[K, A] {
	if n := len(r.free); n > 0 {
		t := r.free[n-1]
		r.free = r.free[:n-1]
		return t
	}
	return &table.Table[K, A]{}
}

func (r *twoStacks[K, A]) each(f func(uint64, K, A)) {
	var old *table.Table[K, A]
	if n := len(r.front); n > 0 {
		old = r.front[n-1].table
	}
	entries, hashes := r.back.Entries(), r.back.Hashes()
	for i := range entries {
		e := &entries[i]
		if old != nil {
			if p := old.Find(hashes[i], e.Key); p != nil {
				f(hashes[i], e.Key, r.ops.Merge(r.ops.Merge(r.ops.New(), *p), e.Val))
				continue
			}
		}
		f(hashes[i], e.Key, e.Val)
	}
	if old == nil {
		return
	}
	entries, hashes = old.Entries(), old.Hashes()
	for i := range entries {
		e := &entries[i]
		if r.back.Find(hashes[i], e.Key) == nil {
			f(hashes[i], e.Key, e.Val)
		}
	}
}

// cumulating merges what has come since the start of the window's period.
type cumulating[K comparable, A any] struct {
	ops    Ops[A]
	spec   window.Spec
	inside []window.Window
	sums   table.Table[K, A]
}

func (r *cumulating[K, A]) enter(sl *Slice[K, A]) {
	if n := len(r.inside); n > 0 && r.inside[n-1].Start >= sl.Start {
		return
	}
	r.inside = append(r.inside, sl.Window)
	entries, hashes := sl.Table.Entries(), sl.Table.Hashes()
	for i := range entries {
		e := &entries[i]
		r.merge(hashes[i], e.Key, e.Val)
	}
}

func (r *cumulating[K, A]) merge(hash uint64, k K, part A) {
	p, fresh := r.sums.At(hash, k)
	if fresh {
		*p = r.ops.New()
	}
	*p = r.ops.Merge(*p, part)
}

// leave empties everything: windows of one period begin at one time.
func (r *cumulating[K, A]) leave(t window.Time) {
	if len(r.inside) > 0 && r.inside[0].Start < t {
		r.inside = r.inside[:0]
		r.sums.Reset()
	}
}

func (r *cumulating[K, A]) each(f func(uint64, K, A)) {
	entries, hashes := r.sums.Entries(), r.sums.Hashes()
	for i := range entries {
		f(hashes[i], entries[i].Key, entries[i].Val)
	}
}
