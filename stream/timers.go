package stream

import (
	"cmp"
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/engine"
	"github.com/freshet-go/freshet/internal/state"

	"github.com/freshet-go/freshet/internal/timer"
)

// timers are those of all keys.
type timers[K comparable] struct {
	heap timer.Queue[hashedKey[K]]
	set  map[timerID[K]]uint64 // those that have not been cancelled, with the hash of the key
}

type timerID[K comparable] struct {
	key K
	at  Time
}

func newTimers[K comparable]() timers[K] { return timers[K]{set: map[timerID[K]]uint64{}} }

func (t *timers[K]) add(at Time, hash uint64, k K) {
	id := timerID[K]{k, at}
	if _, ok := t.set[id]; ok {
		return
	}
	if t.heap.Len() > 2*len(t.set)+1024 {
		t.sweep()
	}
	t.set[id] = hash
	t.heap.Push(int64(at), hash, hashedKey[K]{hash, k})
}

// sweep takes out of the heap what has been cancelled. It is called when that is more
// than half, so it costs each call of add no more than a constant.
func (t *timers[K]) sweep() {
	t.heap = timer.Queue[hashedKey[K]]{}
	for id, hash := range t.set {
		t.heap.Push(int64(id.at), hash, hashedKey[K]{hash, id.key})
	}
}

func (t *timers[K]) cancel(at Time, k K) { delete(t.set, timerID[K]{k, at}) }

// next returns when the next timer is due. It may be one that was cancelled.
func (t *timers[K]) next() (at Time, ok bool) {
	next, ok := t.heap.Next()
	return Time(next), ok
}

// due is next as the run's clock has it.
func (t *timers[K]) due() (time.Time, bool) {
	at, ok := t.heap.Next()
	return Time(at).Std(), ok
}

// pop returns the next timer that is due at a time.
func (t *timers[K]) pop(due Time) (ref hashedKey[K], at Time, ok bool) {
	for {
		next, some := t.heap.Next()
		if !some || Time(next) > due {
			return ref, 0, false
		}
		x := t.heap.Pop()
		id := timerID[K]{x.Val.key, Time(x.Due)}
		if _, live := t.set[id]; live {
			delete(t.set, id)
			return x.Val, id.at, true
		}
	}
}

// A keptTimer is a timer as it is saved.
type keptTimer[K comparable] struct {
	Hash  uint64 `binary:"1"`
	Key   K      `binary:"2"`
	At    Time   `binary:"3"`
	Clock bool   `binary:"4"`
}

// saveTimers saves timers of event time and of processing time.
func saveTimers[K comparable](s *state.Saving, to *state.Coder[keptTimer[K]], event, clock *timers[K]) {
	put := to.Into(s, len(event.set)+len(clock.set))
	all := func(t *timers[K], clock bool) {
		kept := make([]keptTimer[K], 0, len(t.set))
		for id, hash := range t.set {
			kept = append(kept, keptTimer[K]{hash, id.key, id.at, clock})
		}
		// In an order that lasts, so that only what has changed is written.
		slices.SortFunc(kept, func(a, b keptTimer[K]) int {
			return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Hash, b.Hash))
		})
		for _, k := range kept {
			put(k.Hash, k)
		}
	}
	all(event, false)
	all(clock, true)
}

func restoreTimers[K comparable](r *state.Restoring, from *state.Coder[keptTimer[K]], event, clock *timers[K]) error {
	return from.EachGroup(r, func(t keptTimer[K]) {
		if t.Clock {
			clock.add(t.At, t.Hash, t.Key)
		} else {
			event.add(t.At, t.Hash, t.Key)
		}
	})
}

// timedSoFar reports whether a watermark has shown that events have event times.
func timedSoFar(wm Time) bool { return wm > engine.MinTime && wm < engine.MaxTime }
