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

// A plainSpec is a windowing in seconds.
type plainSpec struct {
	kind                window.Kind
	size, slide, offset int64
}

var plainSpecs = []plainSpec{
	{window.KindTumbling, 10, 10, 0},
	{window.KindTumbling, 7, 7, 3},
	{window.KindSliding, 10, 5, 0},
	{window.KindSliding, 10, 4, 1},
	{window.KindSliding, 60, 1, 0},
	{window.KindSliding, 9, 9, -2},
	{window.KindCumulating, 12, 3, 0},
	{window.KindCumulating, 20, 5, 7},
	{kind: window.KindGlobal},
}

func (s plainSpec) spec(opts ...window.Option) window.Spec {
	size, slide := time.Duration(s.size)*time.Second, time.Duration(s.slide)*time.Second
	opts = append(opts, window.Offset(time.Duration(s.offset)*time.Second))
	switch s.kind {
	case window.KindTumbling:
		return window.Tumbling(size, opts...)
	case window.KindSliding:
		return window.Sliding(size, slide, opts...)
	case window.KindCumulating:
		return window.Cumulating(size, slide, opts...)
	}
	return window.Global(opts[:len(opts)-1]...)
}

// windows returns the windows that t is in.
func (s plainSpec) windows(t int64) (all [][2]int64) {
	switch s.kind {
	case window.KindCumulating:
		start := floorDiv(t-s.offset, s.size)*s.size + s.offset
		for end := start + s.slide; end <= start+s.size; end += s.slide {
			if t < end {
				all = append(all, [2]int64{start, end})
			}
		}
	case window.KindGlobal:
		return [][2]int64{{window.MinTime.Std().Unix(), window.MaxTime.Std().Unix()}}
	default:
		for start := floorDiv(t-s.offset, s.slide)*s.slide + s.offset; start+s.size > t; start -= s.slide {
			all = append(all, [2]int64{start, start + s.size})
		}
		slices.Reverse(all)
	}
	return all
}

// lateness is that of the shape where the windows have one.
func (s plainSpec) lateness(sh shape) (seconds int64, opts []window.Option) {
	if s.kind == window.KindGlobal {
		return 0, nil
	}
	return sh.lateness, []window.Option{window.Lateness(time.Duration(sh.lateness) * time.Second)}
}

// windowTwin returns which ticks each window holds, by time, and which are too
// late for all of theirs.
func windowTwin(s plainSpec, lateness int64, all []arrival) (held map[result][]tick, late []tick) {
	held = map[result][]tick{}
	for _, a := range all {
		taken := false
		for _, w := range s.windows(a.At) {
			if s.kind != window.KindGlobal && a.wm != never && w[1]+lateness <= a.wm {
				continue
			}
			r := result{a.Key, w[0], w[1]}
			held[r] = append(held[r], a.tick)
			taken = true
		}
		if !taken {
			late = append(late, a.tick)
		}
	}
	for _, ticks := range held {
		slices.SortFunc(ticks, byTime)
	}
	return held, late
}

func FuzzWindows(f *testing.F) {
	addSeeds(f, 3)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		plain := pick(&sh.rest, plainSpecs...)
		triggers := pick(&sh.rest, nil, []window.Option{window.EarlyCount(3)})
		all := sh.ticks(data)
		lateness, opts := plain.lateness(sh)
		held, late := windowTwin(plain, lateness, all)

		p := stream.New("twin")
		in := streamtest.NewInput[tick](sh.parts)
		w := sh.disordered(p.From(in)).KeyBy(tickKey).Window(plain.spec(append(opts, triggers...)...))
		var lost *streamtest.Output[tick] // without Late, shards aggregate before they exchange
		if pick(&sh.rest, true, false) {
			lost = streamtest.Collect(w.Late())
		}
		outs := map[string]*streamtest.Output[textPane]{}
		for _, m := range measures() {
			outs[m.name] = m.put(w)
		}
		sh.drive(t, p, in, all)

		dropped := func(operator string) int64 {
			stats, _ := p.Stats().Operator(operator)
			return stats.TooLate
		}
		if lost != nil {
			require.Equal(t, sorted(late, byTime), sorted(lost.Take(), byTime))
			require.EqualValues(t, len(late), dropped("window"))
			require.Zero(t, dropped("aggregate"))
		} else {
			require.EqualValues(t, len(late), dropped("aggregate"))
		}
		for _, m := range measures() {
			want := map[result]string{}
			for r, ticks := range held {
				want[r] = m.plain(ticks)
			}
			got, err := final(outs[m.name].Take())
			require.NoError(t, err)
			requireSame(t, want, got, "%s of %v, %+v", m.name, plain, sh)
		}
	})
}

// Without a key, what several shards have aggregated is merged.
func FuzzWindowsWithoutKey(f *testing.F) {
	addSeeds(f, 2)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		plain := pick(&sh.rest, plainSpecs...)
		all := sh.ticks(data)
		for i := range all {
			all[i].Key = 0
		}
		lateness, opts := plain.lateness(sh)
		held, late := windowTwin(plain, lateness, all)

		p := stream.New("twin")
		in := streamtest.NewInput[tick](sh.parts)
		w := sh.disordered(p.From(in)).Window(plain.spec(opts...))
		out := streamtest.Collect(w.Aggregate(window.Then(window.Sum(tickVal), func(n int64) string { return fmt.Sprint(n) })))
		sh.drive(t, p, in, all)

		var panes []textPane
		for _, p := range out.Take() {
			panes = append(panes, textPane{Start: p.Start, End: p.End, Index: p.Index, Value: p.Value})
		}
		want := map[result]string{}
		for r, ticks := range held {
			want[r] = fmt.Sprint(plainSum(ticks))
		}
		got, err := final(panes)
		require.NoError(t, err)
		requireSame(t, want, got, "%v, %+v", plain, sh)
		dropped := int64(0)
		for _, o := range p.Stats().Operators {
			sum, _ := p.Stats().Operator(o.Name)
			dropped += sum.TooLate
		}
		require.Equal(t, int64(len(late)), dropped)
	})
}
