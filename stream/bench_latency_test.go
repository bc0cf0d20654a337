package stream_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// BenchmarkLatencyAtHalfLoad measures how long events are under way from the
// moment that they are due to the sink, at half of the rate that the pipeline
// can do: through event time, an exchange between two shards and a running sum
// by key. An event that has to wait because those before it were held up
// counts its waiting. The budget is 1 ms for p99 and 10 ms for p99.99.
//
// The floor is what the machine allows for: two goroutines that sleep until
// their next events are due and put them into a map, at the same rate.
func BenchmarkLatencyAtHalfLoad(b *testing.B) {
	sample := int64(smoke(1 << 22))
	run := func(n int64, rate float64, opts ...source.GenerateOption) *latencySink {
		s := &latencySink{rate: rate}
		p := stream.New("bench")
		p.From(source.Generate(n, s.event, append(opts, source.Partitions(2))...)).
			EventTime(saleAt).
			KeyBy(saleKey).
			Running(window.Last[sale]()).
			To(s)
		start := time.Now()
		require.NoError(b, p.Run(context.Background(), stream.Shards(2)))
		s.took = time.Since(start)
		return s
	}
	run(sample, 1) // warm up
	full := float64(sample) / run(sample, 1).took.Seconds()
	for b.Loop() {
		rate := full / 2
		n := int64(smoke(int(3 * rate)))
		s := run(n, rate, source.Rate(rate))
		floor := latencyLoop(n, rate)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(rate/1e6, "Mevents/s")
		for _, q := range []struct {
			name  string
			share float64
		}{{"p50-ms", 0.5}, {"p99-ms", 0.99}, {"p99.99-ms", 0.9999}} {
			b.ReportMetric(s.quantile(q.share), q.name)
			b.ReportMetric(floor.quantile(q.share), "floor-"+q.name)
		}
	}
}

// A latencySink measures how late events reach it.
type latencySink struct {
	rate float64
	took time.Duration

	once    sync.Once
	start   time.Time
	mu      sync.Mutex
	writers []*latencyWriter
}

// event makes the i-th event. It is due i ÷ rate after the first.
func (s *latencySink) event(i int64) sale {
	s.once.Do(func() { s.start = time.Now() })
	return sale{Key: i * 7 % 100_000, Amount: i, At: day.Add(time.Duration(i) * time.Microsecond)}
}

// due returns when the i-th event is due, counted from the start.
func (s *latencySink) due(i int64) time.Duration {
	return time.Duration(float64(i) / s.rate * 1e9)
}

func (s *latencySink) Open(*stream.SinkContext) (stream.Writer[stream.KeyValue[int64, sale]], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := &latencyWriter{sink: s}
	s.writers = append(s.writers, w)
	return w, nil
}

// quantile returns a quantile in milliseconds.
func (s *latencySink) quantile(share float64) float64 {
	var all [len(latencyWriter{}.counts)]int
	n := 0
	for _, w := range s.writers {
		for i, c := range w.counts {
			all[i] += c
			n += c
		}
	}
	seen := 0
	for i, c := range all {
		if seen += c; float64(seen) >= share*float64(n) {
			return float64(i+1) * latencyStep.Seconds() * 1000
		}
	}
	return 0
}

const latencyStep = 10 * time.Microsecond

type latencyWriter struct {
	sink   *latencySink
	counts [100_000]int // by latency, in steps; the last one holds all that are longer
}

func (w *latencyWriter) Write(_ context.Context, b *stream.Batch[stream.KeyValue[int64, sale]]) error {
	now := time.Since(w.sink.start)
	for _, kv := range b.All() {
		w.count(kv.Value.Amount, now)
	}
	return nil
}

// count counts the i-th event, unless it is of the first half second, in
// which state is being built up.
func (w *latencyWriter) count(i int64, now time.Duration) {
	if due := w.sink.due(i); due > time.Second/2 {
		w.counts[min(max(0, int((now-due)/latencyStep)), len(w.counts)-1)]++
	}
}

func (w *latencyWriter) Flush(context.Context) error { return nil }
func (w *latencyWriter) Close() error                { return nil }

func latencyLoop(n int64, rate float64) *latencySink {
	s := &latencySink{rate: rate}
	s.event(0)
	var done sync.WaitGroup
	for part := range int64(2) {
		w := &latencyWriter{sink: s}
		s.writers = append(s.writers, w)
		done.Go(func() {
			last := map[int64]sale{}
			for i := part; i < n; {
				if wait := s.due(i) - time.Since(s.start); wait > 0 {
					<-time.NewTimer(wait).C
				}
				now := time.Since(s.start)
				for ; i < n && s.due(i) <= now; i += 2 {
					e := s.event(i)
					last[e.Key] = e
					w.count(i, time.Since(s.start))
				}
			}
		})
	}
	done.Wait()
	return s
}
