package panes

import (
	"cmp"
	"slices"

	"github.com/freshet-go/freshet/window"
)

// Sliced holds windows that fire on the watermark alone. Overlapping windows
// share slices: an event is added to one accumulator, whatever size ÷ slide
// is, and windows are merged from slices as the watermark passes their ends.
type Sliced struct {
	spec   window.Spec
	kind   Tables
	reach  Reach
	roll   roller // merges slices into windows; nil if a window has one slice
	slices []*Slice
	last   *Slice // the one found last
	free   []cells
	fired  window.Time // windows that end at or before it have fired or are empty
	now    window.Time // the watermark
	late   []*extra    // what late events add, by window end
	frame  Frame
	parts  []part
	none   Slice                         // holds no time
	had    func(hash uint64) window.Time // see Begin; nil if there is none
	copies *sumCopies                    // nil before the first
}

// A Slice is the part of the events that every window treats alike.
type Slice struct {
	window.Window
	cells cells
}

// CellsOf returns the accumulators of a slice of a store of the kind.
func (k *Kind[K, A]) CellsOf[_ lazily](sl *Slice) *Cells[K, A] { return sl.cells.(*Cells[K, A]) }

// An extra is what late events add to one window. A late event is held
// against its own partition's watermark and may be too late for some windows
// and not for others, so it cannot join a slice, which all windows share.
type extra struct {
	window.Window
	cells cells
	added []addition // of the cells, by place
}

type addition struct {
	panes int  // how many panes the window of the key has had
	fired bool // the current firing has come to it
}

// NewSliced returns an empty store for windows of any kind but session and count
// whose trigger is the default one.
func NewSliced(spec window.Spec, kind Tables, reach Reach) *Sliced {
	s := &Sliced{spec: spec, kind: kind, reach: reach, fired: window.MinTime, now: window.MinTime}
	s.none = Slice{window.Window{Start: window.MaxTime, End: window.MinTime}, kind.table()}
	switch {
	case spec.ForPanes(): // each window has a slice of its own
	case spec.Kind() == window.KindCumulating, spec.Kind() == window.KindCumulatingCalendar:
		s.roll = &cumulating{sums: kind.table()}
	case spec.Kind() == window.KindSliding && spec.Size() == spec.Slide():
	case spec.Kind() == window.KindSliding && kind.subtracts():
		s.roll = &subtracting{sums: kind.table()}
	case spec.Kind() == window.KindSliding:
		s.roll = &twoStacks{kind: kind, back: kind.table()}
	case spec.Kind() == window.KindTumbling, spec.Kind() == window.KindCalendar, spec.Kind() == window.KindGlobal: // a window is a slice
	default:
		panic(Strange("panes.NewSliced", spec))
	}
	return s
}

// Keys returns how many accumulators are held.
func (s *Sliced) Keys() int {
	n := 0
	for _, sl := range s.slices {
		n += sl.cells.size()
	}
	return n
}

// Watermark returns how far Advance has come.
func (s *Sliced) Watermark() window.Time { return s.now }

// Current returns the slice that was used last, or one that no time is in.
func (s *Sliced) Current() *Slice {
	if s.last == nil {
		return &s.none
	}
	return s.last
}

// At returns the slice that t falls in, ready to be added to. It must not be
// used for a time that is behind the watermark: see AddLate.
func (s *Sliced) At(t window.Time) *Slice {
	if s.last != nil && s.last.Contains(t) {
		return s.last
	}
	i, found := slices.BinarySearchFunc(s.slices, t, func(sl *Slice, t window.Time) int {
		switch {
		case t < sl.Start:
			return 1
		case t >= sl.End:
			return -1
		}
		return 0
	})
	if !found {
		s.slices = slices.Insert(s.slices, i, &Slice{s.spec.Slice(t), s.table()})
	}
	s.last = s.slices[i]
	return s.last
}

func (s *Sliced) table() cells {
	if n := len(s.free); n > 0 {
		t := s.free[n-1]
		s.free = s.free[:n-1]
		return t
	}
	return s.kind.table()
}

// Open reports whether no window that holds t has fired.
func (s *Sliced) Open(t window.Time) bool {
	return t >= s.fired || s.spec.EndAfter(s.spec.Slice(t).End-1) > s.fired
}

// Gone is [Gone] for the windows of the store.
func (s *Sliced) Gone(t, wm window.Time) bool { return Gone(s.spec, t, wm) }

// AddLate merges part into the windows of key k that hold t and are not past
// their lateness at watermark wm, and fires those again whose end the store's
// own watermark has passed. It takes over part.
func (k *Kind[K, A]) AddLate[_ lazily](s *Sliced, t, wm window.Time, hash uint64, key K, part A) {
	if k.one == nil {
		k.one = &Cells[K, A]{kind: k}
	}
	k.one.Table.Reset()
	acc, _ := k.one.Table.At(hash, key)
	*acc = part
	s.addLate(t, wm, k.one)
}

// addLate is AddLate of the one cell of a table.
func (s *Sliced) addLate(t, wm window.Time, one cells) {
	if end := s.spec.EndAfter(s.spec.Slice(t).End - 1); end > s.fired && end.Add(s.spec.Lateness()) > wm {
		s.At(t).cells.take(one, 0) // no window of the slice is past: it is late for none
		return
	}
	for w := range s.spec.Windows(t) {
		if w.End.Add(s.spec.Lateness()) <= wm {
			continue
		}
		x := s.extraOf(w)
		at := x.cells.merge(one, 0)
		fresh := at == len(x.added)
		if fresh {
			x.added = append(x.added, addition{})
		}
		if w.End <= s.fired {
			s.refine(x, at, fresh)
		}
	}
}

func (s *Sliced) extraOf(w window.Window) *extra {
	i, found := slices.BinarySearchFunc(s.late, w.End, func(x *extra, end window.Time) int {
		return cmp.Compare(x.End, end)
	})
	if !found {
		s.late = slices.Insert(s.late, i, &extra{Window: w, cells: s.kind.table()})
	}
	return s.late[i]
}

// refine fires a window of one key again.
func (s *Sliced) refine(x *extra, at int, fresh bool) {
	c := &x.added[at]
	s.parts = append(s.parts[:0], part{x.cells, at})
	for _, sl := range s.slices {
		if sl.Start < x.Start || sl.End > x.End || s.spec.ForPanes() && sl.End < x.End {
			continue
		}
		if i := sl.cells.find(x.cells, at); i >= 0 {
			s.parts = append(s.parts, part{sl.cells, i})
			if fresh {
				c.panes = 1 // the one that fired when the watermark passed
			}
		}
	}
	s.frame = Frame{Window: x.Window, Timing: Late, Index: c.panes, Stamp: x.End - 1}
	c.panes++
	x.cells.fireMerged(&s.frame, at, s.parts)
}
