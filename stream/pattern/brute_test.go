package pattern

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A brute finds all matches of one key from the definition: it tries every sequence of events, and looks for each
// gap at all that lies in it.
type brute struct {
	steps  []element
	follow [][]element // by the step behind
	next   [][]element
	within int64
	events []ev

	matches  []found
	timeouts []found
}

// A taking is an event of a match and the step that it was taken by.
type taking struct{ event, step int }

// A found is a match or a partial one.
type found struct {
	path []taking
	by   int   // the event with which it was known; the number of those when it was by time
	at   int64 // when it was known
}

func (s spec) brute(events []ev) *brute {
	b := &brute{within: s.Within, events: events}
	var follow, next []element
	for _, e := range append(slices.Clone(s.Elements), element{Op: "end"}) {
		switch e.Op {
		case "notNext":
			next = append(next, e)
		case "notFollowedBy":
			follow = append(follow, e)
		default:
			b.follow, b.next = append(b.follow, follow), append(b.next, next)
			follow, next = nil, nil
			if e.Op != "end" {
				b.steps = append(b.steps, e)
			}
		}
	}
	for first := range events {
		for j := 0; j == 0 || j < len(b.steps) && b.optional(0, j); j++ {
			if b.may(nil, j, true, first) {
				b.from([]taking{{first, j}}, 1)
			}
		}
	}
	return b
}

func (b *brute) optional(from, to int) bool {
	return !slices.ContainsFunc(b.steps[from:to], func(e element) bool { return !e.Optional })
}

// meets reports whether an event meets the condition of an element behind a path.
func (b *brute) meets(path []taking, e element, event int) bool {
	v := b.events[event]
	if !strings.Contains(e.Kinds, v.Kind) {
		return false
	}
	if e.Than != "" {
		for _, t := range slices.Backward(path) {
			if b.steps[t.step].Name == e.Than {
				return v.N >= b.events[t.event].N
			}
		}
	}
	return true
}

func (b *brute) anyMeets(path []taking, all []element, event int) bool {
	return slices.ContainsFunc(all, func(e element) bool { return b.meets(path, e, event) })
}

// in reports whether an event is within the time of a path.
func (b *brute) in(path []taking, event int) bool {
	return b.within == 0 || b.events[event].At-b.events[path[0].event].At < b.within
}

// clear reports whether the events behind a path up to one may lie between it and a step, which is the last one again
// or a later one.
func (b *brute) clear(path []taking, step int, again bool, upTo int) bool {
	last := path[len(path)-1]
	for g := last.event + 1; g < upTo; g++ {
		if step < len(b.steps) {
			e := b.steps[step]
			contiguity := e.Op
			if again {
				contiguity = map[string]string{"consecutive": "next", "combinations": "followedByAny", "": "followedBy"}[e.Inner]
			}
			switch {
			case contiguity == "next", contiguity == "followedBy" && b.meets(path, e, g), again && e.closes(b.events[g]):
				return false
			}
		}
		if !b.spared(path, step, again, g) {
			return false
		}
	}
	return true
}

// spared reports whether an event behind a path meets nothing that it must not, be it the next of the path or in a gap.
func (b *brute) spared(path []taking, step int, again bool, event int) bool {
	last := path[len(path)-1]
	if b.anyMeets(path, b.follow[last.step+1], event) {
		return false
	}
	if again {
		return true
	}
	for i := last.step + 1; i <= step; i++ {
		if b.anyMeets(path, b.follow[i], event) || event == last.event+1 && b.anyMeets(path, b.next[i], event) {
			return false
		}
	}
	return b.left(path, last.step, step, event)
}

// left reports whether no greedy step from one to another would have taken an event.
func (b *brute) left(path []taking, from, to, event int) bool {
	for _, e := range b.steps[from:to] {
		if e.insists() && b.meets(path, e, event) && !e.closes(b.events[event]) {
			return false
		}
	}
	return true
}

// may reports whether a step may take an event behind a path.
func (b *brute) may(path []taking, step int, first bool, event int) bool {
	e := b.steps[step]
	if !b.meets(path, e, event) || e.loops() && e.closes(b.events[event]) {
		return false
	}
	if len(path) == 0 {
		return b.left(path, 0, step, event)
	}
	return b.in(path, event) && b.clear(path, step, !first, event) && b.spared(path, step, !first, event)
}

