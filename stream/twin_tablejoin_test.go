package stream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// The table join goes by the order of arrival, which the test decides, and by
// the watermark of its left side.
func FuzzTableJoin(f *testing.F) {
	addSeeds(f, 3)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		sh.parts = 1
		kind := pick(&sh.rest, stream.Inner, stream.LeftOuter)
		ttl := pick[int64](&sh.rest, 0, 10)
		all := sh.ticks(data)

		p := stream.New("twin")
		left, right := streamtest.NewInput[tick](), streamtest.NewInput[tick]()
		var opts []stream.Option
		if ttl > 0 {
			opts = append(opts, stream.TimeToLive(time.Duration(ttl)*time.Second))
		}
		out := streamtest.Collect(p.From(left).KeyBy(tickKey).TableJoin(p.From(right).KeyBy(tickKey), kind, tickMatch, opts...))
		d := streamtest.Start(t, p, streamtest.Shards(sh.shards), streamtest.BatchSize(sh.batch))

		table := map[int]tick{}
		arrived := map[int]int64{} // at which watermark a key has; never while there is none
		var want []string
		dropped, wm := int64(0), int64(never)
		for i, a := range all {
			if i%3 == 2 && a.At > wm { // the watermark moves
				for k, at := range arrived {
					if at == never {
						arrived[k] = a.At
					}
				}
				wm = a.At
				left.AdvanceWatermark(time.Unix(wm, 0))
				d.Settle()
				for k, at := range arrived {
					if ttl > 0 && at+ttl <= wm {
						delete(table, k)
						delete(arrived, k)
					}
				}
			}
			if a.Val%2 == 0 {
				right.PushAt(time.Unix(a.At, 0), a.tick)
				d.Settle()
				arrived[a.Key], table[a.Key] = wm, a.tick
				continue
			}
			left.PushAt(time.Unix(a.At, 0), a.tick)
			d.Settle()
			at := arrived[a.Key]
			if row, ok := table[a.Key]; ok && (ttl == 0 || at == never || a.At < at+ttl) {
				want = append(want, fmt.Sprint(a.tick)+fmt.Sprint(row))
			} else if kind == stream.LeftOuter {
				want = append(want, fmt.Sprint(a.tick)+"-")
			} else {
				dropped++
			}
		}
		require.Equal(t, want, out.Take(), "%v, %+v", kind, sh)
		stats, _ := p.Stats().Operator("tablejoin")
		require.Equal(t, dropped, stats.Unmatched)
		require.Zero(t, stats.TooLate)
		require.Equal(t, int64(len(table)), stats.Keys)
	})
}
