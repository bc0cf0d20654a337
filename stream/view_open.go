package stream

import (
	"cmp"
	"fmt"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/panes"
	"github.com/freshet-go/freshet/internal/state"
	"github.com/freshet-go/freshet/window"
)

// A windowView is the View of an aggregation, as that sees it. It is made where the View is handed to Expose, so that an
// aggregation without one is compiled without all that a View does.
type windowView[K comparable, R any] interface {
	claim(n *engine.Node)
	answer(op *engine.Instance, of openWindows[K, []Pane[K, R]])
	remembers(of engine.HeldPart, open func(*state.Restoring) (openWindows[K, []Pane[K, R]], error))
}

// openWindows are asked for what is held of a key, and for the keys there may be, some of them several times.
type openWindows[K comparable, V any] struct {
	look func(hash uint64, k K) (held V, known bool, err error)
	each func(f func(hash uint64, k K))
}

// A viewMaker has a View answered by windows.
type viewMaker[K comparable, V any] struct{ to *View[K, V] }

func (m *viewMaker[K, V]) claim(n *engine.Node) { m.to.instances.claim(n) }

func (m *viewMaker[K, V]) answer(op *engine.Instance, of openWindows[K, V]) {
	op.Alone(exposesHere)
	op.OnBegin(func() error {
		m.to.instances.add(op, m.asked(of))
		return nil
	})
}

// asked is how windows are asked. What they answer is copied, as state and result may share something.
func (m *viewMaker[K, V]) asked(of openWindows[K, V]) viewPart[K, V] {
	coder := state.NewCoder[keptState[K, V]]()
	look := func(hash uint64, k K) (v V, known bool, err error) {
		if failure := attempted(func() { v, known, err = of.look(hash, k) }); failure != nil {
			err = failure
		}
		if err != nil || !known {
			return *new(V), false, err
		}
		c, err := coder.Copy(keptState[K, V]{Hash: hash, Key: k, Val: v})
		return c.Val, err == nil, err
	}
	return viewPart[K, V]{
		look: look,
		parts: func() (int, func(int, *[]KeyValue[K, V]) error) {
			keys := keysOf(of)
			return max(1, (len(keys)+viewedAtOnce-1)/viewedAtOnce), func(turn int, to *[]KeyValue[K, V]) error {
				for _, ref := range keys[turn*viewedAtOnce : min(len(keys), (turn+1)*viewedAtOnce)] {
					v, known, err := look(ref.hash, ref.key)
					if err != nil {
						return err
					}
					if known {
						*to = append(*to, KeyValue[K, V]{ref.key, v})
					}
				}
				return nil
			}
		},
	}
}

// keysOf returns each key of windows once.
func keysOf[K comparable, V any](of openWindows[K, V]) (keys []hashedKey[K]) {
	seen := map[K]struct{}{}
	of.each(func(hash uint64, k K) {
		if _, is := seen[k]; !is {
			seen[k] = struct{}{}
			keys = append(keys, hashedKey[K]{hash, k})
		}
	})
	return keys
}

func (m *viewMaker[K, V]) remembers(of engine.HeldPart, open func(*state.Restoring) (openWindows[K, V], error)) {
	m.to.reads(of, func(from *state.Restoring, f func(K, V)) error {
		windows, err := open(from)
		if err != nil {
			return err
		}
		for _, ref := range keysOf(windows) {
			v, known, err := windows.look(ref.hash, ref.key)
			if err != nil {
				return err
			}
			if known {
				f(ref.key, v)
			}
		}
		return nil
	})
}

// viewOf returns the View that an aggregation was given, or nil. It panics if that is of other types.
func (o *outcome[K, A, R]) viewOf[_ lazily](n *engine.Node) windowView[K, R] {
	c := configOf(n)
	if c.view == nil {
		return nil
	}
	if o.shown == nil {
		refuse(n, optExpose)
	}
	v, ok := c.viewMaker.(windowView[K, R])
	if !ok {
		panic(unlikeView(n, reflect.TypeFor[[]Pane[K, R]](), reflect.TypeFor[K]()))
	}
	v.claim(n)
	return v
}

func unlikeView(n *engine.Node, held, key reflect.Type) string {
	return fmt.Sprintf("stream: %s: Expose: the View is a %v, and the operator holds a %v by %v", called(n), reflect.TypeOf(configOf(n).view).Elem(), held, key)
}

// show has windows answer the View that the operator was given.
func (o *outcome[K, A, R]) show[_ lazily](op *engine.Instance, kind *panes.Kind[K, A], store panes.Peeker) {
	if v := o.viewOf(op.Node); v != nil {
		v.answer(op, o.opened(kind, store))
	}
}

// opened is how the windows of a store are asked: each that is open gives the pane that it would give now.
func (o *outcome[K, A, R]) opened[_ lazily](kind *panes.Kind[K, A], store panes.Peeker) openWindows[K, []Pane[K, R]] {
	return openWindows[K, []Pane[K, R]]{
		look: func(hash uint64, k K) (all []Pane[K, R], known bool, err error) {
			kind.Peek(store, hash, k, func(x *panes.Pane[K, A]) {
				r, cause := o.shown(x)
				err = cmp.Or(err, cause)
				all = append(all, paneOf(x.Frame, x.Key, r))
			})
			return all, len(all) > 0, err
		},
		each: func(f func(uint64, K)) { kind.EachOpen(store, f) },
	}
}

// kept says how a checkpoint has windows.
func (o *outcome[K, A, R]) kept[T any](v windowView[K, R], f *folding[T, A], spec *window.Spec) {
	sliced := panes.HomeOf(*spec) == panes.InSlices
	of := engine.HeldPart{Records: []reflect.Type{reflect.TypeFor[panes.KeptCell[K, A]]()}}
	if sliced {
		of.Records[0] = reflect.TypeFor[panes.Kept[K, A]]()
	}
	v.remembers(of, func(from *state.Restoring) (openWindows[K, []Pane[K, R]], error) {
		kind := kindOf[K](f, nil)
		if sliced {
			x := &firing[K, A, R]{kind: kind, store: panes.NewSliced(*spec, kind, anywhere), coder: state.NewCoder[panes.Kept[K, A]]()}
			err := x.Restore(from)
			return o.opened(kind, x.store), err
		}
		x := &paning[K, T, A, R]{kind: kind, store: storeOf(*spec, kind, anywhere), coder: state.NewCoder[panes.KeptCell[K, A]]()}
		err := x.restore(from)
		return o.opened(kind, x.store), err
	})
}

// anywhere is the Reach of a store that no run is behind.
func anywhere(t Time) Time { return t }
