package stream

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"

	"github.com/freshet-go/freshet/internal/engine"
)

// EachKey makes ConnectAll call f for each key that has state when a rule has changed: to hold all keys against a rule that is new,
// or to take back what a rule has done that is gone. Flink calls it applyToKeyedState. The types are those of ConnectAll, which panics, when it is added, if they are others; id
// is the rule, which rules.Get says what it is now.
//
// It is called once for each change of a rule and each key: when the watermark has passed the time of the change, at that time, so behind all that came before it and behind the
// timers of its time. With InOrder it comes in front of the events of its time, so that what it gives does not depend on how events arrive; else events that came
// sooner have been there already. A change without an event time, and with NoWaitForRules one whose time has passed, comes at once.
//
// Through the context f does all that a timer function does: what it emits has the time of the change. Of one time changes come by the IDs of their rules, and keys by their hashes, which are the same on
// any number of shards and in each run; keys of other shards come at the same time there. State whose time to live is over is left out, and f does not prolong it. An error or a panic of
// f stops the run, as one of the timer function does.
//
// It costs a call for each key that there is, and sorting their hashes, while the shard does nothing else: it is for rules that change seldom.
func EachKey[K comparable, I cmp.Ordered, R, S, U any](f func(c *KeyContext[K, S, U], rules *Rules[I, R], id I) error) Option {
	given("EachKey", "the function f", f)
	return option(func(c *config) { c.eachKey, c.given = f, c.given|optEachKey })
}

// eachKeyOf returns the function that n was given, or nil. It panics if that is of other types.
func eachKeyOf[K comparable, I cmp.Ordered, R, S, U any](n *engine.Node) func(*KeyContext[K, S, U], *Rules[I, R], I) error {
	given := configOf(n).eachKey
	if given == nil {
		return nil
	}
	f, ok := given.(func(*KeyContext[K, S, U], *Rules[I, R], I) error)
	if !ok {
		panic(fmt.Sprintf("stream: %s: EachKey: it was given a %v, and is to be given a %v", called(n), reflect.TypeOf(given), reflect.TypeOf(f)))
	}
	return f
}

// A ruleChange is one that keys have not been told of.
type ruleChange[I cmp.Ordered] struct {
	from Time
	id   I
	seq  uint64
}

// announced are the changes of rules, from when they come until keys are told.
type announced[I cmp.Ordered] struct {
	wanted bool            // somebody is told
	wait   []ruleChange[I] // by time, and of one time by rule and place
}

func (a *announced[I]) add(c ruleChange[I]) {
	if !a.wanted {
		return
	}
	i, known := slices.BinarySearchFunc(a.wait, c, func(x, c ruleChange[I]) int {
		return cmp.Or(cmp.Compare(x.from, c.from), cmp.Compare(x.id, c.id), cmp.Compare(x.seq, c.seq))
	})
	if !known {
		a.wait = slices.Insert(a.wait, i, c)
	}
}

// between is what a processing does between events and timers, in the order of times: of one time behind the timers, and in front of the events.
type between interface {
	next() (at Time, some bool)
	do() error
	// passed is told that the watermark has been advanced.
	passed()
}

// A telling tells each key of changes of rules.
type telling[K comparable, T any, I cmp.Ordered, R, S, U any] struct {
	p     *processing[K, S, T, U]
	rules *Rules[I, R]
	of    *announced[I]
	f     func(*KeyContext[K, S, U], *Rules[I, R], I) error
	had   func(hash uint64) Time // how far the instance was that had a key, until all are as far; nil if they are
	keys  []hashedKey[K]
}

func (x *telling[K, T, I, R, S, U]) next() (Time, bool) {
	if len(x.of.wait) == 0 {
		return 0, false
	}
	return x.of.wait[0].from, true
}

func (x *telling[K, T, I, R, S, U]) passed() { x.had = nil }

// do tells all keys of the next change.
func (x *telling[K, T, I, R, S, U]) do() error {
	c := x.of.wait[0]
	x.of.wait = slices.Delete(x.of.wait, 0, 1)
	return x.tell(c, c.from)
}

// overdue tells of the changes that the watermark has passed when they come.
func (x *telling[K, T, I, R, S, U]) overdue(born int64) error {
	x.p.ctx.inherit(born)
	for {
		at, some := x.next()
		if !some || at >= x.p.ctx.watermark && at > engine.MinTime {
			return x.p.done()
		}
		c := x.of.wait[0]
		x.of.wait = slices.Delete(x.of.wait, 0, 1)
		if err := x.tell(c, max(at, x.p.ctx.watermark)); err != nil {
			return err
		}
	}
}

func (x *telling[K, T, I, R, S, U]) tell(c ruleChange[I], at Time) error {
	states := &x.p.keys.states
	x.keys = x.keys[:0]
	for i, hash := range states.Hashes() {
		if x.had == nil || c.from >= x.had(hash) { // else the run before has told it
			x.keys = append(x.keys, hashedKey[K]{hash, states.Entries()[i].Key})
		}
	}
	slices.SortFunc(x.keys, func(a, b hashedKey[K]) int { return cmp.Compare(a.hash, b.hash) })
	for _, ref := range x.keys {
		if x.p.op.Halted() {
			return engine.ErrStopped
		}
		if err := x.call(ref, c, at); err != nil {
			return &engine.OperatorError{Operator: x.p.op.Node.Name, Position: "rule of " + c.from.String(), Err: err}
		}
	}
	clear(x.keys)
	return nil
}

// call calls the function for a key, which is no event.
func (x *telling[K, T, I, R, S, U]) call(ref hashedKey[K], c ruleChange[I], at Time) (err error) {
	defer engine.Rescue(&err)
	s := x.p.keys.states.Find(ref.hash, ref.key)
	if ttl := x.p.keys.ttl; s == nil || ttl > 0 && max(at, engine.MinTime+1) >= s.last.Add(ttl) {
		return nil
	}
	ctx := x.p.ctx
	ctx.hash, ctx.key, ctx.at, ctx.seq = ref.hash, ref.key, at, 0
	ctx.state, ctx.made, ctx.clock = s, false, false
	ctx.takePlace(paneSeq(ref.hash))
	defer ctx.takePlace(0)
	if err := x.f(ctx, x.rules.of(at), c.id); err != nil {
		return err
	}
	ctx.leave()
	return nil
}
