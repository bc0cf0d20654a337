package pattern

import (
	"slices"
	"unsafe"
)

// A held is what is held for a key.
type held[T any] struct {
	Buffer buffer `binary:"1"`
	Values []T    `binary:"2"` // by event
}

// A roomy is a held with room for a few short partial matches beside it: a key is then in memory that lies together, and that of a value of 24 bytes
// has 512: eight cache lines. Of random events of three steps four keys in five need no more.
type roomy[T any] struct {
	held   held[T]
	runs   [4]run
	links  [7]link
	marks  [5]mark
	values [5]T
}

// in makes r what is held for a key.
func (r *roomy[T]) in(was *held[T]) *held[T] {
	h, b := &r.held, &r.held.Buffer
	*h = *was
	h.Values, b.Marks, b.Links, b.Runs = append(r.values[:0], h.Values...), append(r.marks[:0], b.Marks...), append(r.links[:0], b.Links...), append(r.runs[:0], b.Runs...)
	return h
}

// touch loads a byte of each cache line of the roomy that h is part of, or of the first 16 where values are large. Lists that have outgrown it lie
// elsewhere.
func (h *held[T]) touch() (seen int64) {
	const line = 64
	size := unsafe.Sizeof(roomy[T]{})
	for at := uintptr(0); at < size && at < 16*line; at += line {
		seen += int64(*(*byte)(unsafe.Add(unsafe.Pointer(h), at)))
	}
	return seen
}

// empty reports whether nothing is held.
func (h *held[T]) empty() bool { return len(h.Buffer.Runs) == 0 && len(h.Buffer.Done) == 0 }

// tidy takes out what nobody needs.
func (h *held[T]) tidy(s *sweep) {
	b := &h.Buffer
	if h.empty() {
		clear(h.Values)
		h.Values, b.Marks, b.Links, b.Full = h.Values[:0], b.Marks[:0], b.Links[:0], 0
		b.Wake = minTime
		return
	}
	moved := s.of(b)
	if moved == nil {
		return
	}
	for i, to := range moved {
		if to >= 0 {
			h.Values[to] = h.Values[i]
		}
	}
	clear(h.Values[len(b.Marks):])
	h.Values = h.Values[:len(b.Marks)]
}

// path returns the links that end with one, the last of them first, on the memory of into.
func (b *buffer) path(last int32, into []link) []link {
	into = into[:0]
	for i := last; i >= 0; i = b.Links[i].Before {
		into = append(into, b.Links[i])
	}
	return into
}

// A SoFar is what has matched so far, for a condition that is asked of an event which may come next. It
// is valid until the condition returns.
type SoFar[T any] struct {
	held  *held[T]
	steps []shape
	path  []link // the last one first
	taken []T
	last  int32 // which path that is
}

// Events returns the events that a step has taken, in their order, and nil if it has taken none. They are valid
// until Events is called again and the condition returns. It panics if no step has the name. It costs as much as the partial match
// is long, as do First, Last and Len.
func (s *SoFar[T]) Events(step string) []T {
	i := s.step(step)
	s.taken = s.taken[:0]
	for _, l := range slices.Backward(s.path) {
		if l.Step == i {
			s.taken = append(s.taken, s.held.Values[l.Event])
		}
	}
	if len(s.taken) == 0 {
		return nil
	}
	return s.taken
}

// First returns the first event that a step has taken, and whether it has taken any. It panics if no step has the name.
func (s *SoFar[T]) First(step string) (v T, ok bool) {
	i := s.step(step)
	for _, l := range slices.Backward(s.path) {
		if l.Step == i {
			return s.held.Values[l.Event], true
		}
	}
	return v, false
}

// Last returns the last event that a step has taken, and whether it has taken any. It panics if no step has the name.
func (s *SoFar[T]) Last(step string) (v T, ok bool) {
	i := s.step(step)
	for _, l := range s.path {
		if l.Step == i {
			return s.held.Values[l.Event], true
		}
	}
	return v, false
}

// Len returns how many events a step has taken. It panics if no step has the name.
func (s *SoFar[T]) Len(step string) (n int) {
	i := s.step(step)
	for _, l := range s.path {
		if l.Step == i {
			n++
		}
	}
	return n
}

func (s *SoFar[T]) step(name string) int32 {
	for i := range s.steps {
		if s.steps[i].name == name {
			return int32(i)
		}
	}
	panic("pattern: no step is named " + name)
}

// of makes s that of the path which ends with a link.
func (s *SoFar[T]) of(h *held[T], last int32) *SoFar[T] {
	if s.held != h || s.last != last {
		s.held, s.last = h, last
		s.path = h.Buffer.path(last, s.path)
	}
	return s
}
