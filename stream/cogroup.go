package stream

import (
	"cmp"
	"slices"

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
// lateness lasts, and is dropped and counted after it.
func (k Keyed[K, T]) CoGroup[R, U any](right Keyed[K, R], spec window.Spec, f func(Pane[K, Group[T, R]]) U, opts ...Option) Stream[Pane[K, U]] {
	started(k.out != nil, "CoGroup", "Keyed")
	started(right.out != nil, "CoGroup", "Keyed")
	windowsGiven("CoGroup", spec)
	given("CoGroup", "the function f", f)
	return group(k, right, "cogroup", spec.String(), spec, opts, bindFailures[Pane[K, Group[T, R]]],
		func(op *instance) groupResults[K, T, R, Pane[K, U]] {
			c := &coGrouped[K, T, R, U]{guard: newGuard[Pane[K, Group[T, R]]](op), f: f}
			op.sides = append(op.sides, c.guard.control)
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
		return c.reject(p, x.Stamp, whereOf(x.Frame, x.Key), cause)
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
	bind func(*Pipeline, *node), open func(op *instance) groupResults[K, L, R, O],
) Stream[O] {
	if spec.Kind() == window.KindCount || !spec.Default() {
		panic("stream: " + kind + " takes windows of time with the default trigger, not " + spec.String())
	}
	out := attach2(left, right, kind, detail, opts, bind, func(op *instance, use func(KeyedProcessor2[K, L, R, O])) {
		g := &groupProcessor[K, L, R, O]{groupResults: open(op)}
		g.hold(op, spec, g.emit)
		use(g)
	})
	out.out.node.dependsOn(spec)
	return out
}

// sides are the events of a window and a key as they are held.
type sides[L, R any] struct {
	Left  []Gathered[L] `binary:"1"`
	Right []Gathered[R] `binary:"2"`
}

func leftSide[L, R any](s *sides[L, R]) *[]Gathered[L]  { return &s.Left }
func rightSide[L, R any](s *sides[L, R]) *[]Gathered[R] { return &s.Right }

func joinSides[L, R any](a, b sides[L, R]) sides[L, R] {
	return sides[L, R]{append(a.Left, b.Left...), append(a.Right, b.Right...)}
}

// A grouping gathers two streams by key and window.
type grouping[K comparable, L, R any] struct {
	op       *instance
	spec     window.Spec
	kind     panes.Kind[K, sides[L, R]]
	sliced   *panes.Sliced // one of the two is nil
	sessions *panes.Sessions
	event    panes.Event[K, sides[L, R]]
	slots    []uint32

	cells *coder[panes.KeptCell[K, sides[L, R]]] // of sessions
	parts *coder[panes.Kept[K, sides[L, R]]]     // of sliced

	once      bool // a group fires once, and is then forgotten
	leftFree  [][]Gathered[L]
	rightFree [][]Gathered[R]
}

// hold makes the store, which gives groups to emit.
func (g *grouping[K, L, R]) hold(op *instance, spec window.Spec, emit func(*panes.Pane[K, sides[L, R]])) {
	g.op, g.spec = op, spec
	g.kind = panes.Kind[K, sides[L, R]]{Emit: emit}
	g.kind.New = func() (none sides[L, R]) { return none }
	g.kind.Merge = joinSides[L, R]
	// A window that shares its slice with no other, and is not waited for, is done with once it has fired.
	g.once = (spec.Kind() == window.KindTumbling || spec.Kind() == window.KindCalendar) && spec.Lateness() == 0
	if spec.Kind() == window.KindSession {
		g.sessions = panes.NewSessions(spec, &g.kind, op.reach)
		g.cells = newCoder[panes.KeptCell[K, sides[L, R]]]()
		op.hold(g, g.cells)
	} else {
		g.sliced = panes.NewSliced(spec, &g.kind, op.reach)
		g.parts = newCoder[panes.Kept[K, sides[L, R]]]()
		op.hold(g, g.parts)
	}
}

func (g *grouping[K, L, R]) save(s *saving) error {
	if g.sessions != nil {
		saveCells(s, &g.kind, g.sessions, g.cells)
	} else {
		saveSlices(s, &g.kind, g.sliced, g.parts)
	}
	return nil
}

func (g *grouping[K, L, R]) restore(r *restoring) error {
	if g.sessions != nil {
		g.sessions.Begin(r.watermark)
		return g.cells.eachGroup(r, func(c panes.KeptCell[K, sides[L, R]]) { g.kind.PutCell(g.sessions, c) })
	}
	g.sliced.Begin(r.watermark, r.had)
	return g.parts.eachGroup(r, func(k panes.Kept[K, sides[L, R]]) { g.kind.PutSlice(g.sliced, k) })
}

// recycle keeps the memory of a group that has fired once and for all.
func (g *grouping[K, L, R]) recycle(acc *sides[L, R]) {
	if g.once {
		g.leftFree = recycled(g.leftFree, acc.Left)
		g.rightFree = recycled(g.rightFree, acc.Right)
	}
}

// recycled adds a slice to those that can be used again.
func recycled[T any](free [][]Gathered[T], s []Gathered[T]) [][]Gathered[T] {
	if cap(s) == 0 || len(free) >= 1<<16 {
		return free
	}
	clear(s)
	return append(free, s[:0])
}

// gather appends an event to one side of a group.
func gather[T any](side *[]Gathered[T], free *[][]Gathered[T], b *Batch[T], row int) {
	if n := len(*free); *side == nil && n > 0 {
		*side, *free = (*free)[n-1], (*free)[:n-1]
	}
	*side = append(*side, Gathered[T]{b.values[row], window.Position{Time: b.times[row], Seq: b.seqOf(row)}})
}

func (g *grouping[K, L, R]) watermark() Time {
	if g.sessions != nil {
		return g.sessions.Watermark()
	}
	return g.sliced.Watermark()
}

func (g *grouping[K, L, R]) advance(wm Time) {
	if g.sessions != nil {
		g.sessions.Advance(wm)
	} else {
		g.sliced.Advance(wm)
	}
}

func (g *grouping[K, L, R]) count() int {
	if g.sessions != nil {
		return g.sessions.Keys()
	}
	return g.sliced.Keys()
}

// takeSide adds the events of one side to their windows.
func takeSide[K comparable, L, R, T any](g *grouping[K, L, R], b *KeyedBatch[K, T], side func(*sides[L, R]) *[]Gathered[T], free *[][]Gathered[T]) error {
	if b.times == nil {
		return ErrNoTime
	}
	var sl *panes.Slice
	if g.sliced != nil {
		sl = g.sliced.Current()
		g.slots = sized(g.slots, len(b.hashes))
		g.kind.CellsOf(sl).Table.Probe(b.hashes, b.selected(), g.slots)
	}
	row := 0
	g.event.Fold = func(s sides[L, R]) sides[L, R] {
		gather(side(&s), free, &b.Batch, row)
		return s
	}
	cursor, now := 0, g.watermark()
	for k, n := 0, b.Len(); k < n; k++ {
		row = b.at(k)
		t := b.times[row]
		wm := now
		if len(b.late) > 0 {
			wm = b.behind(row, &cursor, now)
		}
		if t < wm {
			if gone(g.spec, t, wm) {
				g.op.stats.dropped.Add(1)
				continue
			}
			g.op.stats.late.Add(1)
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
	if g.err == nil && g.op.halted() {
		g.err = errStopped
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
	g.op.stats.keys.Store(int64(g.count()))
	if err = cmp.Or(err, g.err); err != nil {
		return err
	}
	return g.settle()
}

// inOrder returns the values by time and place.
func inOrder[T any](all []Gathered[T]) []T {
	var scratch []Gathered[T]
	all = ordered(all, &scratch)
	values := make([]T, len(all))
	for i := range all {
		values[i] = all[i].Value
	}
	return values
}

// ordered returns the events by time and place: all itself if they are, else
// a copy in scratch.
func ordered[T any](all []Gathered[T], scratch *[]Gathered[T]) []Gathered[T] {
	if slices.IsSortedFunc(all, byPosition[T]) {
		return all
	}
	*scratch = append((*scratch)[:0], all...)
	slices.SortStableFunc(*scratch, byPosition[T])
	return *scratch
}

func byPosition[T any](a, b Gathered[T]) int {
	return cmp.Or(cmp.Compare(a.At.Time, b.At.Time), cmp.Compare(a.At.Seq, b.At.Seq))
}
