package stream

import (
	"cmp"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/engine"

	"github.com/freshet-go/freshet/window"
)

// A KeyValue is a key and what belongs to it.
type KeyValue[K comparable, V any] struct {
	Key   K `json:"key" csv:"key"`
	Value V `json:"value" csv:"value"`
}

// TimeToLive makes a keyed operator forget what it holds for a key that has
// been silent for d in event time: an event that is d or more later than the
// latest one of its key finds nothing, and what is held is freed once the
// watermark is that far. The default is Unbounded: to hold it for as long as
// the run lasts. It is for Process, ProcessBoth, ConnectAll, Over, Running, AsOfJoin,
// TableJoin, the KeyedState of Apply and Connect, and what makes a Table, whose row is deleted then, and goes by event time: see ErrNoTime. A run that goes on from
// a checkpoint may have another d: what a shorter one has ended by then goes at the watermark. It panics if d is not positive.
func TimeToLive(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("stream: TimeToLive(%v): not positive", d))
	}
	if d == Unbounded {
		d = 0
	}
	return option(func(c *config) { c.ttl, c.given = d, c.given|optTimeToLive })
}

// Running gives, for each event, the aggregate of its key's events so far,
// this one included, with the event's time: a running total is
// Running(window.Sum(…)). It goes by order of arrival; see InOrder. It holds an
// accumulator for each key; see TimeToLive.
//
// An event that Add of the aggregator fails on does not count, and makes no
// accumulator. One that is added counts in what follows, though Result fails for it, as it does in a window.
func (k Keyed[K, T]) Running[A, R any](agg window.Aggregator[T, A, R], opts ...Option) Stream[KeyValue[K, R]] {
	started(k.out != nil, "Running", "Keyed")
	given("Running", "the Aggregator", agg)
	f := folding[T, A]{agg: agg}
	f.stamped, _ = agg.(window.Stamped[T, A])
	out := attachKeyed(k, "running", "", opts, bindFailures[T], func(op *engine.Instance, out receiver[KeyValue[K, R]]) keyedReceiver[K, T] {
		r := &running[K, T, A, R]{guard: newGuard[T](op), fold: f, result: agg.Result, out: newEmitter(op, out)}
		r.keys.ttl = configOf(op.Node).ttl
		op.Hold(&r.keys, r.keys.makeCoder())
		viewOf[K, R](op.Node).show(op, &r.keys, agg.Result)
		return r
	})
	out.out.node.Depends(engine.SettingAggregator, aggregatorText(agg))
	viewOf[K, R](out.out.node).keeps(agg.Result)
	return out
}

type running[K comparable, T, A, R any] struct {
	guard[T]
	fold   folding[T, A]
	result func(A) R
	keys   keyStates[K, A]
	out    *Emitter[KeyValue[K, R]]
}

func (r *running[K, T, A, R]) pushKeyed(b *KeyedBatch[K, T]) error {
	r.op.In(b.Len())
	r.out.inherit(b.head.born, nil)
	adding := false // to a state that was made for it
	add := func(row int) error {
		t := b.Time(row)
		s, fresh := r.keys.at(b.hashes[row], b.keys[row], t)
		if adding = fresh; fresh {
			s.val = r.fold.agg.New()
		}
		s.val = r.fold.add(s.val, &b.Batch, row)
		adding = false
		r.out.emit(KeyValue[K, R]{b.keys[row], r.result(s.val)}, t, b.head.seqOf(row))
		if r.out.err != nil {
			return engine.ErrStopped // what follows has failed, and not the aggregator
		}
		return nil
	}
	err := r.spans(&b.Batch, func(k int) (at int, cause error) {
		if at, cause = rowsFrom(r.op, &b.head, k, b.Len(), add); cause != nil && adding {
			row := b.head.at(at)
			r.keys.states.Delete(b.hashes[row], b.keys[row])
		}
		adding = false
		return at, cause
	})
	r.op.Holds(r.keys.states.Len())
	if err = cmp.Or(r.out.err, err); err != nil {
		return err
	}
	return r.out.flush()
}

func (r *running[K, T, A, R]) Control(c engine.Control) error {
	if c.Kind == engine.Watermark {
		r.op.Advance(c.Watermark)
		r.keys.expire(c.Watermark)
		r.op.Holds(r.keys.states.Len())
	}
	return r.op.Pass(c, r.out.out)
}
