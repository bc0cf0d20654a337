package pushsource

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// acks are the parcels of one client that wait to be acknowledged, in their order.
type acks[T any] struct {
	mu      sync.Mutex
	waiting []*Parcel[T]
	ended   bool          // no parcel follows
	failed  bool          // nobody is there to be told
	poke    chan struct{} // capacity 1: there may be something to acknowledge
	room    chan struct{} // capacity 1: fewer wait than did
	deaf    chan struct{} // closed where the client takes no acknowledgement: none will be taken out
}

func newAcks[T any]() acks[T] {
	return acks[T]{poke: make(chan struct{}, 1), room: make(chan struct{}, 1), deaf: make(chan struct{})}
}

// errDeaf is the end of a client that cannot be told what is safe.
var errDeaf = fmt.Errorf("%w: it takes no acknowledgements", ErrSlow)

// add has a parcel wait, once fewer than most do.
func (a *acks[T]) add(ctx context.Context, p *Parcel[T], most int) error {
	for {
		select {
		case <-a.deaf:
			return errDeaf
		default:
		}
		a.mu.Lock()
		full := len(a.waiting) >= most
		if !full {
			a.waiting = append(a.waiting, p)
		}
		first := len(a.waiting) == 1
		a.mu.Unlock()
		if !full {
			if first {
				signal(a.poke) // from now on it is kept patient
			}
			return nil
		}
		select {
		case <-a.room:
		case <-a.deaf:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// take returns the parcels that are safe, and the first of those that are not.
func (a *acks[T]) take(safe int64) (taken []*Parcel[T], next *Parcel[T]) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for n < len(a.waiting) && a.waiting[n].safe(safe) {
		n++
	}
	if n > 0 {
		taken = append(taken, a.waiting[:n]...)
		left := copy(a.waiting, a.waiting[n:])
		clear(a.waiting[left:])
		a.waiting = a.waiting[:left]
		signal(a.room)
	}
	if len(a.waiting) > 0 {
		next = a.waiting[0]
	}
	return taken, next
}

func (p *Parcel[T]) safe(upTo int64) bool {
	n := p.number.Load()
	return n != 0 && n <= upTo
}

// pending is what a parcel takes while it waits to be acknowledged, its values apart.
func (p *Parcel[T]) pending() int64 { return pendingSize + int64(min(len(p.ID)+len(p.Token), mostID)) }

const (
	pendingSize  = 512
	mostID       = 64 << 10
	leastPending = pendingSize + mostID // so that one always fits
)

// settle gives back what parcels have taken that wait no more.
func (o *opened[T]) settle(parcels []*Parcel[T]) {
	n := int64(0)
	for _, p := range parcels {
		n += p.pending()
	}
	o.pending.Release(n)
}

// drop takes all that are left.
func (a *acks[T]) drop() []*Parcel[T] {
	a.mu.Lock()
	defer a.mu.Unlock()
	left := a.waiting
	a.waiting = nil
	return left
}

// end says that no parcel follows. A client that has failed is told nothing any more.
func (a *acks[T]) end(orderly bool) {
	a.mu.Lock()
	a.ended = true
	a.failed = !orderly
	a.mu.Unlock()
	signal(a.poke)
}

func (a *acks[T]) over() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ended && (a.failed || len(a.waiting) == 0)
}

// acknowledge tells the client what is safe, until nothing is left to tell, or
// the source is closed. It is a goroutine of its own.
func (c *Conn[T]) acknowledge() {
	p := &c.source.protocol
	var patience <-chan time.Time
	if p.Waiting != nil && p.KeepAlive > 0 {
		ticker := time.NewTicker(p.KeepAlive)
		defer ticker.Stop()
		patience = ticker.C
	}
	var out []byte
	for closing := false; ; {
		taken, next := c.acks.take(c.source.safe.Load())
		c.source.settle(taken)
		out = out[:0]
		for _, parcel := range taken {
			out = p.Ack(c, out, parcel)
		}
		if len(out) > 0 {
			if _, err := c.Write(out); err != nil {
				c.deafen() // it will send all of it again
				return
			}
			c.source.stats.acked.Add(int64(len(taken)))
		}
		if closing || c.acks.over() {
			return
		}
		select {
		case <-c.acks.poke:
		case <-patience:
			if next == nil && c.held.Load() {
				next = &Parcel[T]{} // it has sent something that cannot even be read
			}
			if next != nil && !next.safe(c.source.safe.Load()) {
				if out = p.Waiting(c, out[:0], next); len(out) > 0 {
					if _, err := c.Write(out); err != nil {
						c.deafen()
						return
					}
				}
			}
		case <-c.source.closing:
			closing = true
		}
	}
}

// deafen ends a client that has not taken an acknowledgement, and whatever Serve waits for, be it room for what
// waits to be acknowledged. TLS does not say goodbye: that, too, would wait for the client.
func (c *Conn[T]) deafen() {
	close(c.acks.deaf)
	c.raw.Close()
	c.source.settle(c.acks.drop())
}

// hurry has the writes that are under way end soon.
func (o *opened[T]) hurry() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for c := range o.conns {
		_ = c.hurry() // the write that it is for fails, too
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
