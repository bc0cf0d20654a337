package panes

import (
	"cmp"
	"slices"

	"github.com/freshet-go/freshet/window"
)

// A Kept is one accumulator of a Sliced store as it is saved: of a slice, or
// what late events have added to a window.
type Kept[K comparable, A any] struct {
	Hash  uint64      `binary:"1"`
	Key   K           `binary:"2"`
	Start window.Time `binary:"3"` // of the slice or the window
	Acc   A           `binary:"4"`
	End   window.Time `binary:"5"` // of the window
	Panes int         `binary:"6"` // how many the window of the key has had
	Late  bool        `binary:"7"` // it is what late events have added to a window
}

// Each calls f with all that the store holds.
func (s *Sliced[K, A]) Each(f func(Kept[K, A])) {
	for _, sl := range s.slices {
		entries, hashes := sl.Table.Entries(), sl.Table.Hashes()
		for i := range entries {
			f(Kept[K, A]{Hash: hashes[i], Key: entries[i].Key, Start: sl.Start, Acc: entries[i].Val})
		}
	}
	for _, x := range s.late {
		entries, hashes := x.cells.Entries(), x.cells.Hashes()
		for i := range entries {
			e := &entries[i]
			f(Kept[K, A]{Hash: hashes[i], Key: e.Key, Start: x.Start, Acc: e.Val.acc, End: x.End, Panes: e.Val.panes, Late: true})
		}
	}
}

// Put puts back what Each has given. The watermark has to be set by Pass.
func (s *Sliced[K, A]) Put(x Kept[K, A]) {
	if !x.Late {
		s.Add(x.Start, x.Hash, x.Key, x.Acc)
		return
	}
	w := window.Window{Start: x.Start, End: x.End}
	c, _ := s.extraOf(w).cells.At(x.Hash, x.Key)
	c.acc, c.panes, c.fired = x.Acc, x.Panes, x.End <= s.fired
}

// A KeptCell is one window of one key of a store with triggers as it is saved.
type KeptCell[K comparable, A any] struct {
	Hash  uint64      `binary:"1"`
	Key   K           `binary:"2"`
	Start window.Time `binary:"3"`
	End   window.Time `binary:"4"`
	Acc   A           `binary:"5"`

	Since    int32 `binary:"6"` // as in cell
	Index    int32 `binary:"7"`
	Finished bool  `binary:"8"`
	Closed   bool  `binary:"9"`

	Remembers  bool        `binary:"10"` // it has a memory
	Has        bool        `binary:"11"` // as in memory
	First      window.Time `binary:"12"`
	Last       window.Time `binary:"13"`
	ShownStart window.Time `binary:"14"`
	ShownEnd   window.Time `binary:"15"`
}

func keep[K comparable, A any](hash uint64, k K, w window.Window, c *cell[A]) KeptCell[K, A] {
	x := KeptCell[K, A]{
		Hash: hash, Key: k, Start: w.Start, End: w.End,
		Acc: c.acc, Since: c.since, Index: c.index, Finished: c.finished, Closed: c.closed,
	}
	if m := c.memory; m != nil {
		x.Remembers, x.Has, x.First, x.Last = true, m.has, m.first, m.last
		x.ShownStart, x.ShownEnd = m.shown.Start, m.shown.End
	}
	return x
}

func (x *KeptCell[K, A]) window() window.Window { return window.Window{Start: x.Start, End: x.End} }

func (x *KeptCell[K, A]) cell() cell[A] {
	c := cell[A]{acc: x.Acc, since: x.Since, index: x.Index, finished: x.Finished, closed: x.Closed}
	if x.Remembers {
		c.memory = &memory{has: x.Has, first: x.First, last: x.Last, shown: window.Window{Start: x.ShownStart, End: x.ShownEnd}}
	}
	return c
}

// Each calls f with all that the store holds.
func (s *Triggered[K, A]) Each(f func(KeptCell[K, A])) {
	for _, h := range s.open {
		entries, hashes := h.cells.Entries(), h.cells.Hashes()
		for i := range entries {
			f(keep(hashes[i], entries[i].Key, h.Window, &entries[i].Val))
		}
	}
}

// Begin sets the watermark of a store that is empty.
func (s *Triggered[K, A]) Begin(wm window.Time) { s.now = wm }

// Put puts back what Each has given, once the watermark has been set by Begin.
func (s *Triggered[K, A]) Put(x KeptCell[K, A]) {
	h := s.at(x.window())
	c, _ := h.cells.At(x.Hash, x.Key)
	*c = x.cell()
	if x.Has {
		h.first = min(h.first, x.First)
	}
	s.changed = s.changed || x.Since > 0
}

// Each calls f with all that the store holds.
func (s *Sessions[K, A]) Each(f func(KeptCell[K, A])) {
	entries, hashes := s.keys.Entries(), s.keys.Hashes()
	for i := range entries {
		e := &entries[i]
		if e.Val.more == nil {
			f(keep(hashes[i], e.Key, e.Val.one.Window, &e.Val.one.cell))
			continue
		}
		for j := range *e.Val.more {
			x := &(*e.Val.more)[j]
			f(keep(hashes[i], e.Key, x.Window, &x.cell))
		}
	}
}

// Begin sets the watermark of a store that is empty.
func (s *Sessions[K, A]) Begin(wm window.Time) { s.now = wm }

// Put puts back what Each has given, once the watermark has been set by Begin.
func (s *Sessions[K, A]) Put(k KeptCell[K, A]) {
	x := session[A]{Window: k.window(), cell: k.cell()}
	s.count++
	s.alarm(&x, k.Hash, k.Key)
	s.changed = s.changed || k.Since > 0
	r, _ := s.keys.At(k.Hash, k.Key)
	switch {
	case !r.some:
		r.some, r.one = true, x
	case r.more == nil:
		r.more = &[]session[A]{r.one}
		r.one = session[A]{}
		fallthrough
	default:
		*r.more = append(*r.more, x)
		slices.SortFunc(*r.more, func(a, b session[A]) int { return cmp.Compare(a.Start, b.Start) })
	}
}

// Each calls f with all that the store holds.
func (s *Counted[K, A]) Each(f func(KeptCell[K, A])) {
	entries, hashes := s.keys.Entries(), s.keys.Hashes()
	for i := range entries {
		c := &entries[i].Val
		f(KeptCell[K, A]{Hash: hashes[i], Key: entries[i].Key, Acc: c.acc, Since: int32(c.n), First: c.first, Last: c.last})
	}
}

// Put puts back what Each has given.
func (s *Counted[K, A]) Put(x KeptCell[K, A]) {
	c, _ := s.keys.At(x.Hash, x.Key)
	*c = countCell[A]{acc: x.Acc, n: int(x.Since), first: x.First, last: x.Last}
}
