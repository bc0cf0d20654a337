package doortest

import (
	"sync"
	"time"
)

// An inbox has what is on its way to one instance: a bounded queue for each that
// sends to it.
type inbox struct {
	mu     sync.Mutex
	moved  *sync.Cond
	queues map[channel]*queue
	told   []int64 // checkpoints that are durable, to be told to the instance
	poked  bool    // the instance is to be looked at
	closed bool
}

// A channel is an edge and an instance in front of it.
type channel struct{ edge, sender int }

type queue struct {
	messages []message
	barrier  int64 // that it has brought last
}

// A message is a frame, or a barrier.
type message struct {
	frame   []byte
	barrier int64
}

// depth is how many messages a queue holds.
const depth = 4

func newInbox() *inbox {
	in := &inbox{queues: map[channel]*queue{}}
	in.moved = sync.NewCond(&in.mu)
	return in
}

// put waits for room, and reports false if the job is over.
func (in *inbox) put(from channel, m message) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	q := in.queues[from]
	for len(q.messages) >= depth && !in.closed {
		in.moved.Wait()
	}
	q.messages = append(q.messages, m)
	in.moved.Broadcast()
	return !in.closed
}

// What an instance is to do next.
type next struct {
	frame   []byte
	barrier int64 // all queues have brought it
	told    int64
	due     bool // the time that was asked for has come
	over    bool
}

// take waits for something to do until at, if wait is set; else it returns
// nothing at once if there is nothing.
func (in *inbox) take(wait bool, at time.Time, timed bool) (n next, ok bool) {
	if timed && wait {
		timer := time.AfterFunc(time.Until(at), func() {
			in.mu.Lock()
			defer in.mu.Unlock()
			in.moved.Broadcast()
		})
		defer timer.Stop()
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	for {
		if in.closed {
			return next{over: true}, true
		}
		if in.poked {
			in.poked = false
			return n, true
		}
		if len(in.told) > 0 {
			n.told, in.told = in.told[0], in.told[1:]
			return n, true
		}
		if n, ok := in.look(); ok {
			in.moved.Broadcast()
			return n, true
		}
		if timed && !time.Now().Before(at) {
			return next{due: true}, true
		}
		if !wait {
			return next{}, false
		}
		in.moved.Wait()
	}
}

// look takes the next message of a queue that does not wait for others at a barrier. Maps have no order, so
// queues take turns by chance.
func (in *inbox) look() (next, bool) {
	least, most := int64(-1), int64(0)
	for _, q := range in.queues {
		if most = max(most, q.barrier); least < 0 || q.barrier < least {
			least = q.barrier
		}
	}
	for _, q := range in.queues {
		if len(q.messages) == 0 || q.barrier > least {
			continue
		}
		m := q.messages[0]
		q.messages = q.messages[1:]
		if m.barrier == 0 {
			return next{frame: m.frame}, true
		}
		q.barrier = m.barrier
		for _, other := range in.queues {
			if other.barrier < m.barrier {
				return in.look()
			}
		}
		return next{barrier: m.barrier}, true
	}
	return next{}, false
}

func (in *inbox) tell(id int64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.told = append(in.told, id)
	in.moved.Broadcast()
}

func (in *inbox) poke() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.poked = true
	in.moved.Broadcast()
}

func (in *inbox) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	in.moved.Broadcast()
}
