package engine

import (
	"sync"
	"time"
)

// An inbox is where a stage that is fed by other stages gets its batches
// from. It has one lane for each instance that sends to it; a lane is a
// bounded queue, and bounds how far its sender may run ahead. Batches of one
// lane are delivered in order.
type inbox struct {
	mu      sync.Mutex
	lanes   []*lane
	cursor  int           // lane to look at first: lanes take turns
	waiting bool          // the reader waits for wake
	wake    chan struct{} // capacity 1

	aligning int64 // the checkpoint whose barriers are being waited for; 0 for none
}

func newInbox() *inbox { return &inbox{wake: make(chan struct{}, 1)} }

// A lane carries batches and controls from one sender.
type lane struct {
	in      *inbox
	ring    []message
	head, n int
	blocked bool          // the sender waits for space
	space   chan struct{} // capacity 1
	growing bool          // unbounded: sender and receiver share a goroutine
	barrier int64         // the checkpoint whose barrier it has brought last
	ended   bool          // nothing follows

	control func(Control) error // delivers a control to the port it is for

	leaves *outbound // where it leads out of the process; nil where it does not
	to     int       // to which instance there

	batches, events int64         // that were sent
	held            time.Duration // for how long the sender has waited for space
}

// A message is a batch in its envelope, or a control.
type message struct {
	batch Parcel
	ctl   Control
}

// A Parcel is a batch that knows whom it is for and where its memory returns.
type Parcel interface {
	Deliver() error
	Len() int // how many events it has
}

// laneDepth is how many messages a lane holds: enough that sender and
// receiver need not alternate, and little enough that backpressure is felt
// within a few batches.
const laneDepth = 8

func (in *inbox) lane(control func(Control) error, growing bool) *lane {
	l := &lane{in: in, ring: make([]message, laneDepth), space: make(chan struct{}, 1), control: control, growing: growing}
	in.lanes = append(in.lanes, l)
	return l
}

// send puts m into the lane, waiting while it is full. It returns ErrStopped
// when the run ends first. t is the sender's task, whose waiting is measured.
func (l *lane) send(m message, t *task) error {
	if l.leaves != nil {
		return l.leaves.send(m, l.to)
	}
	l.in.mu.Lock()
	for l.n == len(l.ring) && !l.growing {
		l.blocked = true
		l.in.mu.Unlock()
		begun := time.Now()
		if err := t.waitFor(l.space, &t.pressed); err != nil {
			return err
		}
		l.in.mu.Lock()
		l.held += time.Since(begun)
	}
	if l.n == len(l.ring) {
		ring := make([]message, 2*len(l.ring))
		for i := range l.n {
			ring[i] = l.ring[(l.head+i)%len(l.ring)]
		}
		l.ring, l.head = ring, 0
	}
	l.ring[(l.head+l.n)%len(l.ring)] = m
	l.n++
	if m.batch != nil {
		l.batches++
		l.events += int64(m.batch.Len())
	}
	wake := l.in.waiting
	l.in.waiting = false
	l.in.mu.Unlock()
	if wake {
		signal(l.in.wake)
	}
	return nil
}

// meet notes that l has brought the barrier of a checkpoint, or its end.
// It reports the checkpoint whose barrier has now come by every lane, or 0. A
// checkpoint that a lane has passed over has been given up.
func (in *inbox) meet(l *lane, c Control) int64 {
	if c.Kind == End {
		l.ended = true
	} else if l.barrier = c.id; c.id > in.aligning {
		in.aligning = c.id
	}
	if in.aligning == 0 {
		return 0
	}
	for _, l := range in.lanes {
		if !l.ended && l.barrier < in.aligning {
			return 0
		}
	}
	id := in.aligning
	in.aligning = 0
	return id
}

// next takes a message out, or returns no lane when there is none; it then
// notes that the reader is about to wait if wait is set.
func (in *inbox) next(wait bool) (m message, from *lane) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for range in.lanes {
		l := in.lanes[in.cursor]
		if in.cursor++; in.cursor == len(in.lanes) {
			in.cursor = 0
		}
		if l.n == 0 || in.aligning > 0 && l.barrier == in.aligning {
			continue // what is behind a barrier waits for the other lanes'
		}
		m = l.ring[l.head]
		l.ring[l.head] = message{}
		l.head = (l.head + 1) % len(l.ring)
		l.n--
		if l.blocked {
			l.blocked = false
			signal(l.space)
		}
		return m, l
	}
	in.waiting = wait
	return message{}, nil
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// waitFor waits for c or the end of the run, and adds the time to spent.
func (t *task) waitFor(c <-chan struct{}, spent *duration) error {
	spent.begin(t.rt)
	defer spent.end(t.rt)
	select {
	case <-c:
		return nil
	case <-t.rt.Ctx.Done():
		return ErrStopped
	}
}
