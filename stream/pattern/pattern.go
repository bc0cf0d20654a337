package pattern

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// A Pattern is a sequence of conditions, each of which has a name, over the events of a
// key. It is made by Begin and the methods of a Pattern, each of which returns another one
// and changes nothing, and is looked for by Match. A method that means nothing where it
// stands panics.
type Pattern[T any] struct {
	steps []step[T]
	nots  []not[T] // in the order of the steps
	last  bool     // what was added last is a not

	within time.Duration // 0: for ever
	skip   Skip
	limit  int
}

// A step is a condition that takes events.
type step[T any] struct {
	shape
	where []condition[T]
	until func(T) bool
}

// A shape is what is known of a step without its type.
type shape struct {
	name     string
	min, max int // how many events it takes; max is endless where there is no most
	optional bool
	greedy   bool
	bounded  bool // it has an until

	before contiguity // to the event before its first one
	inside contiguity // between its events
}

const endless = int(^uint(0) >> 1)

// A not is a condition that no event may meet between two steps.
type not[T any] struct {
	at     int // the step in front of which it stands, or the number of steps
	strict bool
	where  []condition[T]
}

// A condition is one on an event alone, or with what has matched so far.
type condition[T any] struct {
	alone func(T) bool
	soFar func(*SoFar[T], T) bool
}

// A contiguity says which events may come between two that are taken.
type contiguity uint8

const (
	strict  contiguity = iota // none
	relaxed                   // those that the later one's step does not take
	free                      // any
)

func (c contiguity) String() string {
	return [...]string{"Next", "FollowedBy", "FollowedByAny"}[c]
}

// Begin begins a pattern with a step that takes one event which meets where. Name names
// the step in what has matched. Every event that meets it begins a partial match.
func Begin[T any](name string, where func(T) bool) Pattern[T] {
	return Pattern[T]{limit: defaultLimit}.then("Begin", name, strict, where)
}

// Next adds a step that takes the event right behind the one before: strict contiguity.
// All events of the key count, those that meet no condition as well.
func (p Pattern[T]) Next(name string, where func(T) bool) Pattern[T] {
	return p.then("Next", name, strict, where)
}

// FollowedBy adds a step that takes the next event which meets where, whatever comes
// before it: relaxed contiguity.
func (p Pattern[T]) FollowedBy(name string, where func(T) bool) Pattern[T] {
	return p.then("FollowedBy", name, relaxed, where)
}

// FollowedByAny adds a step that takes any later event which meets where, and gives a
// match for each: non-deterministic relaxed contiguity. The number of partial matches
// grows with each event that it may take.
func (p Pattern[T]) FollowedByAny(name string, where func(T) bool) Pattern[T] {
	return p.then("FollowedByAny", name, free, where)
}

// NotNext makes the pattern match only if the event right behind the one before does not
// meet where. At the end of a pattern, such an event has to come.
func (p Pattern[T]) NotNext(where func(T) bool) Pattern[T] {
	return p.never("NotNext", true, where)
}

// NotFollowedBy has the pattern match only if no event meets where from the first event of the
// step before to the first event of the step behind. At the end of a pattern it needs
// Within: such a pattern matches when that has passed.
func (p Pattern[T]) NotFollowedBy(where func(T) bool) Pattern[T] {
	return p.never("NotFollowedBy", false, where)
}

// Where is a further condition of the step or the not that was added last. It
// sees what has matched so far: for an event that may be taken, the events before it. It
// is called more often than a condition on an event alone, once for each partial match.
func (p Pattern[T]) Where(where func(soFar *SoFar[T], v T) bool) Pattern[T] {
	p.begun("Where")
	given("Where", where == nil)
	c := condition[T]{soFar: where}
	if p.last {
		p.nots = slices.Clone(p.nots)
		n := &p.nots[len(p.nots)-1]
		n.where = append(slices.Clip(n.where), c)
		return p
	}
	p, s := p.change()
	s.where = append(slices.Clip(s.where), c)
	return p
}

