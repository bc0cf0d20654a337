package main

import (
	"context"
	"io"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/freshet-go/freshet/stream"
)

// An openLoop is a source whose events come by a schedule that does not wait for
// the pipeline: event i of a partition is due i·partitions/rate after the start.
// What is due and cannot be read is late by then, and its latency counts from
// when it was due, so there is no coordinated omission.
//
// Windows end at multiples of slide. For each end a partition notes when the
// event was due that moves its watermark there: a window's result could come
// when the last partition has it.
type openLoop[T any] struct {
	rate       float64 // of all partitions, a second
	events     int64   // of all partitions
	partitions int
	slide      int64 // nanoseconds of event time, as are the following
	begin      int64 // the time of the first event, a multiple of slide
	disorder   int64
	arrivals   func(partition int) func() (event T, at int64, ok bool)
	hopeless   time.Duration // how far behind the schedule the source gives up
	alarms     func() (alarm, error)

	start  time.Time
	closed [][]atomic.Int64 // by partition and window, nanoseconds after start and at least 1
	behind atomic.Int64     // by how much the last event of a partition was read too late, at most
}

func (o *openLoop[T]) Open(*stream.SourceContext) (readers []stream.Reader[T], err error) {
	o.start = time.Now()
	o.closed = make([][]atomic.Int64, o.partitions)
	for p := range o.partitions {
		o.closed[p] = make([]atomic.Int64, 1<<16)
		a, err := o.alarms()
		if err != nil {
			return nil, err
		}
		readers = append(readers, &openLoopReader[T]{o: o, name: strconv.Itoa(p), part: p, alarm: a, next: o.arrivals(p), edge: o.begin + o.slide,
			count: o.events / int64(o.partitions), gap: float64(o.partitions) / o.rate * 1e9})
	}
	return readers, nil
}

// due returns when the result of the window that ends at end could come, in
// nanoseconds after the start: never, if only the end of the input closed it.
func (o *openLoop[T]) due(end int64) (at int64, ok bool) {
	i := (end - o.begin) / o.slide
	if i < 0 || i >= int64(len(o.closed[0])) {
		return 0, false
	}
	for p := range o.closed {
		t := o.closed[p][i].Load()
		if t == 0 {
			return 0, false
		}
		at = max(at, t)
	}
	return at, true
}

type openLoopReader[T any] struct {
	o     *openLoop[T]
	name  string
	part  int
	alarm alarm
	next  func() (T, int64, bool)
	count int64
	gap   float64 // nanoseconds between events
	read  int64
	edge  int64 // the next window's end that the watermark has not passed
}

func (r *openLoopReader[T]) Partition() string { return r.name }
func (r *openLoopReader[T]) Offset() string    { return strconv.FormatInt(r.read, 10) }
func (r *openLoopReader[T]) Close() error      { return r.alarm.Close() }
func (r *openLoopReader[T]) Waits() bool       { return true }

// patience is how long a reader that has nothing to read waits at least: it costs
// the results as much, and saves a timer for each event.
const patience = 100 * time.Microsecond

func (r *openLoopReader[T]) Read(ctx context.Context, b *stream.Intake[T]) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := time.Since(r.o.start)
	if wait := time.Duration(float64(r.read)*r.gap) - now; wait > 0 {
		if err := r.alarm.wait(ctx, max(wait, patience)); err != nil {
			return err
		}
		now = time.Since(r.o.start)
	}
	for until := min(int64(float64(now)/r.gap)+1, r.count); r.read < until && b.Room() > 0; r.read++ {
		v, at, ok := r.next()
		if !ok {
			return io.EOF
		}
		for at >= r.edge+r.o.disorder {
			if i := (r.edge - r.o.begin) / r.o.slide; i < int64(len(r.o.closed[r.part])) {
				r.o.closed[r.part][i].Store(max(1, int64(float64(r.read)*r.gap)))
			}
			r.edge += r.o.slide
		}
		b.Append(v)
	}
	behind := now - time.Duration(float64(r.read)*r.gap)
	if r.read == r.count || behind > r.o.hopeless {
		for was := r.o.behind.Load(); int64(behind) > was && !r.o.behind.CompareAndSwap(was, int64(behind)); was = r.o.behind.Load() {
		}
		return io.EOF
	}
	return nil
}

// A stopwatch is a sink that records how long after it was due each result
// came. A batch counts as come when it is written.
type stopwatch[R any] struct {
	loop  interface{ due(end int64) (int64, bool) }
	start func() time.Time
	end   func(R) int64 // of the window, in nanoseconds since 1970
	from  time.Duration // results that were due before this are not counted

	mu      sync.Mutex
	writers []*stopwatchWriter[R]
}

func (s *stopwatch[R]) Open(*stream.SinkContext) (stream.Writer[R], error) {
	w := &stopwatchWriter[R]{s, newHistogram()}
	s.mu.Lock() // instances are opened at once
	defer s.mu.Unlock()
	s.writers = append(s.writers, w)
	return w, nil
}

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, int64(time.Minute), 3)
}

// latencies returns those of all writers, when the run has ended.
func (s *stopwatch[R]) latencies() *hdrhistogram.Histogram {
	all := newHistogram()
	for _, w := range s.writers {
		all.Merge(w.histogram)
	}
	return all
}

type stopwatchWriter[R any] struct {
	*stopwatch[R]
	histogram *hdrhistogram.Histogram
}

func (w *stopwatchWriter[R]) Write(_ context.Context, b *stream.Batch[R]) error {
	now := int64(time.Since(w.start()))
	end, due, counts := int64(-1), int64(0), false
	for _, r := range b.All() {
		if e := w.end(r); e != end {
			end = e
			due, counts = w.loop.due(e)
			counts = counts && due >= int64(w.from)
		}
		if counts {
			if err := w.histogram.RecordValue(min(max(now-due, 1), int64(time.Minute))); err != nil {
				return err
			}
		}
	}
	return nil
}

func (*stopwatchWriter[R]) Flush(context.Context) error { return nil }
func (*stopwatchWriter[R]) Close() error                { return nil }

// collections counts garbage collections, and finds the longest pause since
// it was made. It remembers 256.
type collections struct{ before runtime.MemStats }

func collectionsSince() *collections {
	c := new(collections)
	runtime.ReadMemStats(&c.before)
	return c
}

func (c *collections) seen() (n int, longest time.Duration) {
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	n = int(after.NumGC - c.before.NumGC)
	for i := range uint32(min(n, len(after.PauseNs))) {
		longest = max(longest, time.Duration(after.PauseNs[(after.NumGC-i+255)%256]))
	}
	return n, longest
}
