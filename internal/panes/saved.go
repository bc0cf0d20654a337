package panes

import (
	"slices"
	"time"

	"github.com/freshet-go/freshet/window"
)

// A Kept is one accumulator of a Sliced store as it is saved: of a slice, or
// what late events have added to a window.
type Kept[K comparable, A any] struct {
	Hash  uint64      `binary:"1"`
	Key   K           `binary:"2"`
	Start window.Time `binary:"3"` // of the slice or the window
	Acc   A           `binary:"4"`
	End   window.Time `binary:"5"` // of the window, and of the slice of a calendar
	Panes int         `binary:"6"` // how many the window of the key has had
	Late  bool        `binary:"7"` // it is what late events have added to a window
}

// EachSlice calls f with all that a store holds, but for the sums that CopySums copies.
func (k *Kind[K, A]) EachSlice[_ lazily](s *Sliced, f func(Kept[K, A])) {
	each := func(c cells, x Kept[K, A], added []addition) {
		i := 0
		c.(*Cells[K, A]).Each(func(hash uint64, key *K, acc *A, _ int64) {
			x.Hash, x.Key, x.Acc = hash, *key, *acc
			if x.Late {
				x.Panes = added[i].panes
			}
			f(x)
			i++
		})
	}
	for _, sl := range s.slices {
		if sl.cells.summed().Len() > 0 {
			continue
		}
		x := Kept[K, A]{Start: sl.Start}
		if s.movable() {
			x.End = sl.End
		}
		each(sl.cells, x, nil)
	}
	for _, x := range s.late {
		each(x.cells, Kept[K, A]{Start: x.Start, End: x.End, Late: true}, x.added)
	}
}

// PutSlice puts back what EachSlice has given. Begin has set
// the watermark of the store.
func (k *Kind[K, A]) PutSlice[_ lazily](s *Sliced, x Kept[K, A]) {
	w := window.Window{Start: x.Start, End: x.End}
	if !x.Late {
		k.CellsOf(s.keptSlice(w)).Put(x.Hash, x.Key, x.Acc, 0)
		return
	}
	to := s.keptExtra(w)
	to.cells.(*Cells[K, A]).Put(x.Hash, x.Key, x.Acc, 0)
	if len(to.added) < to.cells.size() {
		to.added = append(to.added, addition{panes: x.Panes, fired: to.End <= s.fired})
	}
}

// movable reports whether the windows may lie elsewhere than those of the run that
// has saved them: a zone may have new rules. No other windows do, as
// a run with other settings is refused.
func (s *Sliced) movable() bool {
	switch s.spec.Kind() {
	case window.KindCalendar, window.KindCumulatingCalendar:
		return true
	case window.KindTumbling, window.KindSliding, window.KindCumulating, window.KindGlobal:
		return false
	}
	panic(Strange("panes.Sliced.movable", s.spec))
}

// keptSlice returns the slice that a saved one belongs to. One that no window had
// shown must not be of windows that have been fired by now.
func (s *Sliced) keptSlice(w window.Window) *Slice {
	if s.movable() && w.End > s.fired && s.spec.LastEnd(s.spec.Slice(w.Start)) <= s.fired {
		return s.At(s.fired)
	}
	return s.At(w.Start)
}

// keptExtra returns what a saved extra belongs to. One that is still to be fired
// is of a window that will be: the first to end no earlier.
func (s *Sliced) keptExtra(w window.Window) *extra {
	if s.movable() && w.End > s.fired {
		w = s.spec.Ending(s.spec.EndAfter(w.End - 1))
	}
	return s.extraOf(w)
}

// A KeptCell is one window of one key of a Store as it is saved.
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
	ShownStart window.Time `binary:"14"` // the window of its last pane
	ShownEnd   window.Time `binary:"15"`

	From  time.Duration `binary:"16"` // of a session, behind Start
	Shown bool          `binary:"17"` // it is no cell, but a further window that the cell before has shown
}

// saved is a KeptCell without its types. Records of it can be told from cells
// by shown.
type saved struct {
	window.Window
	cell
	remembers bool
	memory    memory // without shown
	lastShown window.Window
	from      time.Duration
	shown     bool
}

// save turns what a cell holds into records.
func save(x spot, from time.Duration, f func(spot, saved)) {
	r := saved{Window: x.Window, cell: *x.cell, from: from}
	var more []window.Window
	if m := x.cell.memory; m != nil {
		r.remembers, r.memory = true, *m
		if n := len(m.shown); n > 0 {
			r.lastShown, more = m.shown[n-1], m.shown[:n-1]
		}
	}
	f(x, r)
	for _, w := range more {
		f(x, saved{Window: w, shown: true})
	}
}

