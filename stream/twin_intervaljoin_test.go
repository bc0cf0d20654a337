package stream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// intervalTwin tries each event on each, and counts those that are in no result.
func intervalTwin(kind stream.JoinKind, lower, upper int64, left, right []arrival) (found map[string]int, leftOut int64) {
	found = map[string]int{}
	matched := make([]bool, len(right))
	give := func(text string, at int64) { found[fmt.Sprint(text, " at ", at)]++ }
	for _, l := range left {
		alone := true
		for i, r := range right {
			if l.Key == r.Key && l.At+lower <= r.At && r.At <= l.At+upper {
				alone, matched[i] = false, true
				give(fmt.Sprint(l.tick)+fmt.Sprint(r.tick), max(l.At, r.At))
			}
		}
		switch {
		case !alone:
		case kind == stream.LeftOuter || kind == stream.FullOuter:
			give(fmt.Sprint(l.tick)+"-", l.At)
		default:
			leftOut++
		}
	}
	for i, r := range right {
		switch {
		case matched[i]:
		case kind == stream.RightOuter || kind == stream.FullOuter:
			give("-"+fmt.Sprint(r.tick), r.At)
		default:
			leftOut++
		}
	}
	return found, leftOut
}

// counted returns how often each event came.
func counted(events []stream.Event[string]) map[string]int {
	found := map[string]int{}
	for _, e := range events {
		found[fmt.Sprint(e.Value, " at ", e.Time.Std().Unix())]++
	}
	return found
}

func FuzzIntervalJoin(f *testing.F) {
	addSeeds(f, 3)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		kind := pick(&sh.rest, joinKinds...)
		lower := pick[int64](&sh.rest, 0, -5, -30, 2)
		upper := lower + pick[int64](&sh.rest, 0, 3, 30)
		left, right := sh.halves(data)

		x := newPairing(sh)
		out := x.l.IntervalJoin(x.r, time.Duration(lower)*time.Second, time.Duration(upper)*time.Second, kind, tickMatch)
		pairs := streamtest.Collect(out)
		windows := streamtest.Collect(out.Window(window.Tumbling(4 * time.Second)).Count())
		x.drive(t, left, right)

		kept, other := punctual(left), punctual(right)
		late := len(left) + len(right) - len(kept) - len(other)
		// Places in the partition count late events too, so take them as they came.
		kept, other = onTime(left), onTime(right)
		got := pairs.TakeEvents()
		want, leftOut := intervalTwin(kind, lower, upper, kept, other)
		requireSame(t, want, counted(got), "%v from %d to %d, %+v", kind, lower, upper, sh)
		stats, _ := x.p.Stats().Operator("intervaljoin")
		require.Equal(t, leftOut, stats.Unmatched, "%v from %d to %d, %+v", kind, lower, upper, sh)
		require.Equal(t, int64(late), stats.TooLate)
		total := int64(0)
		for _, w := range windows.Take() {
			total += w.Value
		}
		require.Equal(t, int64(len(got)), total, "what a join gives is not late: %v from %d to %d, %+v", kind, lower, upper, sh)
	})
}

// onTime leaves out the events that are late.
func onTime(all []arrival) (kept []arrival) {
	for _, a := range all {
		if !a.late() {
			kept = append(kept, a)
		}
	}
	return kept
}
