package stream

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"sync"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/keyhash"
	"github.com/freshet-go/freshet/internal/state"
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
	mu    sync.Mutex
	of    *engine.Node
	first *engine.Instance // of the run that goes on; nil if none does
	parts []viewPart[K, V] // by instance: nobody changes those of a run once all have begun
	begun int
	ended int
	saved viewReader[K, V]
}

// A viewPart asks one instance.
type viewPart[K comparable, V any] struct {
	op    *engine.Instance
	look  func(hash uint64, k K) (V, bool, error)
	parts func() (n int, part func(i int, to *[]KeyValue[K, V]) error) // of all that is held: each key that is there all the time is in one
}

// ErrNotRunning is the cause of the error of a View whose pipeline does not run: it has not begun, has ended,
// or is between two attempts.
var ErrNotRunning = errors.New("the pipeline is not running")

var errNoOperator = errors.New("stream: a View of no operator: hand it to Expose first")

// Expose has an operator show what it holds by key: Running the result of each key, Process its state, TableJoin the
// rows of its table, a ranked table the results of each partition, in its order. It costs nothing as long as nobody asks. The types of the View have to be those of the
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
	maker := viewMaker[K, V]{to}
	return option(func(c *config) { c.view, c.viewMaker, c.given = to, maker, c.given|optExpose })
}

// Get returns what is held for a key now, and whether there is anything. The error is ErrNotRunning, ctx's, or says
// why what is held cannot be copied.
func (v *View[K, V]) Get(ctx context.Context, key K) (held V, known bool, err error) {
	hash, err := keyhash.Of[K]()
	if err != nil {
		return held, false, v.failed(err)
	}
	parts, err := v.running()
	if err != nil {
		return held, false, err
	}
	h := hash(key)
	part := parts[state.ShardOf(h, len(parts))]
	var failure error
	err = part.op.Do(ctx, func() { held, known, failure = part.look(h, key) })
	if err = errors.Join(err, failure); err != nil {
		return *new(V), false, v.failed(err)
	}
	return held, known, nil
}

// viewedAtOnce is about how many keys a shard copies before it goes on with its work.
const viewedAtOnce = 4096

// All yields what is held for each key, in no order. Shards are asked one after another, and each for some
// thousand keys at a time, between which it goes on with its work: each of these parts is of one moment, and all of them are
// not. A key that is held all the time comes once, whatever comes and goes. All parts together cost about as much as copying all that
// is held. It ends with an error, once, where Get would return one.
func (v *View[K, V]) All(ctx context.Context) iter.Seq2[KeyValue[K, V], error] {
	return func(yield func(KeyValue[K, V], error) bool) {
		parts, err := v.running()
		if err != nil {
			yield(KeyValue[K, V]{}, err)
			return
		}
		var some []KeyValue[K, V]
		for _, part := range parts {
			var more func(int, *[]KeyValue[K, V]) error
			for turn, turns := 0, 1; turn < turns; turn++ {
				some = some[:0]
				var failure error
				err := part.op.Do(ctx, func() {
					if turn == 0 {
						turns, more = part.parts()
					}
					failure = more(turn, &some)
				})
				if err = errors.Join(err, failure); err != nil {
					yield(KeyValue[K, V]{}, v.failed(err))
					return
				}
				for _, kv := range some {
					if !yield(kv, nil) {
						return
					}
				}
			}
		}
	}
}

// running returns whom to ask.
func (v *View[K, V]) running() ([]viewPart[K, V], error) {
	v.mu.Lock()
	of, parts, begun := v.of, v.parts, v.begun
	v.mu.Unlock()
	switch {
	case of == nil:
		return nil, errNoOperator
	case len(parts) == 0 || begun < len(parts):
		return nil, v.failed(ErrNotRunning)
	}
	return parts, nil
}

func (v *View[K, V]) failed(err error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.of == nil {
		return fmt.Errorf("stream: a View of no operator, see Expose: %w", err)
	}
	if errors.Is(err, engine.ErrStopped) {
		err = ErrNotRunning
	}
	return fmt.Errorf("stream: %s: view: %w", v.of.Name, err)
}

// add has an instance answer, which is about to begin.
func (v *View[K, V]) add(p viewPart[K, V]) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !p.op.SameRun(v.first) {
		v.first, v.parts = p.op, make([]viewPart[K, V], p.op.Count())
		v.begun, v.ended = 0, 0
	}
	if v.parts[p.op.Index()].op == nil {
		v.begun++
	}
	v.parts[p.op.Index()] = p
	p.op.OnClose(func() error {
		v.mu.Lock()
		defer v.mu.Unlock()
		if p.op.SameRun(v.first) {
			if v.ended++; v.ended == len(v.parts) {
				v.first, v.parts = nil, nil // what they held is freed
			}
		}
		return nil
	})
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
	v.claim(n)
	return v
}

// claim notes whose state v shows.
func (v *View[K, V]) claim(n *engine.Node) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.of != nil && v.of != n {
		panic(fmt.Sprintf("stream: %s and %s expose the same View", called(v.of), called(n)))
	}
	v.of = n
}

const exposesHere = "Expose shows what one process holds"

// show has v answered from keys, from when the instance begins.
func (v *View[K, V]) show[S any](op *engine.Instance, keys *keyStates[K, S], result func(S) V) {
	if v != nil {
		op.Alone(exposesHere)
		op.OnBegin(func() error {
			v.add(viewed(op, keys, result))
			return nil
		})
	}
}

// viewed is how keys are asked, with what result makes of each state.
func viewed[K comparable, S, V any](op *engine.Instance, keys *keyStates[K, S], result func(S) V) viewPart[K, V] {
	if keys.coder == nil {
		keys.makeCoder()
	}
	return viewPart[K, V]{
		op: op,
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
