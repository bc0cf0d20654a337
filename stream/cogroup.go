package stream

import (
	"cmp"

	"github.com/freshet-go/freshet/internal/engine"

	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// A Group holds the events of a window and a key from two streams, each side
// by event time and then by place in the partition.
type Group[L, R any] struct {
	Left  []L
	Right []R
}

// CoGroup brings the events of two streams together by key and window, and
// gives what f makes of each group that has an event on either side, when the
// watermark passes the window's end. Windows may be of any kind but of a
// number of events, with the default trigger. All events of a window are held
// until it fires; a late event gives the whole group again while the allowed
// lateness lasts, and is dropped and counted in TooLate after it.
func (k Keyed[K, T]) CoGroup[R, U any](right Keyed[K, R], spec window.Spec, f func(Pane[K, Group[T, R]]) U, opts ...Option) Stream[Pane[K, U]] {
	started(k.out != nil, "CoGroup", "Keyed")
	started(right.out != nil, "CoGroup", "Keyed")
	windowsGiven("CoGroup", spec)
	given("CoGroup", "the function f", f)
	return group(k, right, "cogroup", spec.String(), spec, opts, bindFailures[Pane[K, Group[T, R]]],
		func(op *engine.Instance) groupResults[K, T, R, Pane[K, U]] {
			c := &coGrouped[K, T, R, U]{guard: newGuard[Pane[K, Group[T, R]]](op), f: f}
			return c
		})
}

// coGrouped is what CoGroup makes of its groups.
type coGrouped[K comparable, L, R, U any] struct {
	guard[Pane[K, Group[L, R]]]
	f func(Pane[K, Group[L, R]]) U
}

func (c *coGrouped[K, L, R, U]) fire(x *panes.Pane[K, sides[L, R]], out *Emitter[Pane[K, U]]) error {
	p := paneOf(x.Frame, x.Key, Group[L, R]{inOrder(x.Acc.Left), inOrder(x.Acc.Right)})
	u, cause := guarded(c.f, &p)
	if cause != nil {
		return c.reject(p, x.Stamp, whereOf(c.op, x.Frame, x.Key), cause)
	}
	out.emit(Pane[K, U]{p.Key, p.Start, p.End, p.Timing, p.Index, u, p.Replaces}, x.Stamp, paneSeq(x.Hash))
	return nil
}

// groupResults are what becomes of groups.
type groupResults[K comparable, L, R, O any] interface {
	fire(x *panes.Pane[K, sides[L, R]], out *Emitter[O]) error
	settle() error
}

// group adds an operator that gathers two streams by key and window. The
// function makes what is called with each group.
func group[K comparable, L, R, O any](left Keyed[K, L], right Keyed[K, R], kind, detail string, spec window.Spec, opts []Option,
	bind func(*Pipeline, *engine.Node), open func(op *engine.Instance) groupResults[K, L, R, O],
) Stream[O] {
	checkPanes(spec, kind, false)
	if home := panes.HomeOf(spec); home != panes.InSlices && home != panes.InSessions || !spec.Default() {
		panic("stream: " + kind + " takes windows of time with the default trigger, not " + spec.String())
	}
	out := attach2(left, right, kind, detail, opts, bind, func(op *engine.Instance, m *meeting[K, L, R, O]) {
		g := &groupProcessor[K, L, R, O]{groupResults: open(op)}
		g.hold(op, spec, g.emit)
		m.use(g)
		m.late = func(t, wm Time) bool { return panes.Gone(spec, t, wm) }
	})
	out.out.node.Params = JoinParams{Kind: FullOuter, Windows: spec}
	dependsOn(out.out.node, spec)
	return out
}

// takeSide adds the events of one side to their windows.
func takeSide[K comparable, L, R, T any](g *grouping[K, L, R], b *KeyedBatch[K, T], side func(*sides[L, R]) *[]placed[T], free *[][]placed[T]) error {
	if b.head.times == nil {
		return ErrNoTime
	}
	var sl *panes.Slice
	if g.sliced != nil {
		sl = g.sliced.Current()
		g.slots = sized(g.slots, len(b.hashes))
		g.kind.CellsOf(sl).Table.Probe(b.hashes, b.head.selected(), g.slots)
	}
	row := 0
	g.event.Fold = func(s sides[L, R]) sides[L, R] {
		gather(side(&s), free, &b.Batch, row)
		return s
	}
	cursor, now := 0, g.watermark()
	for k, n := 0, b.Len(); k < n; k++ {
		row = b.head.at(k)
		t := b.head.times[row]
		wm := now
		if len(b.head.late) > 0 {
			wm = b.head.behind(row, &cursor, now)
		}
		if t < wm {
			if panes.Gone(g.spec, t, wm) {
				g.op.TooLate(1)
				continue
			}
			g.op.Late(1)
		}
		hash, key := b.hashes[row], b.keys[row]
		switch {
		case g.sessions != nil:
			g.event.Hash, g.event.Key = hash, key
			g.sessions.Add(t, wm, &g.event)
		case t < wm:
			g.kind.AddLate(g.sliced, t, wm, hash, key, g.event.Fold(sides[L, R]{}))
		default:
			if !sl.Contains(t) {
				sl = g.sliced.At(t)
			}
			s, _ := g.kind.CellsOf(sl).Table.At(hash, key)
			gather(side(s), free, &b.Batch, row)
		}
	}
	return nil
}

// A groupProcessor is a grouping whose groups become events.
type groupProcessor[K comparable, L, R, O any] struct {
	grouping[K, L, R]
	groupResults[K, L, R, O]
	out *Emitter[O]
	err error // of a group that was fired
}

func (g *groupProcessor[K, L, R, O]) emit(x *panes.Pane[K, sides[L, R]]) {
	if g.err == nil && g.op.Halted() {
		g.err = engine.ErrStopped
	}
	if g.err == nil {
		g.err = g.fire(x, g.out)
	}
	g.recycle(&x.Acc)
}

func (g *groupProcessor[K, L, R, O]) ProcessLeft(b *KeyedBatch[K, L], out *Emitter[O]) error {
	g.out = out
	return g.done(takeSide(&g.grouping, b, leftSide[L, R], &g.leftFree))
}

func (g *groupProcessor[K, L, R, O]) ProcessRight(b *KeyedBatch[K, R], out *Emitter[O]) error {
	g.out = out
	return g.done(takeSide(&g.grouping, b, rightSide[L, R], &g.rightFree))
}

// Advance fires the windows that the watermark has passed.
func (g *groupProcessor[K, L, R, O]) Advance(wm Time, out *Emitter[O]) error {
	g.out = out
	g.advance(wm)
	return g.done(nil)
}

func (g *groupProcessor[K, L, R, O]) reached() Time { return g.watermark() }

func (g *groupProcessor[K, L, R, O]) done(err error) error {
	g.op.Holds(g.count())
	if err = cmp.Or(err, g.err); err != nil {
		return err
	}
	return g.settle()
}
