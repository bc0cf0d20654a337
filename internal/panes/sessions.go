package panes

import (
	"slices"
	"unsafe"

	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/internal/timer"
	"github.com/freshet-go/freshet/window"
)

// Sessions holds session windows: for each key the runs of events that are
// less than a gap apart. An event that falls between two sessions joins them.
//
// Which sessions there are depends on the events that were not too late and on
// nothing else, in particular not on the order in which partitions are read. An
// event at t spans [t, t+gap), and one that was late at watermark wm the part
// of it that begins at wm-lateness: with what ended before, it has nothing to
// do any more. Events whose spans overlap are of one session. As all that is
// forgotten has ended at the store's watermark less the lateness, and wm is no
// less than that, no event overlaps what is forgotten.
type Sessions struct {
	triggers
	spec    window.Spec
	cells   cells
	runs    []run // of the cells, by place
	places  []uint32
	ids     []uint32 // that are free
	due     timer.Alarms
	now     window.Time
	reach   Reach
	changed bool
	count   int
	slots   []uint32
	batch   []timer.Alarm
	lastPut *memory // of the session that was restored last
}

// A run is the sessions of one key. Nearly every key has one, whose accumulator
// is that of the key. Several are in more, and have spare accumulators. It takes
// a line of the processor's caches.
type run struct {
	more *[]session // by from
	one  session    // if there is one
}

// acc is the place of the accumulator of one of several.
func (x *session) acc() int { return int(int32(x.ref)) }

func (x *session) setAcc(place int) { x.ref = uint32(int32(place)) }

// id is what places knows, while the run moves.
func (r *run) id() uint32 { return r.one.ref }

// set makes x the only session.
func (r *run) set(x session) {
	x.ref = r.one.ref
	r.one, r.more = x, nil
}

type session struct {
	window.Window
	from  window.Time // where its events' spans begin: at Start, or later if they were late
	alarm window.Time // when the queue has an item that will look at it
	cell              // whose ref is the place of the accumulator, of one of several, or else the run's id
}

// NewSessions returns an empty store for session windows.
func NewSessions(spec window.Spec, kind Tables, reach Reach) *Sessions {
	return &Sessions{triggers: newTriggers(spec), spec: spec, cells: kind.table(), reach: reach, now: window.MinTime}
}

// Probe brings the sessions of many keys into the processor's caches.
func (s *Sessions) Probe(hashes []uint64, rows []int32) []uint32 {
	if cap(s.slots) < len(hashes) {
		s.slots = make([]uint32, len(hashes))
	}
	s.slots = s.slots[:len(hashes)]
	s.cells.probe(hashes, rows, s.slots)
	s.touch(rows)
	return s.slots
}

// touch brings the runs at slots into the processor's caches.
func (s *Sessions) touch(rows []int32) {
	table.Touch(unsafe.Pointer(unsafe.SliceData(s.runs)), unsafe.Sizeof(run{}), rows, s.slots)
}

// Watermark returns how far Advance has come.
func (s *Sessions) Watermark() window.Time { return s.now }

// Keys returns how many sessions are held.
func (s *Sessions) Keys() int { return s.count }

// at returns the place of a session as the triggers see it.
func (s *Sessions) at(place int, x *session) spot {
	acc := place
	if s.runs[place].more != nil {
		acc = x.acc()
	}
	return spot{x.Window, &x.cell, s.cells, place, acc}
}

