package pattern

import (
	"math/bits"

	"github.com/freshet-go/freshet/stream"
)

// conditions are those of a pattern, asked of the event at hand. Last is the last link of a path that it
// may become part of, or -1.
type conditions interface {
	takes(step int, last int32) bool
	until(step int, last int32) bool
	not(i int, last int32) bool
}

// A stepping is what an event makes of the buffer of its key. Nothing in the buffer that was there before is
// changed until commit, so that an event on which a condition fails has not been there. Its memory is used again.
type stepping struct {
	a *automaton
	b *buffer
	c conditions

	sure  ways // the steps of which it is known whether they take the event
	taken ways // which of them do

	at      stream.Time
	links   int // how many there were
	event   int32
	runs    []run
	matched []done
	marked  []bool
}

// event takes the event of a time. It reports whether the buffer has come to hold it.
func (s *stepping) process(b *buffer, at stream.Time) (held bool, err error) {
	s.b, s.at, s.links, s.event = b, at, len(b.Links), int32(len(b.Marks))
	s.runs, s.matched = s.runs[:0], s.matched[:0]
	for i := range b.Runs {
		if w := s.a.within; w == 0 || at.Sub(b.Runs[i].From) < w {
			s.goOn(b.Runs[i])
		}
	}
	s.begin()
	if len(b.Links) > s.a.limit && !s.fits() {
		s.undo()
		return false, ErrLimit
	}
	if held = len(b.Links) > s.links; held {
		b.Marks = append(b.Marks, mark{at})
	}
	return held, nil
}

// undo forgets what process has done.
func (s *stepping) undo() { s.b.Links = s.b.Links[:s.links] }

// commit makes what process has found the state of the key. Matches that have to wait are held by the buffer; the
// others are given.
func (s *stepping) commit(give func(done)) {
	b := s.b
	b.Runs = append(b.Runs[:0], s.runs...)
	if s.a.skip.kind == none {
		for _, d := range s.matched {
			give(d)
		}
		return
	}
	if b.Done = append(b.Done, s.matched...); len(b.Done) > 0 {
		s.a.settle(b, give)
	}
}

// fits reports whether a key holds no more than it may.
func (s *stepping) fits() bool {
	s.marked = zeroed(s.marked, len(s.b.Links))
	return s.b.used(s.runs, s.marked) <= s.a.limit
}

// takes asks nobody where the answer is known.
func (s *stepping) takes(step int, last int32) bool {
	if s.sure&to(step) != 0 {
		return s.taken&to(step) != 0
	}
	return s.c.takes(step, last)
}

// goOn has a partial match meet the event: it becomes those that have taken it, and what is left of itself.
func (s *stepping) goOn(r run) {
	step := int(r.Step)
	if s.a.anyNots && !s.spared(&r) {
		return
	}
	if s.a.insists {
		s.insist(&r, step)
	}
	ends := false
	if end := to(len(s.a.steps)); r.Ways&end != 0 && !s.a.endsByTime() {
		r.Ways &^= end // the event behind it has come, and is none that must not be next
		ends = true
	}
	left := ways(0)
	if r.Ways&again != 0 {
		shape, takes := &s.a.steps[step], s.takes(step, r.Last)
		over := shape.bounded && s.c.until(step, r.Last)
		if takes && !over {
			s.take(&r, step, r.Taken+1)
		}
		if !over && (shape.inside == free || shape.inside == relaxed && !takes) {
			left |= again
		}
	}
	for w := r.Ways &^ again; w != 0; w &= w - 1 {
		next := bits.TrailingZeros64(uint64(w))
		if next == len(s.a.steps) {
			left |= to(next)
			continue
		}
		shape, takes := &s.a.steps[next], s.takes(next, r.Last)
		if takes && !(shape.bounded && s.c.until(next, r.Last)) {
			s.take(&r, next, 1)
		}
		if shape.before == free || shape.before == relaxed && !takes {
			left |= to(next)
		}
	}
	if ends {
		s.matched = append(s.matched, done{r.Last, r.First, s.at})
	}
	if left != 0 {
		r.Ways, r.Fresh = left, false
		s.runs = append(s.runs, r)
	}
}

// begin has the event begin partial matches.
func (s *stepping) begin() {
	if s.a.from&^(s.sure&^s.taken) == 0 {
		return
	}
	r := run{Last: -1, Step: -1, Ways: s.a.from, From: s.at, First: s.event}
	if s.a.insists {
		s.insist(&r, -1)
	}
	for w := r.Ways; w != 0; w &= w - 1 {
		step := bits.TrailingZeros64(uint64(w))
		if s.takes(step, -1) && !(s.a.steps[step].bounded && s.c.until(step, -1)) {
			s.take(&r, step, 1)
		}
	}
}

// take adds the path of r with the event.
func (s *stepping) take(r *run, step int, taken int32) {
	last := int32(len(s.b.Links))
	s.b.Links = append(s.b.Links, link{r.Last, s.event, int32(step)})
	open, complete := s.a.open(step, int(taken))
	if complete {
		s.matched = append(s.matched, done{last, r.First, s.at})
	}
	if open != 0 {
		s.runs = append(s.runs, run{open, r.From, last, r.First, taken, int16(step), true})
	}
}

// spared closes the ways of r that the event must not be met on, and reports whether any is left.
func (s *stepping) spared(r *run) bool {
	if s.hits(s.a.nots[r.Step+1], r.Last) {
		return false // also for more events of the step before it
	}
	for at := int(r.Step) + 1; at <= len(s.a.steps) && r.Ways&beyond(at) != 0; at++ {
		if at > int(r.Step)+1 && s.hits(s.a.nots[at], r.Last) || r.Fresh && s.hits(s.a.strictNots[at], r.Last) {
			r.Ways &^= beyond(at)
		}
	}
	return r.Ways != 0
}

func (s *stepping) hits(nots []int, last int32) bool {
	for _, i := range nots {
		if s.c.not(i, last) {
			return true
		}
	}
	return false
}

// insist closes the ways of r that pass over a greedy step which would take the event.
func (s *stepping) insist(r *run, step int) {
	for i := max(step, 0); i < len(s.a.steps) && r.Ways&beyond(i+1)&^again != 0; i++ {
		shape := &s.a.steps[i]
		if shape.insists() && s.takes(i, r.Last) && !(shape.bounded && s.c.until(i, r.Last)) {
			r.Ways &^= beyond(i + 1)
		}
	}
}
