package eval_test

import (
	"bytes"
	"encoding"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/windowtest"
)

// said is a label and a prediction, of events that are used throughout.
type said struct {
	label, class float64
	p            float64
	number       float64
}

func events(n int, seed uint64) (all []said) {
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range n {
		s := said{float64(random.IntN(2)), float64(random.IntN(2)), float64(random.IntN(11)) / 10, random.NormFloat64() * 100}
		switch i % 13 {
		case 5:
			s.label = math.NaN()
		case 7:
			s.class, s.p, s.number = math.Inf(1), math.NaN(), math.Inf(-1)
		}
		all = append(all, s)
	}
	return all
}

// figures are all that an accumulator says.
func figures(of any) (f []float64) {
	switch a := of.(type) {
	case *eval.Confusion:
		f = append(f, a.Accuracy(), a.Precision(eval.Macro), a.Recall(eval.Weighted), a.F(eval.Macro, 1), a.MCC(), a.Kappa(), a.KappaM(), a.BalancedAccuracy(), a.ARI(), a.NMI(), float64(a.Unknown()))
	case *eval.Errors:
		f = append(f, a.MAE(), a.RMSE(), a.R2(), a.MAPE(), a.SMAPE(), a.WAPE(), a.Bias(), a.Total(), a.MASE(2), float64(a.Unknown()))
	case *eval.Losses:
		f = append(f, a.LogLoss(), a.Brier(), a.Total(), float64(a.Unknown()))
	case *eval.Ranked:
		f = append(f, a.AUC(), a.AveragePrecision(), float64(a.Len()), float64(a.Unknown()))
		for _, g := range a.Gains(4) {
			f = append(f, g.Gain, g.Lift, g.Rate)
		}
	case *eval.Binned:
		area, bound := a.AUC()
		f = append(f, area, bound, a.Ranked().AveragePrecision(), float64(a.Unknown()))
	case *eval.Calibration:
		f = append(f, a.Error(), a.Worst(), float64(a.Unknown()))
		for _, p := range a.Curve() {
			f = append(f, p.From, p.To, p.Observed, p.Predicted, p.Weight)
		}
	case *eval.Pinball:
		f = append(f, a.Loss(), a.Below(), float64(a.Unknown()))
	case *eval.Intervals:
		f = append(f, a.Coverage(), a.Width(), a.Score(), float64(a.Unknown()))
	case *eval.Lists:
		m := a.Mean()
		f = append(f, m.Hit, m.Precision, m.Recall, m.AveragePrecision, m.ReciprocalRank, m.NDCG, a.Total(), float64(a.Without()))
	case *eval.Rolling:
		f = append(f, float64(a.Len()))
		f = append(f, figures(a.Confusion(2))...)
		f = append(f, figures(a.Errors())...)
		f = append(f, figures(a.Ranked())...)
	default:
		panic(a)
	}
	return f
}

func same(t testing.TB, want, got []float64) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.True(t, near(want[i], got[i]), "figure %d: %v is not %v", i, got[i], want[i])
	}
}

