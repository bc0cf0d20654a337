package eval_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
)

var nan = math.NaN()

func allNaN(t *testing.T, of ...float64) {
	t.Helper()
	for i, v := range of {
		require.True(t, math.IsNaN(v), "figure %d is %v", i, v)
	}
}

// TestNothing: figures of nothing are NaN.
func TestNothing(t *testing.T) {
	c := eval.NewConfusion(3)
	allNaN(t, c.Accuracy(), c.PrecisionOf(0), c.RecallOf(1), c.FOf(2, 1), c.Precision(eval.Macro), c.Recall(eval.Weighted), c.F(eval.Micro, 1),
		c.BalancedAccuracy(), c.MCC(), c.Kappa(), c.KappaM(), c.KappaOver(eval.NewConfusion(3)), c.ARI(), c.NMI())
	e := new(eval.Errors)
	allNaN(t, e.MAE(), e.RMSE(), e.MSE(), e.R2(), e.MAPE(), e.SMAPE(), e.WAPE(), e.Bias(), e.MASE(1))
	l := eval.NewLosses(2)
	allNaN(t, l.LogLoss(), l.Brier())
	r := new(eval.Ranked)
	allNaN(t, r.AUC(), r.AveragePrecision())
	require.Empty(t, r.Gains(10))
	require.Len(t, r.ROC(), 1)
	require.Len(t, r.PrecisionRecall(), 1)
	b := eval.NewBinned(10)
	area, bound := b.AUC()
	k := eval.NewCalibration(10)
	require.Empty(t, k.Curve())
	p, v := eval.NewPinball(0.5), eval.NewIntervals(0.9)
	m := new(eval.Lists).Mean()
	allNaN(t, area, bound, k.Error(), k.Worst(), p.Loss(), p.Below(), v.Coverage(), v.Width(), v.Score(), m.Hit, m.NDCG, m.Recall)
	allNaN(t, eval.ARI(nil, nil), eval.NMI(nil, nil), eval.Silhouette(nil, nil), eval.NDCG(0, nil, nil), eval.KappaTemporal(nil, nil), eval.NaiveScale(nil, 1))
	require.Zero(t, eval.Inertia(nil, nil, nil))
	allNaN(t, eval.Diversity([]int{1}, func(a, b int) float64 { return 1 }), eval.McNemar(nil, nil, nil).P, eval.NadeauBengio(nil, nil, 0).P,
		eval.NadeauBengio([]float64{1}, []float64{2}, 0).P, eval.DieboldMariano([]float64{1}, []float64{2}, 1).P, eval.Permutation(nil, nil, 10, 1).P)
}

