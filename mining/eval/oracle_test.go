package eval_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/internal/oracle"
)

// A question is what testdata/oracle.py is asked.
type question struct {
	Kind          string
	K             int
	Labels        []float64
	Predicted     []float64
	Weights       []float64
	Probabilities [][]float64
}

type answers map[string][]float64

func (a *answers) UnmarshalJSON(b []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*a = answers{}
	for k, v := range raw {
		var list []any
		if err := json.Unmarshal(v, &list); err != nil {
			var one any
			if err := json.Unmarshal(v, &one); err != nil {
				return err
			}
			list = []any{one}
		}
		for _, x := range list {
			f := math.NaN()
			switch x := x.(type) {
			case float64:
				f = x
			case string:
				f, _ = strconv.ParseFloat(x, 64)
			}
			(*a)[k] = append((*a)[k], f)
		}
	}
	return nil
}

func near(a, b float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b))
}

func TestOracle(t *testing.T) {
	random := oracle.Random(t)
	questions := draw(random)
	var all []answers
	oracle.Ask(t, "testdata/oracle.py", questions, &all)
	require.Len(t, all, len(questions))
	figures := 0
	for i, q := range questions {
		ours := ask(q)
		for name, theirs := range all[i] {
			got, ok := ours[name]
			require.True(t, ok, "%s %s", q.Kind, name)
			require.Len(t, got, len(theirs), "%s %s\n%+v", q.Kind, name, q)
			for j := range theirs {
				require.True(t, near(got[j], theirs[j]), "%s: %s, number %d: %v, and the oracle says %v\n%+v", q.Kind, name, j, got[j], theirs[j], q)
				figures++
			}
		}
	}
	t.Logf("%d questions, %d figures agree to 1e-9", len(questions), figures)
}

// draw returns questions with ties, weights (some of them 0), and classes that are missing.
func draw(random *rand.Rand) (all []question) {
	weights := func(n int) []float64 {
		if random.IntN(2) == 0 {
			return nil
		}
		w := make([]float64, n)
		for i := range w {
			w[i] = []float64{0, 1, 2, random.Float64()}[random.IntN(4)]
		}
		w[0], w[1] = 1, 1
		return w
	}
	class := func(k int) float64 { return float64(random.IntN(k)) }
	for round := range 60 {
		n := 2 + random.IntN(60)
		k := 2 + random.IntN(4)
		q := question{Kind: "classes", K: k, Weights: weights(n)}
		used := 1 + random.IntN(k) // the other classes are missing
		for range n {
			q.Labels, q.Predicted = append(q.Labels, class(used)), append(q.Predicted, class(k))
			if round%3 == 0 && random.IntN(4) > 0 {
				q.Predicted[len(q.Predicted)-1] = q.Labels[len(q.Labels)-1]
			}
		}
		if q.Weights != nil {
			// What has no weight is, for scikit-learn, a class that is there all the same.
			for i := range q.Weights {
				q.Weights[i] = max(q.Weights[i], 0.01)
			}
		}
		all = append(all, q)

		l := question{Kind: "losses", K: k, Weights: weights(n)}
		for range n {
			p, sum := make([]float64, k), 0.0
			for c := range p {
				p[c] = random.ExpFloat64()
				sum += p[c]
			}
			for c := range p {
				p[c] /= sum
			}
			if random.IntN(10) == 0 {
				clear(p)
				p[random.IntN(k)] = 1
			}
			l.Labels, l.Probabilities = append(l.Labels, class(k)), append(l.Probabilities, p)
		}
		all = append(all, l)

		s := question{Kind: "scores", K: 1 + random.IntN(12), Weights: weights(n)}
		if s.Weights != nil {
			for i := range s.Weights {
				s.Weights[i] = max(s.Weights[i], 0.25)
			}
		}
		for range n {
			v := random.Float64()
			if round%2 == 0 {
				v = math.Round(v*10) / 10
			}
			s.Labels, s.Predicted = append(s.Labels, class(2)), append(s.Predicted, v)
		}
		s.Labels[0], s.Labels[1] = 0, 1
		all = append(all, s)

		e := question{Kind: "errors", Weights: weights(n)}
		for range n {
			y := random.NormFloat64() * 10
			if random.IntN(10) == 0 {
				y = math.Round(y) + 0.0
			}
			if round%5 == 0 && e.Weights == nil { // with weights scikit-learn's mean of threes is not quite 3
				y = 3
			}
			e.Labels, e.Predicted = append(e.Labels, y), append(e.Predicted, y+random.NormFloat64())
		}
		all = append(all, e)

		g := question{Kind: "ndcg", K: 1 + random.IntN(n)}
		for range n {
			g.Labels, g.Predicted = append(g.Labels, float64(random.IntN(4))), append(g.Predicted, float64(random.IntN(20)))
		}
		all = append(all, g)

		r := question{Kind: "lists", K: 1 + random.IntN(n)}
		for range n {
			r.Labels = append(r.Labels, class(3)/2)
		}
		for i := range r.Labels {
			r.Labels[i] = math.Floor(r.Labels[i])
		}
		r.Labels[0] = 1
		for _, i := range random.Perm(n) {
			r.Predicted = append(r.Predicted, float64(i))
		}
		all = append(all, r)

		c := question{Kind: "clusters"}
		for range n + 8 {
			c.Labels, c.Predicted = append(c.Labels, class(4)), append(c.Predicted, class(3))
			c.Probabilities = append(c.Probabilities, []float64{random.NormFloat64(), math.Round(random.NormFloat64()), 1})
		}
		c.Labels[0], c.Labels[1] = 0, 1
		all = append(all, c)

		v := question{Kind: "compare", Probabilities: make([][]float64, 2)}
		for range n + 12 {
			v.Labels, v.Predicted, v.Weights = append(v.Labels, class(2)), append(v.Predicted, class(2)), append(v.Weights, class(2))
			a := random.NormFloat64()
			v.Probabilities[0], v.Probabilities[1] = append(v.Probabilities[0], a), append(v.Probabilities[1], a+random.NormFloat64()/2)
		}
		all = append(all, v)

		p := question{Kind: "splits", K: 2 + random.IntN(3)}
		for i := range n + 30 {
			p.Labels, p.Predicted = append(p.Labels, class(3)), append(p.Predicted, float64(i%(5+random.IntN(3))))
		}
		all = append(all, p)
	}
	return all
}