// Add adds an event at t, where wm is the watermark that it is held against.
// The caller has made sure that [t, t+gap) is not past its lateness. It returns
// how many events will show in no pane, as their session has fired once and
// for all: this one, and those of sessions that it joins to such a one.
func (s *Sessions) Add(t, wm window.Time, e event) (dropped int) {
	span := window.Window{Start: t, End: t.Add(s.spec.Gap())}
	from := t
	if t < wm {
		from = max(t, wm.Add(-s.spec.Lateness()))
	}
	at := e.place(s.cells)
	if at < 0 {
		at = e.insert(s.cells)
		s.runs = append(s.runs, run{})
		r := &s.runs[at]
		r.one.ref = s.identify(at)
		r.set(s.fresh(span, from, r.id()))
		return s.put1(at, &r.one, t, wm)
	}
	// The common case: the key's only session takes the event.
	if r := &s.runs[at]; r.more == nil && from < r.one.End && r.one.from < span.End {
		s.fold(&r.one, at, e)
		r.one.extend(span, from)
		return s.put1(at, &r.one, t, wm)
	}
	x, lost := s.join(at, span, from, e)
	return lost + s.put1(at, x, t, wm)
}

// identify gives the run at a place a number that stays while it moves.
func (s *Sessions) identify(at int) (id uint32) {
	if n := len(s.ids); n > 0 {
		id, s.ids = s.ids[n-1], s.ids[:n-1]
		s.places[id] = uint32(at)
		return id
	}
	s.places = append(s.places, uint32(at))
	return uint32(len(s.places) - 1)
}

func (x *session) extend(w window.Window, from window.Time) {
	x.Start, x.End, x.from = min(x.Start, w.Start), max(x.End, w.End), min(x.from, from)
}

// fold adds the event to the accumulator of a session. It comes before all
// else that the event changes: if the aggregator panics, the event has not been
// here.
func (s *Sessions) fold(x *session, acc int, e event) {
	if !x.finished {
		e.add(s.cells, acc)
	}
}

// fresh makes a session of one event.
func (s *Sessions) fresh(w window.Window, from window.Time, id uint32) session {
	x := session{Window: w, from: from}
	x.closed = x.End <= s.now
	s.count++
	s.wake(&x, id)
	return x
}

// wake sees to it that x is looked at when the watermark reaches its end, or
// after that its last moment.
func (s *Sessions) wake(x *session, id uint32) {
	x.alarm = x.End
	if x.closed {
		x.alarm = x.End.Add(s.spec.Lateness())
	}
	s.due.Push(int64(x.alarm), id)
}

// put1 notes the event that a session has taken in.
func (s *Sessions) put1(at int, x *session, t, wm window.Time) (dropped int) {
	if x.finished {
		return 1
	}
	if x.closed && x.End > s.now { // a late event has made it reach into the future again
		x.closed = false
		s.wake(x, s.runs[at].id())
	}
	s.note(&x.cell, t, t >= wm)
	s.changed = true
	if x.End <= s.now || s.counts {
		s.added(s.at(at, x), s.now)
	}
	return 0
}

// join adds an event to the session that it makes of those which its span
// overlaps, and returns how many events of theirs will show in no pane.
func (s *Sessions) join(at int, span window.Window, from window.Time, e event) (x *session, lost int) {
	r := &s.runs[at]
	s.several(r, at)
	all := *r.more
	first := 0
	for first < len(all) && all[first].End <= from {
		first++
	}
	last := first
	for last < len(all) && all[last].from < span.End {
		last++
	}
	if first == last {
		acc := s.cells.spare()
		e.add(s.cells, acc)
		x := s.fresh(span, from, r.id())
		x.setAcc(acc)
		all = slices.Insert(all, first, x)
		*r.more = all
		return &all[first], 0
	}
	x = &all[first]
	s.fold(x, x.acc(), e)
	x.extend(span, from)
	for i := first + 1; i < last; i++ {
		y := &all[i]
		x.extend(y.Window, y.from)
		lost += s.triggers.join(s.at(at, x), &y.cell, y.acc())
	}
	s.count -= last - first - 1
	*r.more = slices.Delete(all, first+1, last)
	return x, lost
}

// several makes a run ready for more than one session.
func (s *Sessions) several(r *run, at int) {
	if r.more == nil {
		x, acc := r.one, s.cells.spare()
		s.cells.move(acc, at)
		x.setAcc(acc)
		r.set(session{})
		r.more = &[]session{x}
	}
}
