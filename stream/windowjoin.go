package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/window"
)

// WindowJoin pairs the events of two streams that have the same key and are
// in the same window, each with each, and gives what f makes of a pair. With
// an outer kind it also gives the events of groups that have no event on the
// other side: f sees a Match of one side. Those that it does not give are counted
// as Unmatched when their window first fires, once in each window. For the rest it is as CoGroup.
func (k Keyed[K, T]) WindowJoin[R, U any](right Keyed[K, R], spec window.Spec, kind JoinKind, f func(Match[T, R]) U, opts ...Option) Stream[Pane[K, U]] {
	started(k.out != nil, "WindowJoin", "Keyed")
	started(right.out != nil, "WindowJoin", "Keyed")
	windowsGiven("WindowJoin", spec)
	given("WindowJoin", "the function f", f)
	kindGiven("WindowJoin", kind)
	out := group(k, right, "windowjoin", kind.String()+", "+spec.String(), spec, opts, bindFailures[Match[T, R]],
		func(op *engine.Instance) groupResults[K, T, R, Pane[K, U]] {
			return &windowPairs[K, T, R, U]{joiner: newJoiner(op, f), kind: kind}
		})
	out.out.node.Params = JoinParams{Kind: kind, Windows: spec}
	out.out.node.Depends(engine.SettingKind, kind.String())
	return out
}

// windowPairs is what a window join makes of its groups.
type windowPairs[K comparable, L, R, U any] struct {
	joiner[L, R, U]
	kind  JoinKind
	left  []placed[L] // scratch
	right []placed[R]
}

func (w *windowPairs[K, L, R, U]) fire(x *panes.Pane[K, sides[L, R]], out *Emitter[Pane[K, U]]) error {
	left, right := ordered(x.Acc.Left, &w.left), ordered(x.Acc.Right, &w.right)
	var none U
	p := paneOf(x.Frame, x.Key, none)
	m := Match[L, R]{HasLeft: len(left) > 0, HasRight: len(right) > 0}
	switch {
	case m.HasLeft && m.HasRight:
		for i := range left {
			m.Left = left[i].Value
			for j := range right {
				m.Right = right[j].Value
				if err := w.give(&m, p, x, out); err != nil {
					return err
				}
			}
		}
	case m.HasLeft && w.kind.keepsLeft():
		for i := range left {
			m.Left = left[i].Value
			if err := w.give(&m, p, x, out); err != nil {
				return err
			}
		}
	case m.HasRight && w.kind.keepsRight():
		for i := range right {
			m.Right = right[i].Value
			if err := w.give(&m, p, x, out); err != nil {
				return err
			}
		}
	case x.Index == 0: // one that is late in a window without the other side is counted as Late alone
		w.op.Unmatched(len(left) + len(right))
	}
	return nil
}

func (w *windowPairs[K, L, R, U]) give(m *Match[L, R], p Pane[K, U], x *panes.Pane[K, sides[L, R]], out *Emitter[Pane[K, U]]) error {
	if w.op.Halted() {
		return engine.ErrStopped
	}
	var cause error
	if p.Value, cause = guarded(w.f, m); cause != nil {
		return w.reject(*m, x.Stamp, whereOf(w.op, x.Frame, x.Key), cause)
	}
	out.emit(p, x.Stamp, paneSeq(x.Hash))
	return nil
}
