package stream_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// Each benchmark has two halves that do the same work on the same data and
// must come to the same sums: the loop that a good engineer would write by
// hand, and the pipeline. Both are run in turn, round by round, and the figure
// is the ratio of their median times: it holds on a noisy machine, where the
// times do not.

// A sale is an event of the benchmarks.
type sale struct {
	Key    int64
	Amount int64
	At     time.Time
}

func saleAt(s sale) time.Time   { return s.At }
func saleKey(s sale) int64      { return s.Key }
func saleAmount(s sale) int64   { return s.Amount }
func nanos(t time.Time) int64   { return t.Unix()*1e9 + int64(t.Nanosecond()) }
func floorDiv(a, b int64) int64 { return (a - ((a%b)+b)%b) / b }

var day = time.Date(2026, 3, 14, 0, 0, 0, 0, time.UTC)

// sales returns n events, one each step in event time, one in ten of them
// late by up to three seconds.
func sales(n, keys int, step time.Duration) []sale {
	r := rand.New(rand.NewPCG(1, 2))
	all := make([]sale, n)
	for i := range all {
		at := time.Duration(i) * step
		if r.IntN(10) == 0 {
			at -= time.Duration(r.Int64N(int64(3 * time.Second)))
		}
		all[i] = sale{r.Int64N(int64(keys)), r.Int64N(1000), day.Add(at)}
	}
	return all
}

const disorder = 3 * time.Second

// smoke returns n, and with -short a sixteenth of it: such a run shows that a
// benchmark works, not how fast anything is.
func smoke(n int) int {
	if testing.Short() {
		return n / 16
	}
	return n
}

// totals is what both halves of a benchmark come to.
type totals struct{ results, sum int64 }

func (t *totals) add(v int64) { t.results++; t.sum += v }

// totalSink adds up what reaches it. Each writer has its own sums.
type totalSink[T any] struct {
	of      func(T) int64
	writers []*totalWriter[T]
}

type totalWriter[T any] struct {
	totals
	of func(T) int64
}

func (s *totalSink[T]) Open(c *stream.SinkContext) (stream.Writer[T], error) {
	w := &totalWriter[T]{of: s.of}
	lock <- struct{}{}
	s.writers = append(s.writers, w)
	<-lock
	return w, nil
}

var lock = make(chan struct{}, 1)

func (s *totalSink[T]) total() (t totals) {
	for _, w := range s.writers {
		t.results += w.results
		t.sum += w.sum
	}
	return t
}

func (w *totalWriter[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	for _, v := range b.All() {
		w.add(w.of(v))
	}
	return nil
}

func (w *totalWriter[T]) Flush(context.Context) error { return nil }
func (w *totalWriter[T]) Close() error                { return nil }

// compare measures pipeline against loop.
func compare(b *testing.B, events int, loop, pipeline func() totals) {
	b.Helper()
	want := loop()
	require.NotZero(b, want.results)
	require.Equal(b, want, pipeline())
	var floor, ours []time.Duration
	var mallocs uint64
	var before, after runtime.MemStats
	for b.Loop() {
		start := time.Now()
		loop()
		floor = append(floor, time.Since(start))
		runtime.ReadMemStats(&before)
		start = time.Now()
		pipeline()
		ours = append(ours, time.Since(start))
		runtime.ReadMemStats(&after)
		mallocs += after.Mallocs - before.Mallocs
	}
	f, o := median(floor), median(ours)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(f)/float64(events), "floor-ns/event")
	b.ReportMetric(float64(o)/float64(events), "ns/event")
	b.ReportMetric(float64(o)/float64(f), "ratio")
	b.ReportMetric(float64(mallocs)/float64(b.N)/float64(events), "allocs/event")
}

func median(ds []time.Duration) time.Duration {
	ds = append([]time.Duration(nil), ds...)
	for i := range ds {
		for j := i; j > 0 && ds[j] < ds[j-1]; j-- {
			ds[j], ds[j-1] = ds[j-1], ds[j]
		}
	}
	return ds[len(ds)/2]
}

// runTotal runs what build makes of the events and returns its totals.
func runTotal[E, T any](b *testing.B, shards int, parts [][]E, of func(T) int64, build func(stream.Stream[E]) stream.Stream[T]) totals {
	b.Helper()
	p := stream.New("bench")
	s := &totalSink[T]{of: of}
	build(p.From(source.Slice(parts...))).To(s)
	require.NoError(b, p.Run(context.Background(), stream.Shards(shards)))
	return s.total()
}
