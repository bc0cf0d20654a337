package stream

import (
	"fmt"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
)

// A Match is what a join found: two events of one key, or one of them alone.
type Match[L, R any] struct {
	Left              L
	Right             R
	HasLeft, HasRight bool // an outer join has matches of one side
}

// JoinKind says which events a join gives besides those that match.
type JoinKind uint8

const (
	Inner      JoinKind = iota // none
	LeftOuter                  // the left ones that match nothing
	RightOuter                 // the right ones that match nothing
	FullOuter                  // those of both
)

func (k JoinKind) String() string {
	names := [...]string{"inner", "left outer", "right outer", "full outer"}
	if int(k) >= len(names) {
		return fmt.Sprintf("JoinKind(%d)", uint8(k))
	}
	return names[k]
}

// kindGiven panics if there is no such kind.
func kindGiven(call string, k JoinKind) {
	if k > FullOuter {
		panic(fmt.Sprintf("stream: %s: there is no %v", call, k))
	}
}

func (k JoinKind) keepsLeft() bool  { return k == LeftOuter || k == FullOuter }
func (k JoinKind) keepsRight() bool { return k == RightOuter || k == FullOuter }

// attach2 adds an operator with two keyed inputs. build makes the processor of an
// instance and has it used, at once or when the run starts.
func attach2[K comparable, L, R, U any](left Keyed[K, L], right Keyed[K, R], kind, detail string, opts []Option,
	bind func(*Pipeline, *engine.Node), build func(op *engine.Instance, m *meeting[K, L, R, U]),
) Stream[U] {
	n := addPair(left, right, kind, detail, opts)
	bind(left.out.p, n)
	bindLate(left.out.p, n, reflect.TypeFor[L](), reflect.TypeFor[R]())
	out := newOutput[U](left.out.p, n)
	meet(left, right, n, func(pl *engine.Place) receiver[U] { return out.connect(pl) }, build)
	return Stream[U]{out}
}

// addPair puts an operator with two keyed inputs into the plan.
func addPair[K comparable, L, R any](left Keyed[K, L], right Keyed[K, R], kind, detail string, opts []Option) *engine.Node {
	p := left.out.p
	if p != right.out.p {
		panic(fmt.Sprintf("stream: %s of pipelines %q and %q", kind, p.plan.Name, right.out.p.plan.Name))
	}
	n := p.add(kind, opts, &left.out.flow, &right.out.flow)
	n.Keyed, n.Detail = true, detail
	return n
}

// meet connects two keyed streams to an operator. connect makes what takes its results.
func meet[K comparable, L, R, U any](left Keyed[K, L], right Keyed[K, R], n *engine.Node,
	connect func(*engine.Place) receiver[U], build func(op *engine.Instance, m *meeting[K, L, R, U]),
) {
	enter := reach(n, 2, func(pl *engine.Place, op *engine.Instance, f *engine.Frontier) *meeting[K, L, R, U] {
		m := &meeting[K, L, R, U]{hooks: hooks[U]{op: op, out: newEmitter(op, connect(pl))}, frontier: f}
		m.lateLeft, _ = openLate(op, 0).(lateParter[L])
		m.lateRight, _ = openLate(op, 1).(lateParter[R])
		m.late = anyLate
		op.Control = m.Control
		build(op, m)
		return m
	})
	left.consume(n, 0, func(pl *engine.Place) keyedReceiver[K, L] { return leftArm[K, L, R, U]{enter(pl, 0)} })
	right.consume(n, 1, func(pl *engine.Place) keyedReceiver[K, R] { return rightArm[K, L, R, U]{enter(pl, 1)} })
}

// A meeting is an instance of an operator with two inputs.
type meeting[K comparable, L, R, U any] struct {
	hooks[U]
	p        CoProcessor[K, L, R, U]
	frontier *engine.Frontier

	lateLeft  lateParter[L] // nil where late events are only counted
	lateRight lateParter[R]
	late      func(t, wm Time) bool // whether an event behind the watermark is too late
}

// inTime returns a batch without its events that are too late, or nil if no others are left.
func inTime[K comparable, T, U any](m *hooks[U], b *KeyedBatch[K, T], to lateParter[T], late func(t, wm Time) bool) (*KeyedBatch[K, T], error) {
	if to == nil {
		return b, nil
	}
	rows, all, err := to(&b.Batch, m.advancer.(reacher).reached(), late)
	if all || err != nil {
		return b, err
	}
	if len(rows) == 0 {
		return nil, nil
	}
	one := *b
	one.head.rows, one.head.narrow = rows, true
	return &one, nil
}

// use has p process what comes.
func (m *meeting[K, L, R, U]) use[_ lazily](p CoProcessor[K, L, R, U]) {
	m.p = p
	m.bind(p)
}

func (m *meeting[K, L, R, U]) take(input int, c engine.Control) error {
	return m.frontier.Take(input, c, m.Control)
}

// process has the events of an input processed.
func (m *meeting[K, L, R, U]) process[_ lazily](input int, of *header, f func() error) error {
	m.inherit(of.born)
	if m.held == nil {
		return m.call(f)
	}
	m.held.sees(input, of.times != nil)
	m.at = sideName(input) + " side"
	err := m.call(f)
	m.at = ""
	return err
}

type leftArm[K comparable, L, R, U any] struct{ *meeting[K, L, R, U] }

func (m leftArm[K, L, R, U]) pushKeyed(b *KeyedBatch[K, L]) error {
	m.op.In(b.Len())
	if err := admit(m.op, 0, b.head.times != nil); err != nil {
		return err
	}
	rest, err := inTime(&m.hooks, b, m.lateLeft, m.late)
	if rest == nil || err != nil {
		return err
	}
	return m.process(0, &rest.head, func() error { return m.p.ProcessLeft(rest, m.out) })
}

func (m leftArm[K, L, R, U]) Control(c engine.Control) error { return m.take(0, c) }

type rightArm[K comparable, L, R, U any] struct{ *meeting[K, L, R, U] }

func (m rightArm[K, L, R, U]) pushKeyed(b *KeyedBatch[K, R]) error {
	m.op.In(b.Len())
	if err := admit(m.op, 1, b.head.times != nil); err != nil {
		return err
	}
	rest, err := inTime(&m.hooks, b, m.lateRight, m.late)
	if rest == nil || err != nil {
		return err
	}
	return m.process(1, &rest.head, func() error { return m.p.ProcessRight(rest, m.out) })
}

func (m rightArm[K, L, R, U]) Control(c engine.Control) error {
	if configOf(m.op.Node).mute && (c.Kind == engine.Watermark || c.Kind == engine.Idle) {
		return nil // the left input decides
	}
	return m.take(1, c)
}

// A joiner calls the function of a join. What it panics on is a failure of
// the match.
type joiner[L, R, U any] struct {
	guard[Match[L, R]]
	f func(Match[L, R]) U
}

func newJoiner[L, R, U any](op *engine.Instance, f func(Match[L, R]) U) joiner[L, R, U] {
	g := newGuard[Match[L, R]](op)
	return joiner[L, R, U]{g, f}
}

// join emits what f makes of m.
func (j *joiner[L, R, U]) join(m *Match[L, R], at Time, seq uint64, out *Emitter[U]) error {
	if j.op.Halted() {
		return engine.ErrStopped
	}
	u, cause := guarded(j.f, m)
	if cause != nil {
		return j.reject(*m, at, "event time "+at.String(), cause)
	}
	out.emit(u, at, seq)
	return nil
}
