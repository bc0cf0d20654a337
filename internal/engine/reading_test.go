package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A reader plan is a source alone, whose task writes down what becomes of it.
type readerPlan struct {
	plan  *Plan
	op    *Instance // of the first task
	got   []int
	told  []Control
	born  []int64
	begin func(op *Instance)
	fails func(c Control) error // what it returns for a control

	changes  int // how often it was told of a change
	changing func(n int) error
	entry    *topicEntry // of the first task
}

func newReaderPlan(topics ...*topic) *readerPlan {
	p := &readerPlan{plan: &Plan{Name: "reading"}, begin: func(*Instance) {}}
	p.fails, p.changing = func(Control) error { return nil }, func(int) error { return nil }
	n := &Node{Name: "count", Kind: "source"}
	n.Source = func(*Run) (opened Opened, err error) {
		for _, t := range topics {
			part := NewPartition("count", t.reader(0))
			part.Waits = t.waits
			opened.Partitions = append(opened.Partitions, part)
		}
		return opened, nil
	}
	n.Build = func(r *Run) {
		for _, pl := range r.Stage(n) {
			e := &topicEntry{op: pl.Instance(n), next: p}
			e.op.Read(e)
			if p.op == nil {
				p.op, p.entry = e.op, e
				p.begin(e.op)
			}
		}
	}
	p.plan.Add(n)
	return p
}

func (p *readerPlan) push(b *ints) error { p.got = append(p.got, b.all...); return nil }
func (p *readerPlan) Control(c Control) error {
	p.born = append(p.born, c.Born)
	c.Born = 0 // the clock's
	p.told = append(p.told, c)
	return p.fails(c)
}

func (p *readerPlan) PartitionChanged() error {
	p.changes++
	return p.changing(p.changes)
}

func (p *readerPlan) PartitionAdded(*Partition)   {}
func (p *readerPlan) PartitionRemoved(*Partition) {}

func (p *readerPlan) watermarks() (all []Time) {
	for _, c := range p.told {
		if c.Kind == Watermark {
			all = append(all, c.Watermark)
		}
	}
	return all
}

// Of several partitions the one is read that is furthest behind, and the
// watermark is that of the least of those that go on.
func TestFurthestBehindIsReadFirst(t *testing.T) {
	a, b, c := newTopic("a", 1, 2, 30, 31, 32, 33).end(), newTopic("b", 5, 6, 20, 21).end(), newTopic("c").end()
	for _, x := range []*topic{a, b, c} {
		x.waits = false
	}
	p := newReaderPlan(a, b, c)
	cfg := testConfig()
	cfg.Batch, cfg.Shards = 2, 1
	require.NoError(t, p.plan.Run(t.Context(), cfg))
	require.Equal(t, []int{1, 2, 5, 6, 30, 31, 20, 21, 32, 33}, p.got)
	require.Equal(t, []Time{2, 6, 21, 31, 33, MaxTime}, p.watermarks())
	require.Equal(t, End, p.told[len(p.told)-1].Kind)
	require.Equal(t, MaxTime, p.plan.Snapshot().Operators[0][0].Watermark)
	for _, part := range p.op.Partitions() {
		require.True(t, part.Done)
	}
	require.EqualValues(t, 6, p.op.Partitions()[0].Count)
}

// A partition that says that it has nothing is asked again in the next step, and
// the others are read meanwhile.
func TestNothingForNow(t *testing.T) { synctest.Test(t, nothingForNow) }

func nothingForNow(t *testing.T) {
	a, b := driven("a"), driven("b", 5, 6)
	p := newReaderPlan(a, b)
	var parts []*Partition
	p.begin = func(op *Instance) { parts = op.Partitions(); op.HeedSilence() }
	d, err := NewDriver(p.plan, testConfig())
	require.NoError(t, err)
	require.NoError(t, d.Settle())
	require.Len(t, parts, 1, "two shards read one each")
	require.Equal(t, []int{5, 6}, p.got)
	time.Sleep(time.Minute)
	require.NoError(t, d.Settle())
	require.Equal(t, time.Minute, parts[0].Asked, "it was silent since it was asked before")
	a.put(7)
	time.Sleep(time.Second)
	require.NoError(t, d.Settle())
	require.Equal(t, []int{5, 6, 7}, p.got)
	require.Equal(t, time.Minute+time.Second, parts[0].Asked)
	time.Sleep(time.Hour)
	a.put(8)
	require.NoError(t, d.Settle())
	require.Equal(t, time.Hour+time.Minute+time.Second, parts[0].Asked)
	require.NoError(t, d.Close())
}

