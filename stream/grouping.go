package stream

import (
	"cmp"
	"slices"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/window"
)

// sides are the events of a window and a key as they are held.
type sides[L, R any] struct {
	Left  []placed[L] `binary:"1"`
	Right []placed[R] `binary:"2"`
}

func leftSide[L, R any](s *sides[L, R]) *[]placed[L] { return &s.Left }

func rightSide[L, R any](s *sides[L, R]) *[]placed[R] { return &s.Right }

func joinSides[L, R any](a, b sides[L, R]) sides[L, R] {
	return sides[L, R]{append(a.Left, b.Left...), append(a.Right, b.Right...)}
}

// A grouping gathers two streams by key and window.
type grouping[K comparable, L, R any] struct {
	op       *engine.Instance
	spec     window.Spec
	kind     panes.Kind[K, sides[L, R]]
	sliced   *panes.Sliced // one of the two is nil
	sessions *panes.Sessions
	event    panes.Event[K, sides[L, R]]
	slots    []uint32

	cells *state.Coder[panes.KeptCell[K, sides[L, R]]] // of sessions
	parts *state.Coder[panes.Kept[K, sides[L, R]]]     // of sliced

	once      bool // a group fires once, and is then forgotten
	leftFree  [][]placed[L]
	rightFree [][]placed[R]
}

// hold makes the store, which gives groups to emit.
func (g *grouping[K, L, R]) hold(op *engine.Instance, spec window.Spec, emit func(*panes.Pane[K, sides[L, R]])) {
	g.op, g.spec = op, spec
	g.kind = panes.Kind[K, sides[L, R]]{Emit: emit}
	g.kind.New = func() (none sides[L, R]) { return none }
	g.kind.Merge = joinSides[L, R]
	// A window that shares its slice with no other, and is not waited for, is done with once it has fired.
	g.once = (spec.Kind() == window.KindTumbling || spec.Kind() == window.KindCalendar) && spec.Lateness() == 0
	if panes.HomeOf(spec) == panes.InSessions {
		g.sessions = panes.NewSessions(spec, &g.kind, op.Reach)
		g.cells = state.NewCoder[panes.KeptCell[K, sides[L, R]]]()
		op.Hold(g, g.cells)
	} else {
		g.sliced = panes.NewSliced(spec, &g.kind, op.Reach)
		g.parts = state.NewCoder[panes.Kept[K, sides[L, R]]]()
		op.Hold(g, g.parts)
	}
}

func (g *grouping[K, L, R]) Save(s *state.Saving) error {
	if g.sessions != nil {
		saveCells(s, &g.kind, g.sessions, g.cells)
	} else {
		saveSlices(s, &g.kind, g.sliced, g.parts)
	}
	return nil
}

func (g *grouping[K, L, R]) Restore(r *state.Restoring) error {
	if g.sessions != nil {
		g.sessions.Begin(r.Watermark)
		return g.cells.EachGroup(r, func(c panes.KeptCell[K, sides[L, R]]) { g.kind.PutCell(g.sessions, c) })
	}
	g.sliced.Begin(r.Watermark, r.Had)
	return g.parts.EachGroup(r, func(k panes.Kept[K, sides[L, R]]) { g.kind.PutSlice(g.sliced, k) })
}

// recycle keeps the memory of a group that has fired once and for all.
func (g *grouping[K, L, R]) recycle(acc *sides[L, R]) {
	if g.once {
		g.leftFree = recycled(g.leftFree, acc.Left)
		g.rightFree = recycled(g.rightFree, acc.Right)
	}
}

// recycled adds a slice to those that can be used again.
func recycled[T any](free [][]placed[T], s []placed[T]) [][]placed[T] {
	if cap(s) == 0 || len(free) >= 1<<16 {
		return free
	}
	clear(s)
	return append(free, s[:0])
}

// gather appends an event to one side of a group.
func gather[T any](side *[]placed[T], free *[][]placed[T], b *Batch[T], row int) {
	if n := len(*free); *side == nil && n > 0 {
		*side, *free = (*free)[n-1], (*free)[:n-1]
	}
	*side = append(*side, placed[T]{b.values[row], window.Position{Time: b.head.times[row], Seq: b.head.seqOf(row)}})
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

// inOrder returns the values by time and place.
func inOrder[T any](all []placed[T]) []T {
	var scratch []placed[T]
	all = ordered(all, &scratch)
	values := make([]T, len(all))
	for i := range all {
		values[i] = all[i].Value
	}
	return values
}

// ordered returns the events by time and place: all itself if they are, else
// a copy in scratch.
func ordered[T any](all []placed[T], scratch *[]placed[T]) []placed[T] {
	if slices.IsSortedFunc(all, byPosition[T]) {
		return all
	}
	*scratch = append((*scratch)[:0], all...)
	slices.SortStableFunc(*scratch, byPosition[T])
	return *scratch
}

func byPosition[T any](a, b placed[T]) int {
	return cmp.Or(cmp.Compare(a.At.Time, b.At.Time), cmp.Compare(a.At.Seq, b.At.Seq))
}
