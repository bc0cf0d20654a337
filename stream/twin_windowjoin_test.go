package stream_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A pairing is a pipeline with two inputs under test.
type pairing struct {
	shape
	p           *stream.Pipeline
	left, right *streamtest.Input[tick]
	l, r        stream.Keyed[int, tick]
}

func newPairing(s shape) *pairing {
	x := &pairing{shape: s, p: stream.New("twin"), left: streamtest.NewInput[tick](s.parts), right: streamtest.NewInput[tick](s.parts)}
	x.l = s.disordered(x.p.From(x.left)).KeyBy(tickKey)
	x.r = s.disordered(x.p.From(x.right)).KeyBy(tickKey)
	return x
}

// halves makes the events of two inputs.
func (s shape) halves(data []byte) (left, right []arrival) {
	return s.ticks(data[:len(data)/2]), s.ticks(data[len(data)/2:])
}

// drive runs the pipeline to its end, with the two inputs interleaved.
func (x *pairing) drive(t *testing.T, left, right []arrival) {
	t.Helper()
	d := streamtest.Start(t, x.p, streamtest.Shards(x.shards), streamtest.BatchSize(x.batch))
	both := x.shape
	both.parts *= 2
	var all []arrival
	all = append(all, left...)
	for _, a := range right {
		a.Part += x.parts
		all = append(all, a)
	}
	both.interleave(all, func(a arrival) {
		if a.Part < x.parts {
			x.left.PushTo(a.Part, a.tick)
			return
		}
		a.Part -= x.parts
		x.right.PushTo(a.Part, a.tick)
	}, d.Settle)
	x.left.End()
	x.right.End()
	d.Settle()
}

func tickMatch(m stream.Match[tick, tick]) string {
	text := "-"
	if m.HasLeft {
		text = fmt.Sprint(m.Left)
	}
	if m.HasRight {
		return text + fmt.Sprint(m.Right)
	}
	return text + "-"
}

var joinKinds = []stream.JoinKind{stream.Inner, stream.LeftOuter, stream.RightOuter, stream.FullOuter}

// crossTwin pairs what two sides of a group hold.
func crossTwin(kind stream.JoinKind, left, right []tick) (pairs []string) {
	for _, l := range left {
		for _, r := range right {
			pairs = append(pairs, fmt.Sprint(l)+fmt.Sprint(r))
		}
		if len(right) == 0 && (kind == stream.LeftOuter || kind == stream.FullOuter) {
			pairs = append(pairs, fmt.Sprint(l)+"-")
		}
	}
	for _, r := range right {
		if len(left) == 0 && (kind == stream.RightOuter || kind == stream.FullOuter) {
			pairs = append(pairs, "-"+fmt.Sprint(r))
		}
	}
	return pairs
}

func FuzzWindowJoin(f *testing.F) {
	addSeeds(f, 3)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		plain := pick(&sh.rest, plainSpecs[:8]...)
		kind := pick(&sh.rest, joinKinds...)
		left, right := sh.halves(data)
		lateness, opts := plain.lateness(sh)
		spec := plain.spec(opts...)

		x := newPairing(sh)
		groups := streamtest.Collect(x.l.CoGroup(x.r, spec, func(p stream.Pane[int, stream.Group[tick, tick]]) string {
			return fmt.Sprint(p.Value.Left, p.Value.Right)
		}))
		pairs := streamtest.Collect(x.l.WindowJoin(x.r, spec, kind, tickMatch))
		x.drive(t, left, right)

		heldLeft, lateLeft := windowTwin(plain, lateness, left)
		heldRight, lateRight := windowTwin(plain, lateness, right)
		wantGroups, wantPairs, unmatched := map[result]string{}, map[result][]string{}, 0
		for r := range union(heldLeft, heldRight) {
			wantGroups[r] = fmt.Sprint(heldLeft[r], heldRight[r])
			if all := crossTwin(kind, heldLeft[r], heldRight[r]); len(all) > 0 {
				wantPairs[r] = sorted(all, compareText)
			} else {
				unmatched += len(heldLeft[r]) + len(heldRight[r])
			}
		}
		gotGroups, err := final(groups.Take())
		require.NoError(t, err)
		requireSame(t, wantGroups, gotGroups, "cogroup, %v, %+v", plain, sh)
		requireSame(t, wantPairs, lastPairs(pairs.Take()), "%v, %v, %+v", kind, plain, sh)
		stats, _ := x.p.Stats().Operator("cogroup")
		require.Equal(t, int64(len(lateLeft)+len(lateRight)), stats.TooLate)
		if lateness == 0 { // else the other side may come behind the first pane
			stats, _ = x.p.Stats().Operator("windowjoin")
			require.Equal(t, int64(unmatched), stats.Unmatched, "%v, %v, %+v", kind, plain, sh)
		}
	})
}

// lastPairs returns what the last pane of each window gave.
func lastPairs(panes []textPane) map[result][]string {
	index, pairs := map[result]int{}, map[result][]string{}
	for _, p := range panes {
		r := result{p.Key, p.Start.Unix(), p.End.Unix()}
		if p.Index > index[r] {
			index[r], pairs[r] = p.Index, nil
		}
		pairs[r] = append(pairs[r], p.Value)
	}
	for _, all := range pairs {
		slices.Sort(all)
	}
	return pairs
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func union[K comparable, V any](a, b map[K]V) map[K]bool {
	keys := map[K]bool{}
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	return keys
}

func FuzzSessionGroups(f *testing.F) {
	addSeeds(f, 3)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		gap := pick[int64](&sh.rest, 1, 3, 10)
		left, right := sh.halves(data)
		left, right = punctual(left), punctual(right)

		x := newPairing(sh)
		groups := streamtest.Collect(x.l.CoGroup(x.r, window.Session(time.Duration(gap)*time.Second), func(p stream.Pane[int, stream.Group[tick, tick]]) string {
			return fmt.Sprint(p.Value.Left, p.Value.Right)
		}))
		x.drive(t, left, right)

		var all []arrival
		all = append(all, left...)
		for _, a := range right {
			a.Part += 100
			all = append(all, a)
		}
		held, _ := sessionTwin(gap, 0, all)
		want := map[result]string{}
		for r, ticks := range held {
			var l, rt []tick
			for _, e := range ticks {
				if e.Part < 100 {
					l = append(l, e)
				} else {
					e.Part -= 100
					rt = append(rt, e)
				}
			}
			want[r] = fmt.Sprint(l, rt)
		}
		got, err := final(groups.Take())
		require.NoError(t, err)
		requireSame(t, want, got, "gap %d, %+v", gap, sh)
	})
}
