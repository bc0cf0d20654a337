package stream_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// sessionTwin returns the sessions of the ticks that are not too late, each
// with its ticks by time, and the ticks that are. A tick spans the gap behind it,
// and one that was late the part of that which was not past its lateness; ticks
// whose spans overlap are of one session.
func sessionTwin(gap, lateness int64, all []arrival) (held map[result][]tick, late []tick) {
	held = map[result][]tick{}
	keys := map[int][]arrival{}
	for _, a := range all {
		if a.wm != never && a.At+gap+lateness <= a.wm {
			late = append(late, a.tick)
			continue
		}
		keys[a.Key] = append(keys[a.Key], a)
	}
	from := func(a arrival) int64 {
		if a.wm == never {
			return a.At
		}
		return max(a.At, min(a.wm-lateness, a.At+gap))
	}
	for key, left := range keys {
		for len(left) > 0 {
			session := left[:1:1]
			left = left[1:]
			for i := 0; i < len(session); i++ {
				left = slices.DeleteFunc(left, func(a arrival) bool {
					joins := from(a) < session[i].At+gap && from(session[i]) < a.At+gap
					if joins {
						session = append(session, a)
					}
					return joins
				})
			}
			ticks := ticksOf(session)
			slices.SortFunc(ticks, byTime)
			held[result{key, ticks[0].At, ticks[len(ticks)-1].At + gap}] = ticks
		}
	}
	return held, late
}

func FuzzSessions(f *testing.F) {
	addSeeds(f, 4)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		gap := pick[int64](&sh.rest, 1, 3, 10)
		triggers := pick(&sh.rest, nil, []window.Option{window.EarlyCount(3)}, []window.Option{window.LateCount(2)})
		if sh.lateness == 0 && len(triggers) > 0 { // LateCount would be refused
			triggers = []window.Option{window.EarlyCount(3)}
		}
		all := sh.ticks(data)
		if pick(&sh.rest, false, true) {
			all = punctual(all)
		}
		held, late := sessionTwin(gap, sh.lateness, all)

		p := stream.New("twin")
		in := streamtest.NewInput[tick](sh.parts)
		opts := append(triggers[:len(triggers):len(triggers)], window.Lateness(time.Duration(sh.lateness)*time.Second))
		w := sh.disordered(p.From(in)).KeyBy(tickKey).Window(window.Session(time.Duration(gap)*time.Second, opts...))
		lost := streamtest.Collect(w.Late())
		outs := map[string]*streamtest.Output[textPane]{}
		for _, m := range measures() {
			outs[m.name] = m.put(w)
		}
		sh.drive(t, p, in, all)

		require.Equal(t, sorted(late, byTime), sorted(lost.Take(), byTime))
		refined := len(triggers) > 0 || slices.ContainsFunc(all, arrival.late)
		for _, m := range measures() {
			want := map[result]string{}
			for r, ticks := range held {
				want[r] = m.plain(ticks)
			}
			panes := outs[m.name].Take()
			got, err := final(panes)
			require.NoError(t, err)
			requireSame(t, want, got, "%s, gap %d, %+v", m.name, gap, sh)
			for _, x := range panes {
				require.True(t, refined || x.Timing == stream.OnTime && x.Index == 0, "%+v", x)
			}
		}
	})
}

// A session that begins behind the watermark has no pane on time.
func TestLateSession(t *testing.T) {
	p := stream.New("test")
	in := streamtest.NewInput[tick]()
	out := streamtest.Collect(p.From(in).KeyBy(tickKey).
		Window(window.Session(10*time.Second, window.Lateness(time.Minute))).Count())
	d := streamtest.Start(t, p)
	in.AdvanceWatermark(time.Unix(100, 0))
	in.PushAt(time.Unix(70, 0), tick{})
	in.End()
	d.Settle()
	require.Equal(t, []stream.Pane[int, int64]{{
		Start: time.Unix(70, 0).UTC(), End: time.Unix(80, 0).UTC(), Timing: stream.Late, Value: 1,
	}}, out.Take())
}
