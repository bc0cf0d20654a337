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
	return group(k, right, "cogroup", spec.String(), spec, opts, bindFailures[Pane[K, Group[T, R]]],
		func(g *grouping[K, T, R, Pane[K, U]]) func(*panes.Pane[K, sides[T, R]]) error {
			bad := newGuard[Pane[K, Group[T, R]]](g.op)
			g.op.sides = append(g.op.sides, bad.control)
			g.settle = bad.settle
			return func(x *panes.Pane[K, sides[T, R]]) error {
				p := paneOf[K, Group[T, R]](x)
				p.Value = Group[T, R]{inOrder(x.Acc.Left), inOrder(x.Acc.Right)}
				u, cause := guarded(f, &p)
				if cause != nil {
					return bad.reject(p, x.Stamp, whereOf(x), cause)
				}
				g.out.emit(Pane[K, U]{p.Key, p.Start, p.End, p.Timing, p.Index, u}, x.Stamp, x.Hash>>(64-seqBits)|1)
				return nil
			}
		})
}

// group adds an operator that gathers two streams by key and window. The
// function makes what is called with each group.
func group[K comparable, L, R, O any](left Keyed[K, L], right Keyed[K, R], kind, detail string, spec window.Spec, opts []Option,
	bind func(*Pipeline, *node), fire func(*grouping[K, L, R, O]) func(*panes.Pane[K, sides[L, R]]) error,
) Stream[O] {
	if spec.Kind() == window.KindCount || !spec.Default() {
		panic("stream: " + kind + " takes windows of time with the default trigger, not " + spec.String())
	}
	return attach2(left, right, kind, detail, opts, bind, func(op *instance, use func(KeyedProcessor2[K, L, R, O])) {
		g := &grouping[K, L, R, O]{op: op, spec: spec}
		g.fire = fire(g)
		if spec.Kind() == window.KindSession {
			g.sessions = panes.NewSessions(spec, groupOps[L, R](), g.emit)
			g.store = g.sessions
			g.cells = newCoder[panes.KeptCell[K, sides[L, R]]]()
			op.hold(g, g.cells)
		} else {
			g.sliced = panes.NewSliced(spec, groupOps[L, R](), g.emit)
			g.store = g.sliced
			g.parts = newCoder[panes.Kept[K, sides[L, R]]]()
			op.hold(g, g.parts)
		}
		// A tumbling window that is not waited for is done with once it has fired.
		g.once = spec.Kind() == window.KindTumbling && spec.Lateness() == 0
		use(g)
	})
}

// sides are the events of a window and a key as they are held.
type sides[L, R any] struct {
	Left  []Gathered[L] `binary:"1"`
	Right []Gathered[R] `binary:"2"`
}

func leftSide[L, R any](s *sides[L, R]) *[]Gathered[L]  { return &s.Left }
func rightSide[L, R any](s *sides[L, R]) *[]Gathered[R] { return &s.Right }

func groupOps[L, R any]() panes.Ops[sides[L, R]] {
	return panes.Ops[sides[L, R]]{
		New: func() sides[L, R] { return sides[L, R]{} },
		Merge: func(a, b sides[L, R]) sides[L, R] {
			return sides[L, R]{append(a.Left, b.Left...), append(a.Right, b.Right...)}
		},
	}
}

// A grouping gathers two streams by key and window.
type grouping[K comparable, L, R, O any] struct {
	op     *instance
	spec   window.Spec
	fire   func(*panes.Pane[K, sides[L, R]]) error
	settle func() error
	out    *Emitter[O]
	store  interface {
		Watermark() Time
		Advance(Time)
		Keys() int
	}
	sliced   *panes.Sliced[K, sides[L, R]] // one of the two is nil
	sessions *panes.Sessions[K, sides[L, R]]
	slots    []uint32
	err      error // of a group that was fired

	cells *coder[panes.KeptCell[K, sides[L, R]]] // of sessions
	parts *coder[panes.Kept[K, sides[L, R]]]     // of sliced

	once      bool // a group fires once, and is then forgotten
	leftFree  [][]Gathered[L]
	rightFree [][]Gathered[R]
}

func (g *grouping[K, L, R, O]) save(s *saving) error {
	if g.sessions != nil {
		saveCells(s, g.sessions, g.cells)
	} else {
		saveSlices(s, g.sliced, g.parts)
	}
	return nil
}

func (g *grouping[K, L, R, O]) restore(r *restoring) error {
	if g.sessions != nil {
		g.sessions.Begin(r.watermark)
		return g.cells.eachGroup(r, g.sessions.Put)
	}
	g.sliced.Pass(r.watermark)
	return g.parts.eachGroup(r, g.sliced.Put)
}

func (g *grouping[K, L, R, O]) emit(x *panes.Pane[K, sides[L, R]]) {
	if g.err == nil {
		g.err = g.fire(x)
	}
	if g.once {
		g.leftFree = recycled(g.leftFree, x.Acc.Left)
		g.rightFree = recycled(g.rightFree, x.Acc.Right)
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

func (g *grouping[K, L, R, O]) ProcessLeft(b *KeyedBatch[K, L], out *Emitter[O]) error {
	g.out = out
	return takeSide(g, b, leftSide[L, R], &g.leftFree)
}

func (g *grouping[K, L, R, O]) ProcessRight(b *KeyedBatch[K, R], out *Emitter[O]) error {
	g.out = out
	return takeSide(g, b, rightSide[L, R], &g.rightFree)
}

// takeSide adds the events of one side to their windows.
func takeSide[K comparable, L, R, O, T any](g *grouping[K, L, R, O], b *KeyedBatch[K, T], side func(*sides[L, R]) *[]Gathered[T], free *[][]Gathered[T]) error {
	if b.times == nil {
		return errNoTime
	}
	var sl *panes.Slice[K, sides[L, R]]
	if g.sliced != nil {
		sl = g.sliced.Current()
		g.slots = sized(g.slots, len(b.hashes))
		sl.Table.Probe(b.hashes, b.selected(), g.slots)
	}
	cursor, now := 0, g.store.Watermark()
	for k, n := 0, b.Len(); k < n; k++ {
		row := b.at(k)
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
			g.sessions.Add(t, wm, hash, key, func(s sides[L, R]) sides[L, R] {
				gather(side(&s), free, &b.Batch, row)
				return s
			})
		case t < wm:
			var s sides[L, R]
			gather(side(&s), free, &b.Batch, row)
			g.sliced.AddLate(t, wm, hash, key, s)
		default:
			if !sl.Contains(t) {
				sl = g.sliced.At(t)
			}
			s, _ := sl.Table.At(hash, key)
			gather(side(s), free, &b.Batch, row)
		}
	}
	return g.done()
}

// Advance fires the windows that the watermark has passed.
func (g *grouping[K, L, R, O]) Advance(wm Time, out *Emitter[O]) error {
	g.out = out
	g.store.Advance(wm)
	return g.done()
}

func (g *grouping[K, L, R, O]) done() error {
	g.op.stats.keys.Store(int64(g.store.Keys()))
	if g.err != nil {
		return g.err
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
