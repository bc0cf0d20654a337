package pattern

import (
	"math"
	"slices"

	"github.com/freshet-go/freshet/stream"
)

// A buffer is what is held for a key: events, and the paths of them that may yet match. Paths share what they
// have in common, as each link knows the one before it: Agrawal, Diao, Gyllstrom and Immerman, "Efficient Pattern
// Matching over Event Streams", SIGMOD 2008, has such a buffer with version numbers, which are needed where links are
// shared forward. Here a link has one predecessor, and a path is known by its last link.
//
// An event is known by its place among those that are held. The fields are what a checkpoint has. In the one of version 1 events had numbers besides: as field 5 of
// a buffer, 2 of a mark, 7 of a run and 2 of a done.
type buffer struct {
	Marks []mark      `binary:"1"` // of the events that are held, in their order
	Links []link      `binary:"2"`
	Runs  []run       `binary:"3"` // partial matches by their first events, and where these are the same by the next ones
	Done  []done      `binary:"4"` // matches that are held back for partial matches that began before, in the order of completion
	Wake  stream.Time `binary:"6"` // the latest time that a timer is set for
	Full  int32       `binary:"7"` // how many links are let be until those are sought that nobody needs
}

// A mark is what is known of an event besides its value.
type mark struct {
	At stream.Time `binary:"1"`
}

// A link is an event at the end of a path.
type link struct {
	Before int32 `binary:"1"` // the link before it, or -1
	Event  int32 `binary:"2"`
	Step   int32 `binary:"3"`
}

// A run is a partial match.
type run struct { // 32 bytes: each key has some
	Ways  ways        `binary:"4"`
	From  stream.Time `binary:"6"` // the time of its first event
	Last  int32       `binary:"1"` // its last link; -1 before it has begun
	First int32       `binary:"8"` // its first event
	Taken int32       `binary:"3"` // how many events the last step has
	Step  int16       `binary:"2"` // of the last link
	Fresh bool        `binary:"5"` // no event has come behind its last one
}

// A done is a match.
type done struct {
	Last  int32       `binary:"1"`
	First int32       `binary:"4"` // its first event
	At    stream.Time `binary:"3"` // when it was complete
}

// first returns the first event of the path that ends with a link.
func (b *buffer) first(last int32) int32 {
	for b.Links[last].Before >= 0 {
		last = b.Links[last].Before
	}
	return b.Links[last].Event
}

// ofVersion1 makes b of what a checkpoint of version 1 had.
func (b *buffer) ofVersion1() {
	for i := range b.Runs {
		b.Runs[i].First = b.first(b.Runs[i].Last)
	}
	for i := range b.Done {
		b.Done[i].First = b.first(b.Done[i].Last)
	}
}

// used marks the links that runs and matches need, and returns how many these are.
func (b *buffer) used(runs []run, marked []bool) (n int) {
	mark := func(i int32) {
		for ; i >= 0 && !marked[i]; i = b.Links[i].Before {
			marked[i] = true
			n++
		}
	}
	for i := range runs {
		mark(runs[i].Last)
	}
	for i := range b.Done {
		mark(b.Done[i].Last)
	}
	return n
}

// freeLinks are so few that they may stay where nobody needs them.
const freeLinks = 32

// A sweep takes out of a buffer what nobody needs. Its memory is used again.
type sweep struct {
	marked []bool
	moved  []int32 // where links are now
	events []int32 // where events are now; -1 if they are gone
}

// of sweeps a buffer that would need more memory for the next event, if that is worth it, and returns for each event where it is now, or nil if nothing has moved.
func (s *sweep) of(b *buffer) []int32 {
	n, full := len(b.Links), int(b.Full)
	room := n < cap(b.Links) && len(b.Marks) < cap(b.Marks)
	if n < full || room && n <= max(2*full, freeLinks) { // what nobody needs may stay, but not all that there was room for once
		return nil
	}
	s.marked = zeroed(s.marked, len(b.Links))
	s.moved = zeroed(s.moved, len(b.Links))
	s.events = zeroed(s.events, len(b.Marks))
	left := b.used(b.Runs, s.marked)
	b.Full = int32(min(left+max(left/2, 2), math.MaxInt32))
	for i := range s.events {
		s.events[i] = -1
	}
	for i, l := range b.Links {
		if s.marked[i] {
			s.events[l.Event] = 0
		}
	}
	kept := int32(0)
	for i := range s.events {
		if s.events[i] == 0 {
			s.events[i] = kept
			b.Marks[kept] = b.Marks[i]
			kept++
		}
	}
	b.Marks = b.Marks[:kept]
	kept = 0
	for i, l := range b.Links {
		if !s.marked[i] {
			continue
		}
		if l.Before >= 0 {
			l.Before = s.moved[l.Before]
		}
		l.Event = s.events[l.Event]
		b.Links[kept], s.moved[i] = l, kept
		kept++
	}
	b.Links = b.Links[:kept]
	for i := range b.Runs {
		r := &b.Runs[i]
		r.Last, r.First = s.moved[r.Last], s.events[r.First]
	}
	for i := range b.Done {
		d := &b.Done[i]
		d.Last, d.First = s.moved[d.Last], s.events[d.First]
	}
	return s.events
}

// zeroed returns n zero elements, on the memory of s if it is large enough.
func zeroed[E any](s []E, n int) []E {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}
