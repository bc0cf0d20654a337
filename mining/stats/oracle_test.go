package stats_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/internal/oracle"
	"github.com/freshet-go/freshet/mining/stats"
	"github.com/freshet-go/freshet/window"
)

// A number is one in JSON, or the string of an infinity or NaN.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		v, err := strconv.ParseFloat(s, 64)
		*n = number(v)
		return err
	}
	return json.Unmarshal(b, (*float64)(n))
}

type question struct {
	X     []float64     `json:"x"`
	Y     []float64     `json:"y"`
	W     []float64     `json:"w"`
	Ps    []float64     `json:"ps"`
	Edges []float64     `json:"edges"`
	Times []int64       `json:"times"`
	Half  float64       `json:"halflife"`
	HalfT time.Duration `json:"halftime"`
	Span  time.Duration `json:"span"`
	Last  int           `json:"last"`
	Offs  float64       `json:"offset"`
}

func questions(random *rand.Rand) (qs []question) {
	for i := range 60 {
		n := 4 + random.IntN(60)
		if i%10 == 0 {
			n = 3000
		}
		q := question{
			Ps: []float64{0, 0.01, 0.25, 0.5, 0.75, 0.9, 1, random.Float64()}, Half: 0.5 + 20*random.Float64(),
			HalfT: time.Minute, Span: 5 * time.Second, Last: 1 + random.IntN(2*n), Offs: []float64{0, 0, 1e6, 1e9, -1e12}[i%5],
		}
		at := int64(0) // pandas computes with times as floats
		for range n {
			x, y := q.Offs+random.NormFloat64(), random.NormFloat64()
			switch i % 4 {
			case 1: // ties
				x, y = q.Offs+float64(random.IntN(6)), float64(random.IntN(4))
			case 2: // related, skewed
				x = q.Offs + random.ExpFloat64()
				y = 2*(x-q.Offs) + 0.1*y
			}
			at += random.Int64N(3) * random.Int64N(1e9)
			q.X, q.Y, q.W, q.Times = append(q.X, x), append(q.Y, y), append(q.W, 0.1+random.ExpFloat64()), append(q.Times, at)
		}
		q.X[0], q.X[1] = q.Offs+10, q.Offs-10 // no sample is constant
		q.Y[0], q.Y[1] = 8, -9
		q.Edges = stats.Even(q.Offs-5, q.Offs+5, 1+random.IntN(20))
		qs = append(qs, q)
	}
	return qs
}

var definitions = []stats.Definition{stats.Linear, stats.InvertedCDF, stats.AveragedInvertedCDF, stats.ClosestObservation,
	stats.InterpolatedInvertedCDF, stats.Hazen, stats.Weibull, stats.MedianUnbiased, stats.NormalUnbiased}

