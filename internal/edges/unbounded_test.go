package edges_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

const (
	unbounded = stream.Unbounded
	early     = -9_000_000_000 // the year 1684
	far       = 9_000_000_000  // the year 2255
)

// A bound of an interval may be as far as a duration goes, or not be there:
// nothing overflows, whatever the times of the events.
func TestUnboundedIntervals(t *testing.T) {
	times := []int64{early, -1, 0, 1, far}
	in := func(l, r int64, lower, upper time.Duration) bool {
		// In seconds, which do not overflow.
		above := lower <= -unbounded || r-l >= int64(lower/time.Second)
		below := upper == unbounded || r-l <= int64(upper/time.Second)
		return above && below
	}
	for _, bounds := range [][2]time.Duration{
		{math.MinInt64, 0}, {-unbounded, 0}, {-unbounded, unbounded}, {math.MinInt64, math.MaxInt64}, {0, unbounded}, {0, 0},
		{-unbounded, -time.Second}, {time.Second, unbounded}, {-unbounded + time.Second, 0}, {0, unbounded - time.Second},
	} {
		for kind := stream.Inner; kind <= stream.FullOuter; kind++ {
			for batch := 1; batch <= 512; batch += 511 {
				c, left, right := newCall()
				join := c.left.EventTime(row.when).KeyBy(row.key).IntervalJoin(c.right.EventTime(row.when).KeyBy(row.key), bounds[0], bounds[1], kind, c.match)
				out := streamtest.Collect(join)
				d := streamtest.Start(t, c.p, streamtest.BatchSize(batch))
				var want []string
				matchedLeft, matchedRight := map[int64]bool{}, map[int64]bool{}
				for i, at := range times {
					left.Push(row{"a", i, at})
					right.Push(row{"a", i, at})
					d.Settle()
					for j, at2 := range times {
						if in(at, at2, bounds[0], bounds[1]) {
							want = append(want, fmt.Sprint(i, true, j, true))
							matchedLeft[at], matchedRight[at2] = true, true
						}
					}
				}
				left.End()
				right.End()
				d.Settle()
				for i, at := range times {
					if !matchedLeft[at] && (kind == stream.LeftOuter || kind == stream.FullOuter) {
						want = append(want, fmt.Sprint(i, true, 0, false))
					}
					if !matchedRight[at] && (kind == stream.RightOuter || kind == stream.FullOuter) {
						want = append(want, fmt.Sprint(0, false, i, true))
					}
				}
				require.ElementsMatch(t, want, out.Take(), "%v, %v", bounds, kind)
			}
		}
	}
}

// An interval in which no time is is refused, in words.
func TestEmptyIntervals(t *testing.T) {
	for want, bounds := range map[string][2]time.Duration{
		"from 1s to 0s":                 {time.Second, 0},
		"from unbounded to unbounded":   {unbounded, unbounded},
		"from -unbounded to -unbounded": {-unbounded, -unbounded},
		"from 0s to -unbounded":         {0, math.MinInt64},
	} {
		c, _, _ := newCall()
		require.Equal(t, "stream: IntervalJoin "+want+": the interval is empty", panics(func() {
			c.keyed().IntervalJoin(c.other("right"), bounds[0], bounds[1], stream.Inner, c.match)
		}))
	}
	c, _, _ := newCall()
	c.keyed().IntervalJoin(c.other("right"), -unbounded, 0, stream.Inner, c.match)
	require.Contains(t, c.p.Plan().String(), "intervaljoin: inner, -unbounded to 0s")
}

// What is unbounded never forgets, from the first year of time to the last.
func TestUnboundedMemory(t *testing.T) {
	for _, within := range []time.Duration{unbounded, unbounded - 1} {
		c, left, _ := newCall()
		s := c.left.EventTime(row.when, stream.Disorder(time.Second)).KeyBy(row.key)
		first := streamtest.Collect(s.Deduplicate(within))
		sums := streamtest.Collect(s.Running(total{c}, stream.TimeToLive(within)))
		d := streamtest.Start(t, c.p)
		for _, at := range []int64{early, far} {
			left.Push(row{"a", 1, at})
			d.Settle()
		}
		left.End()
		d.Settle()
		want := 1
		if within < unbounded {
			want = 2 // 292 years, and not 571
		}
		require.Len(t, first.Take(), want, "%v", within)
		require.Equal(t, int64(3-want), sums.Take()[1].Value, "%v", within)
	}
}

// A time to live as long as a duration goes does not overflow in a join either.
func TestUnboundedAsOf(t *testing.T) {
	for _, live := range []time.Duration{unbounded, unbounded - 1} {
		c, left, right := newCall()
		out := streamtest.Collect(c.left.EventTime(row.when).KeyBy(row.key).
			AsOfJoin(c.right.EventTime(row.when).KeyBy(row.key), stream.LeftOuter, c.match, stream.TimeToLive(live)))
		d := streamtest.Start(t, c.p)
		right.Push(row{"a", 7, early})
		right.End()
		left.Push(row{"a", 2, early + 1}, row{"a", 1, far})
		left.End()
		d.Settle()
		want := []string{"2 true 7 true", "1 true 7 true"}
		if live < unbounded {
			want[1] = "1 true 0 false"
		}
		require.Equal(t, want, out.Take())
	}
}
