package pattern

import (
	"fmt"
	"strings"
	"time"
)

// An automaton is a pattern as it is run, whatever the type of its events.
//
// A partial match is a path of events with the steps that have taken them, and the ways in which it may go on:
// with another event of the last step, or with the first one of a later step, if all between are optional. Each way is
// open until an event comes that may not lie in the gap, so a partial match is a path and a set of
// ways, and no path is there twice.
type automaton struct {
	steps  []shape
	within time.Duration
	skip   Skip
	limit  int

	strictNots [][]int // by the step behind: those that are about the next event alone
	nots       [][]int // and about all events up to the step
	anyNots    bool

	// An event that meets no condition changes nothing: no event has to be the next one.
	quiet   bool
	insists bool // a step does

	later []ways // by step: first events of later steps, for a path that has enough of the step
	from  ways   // for a path that has not begun
}

// ways are a set of steps whose first event may come next, and of more.
type ways uint64

const (
	maxSteps = 62

	again ways = 1 << 63 // another event of the step that has taken the last one
)

// to is the way to the first event of a step. To the number of steps it is the end of a pattern that
// is not complete before its last not has held.
func to(step int) ways { return 1 << step }

// beyond are the ways to a step and to all behind it.
func beyond(step int) ways { return again - to(step) }

func compile[T any](p Pattern[T]) *automaton {
	n := len(p.steps)
	a := &automaton{within: p.within, skip: p.skip, limit: p.limit, strictNots: make([][]int, n+1), nots: make([][]int, n+1), anyNots: len(p.nots) > 0}
	for i, x := range p.nots {
		if x.strict {
			a.strictNots[x.at] = append(a.strictNots[x.at], i)
		} else {
			a.nots[x.at] = append(a.nots[x.at], i)
		}
	}
	for _, s := range p.steps {
		a.steps = append(a.steps, s.shape)
	}
	for i := range n {
		a.later = append(a.later, a.behind(i+1))
	}
	a.from = a.behind(0) &^ to(n)
	a.quiet = true
	for i := range a.steps {
		s := &a.steps[i]
		a.insists = a.insists || s.insists()
		if i > 0 && s.before == strict || s.max > 1 && s.inside == strict {
			a.quiet = false
		}
	}
	for _, nots := range a.strictNots {
		a.quiet = a.quiet && len(nots) == 0
	}
	return a
}

// behind returns the ways to steps from one on that may be next.
func (a *automaton) behind(step int) (w ways) {
	for ; step < len(a.steps); step++ {
		w |= to(step)
		if !a.steps[step].optional {
			return w
		}
	}
	return w | to(step)
}

// open returns the ways on for a path whose last step has taken some events, and whether it has matched.
func (a *automaton) open(step, taken int) (w ways, complete bool) {
	s := &a.steps[step]
	if taken < s.max {
		w = again
	}
	if taken >= s.min {
		w |= a.later[step]
	}
	if end := to(len(a.steps)); w&end != 0 && !a.endsLater() {
		return w &^ end, true
	}
	return w, false
}

// endsLater reports whether a path that has all its events has not matched yet.
func (a *automaton) endsLater() bool { return a.endsByTime() || len(a.strictNots[len(a.steps)]) > 0 }

// endsByTime reports whether such a path matches when the time of Within has passed.
func (a *automaton) endsByTime() bool { return len(a.nots[len(a.steps)]) > 0 }

// insists reports whether a step leaves no event that it could take to others: where the number is exact there is
// nothing to choose.
func (s *shape) insists() bool { return s.greedy && s.min != s.max }

// text is a pattern as checkpoints and errors name it. Conditions are functions, and are not in it.
func text[T any](p Pattern[T]) string {
	var b strings.Builder
	not := 0
	for i := range len(p.steps) + 1 {
		for ; not < len(p.nots) && p.nots[not].at == i; not++ {
			if p.nots[not].strict {
				b.WriteString(".NotNext")
			} else {
				b.WriteString(".NotFollowedBy")
			}
		}
		if i < len(p.steps) {
			p.steps[i].shape.write(&b, i == 0)
		}
	}
	if p.within > 0 {
		fmt.Fprintf(&b, ".Within(%v)", p.within)
	}
	if p.skip.kind != none {
		fmt.Fprintf(&b, ".Skip(%v)", p.skip)
	}
	return b.String()
}

func (s *shape) write(b *strings.Builder, first bool) {
	if first {
		fmt.Fprintf(b, "Begin(%q)", s.name)
	} else {
		fmt.Fprintf(b, ".%v(%q)", s.before, s.name)
	}
	switch {
	case s.max == endless:
		fmt.Fprintf(b, ".TimesOrMore(%d)", s.min)
	case s.max > 1:
		fmt.Fprintf(b, ".TimesBetween(%d, %d)", s.min, s.max)
	}
	for _, x := range []struct {
		is   bool
		name string
	}{{s.optional, ".Optional()"}, {s.greedy, ".Greedy()"}, {s.max > 1 && s.inside == strict, ".Consecutive()"}, {s.inside == free, ".AllowCombinations()"}, {s.bounded, ".Until"}} {
		if x.is {
			b.WriteString(x.name)
		}
	}
}

// String returns how p was made, without its functions.
func (p Pattern[T]) String() string { return text(p) }
