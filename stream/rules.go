package stream

import (
	"cmp"
	"iter"
	"slices"
	"sort"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/timer"
)

// Rules are those that a function of ConnectAll goes by, as of the time of what is at hand: for an event those
// that count at its event time, for a timer of event time those that have come to count before its time. An
// event without an event time and a timer of processing time see the newest version of each rule.
//
// Rules are read only: all shards share what their values point to. They are for the call that they are handed
// to, and are not used after it.
type Rules[I cmp.Ordered, R any] struct {
	byID    map[I]*rule[I, R]
	sorted  []*rule[I, R] // the same, by ID
	at      Time          // as of when they are read
	settled Time          // nobody reads them any more as of before it
	due     timer.Queue[*rule[I, R]]

	seen        []seenRule[I, R] // what All yields as of since, through, and all times between them
	since, thru Time
}

type seenRule[I cmp.Ordered, R any] struct {
	id   I
	rule R
}

// A rule has a version at least.
type rule[I cmp.Ordered, R any] struct {
	id       I
	versions []ruleVersion[R] // ascending by from, and by seq where that is equal
}

// A ruleVersion is what a rule is from a time on, until its next version.
type ruleVersion[R any] struct {
	from Time // engine.MinTime for one that came without an event time
	seq  uint64
	rule R
	gone bool // it was deleted
}

func newRules[I cmp.Ordered, R any]() *Rules[I, R] {
	return &Rules[I, R]{byID: map[I]*rule[I, R]{}, settled: engine.MinTime, since: engine.MaxTime, thru: engine.MinTime}
}

// Get returns the rule of an ID, and whether there is one. It costs a look-up in a map.
func (r *Rules[I, R]) Get(id I) (value R, ok bool) {
	if x := r.byID[id]; x != nil {
		if v := x.asOf(r.at); v != nil {
			return v.rule, true
		}
	}
	return value, false
}

// All yields each rule that there is, by ascending ID. It costs what a loop over a slice does. Where the rules are others than those
// of the event before, all of them are looked up first.
func (r *Rules[I, R]) All() iter.Seq2[I, R] {
	return func(yield func(I, R) bool) {
		for _, x := range r.look() {
			if !yield(x.id, x.rule) {
				return
			}
		}
	}
}

// look returns the rules as of the time at hand. Most events see the same as the one before them.
func (r *Rules[I, R]) look() []seenRule[I, R] {
	if r.since <= r.at && r.at <= r.thru {
		return r.seen
	}
	clear(r.seen)
	r.seen, r.since, r.thru = r.seen[:0], engine.MinTime, engine.MaxTime
	for _, x := range r.sorted {
		n := x.upTo(r.at)
		if n < len(x.versions) {
			r.thru = min(r.thru, x.versions[n].from-1)
		}
		if n == 0 {
			continue
		}
		v := &x.versions[n-1]
		r.since = max(r.since, v.from)
		if !v.gone {
			r.seen = append(r.seen, seenRule[I, R]{x.id, v.rule})
		}
	}
	return r.seen
}

// unsee has the next look be a new one.
func (r *Rules[I, R]) unsee() { r.since, r.thru = engine.MaxTime, engine.MinTime }

// asOf returns the version that counts at a time, or nil if there is no rule then.
func (x *rule[I, R]) asOf(at Time) *ruleVersion[R] {
	i := len(x.versions) - 1
	if x.versions[i].from > at { // else it is the newest, as nearly always
		i = x.upTo(at) - 1
	}
	if i < 0 || x.versions[i].gone {
		return nil
	}
	return &x.versions[i]
}

// upTo returns how many versions there are that count from a time on, or from before it.
func (x *rule[I, R]) upTo(at Time) int {
	return sort.Search(len(x.versions), func(i int) bool { return x.versions[i].from > at })
}

// of returns the rules as of an event.
func (r *Rules[I, R]) of(at Time) *Rules[I, R] {
	switch {
	case at == engine.MinTime:
		r.at = engine.MaxTime
	case at < r.settled: // it is late, and is judged by the oldest that are known
		r.at = r.settled - 1
	default:
		r.at = at
	}
	return r
}

// put adds a version of a rule. Of several of one time and place, as panes of one window have, the last one counts: it takes the place of the others, so
// that time and place tell versions apart when they are restored.
func (r *Rules[I, R]) put(id I, v ruleVersion[R]) {
	r.unsee()
	x := r.byID[id]
	if x == nil {
		x = &rule[I, R]{id: id}
		r.byID[id] = x
		i, _ := r.place(id)
		r.sorted = slices.Insert(r.sorted, i, x)
	}
	if v.from == engine.MinTime {
		x.replace(v)
		if len(x.versions) == 0 {
			r.remove(x)
		}
		return
	}
	i := sort.Search(len(x.versions), func(i int) bool {
		return cmp.Or(cmp.Compare(x.versions[i].from, v.from), cmp.Compare(x.versions[i].seq, v.seq)) > 0
	})
	if i > 0 && x.versions[i-1].from == v.from && x.versions[i-1].seq == v.seq {
		x.versions[i-1] = v
		return
	}
	x.versions = slices.Insert(x.versions, i, v)
	r.due.Push(int64(v.from), v.seq, x)
}

// has reports whether there is a version of the same time and place.
func (r *Rules[I, R]) has(id I, v *ruleVersion[R]) bool {
	x := r.byID[id]
	return x != nil && slices.ContainsFunc(x.versions, func(is ruleVersion[R]) bool { return is.from == v.from && is.seq == v.seq })
}

// replace has a version without an event time take the place of the one that there was.
func (x *rule[I, R]) replace(v ruleVersion[R]) {
	was := x.upTo(engine.MinTime)
	x.versions = slices.Delete(x.versions, 0, was)
	if !v.gone {
		x.versions = slices.Insert(x.versions, 0, v)
	}
}

// settle forgets the versions that only who reads as of before a time could see. Those that
// count from that very time on may still get others beside them.
func (r *Rules[I, R]) settle(to Time) {
	r.settled = max(r.settled, to)
	for {
		at, some := r.due.Next()
		if !some || Time(at) >= r.settled {
			return
		}
		r.unsee()
		x := r.due.Pop().Val
		if old := x.upTo(r.settled - 1); old > 0 { // else others of its versions had the rule looked at
			if !x.versions[old-1].gone {
				old--
			}
			clear(x.versions[:old])
			x.versions = x.versions[old:]
			if len(x.versions) == 0 {
				r.remove(x)
			}
		}
	}
}

func (r *Rules[I, R]) remove(x *rule[I, R]) {
	delete(r.byID, x.id)
	if i, is := r.place(x.id); is {
		r.sorted = slices.Delete(r.sorted, i, i+1)
	}
}

// place returns where a rule stands among those that are sorted, and whether it does.
func (r *Rules[I, R]) place(id I) (int, bool) {
	return slices.BinarySearchFunc(r.sorted, id, func(x *rule[I, R], id I) int { return cmp.Compare(x.id, id) })
}
