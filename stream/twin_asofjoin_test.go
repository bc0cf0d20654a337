package stream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// asOfTwin looks through all versions for each event.
func asOfTwin(kind stream.JoinKind, ttl int64, left, versions []arrival) (found map[string]int, none int64) {
	found = map[string]int{}
	for _, l := range left {
		var valid *tick
		for i := range versions {
			v := &versions[i].tick
			if v.Key == l.Key && v.At <= l.At && (valid == nil || byTime(*v, *valid) > 0) {
				valid = v
			}
		}
		switch {
		case valid != nil && (ttl == 0 || l.At < valid.At+ttl):
			found[fmt.Sprint(l.tick, *valid, " at ", l.At)]++
		case kind == stream.LeftOuter:
			found[fmt.Sprint(l.tick, "- at ", l.At)]++
		default:
			none++
		}
	}
	return found, none
}

func FuzzAsOfJoin(f *testing.F) {
	addSeeds(f, 3)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		kind := pick(&sh.rest, stream.Inner, stream.LeftOuter)
		ttl := pick[int64](&sh.rest, 0, 2, 25)
		left, versions := sh.halves(data)
		versions = punctual(versions) // what late ones count for depends on who waits

		x := newPairing(sh)
		var opts []stream.Option
		if ttl > 0 {
			opts = append(opts, stream.TimeToLive(time.Duration(ttl)*time.Second))
		}
		pairs := streamtest.Collect(x.l.AsOfJoin(x.r, kind, func(m stream.Match[tick, tick]) string {
			if !m.HasRight {
				return fmt.Sprint(m.Left, "-")
			}
			return fmt.Sprint(m.Left, m.Right)
		}, opts...))
		x.drive(t, left, versions)

		kept := onTime(left)
		want, none := asOfTwin(kind, ttl, kept, versions)
		requireSame(t, want, counted(pairs.TakeEvents()), "%v, %ds to live, %+v", kind, ttl, sh)
		stats, _ := x.p.Stats().Operator("asofjoin")
		require.Equal(t, int64(len(left)-len(kept)), stats.TooLate)
		require.Equal(t, none, stats.Unmatched)
	})
}

// A late version counts for the events that are still waiting.
func TestAsOfJoinLateVersion(t *testing.T) {
	p := stream.New("test")
	left, right := streamtest.NewInput[tick](), streamtest.NewInput[tick]()
	key := func(s stream.Stream[tick]) stream.Keyed[int, tick] { return s.KeyBy(tickKey) }
	out := streamtest.Collect(key(p.From(left)).AsOfJoin(key(p.From(right)), stream.LeftOuter, tickMatch))
	d := streamtest.Start(t, p)
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	right.AdvanceWatermark(at(10))
	d.Settle()
	left.PushAt(at(8), tick{At: 8})
	left.PushAt(at(5), tick{At: 5})
	d.Settle()
	right.PushAt(at(7), tick{At: 7})
	d.Settle()
	require.Empty(t, out.Take())
	left.End()
	right.End()
	d.Settle()
	require.Equal(t, []string{"{0 0 5 0 0}-", "{0 0 8 0 0}{0 0 7 0 0}"}, out.Take())
}
