package stream

import (
	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/window"
)

// A firing is the part of an aggregation that holds windows and fires them.
type firing[K comparable, A, R any] struct {
	op    *engine.Instance
	kind  *panes.Kind[K, A]
	store *panes.Sliced
	panel panel[K, A, R]
	coder *state.Coder[panes.Kept[K, A]]
}

func newFiring[K comparable, T, A, R any](op *engine.Instance, f folding[T, A], o outcome[K, A, R], spec *window.Spec, out receiver[Pane[K, R]]) *firing[K, A, R] {
	x := &firing[K, A, R]{op: op}
	x.panel = panel[K, A, R]{results: o.open(op), out: newEmitter(op, out)}
	x.kind = kindOf(&f, x.panel.emit)
	x.store = panes.NewSliced(*spec, x.kind, op.Reach)
	x.coder = state.NewCoder[panes.Kept[K, A]]()
	op.Hold(x, x.coder)
	o.show(op, x.kind, x.store)
	return x
}

func (x *firing[K, A, R]) Save(s *state.Saving) error {
	saveSlices(s, x.kind, x.store, x.coder)
	return nil
}

// saveSlices saves all that a store of slices holds.
func saveSlices[K comparable, A any](s *state.Saving, kind *panes.Kind[K, A], store *panes.Sliced, to *state.Coder[panes.Kept[K, A]]) {
	sums := kind.CopySums(store)
	s.Keys += int64(sums.Len())
	put := to.IntoWith(s, store.Keys()-sums.Len(), sums.Encode)
	kind.EachSlice(store, func(k panes.Kept[K, A]) {
		s.Keys++
		put(k.Hash, k)
	})
}

func (x *firing[K, A, R]) Restore(r *state.Restoring) error {
	x.store.Begin(r.Watermark, r.Had)
	return x.coder.EachGroup(r, func(k panes.Kept[K, A]) { x.kind.PutSlice(x.store, k) })
}

// Control fires windows, as far as the store may reach.
func (x *firing[K, A, R]) Control(c engine.Control) error {
	if c.Kind == engine.Watermark {
		x.op.Enter()
		x.panel.out.inherit(c.Born, nil)
		fired := false
		if err := attempted(func() { fired = x.store.Fire(c.Watermark) }); err != nil {
			return x.op.Failure(err)
		}
		c.Watermark = x.store.Watermark()
		x.op.Advance(c.Watermark)
		if err := x.panel.flush(); err != nil {
			return err
		}
		if fired { // which takes as long as firing, and no pane has to wait for it
			if err := attempted(x.store.Forget); err != nil {
				return x.op.Failure(err)
			}
		}
		x.op.Holds(x.store.Keys())
	}
	return x.panel.pass(c)
}

// attempted calls f and returns what it panics with as an error.
func attempted(f func()) (err error) {
	defer engine.Rescue(&err)
	f()
	return nil
}
