package stream_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// Windows of a number of events go by the order of arrival, which is
// determined where there is one partition.
func FuzzCountWindows(f *testing.F) {
	addSeeds(f, 3)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		sh.parts = 1
		size := pick(&sh.rest, 1, 2, 5)
		all := sh.ticks(data)

		p := stream.New("twin")
		in := streamtest.NewInput[tick]()
		w := sh.disordered(p.From(in)).KeyBy(tickKey).Window(window.ByCount(size))
		outs := map[string]*streamtest.Output[textPane]{}
		for _, m := range measures() {
			outs[m.name] = m.put(w)
		}
		sh.drive(t, p, in, all)

		waiting := map[int][]tick{}
		var full [][]tick
		for _, a := range all {
			waiting[a.Key] = append(waiting[a.Key], a.tick)
			if len(waiting[a.Key]) == size {
				full = append(full, waiting[a.Key])
				delete(waiting, a.Key)
			}
		}
		for _, ticks := range waiting {
			full = append(full, ticks)
		}
		for _, m := range measures() {
			want, got := map[string]int{}, map[string]int{}
			for _, ticks := range full {
				ticks = sorted(ticks, byTime)
				want[fmt.Sprintln(ticks[0].Key, ticks[0].At, ticks[len(ticks)-1].At, m.plain(ticks))]++
			}
			for _, x := range outs[m.name].Take() {
				require.Equal(t, stream.OnTime, x.Timing)
				require.Zero(t, x.Index, "a window of a number of events has one pane")
				got[fmt.Sprintln(x.Key, x.Start.Unix(), x.End.Add(-1).Unix(), x.Value)]++
			}
			requireSame(t, want, got, "%s by %d, %+v", m.name, size, sh)
		}
	})
}