// then adds a step.
func (p Pattern[T]) then(call, name string, before contiguity, where func(T) bool) Pattern[T] {
	if call != "Begin" {
		p.begun(call)
	}
	given(call, where == nil)
	if name == "" {
		panic("pattern: " + call + ": the name of a step is empty")
	}
	if len(p.steps) == maxSteps {
		panic(fmt.Sprintf("pattern: %s %q: a pattern has at most %d steps", call, name, maxSteps))
	}
	for _, s := range p.steps {
		if s.name == name {
			panic(fmt.Sprintf("pattern: two steps are named %q", name))
		}
	}
	p.steps = append(slices.Clip(p.steps), step[T]{
		shape: shape{name: name, min: 1, max: 1, before: before, inside: relaxed},
		where: []condition[T]{{alone: where}},
	})
	p.last = false
	return p
}

// never adds a not.
func (p Pattern[T]) never(call string, strict bool, where func(T) bool) Pattern[T] {
	p.begun(call)
	given(call, where == nil)
	if len(p.nots) == maxSteps {
		panic(fmt.Sprintf("pattern: %s: a pattern has at most %d conditions that must not be met", call, maxSteps))
	}
	if p.skippable(0, len(p.steps)) {
		panic("pattern: " + call + " behind steps that are all optional: it needs an event to come after")
	}
	p.nots = append(slices.Clip(p.nots), not[T]{len(p.steps), strict, []condition[T]{{alone: where}}})
	p.last = true
	return p
}

// begun panics if p was not made by Begin.
func (p Pattern[T]) begun(call string) {
	if len(p.steps) == 0 {
		panic("pattern: " + call + " of a Pattern that Begin has not made")
	}
}

func given(call string, missing bool) {
	if missing {
		panic("pattern: " + call + ": the function is nil")
	}
}

// change returns p with a last step of its own, which may be changed.
func (p Pattern[T]) change() (Pattern[T], *step[T]) {
	p.steps = slices.Clone(p.steps)
	return p, &p.steps[len(p.steps)-1]
}

// skippable reports whether all of some steps are optional.
func (p Pattern[T]) skippable(from, to int) bool {
	for _, s := range p.steps[from:to] {
		if !s.optional {
			return false
		}
	}
	return true
}

// Within has the events of a match lie less than d apart, the last from the first, in event
// time. Without it, and with stream.Unbounded, a partial match is held until it can match no more.
// It panics if d is not positive. Of two calls the last one counts.
func (p Pattern[T]) Within(d time.Duration) Pattern[T] {
	p.begun("Within")
	if d <= 0 {
		panic(fmt.Sprintf("pattern: Within(%v): not positive", d))
	}
	if d == stream.Unbounded {
		d = 0
	}
	p.within = d
	return p
}

// Skip sets what becomes of partial matches when one has matched. The default is NoSkip.
func (p Pattern[T]) Skip(s Skip) Pattern[T] {
	p.begun("Skip")
	p.skip = s
	return p
}

// Limit sets how many events the partial matches of a key may hold, where an event counts
// for each way in which it has come to be part of one. An event by which they would hold more is
// a failure of that event, ErrLimit, and leaves them as they were. The default is 10,000. It panics if n is not
// positive.
func (p Pattern[T]) Limit(n int) Pattern[T] {
	p.begun("Limit")
	if n <= 0 {
		panic(fmt.Sprintf("pattern: Limit(%d): not positive", n))
	}
	p.limit = n
	return p
}

const defaultLimit = 10_000

// check panics if p is no whole pattern.
func (p Pattern[T]) check() {
	p.begun("Match")
	if p.skippable(0, len(p.steps)) {
		panic("pattern: all steps are optional: no event would begin a match")
	}
	for _, n := range p.nots {
		switch {
		case n.at < len(p.steps) && p.skippable(n.at, len(p.steps)):
			panic("pattern: all steps behind a not are optional: whether it holds to the end is not said")
		case n.at == len(p.steps) && !n.strict && p.within == 0:
			panic("pattern: NotFollowedBy at the end needs Within: else it is never known that no such event follows")
		}
	}
	if s := p.skip.step; s != "" && !slices.ContainsFunc(p.steps, func(x step[T]) bool { return x.name == s }) {
		panic(fmt.Sprintf("pattern: %v: no step has this name", p.skip))
	}
}

// ErrLimit is the error of an event by which the partial matches of its key would hold
// more than Limit.
var ErrLimit = errors.New("pattern: partial matches of a key would hold too many events")
