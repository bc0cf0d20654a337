package stream

import (
	"time"

	"github.com/freshet-go/freshet/internal/engine"

	"github.com/freshet-go/freshet/internal/timer"
)

// timers are those of all keys.
type timers[K comparable] struct {
	heap timer.Queue[keyRef[K]]
	set  map[timerID[K]]uint64 // those that have not been cancelled, with the hash of the key
}

type timerID[K comparable] struct {
	key K
	at  Time
}

func (t *timers[K]) add(at time.Time, hash uint64, k K) {
	id := timerID[K]{k, engine.Clamp(at)}
	if _, ok := t.set[id]; !ok {
		t.set[id] = hash
		t.heap.Push(int64(id.at), hash, keyRef[K]{hash, k})
	}
}

func (t *timers[K]) cancel(at time.Time, k K) { delete(t.set, timerID[K]{k, engine.Clamp(at)}) }

// pop returns the next timer that is due at a time.
func (t *timers[K]) pop(due Time) (ref keyRef[K], at Time, ok bool) {
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