// from goes on with a path whose last step has taken some events.
func (b *brute) from(path []taking, count int) {
	last := path[len(path)-1]
	b.ends(path, count)
	for event := last.event + 1; event < len(b.events); event++ {
		with := func(step int) []taking { return append(slices.Clone(path), taking{event, step}) }
		if e := b.steps[last.step]; (e.loops() || count < e.Max) && b.may(path, last.step, false, event) {
			b.from(with(last.step), count+1)
		}
		for j := last.step + 1; count >= b.steps[last.step].Min && j < len(b.steps) && b.optional(last.step+1, j); j++ {
			if b.may(path, j, true, event) {
				b.from(with(j), 1)
			}
		}
	}
}

// ends notes that a path is a match, and that it times out.
func (b *brute) ends(path []taking, count int) {
	last, end := path[len(path)-1], len(b.steps)
	enough := count >= b.steps[last.step].Min && b.optional(last.step+1, end)
	inTime := last.event + 1
	for inTime < len(b.events) && b.in(path, inTime) {
		inTime++
	}
	due := b.events[path[0].event].At + b.within
	switch {
	case !enough:
	case len(b.follow[end]) > 0:
		if b.clear(path, end, false, inTime) {
			b.matches = append(b.matches, found{path, len(b.events), due})
			return
		}
	case len(b.next[end]) > 0:
		if inTime > last.event+1 && b.spared(path, end, false, last.event+1) {
			b.matches = append(b.matches, found{path, last.event + 1, b.events[last.event+1].At})
		}
	default:
		b.matches = append(b.matches, found{path, last.event, b.events[last.event].At})
	}
	if b.within == 0 {
		return
	}
	e := b.steps[last.step]
	open := (e.loops() || count < e.Max) && b.clear(path, last.step, true, inTime)
	for j := last.step + 1; count >= e.Min && j < end && b.optional(last.step+1, j); j++ {
		open = open || b.clear(path, j, false, inTime)
	}
	open = open || enough && len(b.next[end]) > 0 && inTime == last.event+1
	if open {
		b.timeouts = append(b.timeouts, found{path, len(b.events), due})
	}
}

// skipped returns the matches that a skip strategy leaves, of which each has one goes first that begins first.
func (b *brute) skipped(s spec) []found {
	all := slices.Clone(b.matches)
	slices.SortStableFunc(all, func(x, y found) int {
		return cmp.Or(cmp.Compare(x.path[0].event, y.path[0].event), cmp.Compare(x.by, y.by), comparePaths(x.path, y.path))
	})
	if s.Skip == "" {
		return all
	}
	var given []found
	from := 0 // the event with which a match may begin
	for _, m := range all {
		if m.path[0].event < from {
			continue
		}
		given = append(given, m)
		switch s.Skip {
		case "toNext":
			from = m.path[0].event + 1
		case "pastLast":
			from = m.path[len(m.path)-1].event + 1
		default:
			var of []int
			for _, t := range m.path {
				if b.steps[t.step].Name == s.SkipTo {
					of = append(of, t.event)
				}
			}
			switch {
			case len(of) == 0:
			case s.Skip == "toFirst":
				from = max(from, of[0])
			default:
				from = max(from, of[len(of)-1])
			}
		}
	}
	return given
}

// comparePaths has the one first whose next event is earlier, or that has one where the other has none.
func comparePaths(x, y []taking) int {
	for i := range min(len(x), len(y)) {
		if c := cmp.Or(cmp.Compare(x[i].event, y[i].event), cmp.Compare(x[i].step, y[i].step)); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(y), len(x))
}

// say returns a path as text: "s0: 1 3; s1: 4".
func (b *brute) say(path []taking) string {
	var parts []string
	for i, t := range path {
		if i > 0 && path[i-1].step == t.step {
			parts[len(parts)-1] += fmt.Sprint(" ", b.events[t.event].ID)
		} else {
			parts = append(parts, fmt.Sprint(b.steps[t.step].Name, ": ", b.events[t.event].ID))
		}
	}
	return strings.Join(parts, "; ")
}

// texts returns matches as texts, with the time at which they were known where that is asked for.
func (b *brute) texts(all []found, timed bool) []string {
	texts := []string{}
	for _, f := range all {
		text := b.say(f.path)
		if timed {
			text += fmt.Sprint(" at ", f.at)
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return texts
}