func ask(q question) answers {
	switch q.Kind {
	case "classes":
		return askClasses(q)
	case "losses":
		l := eval.Lose(q.K, q.Labels, q.Probabilities, q.Weights)
		return answers{"logloss": {l.LogLoss()}, "brier": {l.Brier()}}
	case "scores":
		return askScores(q)
	case "errors":
		return askErrors(q)
	case "ndcg":
		return answers{"ndcg": {eval.NDCG(q.K, q.Labels, q.Predicted)}}
	case "lists":
		var relevant []float64
		for i, y := range q.Labels {
			if y == 1 {
				relevant = append(relevant, float64(i))
			}
		}
		s, whole := eval.ScoreList(q.K, q.Predicted, relevant), eval.ScoreList(len(q.Labels), q.Predicted, relevant)
		return answers{
			"hit": {s.Hit}, "precision": {s.Precision}, "recall": {s.Recall}, "ap": {s.AveragePrecision}, "rr": {s.ReciprocalRank}, "ndcg": {s.NDCG},
			"ap of all": {whole.AveragePrecision},
		}
	case "clusters":
		var x []mining.Vector
		for _, p := range q.Probabilities {
			x = append(x, mining.Dense(p...))
		}
		a, b := whole(q.Labels), whole(q.Predicted)
		return answers{"silhouette": {eval.Silhouette(x, a)}, "ari": {eval.ARI(a, b)}, "nmi": {eval.NMI(a, b)}}
	case "compare":
		return askCompare(q)
	case "splits":
		return askSplits(q)
	}
	panic(q.Kind)
}

func whole(of []float64) (n []int) {
	for _, v := range of {
		n = append(n, int(v))
	}
	return n
}

func askClasses(q question) answers {
	c := eval.Confuse(q.K, q.Labels, q.Predicted, q.Weights)
	a := answers{
		"accuracy": {c.Accuracy()}, "balanced": {c.BalancedAccuracy()}, "mcc": {c.MCC()}, "kappa": {c.Kappa()},
		"ari": {c.ARI()}, "nmi": {c.NMI()},
	}
	for name, average := range map[string]eval.Average{"micro": eval.Micro, "macro": eval.Macro, "weighted": eval.Weighted} {
		a["precision "+name], a["recall "+name] = []float64{c.Precision(average)}, []float64{c.Recall(average)}
		for _, beta := range []float64{0.5, 1, 2} {
			a[fmt.Sprintf("f %s %v", name, beta)] = []float64{c.F(average, beta)}
		}
	}
	for i := range q.K {
		a["precisions"], a["recalls"] = append(a["precisions"], c.PrecisionOf(i)), append(a["recalls"], c.RecallOf(i))
		a["fs"] = append(a["fs"], c.FOf(i, 2))
		for j := range q.K {
			a["matrix"] = append(a["matrix"], c.Count(i, j))
		}
	}
	return a
}