// TestOracle holds all that numpy, SciPy and pandas compute, too, to 1e-9 of it.
func TestOracle(t *testing.T) {
	qs := questions(oracle.Random(t))
	var answers []map[string]json.RawMessage
	oracle.Ask(t, "testdata/oracle.py", qs, &answers)
	require.Len(t, answers, len(qs))
	worst := map[string]float64{}
	for i, q := range qs {
		check := func(name string, got ...float64) {
			t.Helper()
			var want []number
			if json.Unmarshal(answers[i][name], &want) != nil {
				want = make([]number, 1)
				require.NoError(t, json.Unmarshal(answers[i][name], &want[0]), name)
			}
			require.Len(t, got, len(want), name)
			for k := range got {
				e := off(got[k], float64(want[k]))
				worst[name] = max(worst[name], e)
				if e > 1e-9 {
					t.Errorf("question %d, offset %v, n %d: %s[%d] is %v, and %v to the oracle", i, q.Offs, len(q.X), name, k, got[k], want[k])
					return
				}
			}
		}
		s := stats.Of(q.X...)
		check("mean", s.Mean())
		check("var", s.Variance())
		check("var1", s.SampleVariance())
		check("sem", s.StdErr())
		check("skew", s.Skewness())
		check("skew1", s.SampleSkewness())
		check("kurt", s.Kurtosis())
		check("kurt1", s.SampleKurtosis())
		var ws stats.Summary
		var j, wj stats.Joint
		h := stats.NewHistogram(q.Edges...)
		f, ft := stats.NewFadedCount(q.Half), stats.NewFaded(q.HalfT)
		roll, rollT := stats.NewRolling(q.Last, stats.Ordered()), stats.NewRollingTime(q.Span, len(q.X))
		var rmin, rmax, rmed, rmean, rvar, tmax, tcount []float64
		for k, x := range q.X {
			at := window.Time(q.Times[k])
			ws.AddWeighted(x, q.W[k])
			j.Add(x, q.Y[k])
			wj.AddWeighted(x, q.Y[k], q.W[k])
			h.Add(x)
			f.Add(0, x)
			ft.Add(at, x)
			roll.Add(0, x)
			rmin, rmax, rmed = append(rmin, roll.Min()), append(rmax, roll.Max()), append(rmed, roll.Median())
			rmean, rvar = append(rmean, roll.Mean()), append(rvar, roll.Variance())
			rollT.Add(at, x)
			tmax, tcount = append(tmax, rollT.Max()), append(tcount, float64(rollT.Count()))
		}
		check("wmean", ws.Mean())
		check("wvar", ws.Variance())
		check("wvar1", ws.SampleVariance())
		check("cov", j.SampleCovariance())
		check("wcov", wj.SampleCovariance())
		check("pearson", j.Correlation())
		slope, intercept := j.Line()
		check("slope", slope)
		if q.Offs == 0 {
			check("intercept", intercept)
		}
		check("spearman", stats.Spearman(q.X, q.Y))
		check("kendall", stats.Kendall(q.X, q.Y))
		check("ranks", stats.Ranks(q.X)...)
		for d, by := range definitions {
			var all [][]number
			require.NoError(t, json.Unmarshal(answers[i]["quantiles"], &all))
			for k, got := range stats.Quantiles(q.X, by, q.Ps...) {
				assert.LessOrEqual(t, off(got, float64(all[d][k])), 1e-9, "question %d, n %d, definition %d, p %v", i, len(q.X), by, q.Ps[k])
			}
		}
		var wq []float64
		for _, p := range q.Ps {
			wq = append(wq, stats.WeightedQuantile(q.X, q.W, p))
		}
		check("wquantiles", wq...)
		check("mad", stats.MAD(q.X))
		check("entropy", stats.Entropy(q.W))
		ay := slices.Clone(q.Y)
		for k := range ay {
			ay[k] = math.Abs(ay[k]) + 1
		}
		check("kl", stats.Divergence(q.W, ay))
		check("js", stats.JensenShannon(q.W, ay))
		var counts []float64
		for _, c := range h.Counts() {
			counts = append(counts, float64(c))
		}
		check("histogram", counts...)
		if q.Offs == 0 { // pandas' sums lose what the offset takes
			check("ewm", f.Mean())
			check("ewmvar", f.Variance())
			check("ewmvar1", f.SampleVariance())
			check("ewmtime", ft.Mean())
		}
		check("rollmin", rmin...)
		check("rollmax", rmax...)
		check("rollmedian", rmed...)
		check("rollmean", rmean...)
		check("rollvar", rvar...)
		check("timemax", tmax...)
		check("timecount", tcount...)
	}
	t.Logf("furthest off, relative: %v", worst)
}

// off is how far a is from b, relative to b, and to 1 where b is less than that.
func off(a, b float64) float64 {
	switch {
	case a == b || math.IsNaN(a) && math.IsNaN(b):
		return 0
	case !(math.Abs(a-b) < math.Inf(1)):
		return math.Inf(1)
	}
	return math.Abs(a-b) / max(1, math.Abs(b))
}
