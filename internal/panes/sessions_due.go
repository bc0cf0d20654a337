package panes

import (
	"slices"

	"github.com/freshet-go/freshet/window"
)

// When sessions fire, and when they are forgotten.

// dueAtOnce is how many keys are looked at together, so that their memory is
// waited for together.
const dueAtOnce = 512

// Advance fires the sessions that end at or before wm, by ascending alarm, and
// forgets those past their lateness. An alarm is of the end that a session had when it was set, so sessions that have grown may fire
// before others that end earlier. It goes no further than it may reach.
func (s *Sessions) Advance(wm window.Time) {
	if wm <= s.now {
		return
	}
	for {
		s.batch = s.due.PopDue(int64(wm), dueAtOnce, s.batch[:0])
		last := len(s.batch) < dueAtOnce
		end := wm
		if !last { // as far as this batch goes
			end = window.Time(s.batch[dueAtOnce-1].Due)
		}
		to := s.reach(end)
		s.now = max(s.now, to)
		if to < end {
			s.putBack()
		}
		s.slots = s.slots[:0]
		for i := range s.batch {
			if at := s.places[s.batch[i].ID]; int(at) < len(s.runs) {
				s.slots = append(s.slots, at+1)
			}
		}
		s.cells.touch(s.slots)
		s.touch(nil)
		for i := range s.batch {
			s.look(s.batch[i].ID)
		}
		if last || to < end {
			return
		}
	}
}

// putBack leaves what is due later than now for another time.
func (s *Sessions) putBack() {
	n := len(s.batch)
	for n > 0 && window.Time(s.batch[n-1].Due) > s.now {
		n--
		s.due.Push(s.batch[n].Due, s.batch[n].ID)
	}
	s.batch = s.batch[:n]
}

// look deals with the sessions of a key that are due.
func (s *Sessions) look(id uint32) {
	at := int(s.places[id])
	if at >= len(s.runs) || s.runs[at].id() != id {
		return // an alarm of a run that is no more
	}
	r := &s.runs[at]
	if r.more == nil {
		if s.dueNow(at, &r.one) {
			s.count--
			s.forget(at)
		}
		return
	}
	all := *r.more
	for i := 0; i < len(all); {
		if s.dueNow(at, &all[i]) {
			s.cells.release(all[i].acc())
			all = slices.Delete(all, i, i+1)
			s.count--
			continue
		}
		i++
	}
	switch *r.more = all; len(all) {
	case 0:
		s.forget(at)
	case 1:
		s.cells.move(at, all[0].acc())
		r.set(all[0])
	}
}

// forget forgets a key.
func (s *Sessions) forget(at int) {
	s.ids = append(s.ids, s.runs[at].id())
	s.cells.remove(at)
	last := len(s.runs) - 1
	s.runs[at] = s.runs[last]
	s.places[s.runs[at].id()] = uint32(at)
	s.runs[last] = run{}
	s.runs = s.runs[:last]
}

// dueNow does what is due for x, and reports whether x is to be forgotten.
func (s *Sessions) dueNow(at int, x *session) (forget bool) {
	id := s.runs[at].id()
	if x.End > s.now {
		if x.alarm <= s.now {
			s.wake(x, id)
		}
		return false
	}
	if !x.closed {
		s.passed(s.at(at, x))
	}
	if gone := x.End.Add(s.spec.Lateness()); gone > s.now {
		if x.alarm != gone {
			x.alarm = gone
			s.due.Push(int64(gone), id)
		}
		return false
	}
	s.last(s.at(at, x))
	return true
}

// all calls f with every session and the place of its key.
func (s *Sessions) all(f func(at int, x *session)) {
	for at := range s.runs {
		r := &s.runs[at]
		if r.more == nil {
			f(at, &r.one)
			continue
		}
		for j := range *r.more {
			f(at, &(*r.more)[j])
		}
	}
}

// Hold returns the earliest time that a pane which is still to come on time
// may be stamped with, or MaxTime. It never goes back, and looks at all keys.
func (s *Sessions) Hold() window.Time {
	hold := window.MaxTime
	s.all(func(_ int, x *session) {
		if !x.closed && x.memory != nil && x.memory.has {
			hold = min(hold, x.memory.first)
		}
	})
	return hold
}

// Changed reports whether an event was added since the last call of Early.
func (s *Sessions) Changed() bool { return s.changed }

// Early fires an early pane for each session that has changed since its last
// one and is still open.
func (s *Sessions) Early() {
	s.changed = false
	s.all(func(at int, x *session) {
		if x.since > 0 && !x.finished && x.End > s.now {
			s.fire(s.at(at, x), Early)
		}
	})
}
