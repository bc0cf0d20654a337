package stream

import (
	"cmp"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"

	"github.com/freshet-go/freshet/internal/table"
	"github.com/freshet-go/freshet/internal/timer"
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
// TableJoin, the KeyedState of Apply and Connect, and what makes a Table, whose row is deleted then, and goes by event time: see ErrNoTime. It panics if d is not
// positive.
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

// keyStates holds a value for each key, for a time.
type keyStates[K comparable, S any] struct {
	ttl    time.Duration // 0: for ever
	states table.Table[K, keyState[S]]
	due    timer.Queue[keyRef[K]]
	coder  *state.Coder[keptState[K, S]]
}

// A keptState is the state of a key as it is saved.
type keptState[K comparable, S any] struct {
	Hash uint64 `binary:"1"`
	Key  K      `binary:"2"`
	Val  S      `binary:"3"`
	Last Time   `binary:"4"`
}

func (s *keyStates[K, S]) makeCoder() state.Checker {
	s.coder = state.NewCoder[keptState[K, S]]()
	return s.coder
}

func (s *keyStates[K, S]) Save(to *state.Saving) error {
	entries, hashes := s.states.Entries(), s.states.Hashes()
	to.Keys += int64(len(entries))
	put := s.coder.Into(to, len(entries))
	for i := range entries {
		e := &entries[i]
		put(hashes[i], keptState[K, S]{hashes[i], e.Key, e.Val.val, e.Val.last})
	}
	return nil
}

func (s *keyStates[K, S]) Restore(r *state.Restoring) error {
	return s.coder.EachGroup(r, s.put)
}

func (s *keyStates[K, S]) put(x keptState[K, S]) {
	p, _ := s.at(x.Hash, x.Key, x.Last)
	p.val = x.Val
}

type keyState[S any] struct {
	val  S
	last Time // the latest event of the key
}

type keyRef[K comparable] struct {
	hash uint64
	key  K
}

// at returns the state of k, which has an event at t, and whether it is new.
func (s *keyStates[K, S]) at(hash uint64, k K, t Time) (*keyState[S], bool) {
	p, made, fresh := s.visit(hash, k, t)
	if made {
		s.keep(hash, k, p)
	}
	return p, fresh
}

// visit is at for a state that may not be worth holding. One that was made by
// this call has to be given to keep, or to be deleted.
func (s *keyStates[K, S]) visit(hash uint64, k K, t Time) (p *keyState[S], made, fresh bool) {
	p, made = s.states.At(hash, k)
	switch {
	case made:
		p.last, fresh = t, true
	case s.ttl > 0 && t >= p.last.Add(s.ttl):
		*p, fresh = keyState[S]{last: t}, true
	}
	p.last = max(p.last, t)
	return p, made, fresh
}

// keep has a new state expire.
func (s *keyStates[K, S]) keep(hash uint64, k K, p *keyState[S]) {
	if s.ttl == 0 {
		return
	}
	s.due.Push(int64(p.last.Add(s.ttl)), hash, keyRef[K]{hash, k})
	if s.due.Len() > 2*s.states.Len()+1024 {
		s.sweep()
	}
}

// sweep has each state be due once: one that was deleted and made again is in the
// queue for each of its lives. It is called when that is more than half of the queue.
func (s *keyStates[K, S]) sweep() {
	s.due = timer.Queue[keyRef[K]]{}
	hashes := s.states.Hashes()
	for i, e := range s.states.Entries() {
		s.due.Push(int64(e.Val.last.Add(s.ttl)), hashes[i], keyRef[K]{hashes[i], e.Key})
	}
}

// expire forgets the keys whose time to live has passed at watermark wm.
func (s *keyStates[K, S]) expire(wm Time) {
	for {
		at, ok := s.due.Next()
		if !ok || Time(at) > wm {
			return
		}
		ref := s.due.Pop().Val
		p := s.states.Find(ref.hash, ref.key)
		if p == nil {
			continue
		}
		if due := p.last.Add(s.ttl); due > wm {
			s.due.Push(int64(due), ref.hash, ref) // it was used since
			continue
		}
		s.states.Delete(ref.hash, ref.key)
	}
}