// TestZeroDivisions: each has the answer that its method states.
func TestZeroDivisions(t *testing.T) {
	one := eval.Confuse(3, []float64{1, 1}, []float64{1, 1}, nil) // one class alone
	require.Equal(t, []float64{1, 1, 0, 0, 0}, []float64{one.Accuracy(), one.BalancedAccuracy(), one.MCC(), one.PrecisionOf(0), one.RecallOf(2)})
	require.Equal(t, []float64{1, 1, 1}, []float64{one.Precision(eval.Macro), one.F(eval.Macro, 1), one.F(eval.Weighted, 1)}, "classes that do not occur do not count")
	allNaN(t, one.Kappa(), one.KappaM(), one.KappaOver(one))
	wrong := eval.Confuse(2, []float64{0, 0}, []float64{1, 1}, nil)
	require.Equal(t, []float64{0, 0, 0, 0}, []float64{wrong.FOf(0, 1), wrong.FOf(1, 1), wrong.MCC(), wrong.Kappa()})

	positives := eval.Rank([]float64{1, 1}, []float64{1, 2}, nil)
	allNaN(t, positives.AUC(), positives.ROC()[0].FalsePositiveRate, positives.ROC()[2].FalsePositiveRate)
	require.Equal(t, 1.0, positives.AveragePrecision())
	negatives := eval.Rank([]float64{0, 0}, []float64{1, 2}, nil)
	allNaN(t, negatives.AUC(), negatives.AveragePrecision(), negatives.PrecisionRecall()[1].Recall, negatives.Gains(2)[0].Lift, negatives.Gains(2)[0].Gain)
	require.Equal(t, 0.5, eval.Rank([]float64{0, 1, 1}, []float64{7, 7, 7}, nil).AUC(), "ties count half")
	require.Equal(t, 0.5, eval.Rank([]float64{0, 1}, []float64{0, math.Copysign(0, -1)}, nil).AUC(), "both zeros are the same score")

	zeros := eval.Measure([]float64{0, 0}, []float64{0, 0}, nil)
	require.Equal(t, []float64{0, 0, 0, 1}, []float64{zeros.MAE(), zeros.SMAPE(), zeros.MAPE(), zeros.R2()})
	allNaN(t, zeros.WAPE(), zeros.MASE(0), zeros.MASE(nan))
	require.Equal(t, 0.0, eval.Measure([]float64{3, 3}, []float64{3, 4}, nil).R2())
	require.Equal(t, 0x1p52, eval.Measure([]float64{0}, []float64{1}, nil).MAPE())
	allNaN(t, eval.Measure([]float64{3}, []float64{3}, nil).R2())
	huge := eval.Measure([]float64{1e308, -1e308}, []float64{-1e308, 1e308}, nil)
	require.True(t, math.IsInf(huge.RMSE(), 1))
	require.Equal(t, 0.0, eval.Measure([]float64{0, 1, 2}, []float64{1, 1, 1}, nil).R2())

	require.InDelta(t, 36.0437, eval.Lose(2, []float64{1}, [][]float64{{1, 0}}, nil).LogLoss(), 1e-4)
	require.Zero(t, eval.Lose(2, []float64{1}, [][]float64{{0, 1}}, nil).LogLoss())

	require.Zero(t, eval.NDCG(0, []float64{0, 0}, []float64{1, 2}))
	without := eval.ScoreList(3, []int{1}, nil)
	allNaN(t, without.Hit, without.Precision, without.Recall, without.AveragePrecision, without.ReciprocalRank, without.NDCG)
	require.Equal(t, eval.ListScore{}, eval.ScoreList(3, nil, []int{1}), "a list of nothing finds nothing")
	again := eval.ScoreList(2, []int{1, 1}, []int{1})
	require.Equal(t, 0.5, again.Precision)
	require.Equal(t, 1.0, again.NDCG)

	require.Equal(t, 1.0, eval.ARI([]int{7, 7}, []int{1, 1}))
	require.Equal(t, 1.0, eval.NMI([]int{7, 7}, []int{1, 1}))
	x := []mining.Vector{mining.Dense(1), mining.Dense(2), mining.Dense(nan)}
	allNaN(t, eval.Silhouette(x, []int{1, 1, 1}), eval.Silhouette(x, []int{1, 2, 3}))
	require.Zero(t, eval.Silhouette([]mining.Vector{{}, {}, {}}, []int{1, 2, 2}), "all in one place")
	require.Equal(t, 5.0, eval.Inertia(x, []int{0, 0, 0}, [][]float64{{0}}), "what is missing counts as 0")
	allNaN(t, eval.KappaTemporal([]float64{1, 1}, []float64{1, 1}), eval.NaiveScale([]float64{1, 2}, 2))

	same := []float64{0, 1, 0, 1}
	require.Equal(t, 1.0, eval.McNemar(same, same, same).P)
	require.Equal(t, 1.0, eval.NadeauBengio(same, same, 0.25).P)
	require.Equal(t, 1.0, eval.DieboldMariano(same, same, 1).P)
	require.Equal(t, 1.0, eval.Permutation(same, same, 10, 1).P)
	require.Equal(t, 1.0, eval.FiveByTwo([5][2]float64{}, [5][2]float64{}).P)
	require.Equal(t, 0.0, eval.NadeauBengio([]float64{1, 1}, []float64{2, 2}, 0.25).P)
}

func TestPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"classes":       func() { eval.NewConfusion(1) },
		"class":         func() { eval.NewConfusion(2).Add(2, 0) },
		"half a class":  func() { eval.NewConfusion(2).Add(0, 0.5) },
		"weight":        func() { new(eval.Errors).AddWeighted(1, 1, -1) },
		"NaN weight":    func() { new(eval.Errors).AddWeighted(1, 1, nan) },
		"lengths":       func() { eval.Measure([]float64{1}, nil, nil) },
		"weights":       func() { eval.Rank([]float64{1}, []float64{1}, []float64{}) },
		"merge":         func() { eval.NewConfusion(2).Merge(eval.NewConfusion(3)) },
		"merge bins":    func() { eval.NewBinned(2).Merge(eval.NewBinned(3)) },
		"merge q":       func() { eval.NewPinball(.2).Merge(eval.NewPinball(.3)) },
		"probabilities": func() { eval.NewLosses(2).Add(1, []float64{1}) },
		"quantile":      func() { eval.NewPinball(1.5) },
		"level":         func() { eval.NewIntervals(1) },
		"beta":          func() { eval.NewConfusion(2).FOf(0, -1) },
		"k":             func() { eval.ScoreList(0, []int{1}, []int{1}) },
		"gain":          func() { eval.NDCG(1, []float64{-1}, []float64{1}) },
		"folds":         func() { eval.KFold(3, 4) },
		"one fold":      func() { eval.Shuffled(3, 1, 0) },
		"strata":        func() { eval.Stratified([]float64{0, 1, 0}, 3) },
		"groups":        func() { eval.Grouped([]int{1, 1, 1}, 2) },
		"time":          func() { eval.TimeOrdered(10, 5, 2, 0, 0) },
		"rolling":       func() { eval.NewRolling(0) },
		"late entry": func() {
			c := eval.NewClassification(2)
			c.Step(mining.Vector{}, 1)
			c.Enter("late", eval.NewMajority(2))
		},
		"other classes": func() { eval.NewClassification(3).Enter("two", eval.NewMajority(2)) },
		"delay":         func() { eval.Delay(-1) },
		"season":        func() { eval.NewRegression(0) },
		"horizon":       func() { eval.NewBacktest(1, 0) },
		"StepAt":        func() { eval.NewClassification(2, eval.DelayTime(1)).Step(mining.Vector{}, 1) },
		"label":         func() { eval.NewMajority(2).Learn(mining.Vector{}, 2) },
	} {
		require.Panics(t, f, name)
	}
}

// FuzzRanked holds AUC and average precision to their definitions, pair by pair, and the bins to their bound.
func FuzzRanked(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8})
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 1, 1, 1, 129, 129})
	f.Fuzz(func(t *testing.T, data []byte) {
		data = data[:min(len(data), 60)]
		var labels, scores, weights []float64
		for i := 0; i+1 < len(data); i += 2 {
			labels = append(labels, float64(data[i]&1))
			scores = append(scores, float64(data[i+1]%32)/31)
			weights = append(weights, float64(data[i]>>1%8))
		}
		right, pairs, ap, positives := 0.0, 0.0, 0.0, 0.0
		for i := range labels {
			if labels[i] == 0 {
				continue
			}
			positives += weights[i]
			tp, all := 0.0, 0.0
			for j := range labels {
				w := weights[i] * weights[j]
				if labels[j] == 0 {
					pairs += w
					switch {
					case scores[i] > scores[j]:
						right += w
					case scores[i] == scores[j]:
						right += w / 2
					}
				}
				if scores[j] >= scores[i] {
					all += weights[j]
					tp += weights[j] * labels[j]
				}
			}
			if weights[i] > 0 {
				ap += weights[i] * tp / all
			}
		}
		r := eval.Rank(labels, scores, weights)
		b := eval.NewBinned(5)
		for i := range labels {
			b.AddWeighted(labels[i], scores[i], weights[i])
		}
		area, bound := b.AUC()
		if pairs == 0 {
			allNaN(t, r.AUC(), area, bound)
		} else {
			require.InDelta(t, right/pairs, r.AUC(), 1e-12)
			require.LessOrEqual(t, math.Abs(area-r.AUC()), bound+1e-12)
		}
		if positives == 0 {
			allNaN(t, r.AveragePrecision())
			return
		}
		require.InDelta(t, ap/positives, r.AveragePrecision(), 1e-12)
		rows := r.Gains(7)
		require.InDelta(t, 1, rows[6].Gain, 1e-12)
		for i, row := range rows {
			require.GreaterOrEqual(t, row.Positives, -1e-9)
			require.InDelta(t, row.Gain/row.Share, row.Total, 1e-12)
			if i > 0 {
				require.GreaterOrEqual(t, row.Gain, rows[i-1].Gain-1e-12)
			}
		}
	})
}

