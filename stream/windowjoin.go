package stream

import (
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
	return group(k, right, "cogroup", spec, opts, func(p Pane[K, Group[T, R]], give func(U)) { give(f(p)) })
}

// WindowJoin pairs the events of two streams that have the same key and are
// in the same window, each with each, and gives what f makes of a pair. With
// an outer kind it also gives the events of groups that have no event on the
// other side: f sees a Match of one side. For the rest it is as CoGroup.
func (k Keyed[K, T]) WindowJoin[R, U any](right Keyed[K, R], spec window.Spec, kind JoinKind, f func(Match[T, R]) U, opts ...Option) Stream[Pane[K, U]] {
	return group(k, right, "windowjoin", spec, opts, func(p Pane[K, Group[T, R]], give func(U)) {
		for _, l := range p.Value.Left {
			for _, r := range p.Value.Right {
				give(f(Match[T, R]{l, r, true, true}))
			}
			if len(p.Value.Right) == 0 && kind.keepsLeft() {
				give(f(Match[T, R]{Left: l, HasLeft: true}))
			}
		}
		if len(p.Value.Left) == 0 && kind.keepsRight() {
			for _, r := range p.Value.Right {
				give(f(Match[T, R]{Right: r, HasRight: true}))
			}
		}
	})
}

func group[K comparable, L, R, U any](left Keyed[K, L], right Keyed[K, R], kind string, spec window.Spec, opts []Option, f func(Pane[K, Group[L, R]], func(U))) Stream[Pane[K, U]] {
	if spec.Kind() == window.KindCount || !spec.Default() {
		panic("stream: " + kind + " takes windows of time with the default trigger, not " + spec.String())
	}
	return attach2(left, right, kind, spec.String(), opts, func(op *instance) (KeyedProcessor2[K, L, R, Pane[K, U]], error) {
		g := &grouping[K, L, R, U]{op: op, spec: spec, f: f}
		g.takeLeft = func(s sides[L, R]) sides[L, R] {
			s.left = append(s.left, Gathered[L]{g.l.values[g.row], window.Position{Time: g.l.times[g.row], Seq: g.l.seqOf(g.row)}})
			return s
		}
		g.takeRight = func(s sides[L, R]) sides[L, R] {
			s.right = append(s.right, Gathered[R]{g.r.values[g.row], window.Position{Time: g.r.times[g.row], Seq: g.r.seqOf(g.row)}})
			return s
		}
		ops := panes.Ops[sides[L, R]]{
			New: func() sides[L, R] { return sides[L, R]{} },
			Merge: func(a, b sides[L, R]) sides[L, R] {
				return sides[L, R]{append(a.left, b.left...), append(a.right, b.right...)}
			},
		}
		if spec.Kind() == window.KindSession {
			store := panes.NewSessions(spec, ops, g.emit)
			g.store = store
			g.add = store.Add
		} else {
			store := panes.NewSliced(spec, ops, g.emit)
			g.store = store
			g.add = func(t, wm Time, hash uint64, k K, add func(sides[L, R]) sides[L, R]) {
				if t < wm {
					store.AddLate(t, wm, hash, k, add(sides[L, R]{}))
					return
				}
				p, _ := store.At(t).Table.At(hash, k)
				*p = add(*p)
			}
		}
		return g, nil
	})
}

// sides are the events of a window and a key as they are held.
type sides[L, R any] struct {
	left  []Gathered[L]
	right []Gathered[R]
}

type grouping[K comparable, L, R, U any] struct {
	op    *instance
	spec  window.Spec
	f     func(Pane[K, Group[L, R]], func(U))
	out   *Emitter[Pane[K, U]]
	store interface {
		Watermark() Time
		Advance(Time)
		Keys() int
	}
	add       func(t, wm Time, hash uint64, k K, add func(sides[L, R]) sides[L, R])
	takeLeft  func(sides[L, R]) sides[L, R] // takes the event at row of l
	takeRight func(sides[L, R]) sides[L, R]
	l         *Batch[L]
	r         *Batch[R]
	row       int
}

func (g *grouping[K, L, R, U]) emit(x *panes.Pane[K, sides[L, R]]) {
	p := paneOf[K, Group[L, R]](x)
	p.Value = Group[L, R]{inOrder(x.Acc.left), inOrder(x.Acc.right)}
	g.f(p, func(u U) {
		g.out.emit(Pane[K, U]{p.Key, p.Start, p.End, p.Timing, p.Index, u}, x.Stamp, x.Hash>>(64-seqBits)|1)
	})
}

func (g *grouping[K, L, R, U]) ProcessLeft(b *KeyedBatch[K, L], out *Emitter[Pane[K, U]]) error {
	g.l = &b.Batch
	return take(g, b, out, g.takeLeft)
}

func (g *grouping[K, L, R, U]) ProcessRight(b *KeyedBatch[K, R], out *Emitter[Pane[K, U]]) error {
	g.r = &b.Batch
	return take(g, b, out, g.takeRight)
}

func take[K comparable, L, R, U, T any](g *grouping[K, L, R, U], b *KeyedBatch[K, T], out *Emitter[Pane[K, U]], add func(sides[L, R]) sides[L, R]) error {
	if b.times == nil {
		return errNoTime
	}
	g.out = out
	cursor, now := 0, g.store.Watermark()
	for k, n := 0, b.Len(); k < n; k++ {
		g.row = b.at(k)
		t := b.times[g.row]
		wm := b.behind(g.row, &cursor, now)
		if gone(g.spec, t, wm) {
			g.op.stats.dropped.Add(1)
			continue
		}
		if t < wm {
			g.op.stats.late.Add(1)
		}
		g.add(t, wm, b.hashes[g.row], b.keys[g.row], add)
	}
	g.op.stats.keys.Store(int64(g.store.Keys()))
	return nil
}

// Advance fires the windows that the watermark has passed.
func (g *grouping[K, L, R, U]) Advance(wm Time, out *Emitter[Pane[K, U]]) error {
	g.out = out
	g.store.Advance(wm)
	g.op.stats.keys.Store(int64(g.store.Keys()))
	return nil
}