// An alarm rings at a time, and then each time that so much has passed.
type alarm struct {
	every time.Duration

	mu    sync.Mutex
	begun time.Time
	at    time.Time // zero for never
	rings []time.Duration
	fails error
}

// ringing returns an alarm that rings first when so much has passed, or never.
func ringing(in, every time.Duration) *alarm {
	a := &alarm{begun: time.Now(), every: every}
	if in > 0 {
		a.at = a.begun.Add(in)
	}
	return a
}

func (a *alarm) Due() (time.Time, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.at, !a.at.IsZero()
}

func (a *alarm) Tick(now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rings = append(a.rings, now.Sub(a.begun))
	a.at = a.at.Add(a.every)
	return a.fails
}

// rung are the times at which it has rung; from now on it fails with err.
func (a *alarm) rung(err error) []time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fails = err
	return slices.Clone(a.rings)
}

// elapse has time pass in a bubble, and lets what it has begun come to rest.
func elapse(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// A read is interrupted for what is due by the clock, and goes on.
func TestReadIsInterrupted(t *testing.T) { synctest.Test(t, readIsInterrupted) }

func readIsInterrupted(t *testing.T) {
	a := newTopic("a")
	p := newReaderPlan(a)
	x, later := ringing(time.Second, 2*time.Second), ringing(time.Hour, time.Hour)
	p.begin = func(op *Instance) { op.Wake(later); op.Wake(x); op.Wake(ringing(0, 0)) }
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.plan.Run(ctx, testConfig()) }()
	elapse(4 * time.Second)
	a.put(1)
	elapse(2 * time.Second)
	broken := errors.New("broken")
	require.Equal(t, []time.Duration{time.Second, 3 * time.Second, 5 * time.Second}, x.rung(broken))
	require.Equal(t, []int{1}, p.got)
	require.ErrorIs(t, <-done, broken)
	require.Len(t, x.rung(nil), 4)
	require.Empty(t, later.rung(nil))
	cancel()
}

// A task that is fed by others wakes for what is due as well.
func TestSleepIsInterrupted(t *testing.T) { synctest.Test(t, sleepIsInterrupted) }

func sleepIsInterrupted(t *testing.T) {
	a := newTopic("a", 1)
	p := newTallying(newTarget(), a)
	p.sink.Committer = nil
	x := ringing(time.Second, 2*time.Second)
	p.begin = func(op *Instance) {
		if op.Index() == 0 {
			op.Wake(x)
		}
	}
	run := p.start(t, p.config(nil))
	elapse(4 * time.Second)
	require.Equal(t, []time.Duration{time.Second, 3 * time.Second}, x.rung(nil))
	elapse(time.Second)
	require.Len(t, x.rung(nil), 3)
	idle := func() time.Duration { return p.plan.Snapshot().Operators[1][0].Idle }
	require.Equal(t, 5*time.Second, idle())
	run.stop(t)
	broken := errors.New("broken")
	x.rung(broken)
	run = p.start(t, p.config(nil))
	require.ErrorIs(t, <-run.err, broken)
}

// A partition is read only while all gates are open; a source that has nothing
// else to read waits until one may have moved.
func TestGates(t *testing.T) { synctest.Test(t, gates) }

func gates(t *testing.T) {
	a, b := driven("a", 1, 2).end(), driven("b", 10, 20, 30).end()
	p := newReaderPlan(a, b)
	var limit atomic.Int64
	limit.Store(5)
	p.begin = func(op *Instance) {
		op.Gate(func(*Partition) bool { return true })
		op.Gate(func(x *Partition) bool { return int64(x.Promised) < limit.Load() })
	}
	cfg := testConfig()
	cfg.Batch, cfg.Shards = 1, 1
	done := make(chan error)
	go func() { done <- p.plan.Run(t.Context(), cfg) }()
	elapse(time.Minute)
	require.Equal(t, []int{1, 10, 2}, p.got)
	require.Equal(t, time.Minute, p.plan.Snapshot().Operators[0][0].Idle)
	limit.Store(15)
	synctest.Wait()
	require.Len(t, p.got, 3, "nobody has told it")
	p.plan.run.moveDrift()
	synctest.Wait()
	require.Equal(t, []int{1, 10, 2, 20}, p.got)
	limit.Store(int64(MaxTime))
	p.plan.run.moveDrift()
	require.NoError(t, <-done)
	require.Equal(t, []int{1, 10, 2, 20, 30}, p.got)
}
