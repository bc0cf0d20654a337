package stream

import (
	"context"
	"errors"
	"iter"
	"reflect"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/keyhash"
)

// A View shows what a keyed operator holds for each key, while the pipeline runs: how many
// pieces of this product are in stock now? The zero value is ready to be handed to Expose, once:
//
//	var stock stream.View[string, int64]
//	moves.KeyBy(Move.Product).Running(window.Sum(Move.Pieces), stream.Expose(&stock)).To(…)
//	…
//	pieces, known, err := stock.Get(ctx, "teapot")
//
// Any goroutine may ask, and many at once. The shard that has the key answers between two batches, so that an
// answer is the state behind whole batches. It is what the run has come to by then: events that are still
// under way are not in it, and it may be ahead of the last checkpoint, so that it goes back where the run fails
// and begins with that checkpoint again. What is answered is a copy, made as a checkpoint makes one: the types have
// to be such that codec.Binary can encode.
//
// An answer takes as long as the batch that the shard is working on. A shard that waits, for a sink that is
// slow or a function that blocks, answers when that is over: give a context that ends. A function of the pipeline
// itself must not ask, as its shard would wait for itself.
//
// [View.AsOf] answers from a checkpoint, for which nothing need run.
type View[K comparable, V any] struct {
	instances viewing          // each has a viewPart[K, V]
	saved     viewReader[K, V] // guarded by the mutex of instances
}

// A viewPart asks one instance.
type viewPart[K comparable, V any] struct {
	look  func(hash uint64, k K) (V, bool, error)
	parts func() (n int, part func(i int, to *[]KeyValue[K, V]) error) // of all that is held: each key that is there all the time is in one
}

// ErrNotRunning is the cause of the error of a View whose pipeline does not run: it has not begun, has ended,
// or is between two attempts.
var ErrNotRunning = errors.New("the pipeline is not running")

var errNoOperator = errors.New("stream: a View of no operator: hand it to Expose first")

// Expose makes an operator show what it holds by key, in a View: Running the result of each key; Process, ProcessBoth and ConnectAll its state; TableJoin the
// rows of its table; TableOf, ToTable, LatestTable, PaneTable, AggregateTable and Grouped.Aggregate the rows of the table that they make; a ranked table the results of
// each partition, in its order. It costs nothing as long as nobody asks. The types of the View have to be those of the
// operator. It panics, when the operator is added, if they are not, or if to is in use already.
//
// Of windows, Aggregate, Reduce and Count show those of each key that the watermark has not passed, to a View of type View[K, []Pane[K, R]], by their
// ends: each as an early pane would be now. An answer merges the slices of each window, so that sliding windows of an hour that slide by a second are
// 3,600 panes. With it each event is sent to the shard of its key before it is added up, as with [Windowed.Late].
//
// An operator of the caller's own exposes a state by [KeyedState.Expose].
func Expose[K comparable, V any](to *View[K, V]) Option {
	if to == nil {
		panic("stream: Expose: the View is nil")
	}
	to.keeps(asHeld[V]) // what holds something else than it shows says so itself
	maker := &viewMaker[K, V]{to}
	return option(func(c *config) { c.view, c.viewMaker, c.given = to, maker, c.given|optExpose })
}

// Get returns what is held for a key now, and whether there is anything. The error is ErrNotRunning, ctx's, or says
// why what is held cannot be copied.
func (v *View[K, V]) Get[_ lazily](ctx context.Context, key K) (held V, known bool, err error) {
	hash, err := keyhash.Of[K]()
	if err != nil {
		return held, false, v.instances.failed(err)
	}
	h := hash(key)
	err = v.instances.ask(ctx, h, func(part any) (err error) {
		held, known, err = part.(viewPart[K, V]).look(h, key)
		return err
	})
	if err != nil {
		return *new(V), false, err
	}
	return held, known, nil
}

// viewedAtOnce is about how many keys a shard copies before it goes on with its work.
const viewedAtOnce = 4096

// All yields what is held for each key, in no order. Shards are asked one after another, and each for some
// thousand keys at a time, between which it goes on with its work: each of these parts is of one moment, and all of them are
// not. A key that is held all the time comes once, whatever comes and goes. All parts together cost about as much as copying all that
// is held. It ends with an error, once, where Get would return one.
func (v *View[K, V]) All[_ lazily](ctx context.Context) iter.Seq2[KeyValue[K, V], error] {
	return func(yield func(KeyValue[K, V], error) bool) {
		var some []KeyValue[K, V]
		begin := func(part any) (turns int, more func(turn int) error) {
			turns, each := part.(viewPart[K, V]).parts()
			return turns, func(turn int) error {
				some = some[:0]
				return each(turn, &some)
			}
		}
		give := func() bool {
			for _, kv := range some {
				if !yield(kv, nil) {
					return false
				}
			}
			return true
		}
		if err := v.instances.askAll(ctx, begin, give); err != nil {
			yield(KeyValue[K, V]{}, err)
		}
	}
}

// viewOf returns the View that n was given, or nil. It panics if that is of other types.
func viewOf[K comparable, V any](n *engine.Node) *View[K, V] {
	given := configOf(n).view
	if given == nil {
		return nil
	}
	v, ok := given.(*View[K, V])
	if !ok {
		panic(unlikeView(n, reflect.TypeFor[V](), reflect.TypeFor[K]()))
	}
	v.instances.claim(n)
	return v
}

// show has v answered from keys, from when the instance begins.
func (v *View[K, V]) show[S any](op *engine.Instance, keys *keyStates[K, S], result func(S) V) {
	if v != nil {
		op.Alone(exposesHere)
		op.OnBegin(func() error {
			v.instances.add(op, viewed(keys, result))
			return nil
		})
	}
}

// viewed is how keys are asked, with what result makes of each state.
func viewed[K comparable, S, V any](keys *keyStates[K, S], result func(S) V) viewPart[K, V] {
	if keys.coder == nil {
		keys.makeCoder()
	}
	return viewPart[K, V]{
		look: func(hash uint64, k K) (held V, known bool, err error) {
			p := keys.states.Find(hash, k)
			if p == nil {
				return held, false, nil
			}
			c, err := keys.coder.Copy(keptState[K, S]{hash, k, p.val, p.last})
			if err != nil {
				return held, false, err
			}
			return result(c.Val), true, nil
		},
		parts: func() (int, func(int, *[]KeyValue[K, V]) error) {
			of := keys.states.Parts(viewedAtOnce)
			return of.Len(), func(turn int, to *[]KeyValue[K, V]) (err error) {
				keys.states.Part(of, turn, func(at int) {
					if err != nil {
						return
					}
					e := &keys.states.Entries()[at]
					var c keptState[K, S]
					if c, err = keys.coder.Copy(keptState[K, S]{keys.states.Hashes()[at], e.Key, e.Val.val, e.Val.last}); err == nil {
						*to = append(*to, KeyValue[K, V]{c.Key, result(c.Val)})
					}
				})
				return err
			}
		},
	}
}

// asHeld shows a state as it is.
func asHeld[S any](s S) S { return s }
