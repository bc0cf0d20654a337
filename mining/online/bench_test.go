package online_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// A run of a task, on one shard.
type benchRun func(tb testing.TB, all []hit)

func runOf(join func(stream.Stream[hit]) stream.Stream[online.Scored[hit]]) benchRun {
	return func(tb testing.TB, all []hit) {
		p := stream.New("bench")
		join(p.From(source.Slice(all))).To(sink.Discard[online.Scored[hit]]())
		require.NoError(tb, p.Run(tb.Context(), stream.Shards(1)))
	}
}

var benchRuns = map[string]benchRun{
	"shard": runOf(func(in stream.Stream[hit]) stream.Stream[online.Scored[hit]] {
		return in.Apply(online.Regress(newTally, hit.features, hit.y).PerShard)
	}),
	"two classes": runOf(func(in stream.Stream[hit]) stream.Stream[online.Scored[hit]] {
		return in.Apply(online.Classify(newClasses(2), hit.features, hit.y).PerShard)
	}),
	"keys=1000": runOf(func(in stream.Stream[hit]) stream.Stream[online.Scored[hit]] {
		return in.KeyBy(hit.key).Apply(online.Regress(newTally, hit.features, hit.y).PerKey)
	}),
	"keys=1000,most=2000": runOf(func(in stream.Stream[hit]) stream.Stream[online.Scored[hit]] {
		return in.KeyBy(hit.key).Apply(online.Regress(newTally, hit.features, hit.y, online.MaxKeys(2000)).PerKey)
	}),
}

// Once warm, no event allocates.
func TestNoAllocations(t *testing.T) {
	if underRace {
		t.Log("the race detector allocates")
		return
	}
	all := hits(1, 200_000, 1000)
	mallocs := func(run benchRun, n int) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		run(t, all[:n])
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs
	}
	for name, run := range benchRuns {
		few, many := mallocs(run, 50_000), mallocs(run, 200_000)
		t.Logf("%s: %d allocations of 50,000 events, %d of 200,000", name, few, many)
		require.Less(t, float64(many)-float64(few), 0.01*150_000, name)
	}
}

func BenchmarkTask(b *testing.B) {
	all := hits(1, 100_000, 1000)
	each := func(b *testing.B, f func()) {
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(all)), "ns/event")
	}
	b.Run("loop", func(b *testing.B) {
		each(b, func() {
			m := newTally()
			var x mining.Vector
			for _, h := range all {
				x.Reset()
				h.features(&x)
				last = online.Scored[hit]{Value: h, Prediction: m.Predict(x), Label: h.Y}
				m.Learn(x, h.Y)
			}
		})
	})
	for name, run := range benchRuns {
		b.Run(name, func(b *testing.B) { each(b, func() { run(b, all) }) })
	}
}

var last online.Scored[hit]
