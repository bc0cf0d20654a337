package engine

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A bucket holds what lies between the end of the one before it and its own, and
// is an eighth of its lower bound wide at most.
func TestBuckets(t *testing.T) {
	require.Equal(t, 1, bucketOf(1))
	before := bucketOf(1)
	for v := uint64(1); v < 1<<12; v++ {
		i := bucketOf(v)
		require.GreaterOrEqual(t, i, before)
		before = i
		require.GreaterOrEqual(t, uint64(bucketEnd(i)), v)
		require.LessOrEqual(t, uint64(bucketEnd(i)), v+v/8)
		require.Equal(t, i, bucketOf(uint64(bucketEnd(i))), "the end is in the bucket")
		require.NotEqual(t, i, bucketOf(uint64(bucketEnd(i))+1), "and what follows is not")
	}
	for exp := 12; exp < 63; exp++ {
		for _, v := range []uint64{1 << exp, 1<<exp + 1, 1<<exp | 1<<(exp-1), 1<<(exp+1) - 1} {
			end := uint64(bucketEnd(bucketOf(v)))
			require.GreaterOrEqual(t, end, v)
			require.LessOrEqual(t, end, v+v/8)
		}
	}
	require.Less(t, bucketOf(math.MaxUint64), len(histogram{}.buckets))
}

// A histogram tells the buckets in which something was counted, the shortest first.
func TestHistogram(t *testing.T) {
	var h histogram
	require.Zero(t, h.read())
	h.record(5, 0)
	require.Zero(t, h.read(), "of no events")
	h.record(-5, 1) // by a clock that was put back
	h.record(1000, 9000)
	h.record(2, 3)
	h.record(1001, 5)
	require.Equal(t, []Bucket{{1, 1}, {2, 3}, {1023, 9005}}, h.read().Buckets)
}

// An operator's time is the time that its task has been idle, held back, and busy
// for the rest, from its beginning to its end.
func TestTimes(t *testing.T) { synctest.Test(t, times) }

func times(t *testing.T) {
	a := newTopic("a", 1)
	p := newTallying(newTarget(), a)
	p.sink.Committer = nil
	p.each = func(n int) {
		if n == 2 {
			time.Sleep(3 * time.Second)
		}
	}
	require.Nil(t, p.plan.Snapshot(), "there was no run")
	cfg := p.config(nil)
	cfg.Shards = 1
	now := func() Counted { return p.plan.Snapshot().Operators[1][0] }
	run := p.start(t, cfg)
	time.Sleep(10 * time.Second)
	require.Equal(t, 10*time.Second, now().Idle, "it waits for events, up to now")
	require.Zero(t, now().Busy)
	a.put(2)
	time.Sleep(2 * time.Second)
	require.Equal(t, 2*time.Second, now().Busy)
	time.Sleep(5 * time.Second)
	require.Equal(t, 3*time.Second, now().Busy)
	require.Equal(t, 14*time.Second, now().Idle)
	run.stop(t)
	time.Sleep(time.Second)
	s := p.plan.Snapshot()
	require.Equal(t, 18*time.Second, s.Elapsed)
	require.Equal(t, time.Now(), s.At)
	require.Equal(t, 3*time.Second, now().Busy, "a run that is over is not busy any more")
	require.InDelta(t, 14*time.Second, now().Idle, 100)
	require.Zero(t, now().Pressed)
	require.EqualValues(t, 2, now().In)
	require.EqualValues(t, 2, now().Out)
	require.EqualValues(t, 2, now().Keys)
}

// A counter that is read while it changes makes no more of a task's time than there
// is.
func TestTimesAddUp(t *testing.T) {
	r := testRun(t)
	for _, test := range []struct{ life, idle, pressed, wantIdle, wantPressed, busy time.Duration }{
		{10, 2, 3, 2, 3, 5}, {10, 12, 3, 10, 0, 0}, {10, 4, 9, 4, 6, 0},
	} {
		x := &task{rt: r}
		x.began.Store(100)
		x.ended.Store(100 + int64(test.life))
		x.idle.ns.Store(int64(test.idle))
		x.pressed.ns.Store(int64(test.pressed))
		got := (&counters{task: x}).read()
		require.Equal(t, [3]time.Duration{test.wantIdle, test.wantPressed, test.busy}, [3]time.Duration{got.Idle, got.Pressed, got.Busy}, test)
	}
	require.Zero(t, (&counters{task: &task{rt: r}}).read().Busy, "it has not begun")
}

// A task that a slower one holds back is pressed.
func TestPressed(t *testing.T) { synctest.Test(t, pressed) }

func pressed(t *testing.T) {
	p := newTallying(newTarget(), newTopic("a", upTo(1000)...).end())
	p.sink.Committer = nil
	p.each = func(int) { time.Sleep(time.Millisecond) }
	cfg := p.config(nil)
	require.NoError(t, p.plan.Run(t.Context(), cfg))
	source := p.plan.Snapshot().Operators[0][0]
	require.Greater(t, source.Pressed, 300*time.Millisecond)
	require.Less(t, source.Busy, 10*time.Millisecond)
	require.EqualValues(t, 1000, source.Out)
}

// What an instance counts is found under its name for it.
func TestCounts(t *testing.T) {
	r := testRun(t)
	now := time.Now()
	r.Now = func() time.Time { return now }
	p := r.Plan
	n := &Node{Name: "n", Kind: "n"}
	p.Add(n)
	p.run = r
	r.start = r.Now()
	i := r.addStage(n, 1)
	op := r.stages[n][0].Instance(n)
	require.Len(t, i, 1)
	require.Equal(t, MinTime, p.Snapshot().Operators[0][0].Watermark)
	op.In(1)
	op.Out(2)
	op.Failed(3)
	op.Late(4)
	op.TooLate(5)
	op.KeptLate(10)
	op.Unmatched(6)
	op.Duplicates(7)
	op.Holds(8)
	op.Advance(9)
	op.Advance(8)
	require.EqualValues(t, 1, op.Nanos(), "it is never 0")
	now = now.Add(time.Minute)
	op.Took(op.Nanos()-1000, 10)
	got := p.Snapshot().Operators[0][0]
	require.Equal(t, []Bucket{{1023, 10}}, got.Latency.Buckets)
	require.InDelta(t, 1e-5, got.Latency.Seconds, 1e-12)
	got.Latency = Distribution{}
	require.Equal(t, Counted{In: 1, Out: 2, Failed: 3, Late: 4, TooLate: 15, Kept: 10, Unmatched: 6, Duplicates: 7, Keys: 8, Watermark: 9}, got)
}
