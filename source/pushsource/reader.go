package pushsource

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// A reader gives the pipeline what all clients deliver. The source has one.
type reader[T any] struct {
	*opened[T]
	current *Parcel[T] // that is being read
	next    int        // which of its values comes next
	events  int64
	place   place // what Offset tells
	asking  asking
	once    sync.Once
}

func newReader[T any](o *opened[T], c *stream.SourceContext) (*reader[T], error) {
	r := &reader[T]{opened: o}
	r.place.most = o.server.Remember
	if at, ok := c.Offsets[o.protocol.Name]; ok {
		if err := r.place.parse(at); err != nil {
			return nil, err
		}
	}
	o.safe.Store(r.place.number)
	r.asking.within = o.server.AckWithin
	if r.asking.within == 0 && !c.Checkpointed {
		r.asking.within = withinUnsaved
	}
	if r.asking.within > 0 && o.protocol.Ack != nil {
		r.asking.checkpoint = c.Checkpoint
	}
	return r, nil
}

func (r *reader[T]) Partition() string { return r.protocol.Name }
func (r *reader[T]) Offset() string    { return r.place.String() }
func (r *reader[T]) Waits() bool       { return true }

func (r *reader[T]) Locate(position int64) string {
	return fmt.Sprintf("%s event %d", r.protocol.Name, position)
}

// Read gives what has been delivered, and waits for that if nothing has.
func (r *reader[T]) Read(ctx context.Context, in *stream.Intake[T]) error {
	for given := false; in.Room() > 0; given = given || in.Len() > 0 {
		if r.current == nil {
			p, err := r.receive(ctx, given)
			if p == nil {
				return err
			}
			given = r.begin(p, in) || given
		}
		rest := r.current.Values[r.next:]
		n := min(len(rest), in.Room())
		in.Append(rest[:n]...)
		r.next += n
		r.events += int64(n)
		if n == len(rest) {
			r.finish()
		} else {
			r.place.within(r.current.ID, r.next)
		}
	}
	return nil
}

// receive returns the next parcel. Where something has been given it does not wait.
func (r *reader[T]) receive(ctx context.Context, given bool) (*Parcel[T], error) {
	select {
	case err := <-r.failed:
		r.fail(err) // for the next Read, if there is one
		return nil, err
	default:
	}
	select {
	case p := <-r.queue:
		return p, nil
	default:
	}
	if given {
		return nil, nil
	}
	select {
	case p := <-r.queue:
		return p, nil
	case <-r.served:
	case err := <-r.failed:
		r.fail(err)
		return nil, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case p := <-r.queue:
		return p, nil
	default:
		return nil, io.EOF
	}
}

// Drain has clients be read no more. What they have delivered is read: the queue, and of each client that waits for
// room in it, or is in the middle of it, one parcel. Where nothing comes for drainPatience and the queue is empty,
// those that are in the middle of it are not waited for.
func (r *reader[T]) Drain() {
	r.stop()
	over := make(chan struct{})
	r.goes.Go(func() {
		r.serving.Wait()
		close(over)
	})
	r.goes.Go(func() {
		defer close(r.served)
		patience := time.NewTicker(drainPatience)
		defer patience.Stop()
		for known := int64(-1); ; {
			select {
			case <-over:
				return
			case <-r.closing:
				return
			case <-patience.C:
			}
			received := r.stats.received.Load()
			if received == known && len(r.queue) == 0 {
				return
			}
			known = received
		}
	})
}

// drainPatience is how long, twice at most, clients are waited for that deliver nothing.
const drainPatience = time.Second

// begin makes p the current parcel. It reports whether it has handed in records that are none.
func (r *reader[T]) begin(p *Parcel[T], in *stream.Intake[T]) bool {
	r.current, r.next = p, 0
	if r.place.knows(p.ID) {
		r.stats.repeated.Add(1)
		r.next = len(p.Values) // it was given, and only its acknowledgement was lost
		return false
	}
	if n := r.place.begun(p.ID); n > 0 {
		r.next = min(n, len(p.Values))
		return false
	}
	for _, bad := range p.Rejected {
		in.Reject(bad.Record, r.events, bad.Err)
	}
	r.stats.rejected.Add(int64(len(p.Rejected)))
	return len(p.Rejected) > 0
}

// finish is the end of the current parcel.
func (r *reader[T]) finish() {
	p := r.current
	r.current = nil
	r.place.read(p.ID)
	r.stats.parcels.Add(1)
	r.stats.events.Store(r.events)
	r.recycle(p)
	if p.Silent {
		return
	}
	p.number.Store(r.place.number)
	r.asking.read(r.place.number)
}

// Commit acknowledges what lies before an offset.
func (r *reader[T]) Commit(_ context.Context, offset string) error {
	var at place
	if err := at.parseNumber(offset); err != nil {
		return err
	}
	r.safe.Store(at.number)
	r.asking.committed(at.number)
	r.mu.Lock()
	defer r.mu.Unlock()
	for c := range r.conns {
		signal(c.acks.poke)
	}
	return nil
}

// Close ends the source, and waits for all of its clients.
func (r *reader[T]) Close() error {
	r.once.Do(func() {
		r.asking.stop()
		r.close()
	})
	return nil
}

// parcel returns a parcel with memory that was used before.
func (o *opened[T]) parcel() *Parcel[T] {
	p := new(Parcel[T])
	if values, ok := o.pool.Get().(*[]T); ok {
		p.Values = (*values)[:0]
	}
	return p
}

// recycle gives back what a parcel has held.
func (o *opened[T]) recycle(p *Parcel[T]) {
	o.release(p.reserved)
	o.delivered.Add(-p.reserved)
	values := p.Values
	p.Values, p.Rejected, p.reserved = nil, nil, 0
	if cap(values) > 0 && cap(values) <= mostKept {
		clear(values)
		o.pool.Put(&values)
	}
}

// mostKept is the capacity of memory that is used again.
const mostKept = 1 << 14

// withinUnsaved is Server.AckWithin for runs without checkpoints.
const withinUnsaved = 100 * time.Millisecond

// asking asks for a checkpoint where parcels wait to be acknowledged.
type asking struct {
	within     time.Duration
	checkpoint func() // nil if there is nothing to ask
	mu         sync.Mutex
	timer      *time.Timer
	due        bool // the timer runs, or has asked
	stopped    bool
	last       atomic.Int64 // the parcel that was read last
}

// read notes that parcel n has been read.
func (a *asking) read(n int64) {
	if a.checkpoint == nil {
		return
	}
	a.last.Store(n)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.begin()
}

func (a *asking) begin() {
	if a.due || a.stopped {
		return
	}
	a.due = true
	if a.timer == nil {
		a.timer = time.AfterFunc(a.within, a.checkpoint)
	} else {
		a.timer.Reset(a.within)
	}
}

// committed notes that all parcels up to n are safe.
func (a *asking) committed(n int64) {
	if a.checkpoint == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.due = false
	if a.last.Load() > n {
		a.begin()
	}
}

func (a *asking) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stopped = true
	if a.timer != nil {
		a.timer.Stop()
	}
}

var errOffset = errors.New("is no offset of this source")
