package stream

import (
	"cmp"
	"fmt"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"
)

// ConnectAll is Process by rules that change while it runs: each shard has all of them. Flink calls it the
// broadcast state pattern, and Kafka Streams a global table.
//
// The key of rules is the ID of a rule, and change says what one of its events makes of the rule: Insert, Update
// and Read that it is After from the event's time on, Delete that there is none from then on. Event and timer are those of
// Process, with the rules as of the time of what is at hand: see Rules. A rule counts for the events of its own time,
// too, and not for the timers of that time, which come before them. Of two changes of a rule at one time the later one counts, by
// the place in their partitions. Change has to give the same each time: each shard calls it.
//
// The watermark is the lower one of both sides, so timers wait for the rules. An event is judged when it comes,
// by the rules that have come by then; with InOrder it waits until the watermark of both sides has passed
// it, and is judged by exactly the rules that counted at its time, whatever came first: so a replay gives the same again. Rules
// that come rarely should be of a source that says that it is Idle; the alternative is NoWaitForRules. Without it both sides need
// event times.
//
// With EachKey it calls a function for all keys when a rule has changed.
//
// Beside what Process holds it holds on each shard the rules, and those of their older versions that count for events which the
// watermarks have not passed. A checkpoint has them once, whole, and on any number of shards each finds all of them.
// A change that is late is dropped and counted in TooLate, once. An event that is late is judged by the
// rules as of the watermark. Events of rules are sent to each shard, so they are for what changes much less often than data comes.
func (k Keyed[K, T]) ConnectAll[I cmp.Ordered, C, R, S, U any](
	rules Keyed[I, C],
	change func(C) Change[R],
	event func(c *KeyContext[K, S, U], rules *Rules[I, R], v T) error,
	timer func(c *KeyContext[K, S, U], rules *Rules[I, R]) error,
	opts ...Option,
) Stream[U] {
	started(k.out != nil, "ConnectAll", "Keyed")
	started(rules.out != nil, "ConnectAll", "Keyed")
	given("ConnectAll", "the function change", change)
	given("ConnectAll", "the function event", event)
	p := k.out.p
	if p != rules.out.p {
		panic(fmt.Sprintf("stream: connectall of pipelines %q and %q", p.plan.Name, rules.out.p.plan.Name))
	}
	n := p.add("connectall", opts, &k.out.flow, &rules.out.flow)
	n.Keyed = true
	bindBoth[T, C](p, n)
	needTimes(n)
	viewOf[K, S](n)
	if timer != nil {
		n.Depends(engine.SettingTimers, "called")
	}
	tell := eachKeyOf[K, I, R, S, U](n)
	out := newOutput[U](p, n)
	zero := zeroTestOf(reflect.TypeFor[S]())
	enter := reach(n, 2, func(pl *engine.Place, op *engine.Instance, f *engine.Frontier) *ruled[K, T, I, C, R] {
		data, side := newGuards[T, C](op)
		r := newRuled[K, T, I](op, f, side, change)
		judge, ring := by(r.rules, event, timer)
		p := newProcessing(op, data, judge, ring, zero, out.connect(pl))
		if tell != nil {
			r.news.wanted = true
			x := &telling[K, T, I, R, S, U]{p: p, rules: r.rules, of: &r.news, f: tell}
			p.between, r.overdue, r.began = x, x.overdue, func(had func(uint64) Time) { x.had = had }
		}
		r.hold(p, &p.ctx.watermark)
		return r
	})
	k.consume(n, 0, func(pl *engine.Place) keyedReceiver[K, T] { return dataArm[K, T, I, C, R]{enter(pl, 0)} })
	rules.consumeAll(n, 1, func(pl *engine.Place) keyedReceiver[I, C] { return rulesArm[K, T, I, C, R]{enter(pl, 1)} })
	return Stream[U]{out}
}

// NoWaitForRules has the rules of ConnectAll hold nothing back: the watermark is that of the data alone, also
// while the rules are silent, slow or far behind, and a rule counts, from its event time on, once it has come. Neither side
// needs event times then. A rule without one counts for all events that come after it.
//
// What comes out then depends on which side comes first; see ConnectAll for the default.
func NoWaitForRules() Option {
	return option(func(c *config) { c.mute, c.given = true, c.given|optNoWait })
}

// needTimes says what of a ConnectAll has to have event times.
func needTimes(n *engine.Node) {
	c := configOf(n)
	c.needs = [2]timeNeed{}
	if !c.mute {
		needsTime(n, "without NoWaitForRules", 0, 1)
	}
	if c.ttl > 0 { // which is of the data
		needsTime(n, "TimeToLive", 0)
	}
	if c.ordered {
		needsTime(n, "InOrder", 0)
		n.Depends(engine.SettingOrder, "event time")
	}
}

// by makes functions for Process of those that go by rules.
func by[K comparable, T any, I cmp.Ordered, R, S, U any](rules *Rules[I, R],
	event func(*KeyContext[K, S, U], *Rules[I, R], T) error, timer func(*KeyContext[K, S, U], *Rules[I, R]) error,
) (judge func(*KeyContext[K, S, U], T) error, ring func(*KeyContext[K, S, U]) error) {
	judge = func(c *KeyContext[K, S, U], v T) error { return event(c, rules.of(c.at), v) }
	if timer == nil {
		return judge, nil
	}
	return judge, func(c *KeyContext[K, S, U]) error {
		if c.clock {
			return timer(c, rules.of(engine.MinTime))
		}
		return timer(c, rules.of(max(c.at-1, engine.MinTime+1))) // the watermark does not say that all of its time are there
	}
}

