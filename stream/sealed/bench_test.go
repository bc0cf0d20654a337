package sealed_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/sealed"
	"github.com/freshet-go/freshet/window"
)

// BenchmarkCheckpoint takes a checkpoint of a million keys, and one when a hundredth of
// them has changed, in a directory and in the same one sealed, in turn. It reports milliseconds from the wish until
// it is durable, and how much longer sealed ones take in percent.
func BenchmarkCheckpoint(b *testing.B) {
	keys := 1_000_000
	if testing.Short() {
		keys = 10_000
	}
	var plain, closed [2]time.Duration
	for range b.N {
		for i := range 2 {
			store := checkpoint.Dir(b.TempDir())
			took, sum := checkpoints(b, store, keys), &plain
			if i == 1 {
				took, sum = checkpoints(b, sealed.Store(checkpoint.Dir(b.TempDir()), "bench", ring(b, key("a", 1))), keys), &closed
			}
			sum[0], sum[1] = sum[0]+took[0], sum[1]+took[1]
		}
	}
	b.ReportMetric(0, "ns/op")
	for i, what := range []string{"first", "later"} {
		b.ReportMetric(plain[i].Seconds()*1000/float64(b.N), "plain-"+what+"-ms")
		b.ReportMetric(closed[i].Seconds()*1000/float64(b.N), "sealed-"+what+"-ms")
		b.ReportMetric(100*(float64(closed[i])/float64(plain[i])-1), what+"-more-%")
	}
}

// checkpoints returns how long the first checkpoint of a run takes, and the mean of some that follow.
func checkpoints(b *testing.B, store checkpoint.Store, keys int) (took [2]time.Duration) {
	const later = 10
	ctx, cancel := context.WithCancel(b.Context())
	numbers := make(chan int64, 1024)
	p := stream.New("bench")
	p.From(source.Chan(numbers)).
		EventTime(func(int64) time.Time { return time.Unix(1, 0) }).
		KeyBy(func(n int64) int64 { return n }).
		Window(window.Tumbling(time.Hour)).
		Aggregate(window.Sum(func(n int64) int64 { return n })).
		To(sink.Discard[stream.Pane[int64, int64]]())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, stream.Shards(1), stream.Checkpoints(store, time.Hour)) }()
	for round := range 1 + later {
		for i := range int64(keys) {
			if round == 0 || (i*7_368_787+int64(round))%100 == 0 {
				numbers <- i
			}
		}
		start := time.Now()
		_, err := p.Savepoint(ctx, "s")
		require.NoError(b, err)
		took[min(round, 1)] += time.Since(start)
	}
	took[1] /= later
	cancel()
	require.ErrorIs(b, <-ended, context.Canceled)
	return took
}

// BenchmarkStore seals and opens a file, without a disk.
func BenchmarkStore(b *testing.B) {
	payload := make([]byte, 16<<20)
	for _, c := range []struct {
		name  string
		store checkpoint.Store
	}{{"plain", checkpoint.Memory()}, {"sealed", sealed.Store(checkpoint.Memory(), "bench", ring(b, key("a", 1)))}} {
		b.Run("write/"+c.name, func(b *testing.B) {
			b.SetBytes(int64(len(payload)))
			for b.Loop() {
				require.NoError(b, c.store.Write("state-000000000001-0001", payload))
			}
		})
		b.Run("read/"+c.name, func(b *testing.B) {
			b.SetBytes(int64(len(payload)))
			for b.Loop() {
				_, err := c.store.Read("state-000000000001-0001")
				require.NoError(b, err)
			}
		})
	}
}
