//go:build unix

package sealed_test

import (
	"bytes"
	"context"
	"syscall"
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

// BenchmarkCheckpoint takes a checkpoint of a million keys, and some when a hundredth of
// them has changed, in a directory and in one that is sealed, in turn. It reports the shortest time from the wish until
// it is durable, in milliseconds, and how much longer a sealed one takes in percent: others disturb a mean more.
func BenchmarkCheckpoint(b *testing.B) {
	keys := 1_000_000
	if testing.Short() {
		keys = 10_000
	}
	shortest := [2][2]time.Duration{{time.Hour, time.Hour}, {time.Hour, time.Hour}}
	for range b.N {
		for i, store := range []checkpoint.Store{
			checkpoint.Dir(b.TempDir()), sealed.Store(checkpoint.Dir(b.TempDir()), "bench", ring(b, key("a", 1))),
		} {
			for k, took := range checkpoints(b, store, keys) {
				shortest[i][k] = min(shortest[i][k], took)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	for k, what := range []string{"first", "later"} {
		plain, closed := shortest[0][k], shortest[1][k]
		b.ReportMetric(plain.Seconds()*1000, "plain-"+what+"-ms")
		b.ReportMetric(closed.Seconds()*1000, "sealed-"+what+"-ms")
		b.ReportMetric(100*(float64(closed)/float64(plain)-1), what+"-more-%")
	}
}

// checkpoints returns how long the first checkpoint of a run takes, and the shortest of some that follow.
func checkpoints(b *testing.B, store checkpoint.Store, keys int) (took [2]time.Duration) {
	const later = 4
	took = [2]time.Duration{time.Hour, time.Hour}
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
		k := min(round, 1)
		took[k] = min(took[k], time.Since(start))
	}
	cancel()
	require.ErrorIs(b, <-ended, context.Canceled)
	return took
}

// BenchmarkStore writes and reads 29 MB, what a million keys take, in a directory, plain and sealed. It reports
// milliseconds of the processor, as others who use the disk and the processor do not disturb these.
func BenchmarkStore(b *testing.B) {
	const name = "state-000000000001-0001"
	var parts [][]byte
	for i := range 128 {
		parts = append(parts, bytes.Repeat([]byte{byte(i)}, 29<<20/128))
	}
	for _, c := range []struct {
		name  string
		store checkpoint.Store
	}{{"plain", checkpoint.Dir(b.TempDir())}, {"sealed", sealed.Store(checkpoint.Dir(b.TempDir()), "bench", ring(b, key("a", 1)))}} {
		for what, do := range map[string]func() error{
			"write": func() error { return c.store.Write(name, parts...) },
			"read": func() error {
				_, err := c.store.Read(name)
				return err
			},
		} {
			b.Run(what+"/"+c.name, func(b *testing.B) {
				require.NoError(b, c.store.Write(name, parts...))
				before := processor(b)
				for b.Loop() {
					require.NoError(b, do())
				}
				b.ReportMetric((processor(b)-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
			})
		}
	}
}

// processor returns how long this process has used it.
func processor(b *testing.B) time.Duration {
	var r syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
