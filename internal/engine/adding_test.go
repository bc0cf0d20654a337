package engine

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"time"
)

func testConfig() Config {
	return Config{
		Shards: 2, Batch: 4, Grace: time.Second, GiveUp: time.Minute,
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
	}
}

// testRun is a run of nothing, for what only needs its contexts.
func testRun(t *testing.T) *Run {
	r := newRun(&Plan{Name: "test"}, testConfig())
	ctx, cancel := context.WithCancelCause(t.Context())
	r.Ctx, r.cancel, r.Stopping = ctx, r.halting(cancel), ctx
	t.Cleanup(func() { cancel(nil) })
	return r
}

// A counter is a source of the numbers from 0 on, in partitions that are read in
// turns, and tells its own watermarks.
type counter struct {
	name  string
	next  int
	limit int // how many there are; negative for no end
	fails error
	shut  bool
	alone bool                        // it has a task for itself
	waits func(context.Context) error // what it waits for behind its last number; nil to end
}

func (c *counter) Partition() string { return c.name }
func (c *counter) Offset() string    { return string(rune('0' + c.next)) }
func (c *counter) Close() error      { c.shut = true; return nil }

// ints is what flows in these tests: a batch of numbers.
type ints struct{ all []int }

// An intEntry reads counters.
type intEntry struct {
	op    *Instance
	batch ints
	next  intLink
}

type intLink interface {
	push(*ints) error
	Control(Control) error
}

func (e *intEntry) Fill(ctx context.Context, p *Partition) (events, rejected int, err error) {
	c := p.Reader.(*counter)
	e.batch.all = nil
	for len(e.batch.all) < e.op.BatchSize() {
		switch {
		case ctx.Err() != nil:
			return len(e.batch.all), 0, ctx.Err()
		case c.next == c.limit && c.waits != nil:
			if n := len(e.batch.all); n > 0 {
				return n, 0, nil
			}
			return 0, 0, c.waits(ctx)
		case c.next == c.limit:
			return len(e.batch.all), 0, io.EOF
		case c.fails != nil && c.next == 5:
			return len(e.batch.all), 0, c.fails
		}
		e.batch.all = append(e.batch.all, c.next)
		c.next++
	}
	p.Promised = Time(c.next)
	return len(e.batch.all), 0, nil
}

func (e *intEntry) Pass(*Partition, Time) error {
	e.op.Out(len(e.batch.all))
	if len(e.batch.all) == 0 {
		return nil
	}
	return e.next.push(&e.batch)
}

func (e *intEntry) Control(c Control) error { return e.op.Pass(c, e.next) }

// intLanes deal numbers out to the tasks of a stage.
type intLanes struct {
	lanes *Lanes
	to    []intLink
	lane  func(n int) int
}

type intParcel struct {
	ints
	to   intLink
	home chan Parcel
}

func (p *intParcel) Len() int { return len(p.all) }

func (p *intParcel) Deliver() error {
	err := p.to.push(&p.ints)
	p.all = p.all[:0]
	select {
	case p.home <- p:
	default: // a driver sends more than a lane holds
	}
	return err
}

func (l *intLanes) push(b *ints) error {
	for _, n := range b.all {
		lane := l.lane(n)
		if !l.lanes.Filling(lane) {
			l.lanes.Begin(lane, func(home chan Parcel) Parcel { return &intParcel{to: l.to[lane], home: home} })
		}
		p := l.lanes.all[lane].next.(*intParcel)
		if p.all = append(p.all, n); len(p.all) < 3 {
			continue
		}
		if err := l.lanes.Ship(lane); err != nil {
			return err
		}
	}
	return nil
}

func (l *intLanes) Control(c Control) error { return l.lanes.Control(c) }

// An adder is an operator that adds up.
type adder struct {
	op        *Instance
	sum       *sum
	watermark Time
	each      func(n int)
}

type sum struct {
	mu     sync.Mutex
	total  int
	ends   int
	events int
}

func (a *adder) push(b *ints) error {
	a.op.In(len(b.all))
	for _, n := range b.all {
		if a.op.Halted() {
			return ErrStopped
		}
		a.each(n)
		a.sum.mu.Lock()
		a.sum.total += n
		a.sum.events++
		a.sum.mu.Unlock()
	}
	return nil
}

func (a *adder) Control(c Control) error {
	switch c.Kind {
	case Watermark:
		if c.Watermark < a.watermark {
			return errors.New("the watermark goes back")
		}
		a.watermark = c.Watermark
		a.op.Advance(c.Watermark)
	case End:
		a.sum.mu.Lock()
		a.sum.ends++
		a.sum.mu.Unlock()
	}
	return nil
}

// adding is a plan: counters, an exchange, and adders.
func adding(counters []*counter, each func(n int)) (*Plan, *sum) {
	total := &sum{}
	source, add := &Node{Name: "count", Kind: "source"}, &Node{Name: "add", Kind: "sink", Spread: true}
	add.Inputs = []*Node{source}
	source.Source = func(*Run) (opened Opened, err error) {
		for _, c := range counters {
			part := NewPartition("count", c)
			part.Waits = c.alone || c.waits != nil
			opened.Partitions = append(opened.Partitions, part)
		}
		return opened, nil
	}
	source.Build = func(r *Run) {
		var ports []*Port
		var to []intLink
		for _, pl := range r.Stage(add) {
			a := &adder{op: pl.Instance(add), sum: total, watermark: MinTime, each: each}
			to = append(to, a)
			ports = append(ports, pl.Port(add, 0, a.Control))
		}
		for _, pl := range r.Stage(source) {
			e := &intEntry{op: pl.Instance(source)}
			e.next = &intLanes{pl.Lanes(ports, -1), to, func(n int) int { return n % len(to) }}
			e.op.Read(e)
		}
	}
	p := &Plan{Name: "adding"}
	p.Add(source)
	p.Add(add)
	return p, total
}

func pass(int) {}

// noneLeft fails if goroutines are left that were not there before.
func noneLeft(t *testing.T, before int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) { // one that has done its work is still counted
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines are left", runtime.NumGoroutine()-before)
		}
	}
}