// load is the cell of a record.
func (r *saved) load() cell {
	c := r.cell
	if c.memory = nil; r.remembers {
		m := r.memory
		if m.shown = nil; r.lastShown != (window.Window{}) {
			m.shown = []window.Window{r.lastShown}
		}
		c.memory = &m
	}
	return c
}

// EachCell calls f with all that a store holds.
func (k *Kind[K, A]) EachCell[_ lazily](s Store, f func(KeptCell[K, A])) {
	s.each(func(x spot, r saved) {
		c := x.cells.(*Cells[K, A])
		kept := KeptCell[K, A]{
			Hash: c.Table.Hashes()[x.key], Key: c.Table.Entries()[x.key].Key, Start: r.Start, End: r.End,
			Since: r.since, Index: r.index, Finished: r.finished, Closed: r.closed,
			Remembers: r.remembers, Has: r.memory.has, First: r.memory.first, Last: r.memory.last,
			ShownStart: r.lastShown.Start, ShownEnd: r.lastShown.End,
			From: r.from, Shown: r.shown,
		}
		if !r.shown {
			kept.Acc = *c.acc(x.acc)
		}
		f(kept)
	})
}

// PutCell puts back what EachCell has given, in its order, once the watermark
// has been set by Begin.
func (k *Kind[K, A]) PutCell[_ lazily](s Store, x KeptCell[K, A]) {
	s.put(saved{
		Window:    window.Window{Start: x.Start, End: x.End},
		cell:      cell{since: x.Since, index: x.Index, finished: x.Finished, closed: x.Closed},
		remembers: x.Remembers, memory: memory{has: x.Has, first: x.First, last: x.Last},
		lastShown: window.Window{Start: x.ShownStart, End: x.ShownEnd},
		from:      x.From, shown: x.Shown,
	}, &Event[K, A]{Hash: x.Hash, Key: x.Key, Fold: func(A) A { return x.Acc }})
}

// Begin sets the watermark of a store that is empty.
func (s *Triggered) Begin(wm window.Time) { s.now = wm }

func (s *Triggered) each(f func(spot, saved)) {
	for _, h := range s.held {
		for i := range h.states {
			save(h.at(i), 0, f)
		}
	}
}

// put puts a record back. A window of time has shown no other than itself.
func (s *Triggered) put(x saved, e event) {
	h := s.at(x.Window)
	e.insert(h.cells)
	h.states = append(h.states, x.load())
	if x.memory.has {
		h.first = min(h.first, x.memory.first)
	}
	s.changed = s.changed || x.since > 0
}

// Begin sets the watermark of a store that is empty.
func (s *Sessions) Begin(wm window.Time) { s.now = wm }

func (s *Sessions) each(f func(spot, saved)) {
	s.all(func(at int, x *session) { save(s.at(at, x), x.from.Sub(x.Start), f) })
}

func (s *Sessions) put(x saved, e event) {
	at := e.place(s.cells)
	if x.shown { // by the session that was put last, which is the last of its key
		s.lastPut.show(x.Window)
		return
	}
	n := session{Window: x.Window, from: x.Start.Add(x.from), cell: x.load()}
	s.count++
	s.changed = s.changed || x.since > 0
	s.lastPut = n.cell.memory
	if at < 0 {
		at = e.insert(s.cells)
		n.ref = s.identify(at)
		s.runs = append(s.runs, run{one: n})
		s.wake(&s.runs[at].one, n.ref)
		return
	}
	r := &s.runs[at]
	s.wake(&n, r.id())
	s.several(r, at)
	acc := s.cells.spare()
	e.add(s.cells, acc)
	n.setAcc(acc)
	at = slices.IndexFunc(*r.more, func(x session) bool { return x.from > n.from })
	if at < 0 {
		at = len(*r.more)
	}
	*r.more = slices.Insert(*r.more, at, n)
}

// show adds a window that was shown before the last one.
func (m *memory) show(w window.Window) {
	if m != nil {
		m.shown = slices.Insert(m.shown, max(0, len(m.shown)-1), w)
	}
}

func (s *Counted) each(f func(spot, saved)) {
	for at := range s.states {
		c := &s.states[at]
		f(spot{cells: s.cells, key: at, acc: at}, saved{
			cell:   cell{since: int32(c.n)},
			memory: memory{first: c.first, last: c.last},
		})
	}
}

func (s *Counted) put(x saved, e event) {
	e.insert(s.cells)
	s.states = append(s.states, count{n: int(x.since), first: x.memory.first, last: x.memory.last})
}
