package panes

import "github.com/freshet-go/freshet/window"

// A roller keeps the merge of the slices that lie in the window which is
// about to fire. Slices enter and leave in order of time.
type roller interface {
	// enter adds a slice, unless it has entered before.
	enter(*Slice)
	// leave takes out the slices that begin before t.
	leave(t window.Time)
	// each calls f with every key of the window: the cell that has it, and, if
	// it is not part{}, another that is to be merged with it.
	each(f func(c cells, at int, and part))
	// whole returns the cells of which all of the window are, or nil.
	whole() cells
}

// subtracting keeps one running accumulator for each key: what enters is
// merged in, what leaves is subtracted. It is for aggregates whose Sub is
// exact.
type subtracting struct {
	inside []*Slice
	sums   cells
	slices []int32 // how many slices have each key of the sums
	ahead  ahead
}

func (r *subtracting) enter(sl *Slice) {
	if n := len(r.inside); n > 0 && r.inside[n-1].Start >= sl.Start {
		return
	}
	r.inside = append(r.inside, sl)
	for i := range sl.cells.size() {
		r.ahead.of(r.sums, sl.cells, i)
		at := r.sums.merge(sl.cells, i)
		if at == len(r.slices) {
			r.slices = append(r.slices, 0)
		}
		r.slices[at]++
	}
}

func (r *subtracting) leave(t window.Time) {
	n := 0
	for n < len(r.inside) && r.inside[n].Start < t {
		c := r.inside[n].cells
		for i := range c.size() {
			r.ahead.of(r.sums, c, i)
			at := r.sums.find(c, i)
			if r.slices[at]--; r.slices[at] > 0 {
				r.sums.sub(at, c, i)
				continue
			}
			r.sums.remove(at)
			last := len(r.slices) - 1
			r.slices[at] = r.slices[last]
			r.slices = r.slices[:last]
		}
		n++
	}
	r.inside = r.inside[:copy(r.inside, r.inside[n:])]
}

func (r *subtracting) whole() cells { return r.sums }

func (r *subtracting) each(f func(cells, int, part)) { eachOf(r.sums, f) }

func eachOf(c cells, f func(cells, int, part)) {
	for at := range c.size() {
		f(c, at, part{})
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
type twoStacks struct {
	kind  Tables
	front []suffix // oldest last, so that it can be popped
	newer []*Slice // ascending
	back  cells
	end   window.Time // slices that end at or before it have entered
	begun bool
	free  []cells
	ahead ahead
}

type suffix struct {
	slice window.Window
	table cells
}

func (r *twoStacks) enter(sl *Slice) {
	if r.begun && sl.End <= r.end {
		return
	}
	r.begun, r.end = true, sl.End
	r.newer = append(r.newer, sl)
	r.ahead.mergeAll(r.back, sl.cells)
}

func (r *twoStacks) leave(t window.Time) {
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
				r.back.reset()
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
		r.front[last].table.reset()
		r.free = append(r.free, r.front[last].table)
		r.front = r.front[:last]
	}
}

// turn makes the newer slices the front.
func (r *twoStacks) turn() {
	var next cells
	for i := len(r.newer) - 1; i >= 0; i-- {
		t := r.table()
		if next != nil {
			r.ahead.mergeAll(t, next)
		}
		r.ahead.mergeAll(t, r.newer[i].cells)
		r.front = append(r.front, suffix{r.newer[i].Window, t})
		next = t
	}
	r.newer = r.newer[:0]
	r.back.reset()
}

func (r *twoStacks) table() cells {
	if n := len(r.free); n > 0 {
		t := r.free[n-1]
		r.free = r.free[:n-1]
		return t
	}
	return r.kind.table()
}

func (r *twoStacks) whole() cells {
	if len(r.front) == 0 {
		return r.back
	}
	return nil
}

func (r *twoStacks) each(f func(cells, int, part)) {
	if len(r.front) == 0 {
		eachOf(r.back, f)
		return
	}
	old := r.front[len(r.front)-1].table
	for at := range r.back.size() {
		r.ahead.of(old, r.back, at)
		if i := old.find(r.back, at); i >= 0 {
			f(old, i, part{r.back, at})
		} else {
			f(r.back, at, part{})
		}
	}
	for at := range old.size() {
		r.ahead.of(r.back, old, at)
		if r.back.find(old, at) < 0 {
			f(old, at, part{})
		}
	}
}

// cumulating merges what has come since the start of the window's period.
type cumulating struct {
	inside []window.Window
	sums   cells
	ahead  ahead
}

func (r *cumulating) enter(sl *Slice) {
	if n := len(r.inside); n > 0 && r.inside[n-1].Start >= sl.Start {
		return
	}
	r.inside = append(r.inside, sl.Window)
	r.ahead.mergeAll(r.sums, sl.cells)
}

// leave empties everything: windows of one period begin at one time.
func (r *cumulating) leave(t window.Time) {
	if len(r.inside) > 0 && r.inside[0].Start < t {
		r.inside = r.inside[:0]
		r.sums.reset()
	}
}

func (r *cumulating) whole() cells { return r.sums }

func (r *cumulating) each(f func(cells, int, part)) { eachOf(r.sums, f) }
