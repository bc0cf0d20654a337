package engine

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/checkpoint"
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
			e.next = &intLanes{pl.Lanes(ports), to, func(n int) int { return n % len(to) }}
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
	for range 1000 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond) // one that has done its work is still counted
	}
	t.Fatalf("%d goroutines are left", runtime.NumGoroutine()-before)
}

func TestRunToTheEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	all := []*counter{{name: "a", limit: 1000}, {name: "b", limit: 10}, {name: "c", limit: 0}}
	p, total := adding(all, pass)
	require.NoError(t, p.Run(t.Context(), testConfig()))
	require.Equal(t, 999*1000/2+9*10/2, total.total)
	require.Equal(t, 2, total.ends, "each shard is told the end, once")
	for _, c := range all {
		require.True(t, c.shut)
	}
	noneLeft(t, before)
	s := p.Snapshot()
	require.EqualValues(t, 1010, s.Operators[0][0].Out+s.Operators[0][1].Out)
	for _, c := range s.Operators[1] {
		require.Equal(t, MaxTime, c.Watermark)
	}
}

// A run that is told to stop lets flow through what it has read.
func TestRunStops(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	endless := &counter{name: "a", limit: -1}
	p, total := adding([]*counter{endless}, func(n int) {
		if n == 100 {
			cancel(why)
		}
	})
	err := p.Run(ctx, testConfig())
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, why)
	require.True(t, endless.shut)
	require.Equal(t, endless.next, total.events, "what was read has been added")
	require.Equal(t, 2, total.ends)
}

// A run that does not come to rest in time is cut off.
func TestRunIsCutOff(t *testing.T) { synctest.Test(t, isCutOff) }

func isCutOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p, total := adding([]*counter{{name: "a", limit: -1}}, func(n int) {
		if n == 20 {
			cancel()
		}
		if n >= 20 {
			time.Sleep(50 * time.Millisecond) // of the bubble
		}
	})
	cfg := testConfig()
	cfg.Grace = 20 * time.Millisecond
	begin := time.Now()
	require.ErrorContains(t, p.Run(ctx, cfg), "had not come to rest 20ms after it was told to stop")
	require.Less(t, time.Since(begin), time.Second)
	require.Zero(t, total.ends, "what is open stays open")
}

// Failures, panics and the end of a goroutine are errors that name the operator,
// and end all tasks.
func TestRunFails(t *testing.T) {
	broken := errors.New("the disk is gone")
	for name, test := range map[string]struct {
		counter *counter
		each    func(int)
		message string
	}{
		"a reader":  {&counter{name: "a", limit: -1, fails: broken}, pass, "stream: count at a: the disk is gone"},
		"a panic":   {&counter{name: "a", limit: -1}, func(n int) { panicAt(n) }, "stream: add: panic: seven"},
		"a goexit":  {&counter{name: "a", limit: -1}, func(n int) { exitAt(n) }, "stream: add: the function has ended its goroutine"},
		"two parts": {&counter{name: "b", limit: 3, fails: broken}, pass, "stream: count at a: the disk is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			counters := []*counter{test.counter}
			if name == "two parts" {
				counters = append(counters, &counter{name: "a", limit: -1, fails: broken})
			}
			p, _ := adding(counters, test.each)
			err := p.Run(t.Context(), testConfig())
			require.ErrorContains(t, err, test.message)
			_, named := errors.AsType[*OperatorError](err)
			require.True(t, named)
			noneLeft(t, before)
			for _, c := range counters {
				require.True(t, c.shut)
			}
		})
	}
}

func panicAt(n int) {
	if n == 7 {
		panic("seven")
	}
}

func exitAt(n int) {
	if n == 7 {
		runtime.Goexit()
	}
}

// The same plan runs on one goroutine, a step at a time, with the same sum.
func TestDriver(t *testing.T) {
	p, total := adding([]*counter{{name: "a", limit: 100}, {name: "b", limit: 7}}, pass)
	d, err := NewDriver(p, testConfig())
	require.NoError(t, err)
	require.NoError(t, d.Settle())
	require.Equal(t, 99*100/2+6*7/2, total.total)
	require.Equal(t, 2, total.ends)
	require.NoError(t, d.Close())
}

// Restarts waits twice as long each time, up to a minute, and not for what cannot pass.
func TestRestartsAllow(t *testing.T) {
	r := testRun(t)
	r.start = time.Now()
	failed := &OperatorError{Operator: "add", Err: errors.New("away")}
	x := Restarts{Most: 3, Wait: time.Nanosecond}
	for failures := range 3 {
		n := failures
		require.NoError(t, x.allow(t.Context(), r, failed, &n))
	}
	n := 3
	require.ErrorIs(t, x.allow(t.Context(), r, failed, &n), failed, "three are used up")
	r.start = time.Now().Add(-2 * calm)
	require.NoError(t, x.allow(t.Context(), r, failed, &n), "after a long calm the count begins anew")
	require.Zero(t, n)

	for _, lasts := range []error{checkpoint.ErrLocked, checkpoint.ErrVersion, &RewindError{}, &LostResultsError{}, &storeError{"open", checkpoint.ErrDamaged}, errors.New("of nobody")} {
		require.ErrorIs(t, x.allow(t.Context(), r, lasts, new(int)), lasts)
	}
	require.NoError(t, x.allow(t.Context(), r, &storeError{"open", io.ErrUnexpectedEOF}, new(int)), "a store may be away for a while")
	r.again = true
	require.NoError(t, x.allow(t.Context(), r, &LostResultsError{}, new(int)), "the place that this run has written to is away")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, x.allow(ctx, r, failed, new(int)), failed, "it was told to stop")
}
