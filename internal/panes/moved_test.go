package panes

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// A zone that has new rules since a checkpoint moves windows. Whether they are to
// end earlier or later than those that were saved, each event is in a pane of
// before or after.
func TestMovedWindowsLoseNothing(t *testing.T) {
	const hour = window.Time(time.Hour)
	specs := func(offset int, opts ...window.Option) []window.Spec {
		zone := time.FixedZone("", offset*1800)
		return []window.Spec{
			window.Calendar(window.Day, zone, opts...), window.CumulatingCalendar(window.Day, 5*time.Hour, zone, opts...), window.CumulatingCalendar(window.Week, window.Day, zone, opts...),
		}
	}
	seen := Ops[int]{New: func() int { return 0 }, Merge: func(a, b int) int { return a | b }}
	for seed := range uint64(3000) {
		random := rand.New(rand.NewPCG(seed, 9))
		lateness := window.Lateness(time.Duration(random.IntN(2)*random.IntN(30)) * time.Hour)
		i, all := random.IntN(3), 0
		before, after := specs(random.IntN(20), lateness)[i], specs(random.IntN(20), lateness)[i]
		var panes []fired
		k := kindOf(seen, &panes)
		s := NewSliced(before, k, freely)
		now := window.Time(random.IntN(200)-100) * hour
		event := 1
		add := func() {
			at := now + window.Time(random.IntN(30)-10)*hour/2
			switch {
			case at >= now:
				put(k, s, at, event)
			case !s.Gone(at, now):
				k.AddLate(s, at, now, 7, "k", event)
			default:
				return
			}
			all |= event
			event <<= 1
		}
		for range 30 {
			add()
			if random.IntN(3) == 0 {
				now += window.Time(random.IntN(10)) * hour / 2
				s.Advance(now)
			}
		}
		to := NewSliced(after, k, freely)
		to.Begin(s.Watermark(), nil)
		k.EachSlice(s, func(x Kept[string, int]) { k.PutSlice(to, x) })
		s = to
		for range 10 {
			add()
		}
		s.Advance(window.MaxTime)
		shown := 0
		for _, p := range panes {
			shown |= p.Acc
		}
		require.Equal(t, all, shown, "seed %d: %v, then %v", seed, before, after)
	}
}
