package pattern

import "fmt"

// Times makes the step that was added last take n events. It panics if n is not positive.
func (p Pattern[T]) Times(n int) Pattern[T] { return p.times("Times", n, n) }

// TimesBetween makes the step that was added last take from min to max events, each number as a
// match of its own. It panics unless 0 < min <= max.
func (p Pattern[T]) TimesBetween(min, max int) Pattern[T] {
	return p.times("TimesBetween", min, max)
}

// OneOrMore makes the step that was added last take any number of events, each number as a match of its
// own. Bound it by Within or Until.
func (p Pattern[T]) OneOrMore() Pattern[T] { return p.times("OneOrMore", 1, endless) }

// TimesOrMore is OneOrMore with at least n events. It panics if n is not positive.
func (p Pattern[T]) TimesOrMore(n int) Pattern[T] { return p.times("TimesOrMore", n, endless) }

func (p Pattern[T]) times(call string, least, most int) Pattern[T] {
	p, s := p.quantified(call)
	switch {
	case least <= 0:
		panic(fmt.Sprintf("pattern: %s(%d): not positive: see Optional for none", call, least))
	case most < least:
		panic(fmt.Sprintf("pattern: %s(%d, %d): the most is less than the least", call, least, most))
	case s.max != 1:
		panic(fmt.Sprintf("pattern: %s: it is said twice how many events %q takes", call, s.name))
	}
	s.min, s.max = least, most
	return p
}

// Optional lets the step that was added last take nothing.
func (p Pattern[T]) Optional() Pattern[T] {
	p, s := p.quantified("Optional")
	s.optional = true
	return p
}

// Greedy makes the step that was added last take as many events as it can: no match leaves out one that
// meets its condition, from its own events to the first one of a later step and that included. It panics for a step that takes
// one event, or that AllowCombinations was said of. At the end of a pattern it means nothing, as
// what has matched is not held back for what may yet come.
func (p Pattern[T]) Greedy() Pattern[T] {
	p, s := p.repeated("Greedy")
	if s.inside == free {
		panic("pattern: Greedy with AllowCombinations")
	}
	s.greedy = true
	return p
}

// Consecutive makes the events of the step that was added last follow each other with none between
// them: strict contiguity. The default is relaxed. It panics for a step that takes one event.
func (p Pattern[T]) Consecutive() Pattern[T] {
	p, s := p.repeated("Consecutive")
	s.inside = strict
	return p
}

// AllowCombinations lets the step that was added last pass over events that it could take: any
// choice of them is a match of its own. It panics for a step that takes one event, or is greedy.
func (p Pattern[T]) AllowCombinations() Pattern[T] {
	p, s := p.repeated("AllowCombinations")
	if s.greedy {
		panic("pattern: AllowCombinations of a step that is Greedy")
	}
	s.inside = free
	return p
}

// Until has the step that was added last, which is OneOrMore or TimesOrMore, take nothing from the first
// event on that meets until. That event may be one of a later step. It panics for other steps.
func (p Pattern[T]) Until(until func(T) bool) Pattern[T] {
	p, s := p.quantified("Until")
	given("Until", until == nil)
	if s.max != endless {
		panic(fmt.Sprintf("pattern: Until of %q, which is not OneOrMore or TimesOrMore", s.name))
	}
	s.until, s.bounded = until, true
	return p
}

// quantified returns p with a last step that may be changed.
func (p Pattern[T]) quantified(call string) (Pattern[T], *step[T]) {
	p.begun(call)
	if p.last {
		panic("pattern: " + call + " of what must not come")
	}
	return p.change()
}

// repeated is quantified for steps that take several events.
func (p Pattern[T]) repeated(call string) (Pattern[T], *step[T]) {
	p, s := p.quantified(call)
	if s.max == 1 {
		panic(fmt.Sprintf("pattern: %s of %q, which takes one event: say first how many", call, s.name))
	}
	return p, s
}
