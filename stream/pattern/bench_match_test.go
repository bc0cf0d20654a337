//go:build unix

package pattern

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/benchcpu"
	"github.com/freshet-go/freshet/stream"
)

// The floor is a state machine by hand over the same slice, without a pipeline, order or watermarks. Of both the processor time of the whole
// process counts, with all that collects garbage: what one core is busy for.
func BenchmarkMatch(b *testing.B) {
	n := 1 << 21
	if testing.Short() {
		n >>= 4
	}
	all := swipes(n, 100_000)
	want := byHand(all)
	require.NotZero(b, want.n)
	for name, run := range map[string]func() tally{
		"steps=3": func() tally { return byPattern(b, all, threeSteps()) },
		"steps=3,timedOut": func() tally {
			var late stream.Side[Matched[int64, swipe]]
			return byPattern(b, all, threeSteps(), TimedOut(&late))
		},
	} {
		b.Run(name, func(b *testing.B) {
			require.Equal(b, want, run())
			var floor, ours []time.Duration
			var before, after runtime.MemStats
			mallocs := uint64(0)
			took := func(run func()) time.Duration {
				runtime.GC() // what was left over before is nobody's
				start := benchcpu.Used(b)
				run()
				return benchcpu.Used(b) - start
			}
			for b.Loop() {
				floor = append(floor, took(func() { byHand(all) }))
				runtime.ReadMemStats(&before)
				ours = append(ours, took(func() { run() }))
				runtime.ReadMemStats(&after)
				mallocs += after.Mallocs - before.Mallocs
			}
			slices.Sort(floor)
			slices.Sort(ours)
			f, o := float64(floor[len(floor)/2])/float64(n), float64(ours[len(ours)/2])/float64(n)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(f, "floor-cpu-ns/event")
			b.ReportMetric(o, "cpu-ns/event")
			b.ReportMetric(1000/o, "Mevents/s-core")
			b.ReportMetric(o/f, "ratio")
			b.ReportMetric(float64(mallocs)/float64(b.N)/float64(n), "allocs/event")
		})
	}
}