func askScores(q question) answers {
	r := eval.Rank(q.Labels, q.Predicted, q.Weights)
	a := answers{"auc": {r.AUC()}, "ap": {r.AveragePrecision()}}
	for _, p := range r.ROC() {
		a["roc f"], a["roc t"], a["roc at"] = append(a["roc f"], p.FalsePositiveRate), append(a["roc t"], p.TruePositiveRate), append(a["roc at"], p.Threshold)
	}
	for i, p := range r.PrecisionRecall() {
		a["pr p"], a["pr r"] = append(a["pr p"], p.Precision), append(a["pr r"], p.Recall)
		if i > 0 {
			a["pr at"] = append(a["pr at"], p.Threshold)
		}
	}
	for _, g := range r.Gains(10) {
		a["gain"] = append(a["gain"], g.Gain)
	}
	c := eval.Calibrate(q.K, q.Labels, q.Predicted, q.Weights)
	for _, p := range c.Curve() {
		a["was"], a["said"] = append(a["was"], p.Observed), append(a["said"], p.Predicted)
	}
	a["ece"] = []float64{c.Error()}
	return a
}

func askErrors(q question) answers {
	e := eval.Measure(q.Labels, q.Predicted, q.Weights)
	p, v := eval.NewPinball(0.8), eval.NewIntervals(0.9)
	for i, y := range q.Labels {
		w := 1.0
		if q.Weights != nil {
			w = q.Weights[i]
		}
		p.AddWeighted(y, q.Predicted[i], w)
		v.AddWeighted(y, q.Predicted[i]-1, q.Predicted[i]+0.5, w)
	}
	return answers{
		"mae": {e.MAE()}, "rmse": {e.RMSE()}, "r2": {e.R2()}, "mape": {e.MAPE()}, "smape": {e.SMAPE()}, "wape": {e.WAPE()}, "bias": {e.Bias()},
		"pinball": {p.Loss()}, "coverage": {v.Coverage()},
	}
}

func askCompare(q question) answers {
	x, y := q.Probabilities[0], q.Probabilities[1]
	nb := eval.NadeauBengio(x, y, 0.25)
	var a, b [5][2]float64
	for i := range 10 {
		a[i/2][i%2], b[i/2][i%2] = x[i], y[i]
	}
	five := eval.FiveByTwo(a, b)
	out := answers{
		"mcnemar":  {eval.McNemar(q.Labels, q.Predicted, q.Weights).P},
		"nadeau t": {nb.Statistic}, "nadeau p": {nb.P},
		"paired p": {eval.NadeauBengio(x, y, 0).P},
		"5x2 f":    {five.Statistic}, "5x2 p": {five.P},
		"permutation p": {eval.Permutation(x[:8], y[:8], 1, 1).P},
	}
	for h := 1; h <= 3; h++ {
		dm := eval.DieboldMariano(x, y, h)
		out[fmt.Sprint("dm ", h)], out[fmt.Sprint("dm p ", h)] = []float64{dm.Statistic}, []float64{dm.P}
	}
	return out
}

func askSplits(q question) answers {
	n := len(q.Labels)
	flat := func(splits []eval.Split) (all []float64) {
		for _, s := range splits {
			for _, i := range s.Train {
				all = append(all, float64(i))
			}
			all = append(all, -1)
			for _, i := range s.Test {
				all = append(all, float64(i))
			}
			all = append(all, -2)
		}
		return all
	}
	a := answers{
		"kfold": flat(eval.KFold(n, q.K)), "stratified": flat(eval.Stratified(q.Labels, q.K)),
		"time": flat(eval.TimeOrdered(n, q.K, 0, 0, 0)), "gap": flat(eval.TimeOrdered(n, q.K, 2, 1, 7)),
	}
	for _, s := range eval.Grouped(q.Predicted, q.K) {
		a["sizes"] = append(a["sizes"], float64(len(s.Test)))
	}
	slices.Sort(a["sizes"])
	return a
}