// ruled is an instance of ConnectAll. What deals with the data knows no rules, and what deals with the rules no data.
type ruled[K comparable, T any, I cmp.Ordered, C, R any] struct {
	guard[C]
	rules    *Rules[I, R]
	change   func(C) Change[R]
	data     keyedReceiver[K, T]
	frontier *engine.Frontier
	reached  *Time // the watermark that the data have come to
	told     Time  // the watermark of the rules
	untimed  bool  // the data have no event times
	coder    *state.Coder[keptRule[I, R]]

	news    announced[I]           // for EachKey
	overdue func(born int64) error // tells keys of changes that have come too late to wait for; nil without EachKey
	began   func(had func(hash uint64) Time)
}

func newRuled[K comparable, T any, I cmp.Ordered, C, R any](op *engine.Instance, f *engine.Frontier, g guard[C], change func(C) Change[R]) *ruled[K, T, I, C, R] {
	r := &ruled[K, T, I, C, R]{guard: g, rules: newRules[I, R](), change: change, frontier: f, told: engine.MinTime}
	r.coder = state.NewCoder[keptRule[I, R]]()
	op.Control = r.Control
	return r
}

// hold has the rules saved behind what deals with the data, and in front of events that wait for the watermark.
func (r *ruled[K, T, I, C, R]) hold(data keyedReceiver[K, T], reached *Time) {
	r.op.Hold(r, r.coder)
	r.data, r.reached = data, reached
	if configOf(r.op.Node).ordered {
		r.data = newSorter(r.op, data)
	}
}

// Control has the data dealt with up to what both sides say.
func (r *ruled[K, T, I, C, R]) Control(c engine.Control) error {
	if err := r.data.Control(c); err != nil {
		return err
	}
	r.settle()
	return nil
}

// settle forgets what neither the data nor a change that is on time can ask for any more.
func (r *ruled[K, T, I, C, R]) settle() {
	to := r.told
	if !r.untimed {
		to = min(to, *r.reached)
	}
	if to < engine.MaxTime {
		r.rules.settle(to)
	}
}

type dataArm[K comparable, T any, I cmp.Ordered, C, R any] struct{ *ruled[K, T, I, C, R] }

func (a dataArm[K, T, I, C, R]) pushKeyed(b *KeyedBatch[K, T]) error {
	if err := admit(a.op, 0, b.head.times != nil); err != nil {
		return err
	}
	a.untimed = b.head.times == nil
	return a.data.pushKeyed(b)
}

func (a dataArm[K, T, I, C, R]) Control(c engine.Control) error {
	return a.frontier.Take(0, c, a.ruled.Control)
}

type rulesArm[K comparable, T any, I cmp.Ordered, C, R any] struct{ *ruled[K, T, I, C, R] }

func (a rulesArm[K, T, I, C, R]) pushKeyed(b *KeyedBatch[I, C]) error {
	a.op.In(b.Len())
	if err := admit(a.op, 1, b.head.times != nil); err != nil {
		return err
	}
	cursor := 0
	err := a.once(b, func(row int) error { return a.take(b, row, &cursor) })
	if err == nil && a.overdue != nil {
		err = a.overdue(b.head.born)
	}
	return err
}

func (a rulesArm[K, T, I, C, R]) Control(c engine.Control) error {
	if c.Kind == engine.Watermark {
		a.told = max(a.told, c.Watermark)
	}
	if a.frontier.Inputs[1].Mute && (c.Kind == engine.Watermark || c.Kind == engine.Idle) {
		a.settle()
		return nil // the data decide
	}
	return a.frontier.Take(1, c, a.ruled.Control)
}

// once has f called for each row. What it fails on is noted by the first instance alone, as all fail on it.
func (r *ruled[K, T, I, C, R]) once(b *KeyedBatch[I, C], f func(row int) error) error {
	if r.op.Index() == 0 || r.bad == nil && !r.op.Node.Skips {
		return r.each(&b.Batch, f)
	}
	for k, n := 0, b.Len(); k < n; k++ {
		at, cause := rowsFrom(r.op, &b.head, k, n, f)
		if cause == nil {
			break
		}
		if _, exited := cause.(*engine.GoexitError); exited || cause == engine.ErrStopped {
			return r.failed(&b.Batch, b.head.at(at), cause)
		}
		k = at
	}
	return nil
}

// take makes of a change a version of its rule.
func (r *ruled[K, T, I, C, R]) take(b *KeyedBatch[I, C], row int, cursor *int) error {
	at := b.head.timeOf(row)
	if at < b.head.behind(row, cursor, engine.MinTime) {
		if r.op.Index() == 0 {
			r.op.TooLate(1)
		}
		return nil
	}
	v := ruleVersion[R]{from: at, seq: b.head.seqOf(row)}
	c := r.change(b.values[row])
	is, err := applyChange(&v.rule, false, &c)
	if err != nil {
		return err
	}
	v.gone = !is
	r.rules.put(b.keys[row], v)
	r.news.add(ruleChange[I]{v.from, b.keys[row], v.seq})
	return nil
}