type saved interface {
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

func lawful[A saved](t *testing.T, name string, empty func() A, agg window.Aggregator[said, A, A]) {
	t.Run(name, func(t *testing.T) {
		all := events(100, 1)
		windowtest.Laws(t, agg, all, func(a, b A) bool {
			x, y := figures(a), figures(b)
			if len(x) != len(y) {
				return false
			}
			for i := range x {
				if !near(x[i], y[i]) {
					return false
				}
			}
			return true
		})
		// What was saved goes on bit for bit.
		acc := agg.New()
		for i, e := range all {
			if i%10 == 0 {
				b, err := acc.AppendBinary(nil)
				require.NoError(t, err)
				restored := empty()
				require.NoError(t, restored.UnmarshalBinary(bytes.Clone(b)))
				again, err := restored.AppendBinary(nil)
				require.NoError(t, err)
				require.Equal(t, b, again)
				acc = restored
				for n := range b {
					broken := bytes.Clone(b)
					broken[n] ^= 0x10
					require.Error(t, acc.UnmarshalBinary(broken))
					require.Error(t, acc.UnmarshalBinary(b[:n]))
				}
			}
			acc = agg.Add(acc, e)
		}
		whole := agg.New()
		for _, e := range all {
			whole = agg.Add(whole, e)
		}
		a, err := whole.AppendBinary(nil)
		require.NoError(t, err)
		b, err := acc.AppendBinary(nil)
		require.NoError(t, err)
		require.Equal(t, a, b)
	})
}

func TestLaws(t *testing.T) {
	lawful(t, "Confusion", func() *eval.Confusion { return eval.NewConfusion(5) }, eval.ConfusionOf(2, func(s said) (float64, float64) { return s.label, s.class }))
	lawful(t, "Errors", func() *eval.Errors { return new(eval.Errors) }, eval.ErrorsOf(func(s said) (float64, float64) { return s.number, s.p * 100 }))
	lawful(t, "Losses", func() *eval.Losses { return eval.NewLosses(5) }, eval.LossesOf(2, func(s said) (float64, []float64) { return s.label, []float64{1 - s.p, s.p} }))
	lawful(t, "Ranked", func() *eval.Ranked { return new(eval.Ranked) }, eval.RankedOf(func(s said) (float64, float64) { return s.label, s.p }))
	lawful(t, "Binned", func() *eval.Binned { return eval.NewBinned(3) }, eval.BinnedOf(7, func(s said) (float64, float64) { return s.label, s.p }))
	lawful(t, "Calibration", func() *eval.Calibration { return eval.NewCalibration(3) }, eval.CalibrationOf(10, func(s said) (float64, float64) { return s.label, s.p }))
	lawful(t, "Pinball", func() *eval.Pinball { return eval.NewPinball(0) }, eval.PinballOf(0.9, func(s said) (float64, float64) { return s.number, s.p * 100 }))
	lawful(t, "Intervals", func() *eval.Intervals { return eval.NewIntervals(0.1) }, eval.IntervalsOf(0.9, func(s said) (float64, float64, float64) { return s.number, -50, s.p * 100 }))
	lawful(t, "Lists", func() *eval.Lists { return new(eval.Lists) }, eval.ListsOf(func(s said) eval.ListScore {
		list := []int{0, 2, 3}
		if s.p > 0.5 {
			list = []int{3, 7}
		}
		return eval.ScoreList(3, list, []int{0, 3}[:len(list)%3])
	}))
}

// TestScale: what fades is what has those weights.
func TestScale(t *testing.T) {
	const f = 0.9
	all := events(50, 2)
	weight := func(i int) float64 { return math.Pow(f, float64(len(all)-1-i)) }
	c, d := eval.NewConfusion(2), eval.NewConfusion(2)
	e, g := new(eval.Errors), new(eval.Errors)
	l, m := eval.NewLosses(2), eval.NewLosses(2)
	b, h := eval.NewBinned(8), eval.NewBinned(8)
	k, n := eval.NewCalibration(8), eval.NewCalibration(8)
	p, q := eval.NewPinball(0.3), eval.NewPinball(0.3)
	v, w := eval.NewIntervals(0.3), eval.NewIntervals(0.3)
	for i, s := range all {
		c.Scale(f)
		e.Scale(f)
		l.Scale(f)
		b.Scale(f)
		k.Scale(f)
		p.Scale(f)
		v.Scale(f)
		c.Add(s.label, s.class)
		e.Add(s.number, s.p)
		l.Add(s.label, []float64{1 - s.p, s.p})
		b.Add(s.label, s.p)
		k.Add(s.label, s.p)
		p.Add(s.number, s.p)
		v.Add(s.number, s.p-10, s.p+10)
		d.AddWeighted(s.label, s.class, weight(i))
		g.AddWeighted(s.number, s.p, weight(i))
		m.AddWeighted(s.label, []float64{1 - s.p, s.p}, weight(i))
		h.AddWeighted(s.label, s.p, weight(i))
		n.AddWeighted(s.label, s.p, weight(i))
		q.AddWeighted(s.number, s.p, weight(i))
		w.AddWeighted(s.number, s.p-10, s.p+10, weight(i))
	}
	for _, pair := range [][2]any{{d, c}, {g, e}, {m, l}, {h, b}, {n, k}, {q, p}, {w, v}} {
		a, b := figures(pair[0]), figures(pair[1])
		if _, ok := pair[0].(*eval.Confusion); ok {
			a, b = append(a[:8:8], a[10]), append(b[:8:8], b[10]) // ARI counts whole events
		}
		same(t, a, b)
	}
	s := new(eval.Lists)
	s.Add(eval.ScoreList(1, []int{1}, []int{1}))
	s.Scale(0.5)
	s.Add(eval.ScoreList(1, []int{1}, []int{2}))
	require.InDelta(t, 1./3, s.Mean().Hit, 1e-15)
	require.Panics(t, func() { c.Scale(0) })
	require.Panics(t, func() { e.Scale(math.NaN()) })
}

// TestRolling: the last n pairs, and nothing else.
func TestRolling(t *testing.T) {
	all := events(200, 3)
	for _, n := range []int{1, 2, 17, 500} {
		r := eval.NewRolling(n)
		for i, s := range all {
			r.Add(s.label, s.class)
			if i%50 == 49 {
				b, err := r.AppendBinary(nil)
				require.NoError(t, err)
				r = eval.NewRolling(3)
				require.NoError(t, r.UnmarshalBinary(b))
			}
			last := all[max(0, i+1-n) : i+1]
			c, e, k := eval.NewConfusion(2), new(eval.Errors), new(eval.Ranked)
			for _, s := range last {
				c.Add(s.label, s.class)
				e.Add(s.label, s.class)
				k.Add(s.label, s.class)
			}
			require.Equal(t, len(last), r.Len())
			same(t, append(append(append([]float64{float64(len(last))}, figures(c)...), figures(e)...), figures(k)...), figures(r))
		}
	}
	r := eval.NewRolling(10)
	r.Add(1, 0.75)
	r.Add(0, 0.25)
	require.InDelta(t, -math.Log(0.75), r.Losses().LogLoss(), 1e-15)
	require.InDelta(t, 0.25, r.Calibration(4).Error(), 1e-15)
	r.Add(1e308, -1e308) // and 10 events later it never was
	for range 10 {
		r.Add(1, 2)
	}
	require.Equal(t, 1.0, r.Errors().RMSE())
}

func TestAllocations(t *testing.T) {
	if underRace {
		return // the race detector allocates
	}
	c, e, l, b, k, r := eval.NewConfusion(3), new(eval.Errors), eval.NewLosses(2), eval.NewBinned(100), eval.NewCalibration(10), eval.NewRolling(100)
	p, v := eval.NewPinball(0.5), eval.NewIntervals(0.5)
	both := []float64{0.4, 0.6}
	x := mining.Dense(1, 2)
	g := eval.NewClassification(2, eval.Delay(3), eval.Window(10))
	add := func() {
		c.Add(1, 2)
		e.Add(1, 2)
		l.Add(1, both)
		b.Add(1, 0.3)
		k.Add(1, 0.3)
		r.Add(1, 0.3)
		p.Add(1, 2)
		v.Add(1, 2, 3)
		g.Step(x, 1)
	}
	for range 1000 {
		add()
	}
	require.Zero(t, testing.AllocsPerRun(1000, add))
}