// TestReport: figures are printed so that they can be compared at a glance.
func TestReport(t *testing.T) {
	r := eval.Report{Columns: []string{"a"}}
	for _, v := range []float64{0, -0.25, 12.345, 1234.5678, 12345678.9, 0.00001234, math.Inf(1), nan, 20} {
		r.Rows = append(r.Rows, eval.ReportRow{Name: "é", Values: []float64{v}})
	}
	require.Equal(t, "           a\né     0.0000\né    -0.2500\né      12.35\né     1234.6\né  1.235e+07\né  1.234e-05\né       +Inf\né          -\né         20\n", r.String())
	require.Equal(t, "\n", (&eval.Report{}).String())
	whole := eval.Report{Title: "whole", Columns: []string{"n"}, Rows: []eval.ReportRow{{Name: "x", Values: []float64{1}}, {Name: "y", Values: []float64{7}}}, Notes: []string{"So."}}
	require.Equal(t, "whole\n   n\nx  1\ny  7\nSo.\n", whole.String())
}

// TestWeightedSteps: an event of weight 2 is two events for figures, and one lesson for a model without weights.
func TestWeightedSteps(t *testing.T) {
	c, g := eval.NewClassification(3), eval.NewRegression(1, eval.DelayTime(time.Hour))
	for i, w := range []float64{1, 2, 0, 1} {
		c.StepWeighted(mining.Dense(1), float64(i%3), w)
		g.StepAt(time.Unix(int64(i)*3600, 0), mining.Dense(1), float64(i))
	}
	c.Finish()
	g.Finish()
	require.Equal(t, 3.0, c.Results()[0].Confusion.Total())
	require.Equal(t, 3, c.Results()[0].Confusion.Classes())
	require.Equal(t, 2, eval.NewNoChange(2).Classes())
	require.Contains(t, c.Report().String(), "macro F1")
	require.Equal(t, 3.0, g.Results()[0].Errors.Total())
	require.Equal(t, 1.0, g.Results()[1].Errors.MAE())
	g = eval.NewRegression(1)
	g.Run(&mining.Table{X: make([]mining.Vector, 3), Y: []float64{1, 2, 3}})
	require.Equal(t, 1.0, g.Results()[1].Errors.MAE())
	require.Panics(t, func() { g.Run(new(mining.Table)) })
	require.Panics(t, func() { g.RunAt(&mining.Table{X: make([]mining.Vector, 1), Y: []float64{1}}, make([]time.Time, 2)) })
	require.Panics(t, func() {
		g := eval.NewRegression(1, eval.DelayTime(0))
		g.StepAt(time.Unix(2, 0), mining.Vector{}, 1)
		g.StepAt(time.Unix(1, 0), mining.Vector{}, 1)
	})
}
