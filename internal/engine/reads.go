package engine

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A PartitionCount is how far a partition of a source has been read.
type PartitionCount struct {
	Name        string
	Offset      string // as of up to a second ago, while it gives full batches, or if it is long
	Events      int64
	Watermark   Time
	Idle, Ended bool
}

// reads are the partitions of a source, for statistics.
type reads struct {
	mu     sync.Mutex
	parts  []*Partition        // in the order in which they came
	redact func(string) string // see Redact; nil for nothing
}

// seen is what a partition shows of itself: its task writes, and anybody reads.
type seen struct {
	offset    atomic.Pointer[string]
	events    atomic.Int64
	watermark atomic.Int64
	idle      atomic.Bool
	ended     atomic.Bool
	next      time.Duration // when the offset is shown next, by run.elapsed
	owes      bool          // it has been read since, and shows that a second later; for its task alone
}

// offsetsShown is how often a partition that gives full batches shows its offset:
// asking for it may cost more than reading an event.
const offsetsShown = time.Second

// longOffset is how many bytes an offset has that is not shown more often, however little each Read gives: one with the ids of thousands of
// chunks takes a tenth of a millisecond, and so might each event. What is read meanwhile is owed, see owing.
const longOffset = 1 << 10

// show has the partition show how far it is. More says that the last Read has
// given all that it was asked for.
func (p *Partition) show(now time.Duration, more bool) error {
	p.seen.events.Store(int64(p.Count))
	p.seen.watermark.Store(int64(p.Front))
	rests := p.Done && !p.seen.ended.Load() // from now on, so this is the last that is shown
	if idle := (p.Idle || p.Silenced) && !p.Done; idle != p.seen.idle.Load() {
		p.seen.idle.Store(idle)
		rests = rests || idle
	}
	if p.Done {
		p.seen.ended.Store(true)
	}
	if was := p.seen.offset.Load(); rests || now >= p.seen.next || !more && (was == nil || len(*was) < longOffset) {
		return p.showOffset(now)
	}
	p.seen.owes = true
	return nil
}

func (p *Partition) showOffset(now time.Duration) error {
	offset, err := p.offset()
	if err != nil {
		return err
	}
	p.seen.offset.Store(&offset)
	p.seen.next, p.seen.owes = now+offsetsShown, false
	return nil
}

// reads returns the partitions of a source.
func (r *Run) reads(n *Node) *reads {
	r.statsMu.Lock()
	defer r.statsMu.Unlock()
	if r.read[n] == nil {
		r.read[n] = &reads{redact: r.Redact}
	}
	return r.read[n]
}

func (x *reads) add(p *Partition) {
	if p.Keys {
		p.redact = x.redact
	}
	p.seen.watermark.Store(int64(p.Front))
	p.seen.events.Store(int64(p.Count))
	x.mu.Lock()
	defer x.mu.Unlock()
	x.parts = append(x.parts, p)
}

func (x *reads) remove(p *Partition) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.parts = slices.DeleteFunc(x.parts, func(have *Partition) bool { return have == p })
}

func (x *reads) count() (all []PartitionCount) {
	if x == nil {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, p := range x.parts {
		c := PartitionCount{
			Name: p.Name, Events: p.seen.events.Load(), Watermark: Time(p.seen.watermark.Load()),
			Idle: p.seen.idle.Load(), Ended: p.seen.ended.Load(),
		}
		if offset := p.seen.offset.Load(); offset != nil {
			c.Offset = p.shown(*offset)
		}
		all = append(all, c)
	}
	return all
}
