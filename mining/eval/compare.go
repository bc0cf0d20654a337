package eval

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/experiment"
)

// A Verdict says whether two models, a and b, differ by more than chance.
type Verdict struct {
	Test       string
	Difference float64 // of a's figure and b's
	Statistic  float64
	P          float64 // the probability of so great a difference, or a greater one, between equals: two-sided
	// Lower and Upper have the difference between them with a probability of 0.95. NaN: the test gives none.
	Lower, Upper float64
}

// Real reports whether the difference is real at a level: P is less than it. 0.05 is usual.
func (v Verdict) Real(level float64) bool { return v.P < level }

// Say says in words, at the level 0.05, whether the difference is real. Greater says whether a greater figure is better.
func (v Verdict) Say(a, b string, greater bool) string {
	switch {
	case math.IsNaN(v.P):
		return fmt.Sprintf("There is too little to say whether %s and %s differ.", a, b)
	case !v.Real(0.05):
		return fmt.Sprintf("%s and %s do not differ by more than chance does (%s, p = %.3g).", a, b, v.Test, v.P)
	case v.Difference > 0 != greater:
		a, b = b, a
	}
	return fmt.Sprintf("%s is better than %s, and it is not by chance (%s, p = %.3g).", a, b, v.Test, v.P)
}

// McNemar compares two classifiers on the same events: of those that one of them alone has right, are there more of a's? Up to
// 25 such events the test is the exact binomial one, for more it is chi-square with a correction for continuity:
// [experiment.McNemar] and [experiment.McNemarChiSquare]. Difference is that of the
// accuracies. P is 1 if they err on the same events. It is McNemar, Psychometrika 12, 1947. The events have to be independent of each other.
// An event of which the label or a prediction is NaN or infinite is left out. P is NaN of none.
func McNemar(labels, a, b []float64) Verdict {
	batch(labels, a, b, "McNemar")
	if len(b) != len(a) {
		panic(fmt.Sprintf("eval: McNemar: %d and %d predictions", len(a), len(b)))
	}
	onlyA, onlyB, known := int64(0), int64(0), 0.0
	for i, y := range labels {
		if !mining.Known(y) || !mining.Known(a[i]) || !mining.Known(b[i]) {
			continue
		}
		known++
		switch {
		case a[i] == y && b[i] != y:
			onlyA++
		case a[i] != y && b[i] == y:
			onlyB++
		}
	}
	n := onlyA + onlyB
	v := Verdict{Test: "McNemar's test", Difference: float64(onlyA-onlyB) / known, Lower: math.NaN(), Upper: math.NaN()}
	switch {
	case known == 0:
		v.P = math.NaN()
	case n == 0:
		v.P = 1
	case n <= 25:
		test := experiment.McNemar(onlyA, onlyB)
		v.Statistic, v.P = test.Statistic, test.P
	default:
		test := experiment.McNemarChiSquare(onlyA, onlyB, true)
		v.Statistic, v.P = test.Statistic, test.P
	}
	return v
}

// NadeauBengio compares the scores that two models reached on the same splits, a[i] and b[i] on split i. The models of different splits learnt
// partly the same events, so that the scores are not independent, and the usual paired t test finds far too many differences. This one
// corrects the variance by the events that tests have to those that are learnt: ratio is 1/(k-1) for k folds. Of fewer than
// two splits P is NaN. It is Nadeau and Bengio, "Inference for the generalization error", Machine Learning 52, 2003.
func NadeauBengio(a, b []float64, ratio float64) Verdict {
	batch(a, b, nil, "NadeauBengio")
	if !(ratio >= 0) || math.IsInf(ratio, 1) {
		panic(fmt.Sprintf("eval: NadeauBengio: the ratio of tested to learnt events is 0 or more, not %v", ratio))
	}
	d := differences(a, b)
	n := float64(len(d))
	se := math.Sqrt((1/n + ratio) * varianceOf(d))
	return byT("corrected resampled t test", meanOf(d), se, n-1)
}

// FiveByTwo compares two models by five repetitions of two folds: a[i][j] is the score of fold j of repetition i. It is the combined F test of Alpaydın,
// "Combined 5×2 cv F test for comparing supervised classification learning algorithms", Neural Computation 11, 1999, which improves
// the t test of Dietterich, Neural Computation 10, 1998. P is 1 if all scores are the same.
func FiveByTwo(a, b [5][2]float64) Verdict {
	squares, variance, mean := 0.0, 0.0, 0.0
	for i := range a {
		x, y := a[i][0]-b[i][0], a[i][1]-b[i][1]
		m := (x + y) / 2
		squares += x*x + y*y
		variance += (x-m)*(x-m) + (y-m)*(y-m)
		mean += m / 5
	}
	v := Verdict{Test: "combined 5x2cv F test", Difference: mean, Lower: math.NaN(), Upper: math.NaN()}
	switch {
	case squares == 0:
		v.P = 1
	case variance == 0:
		v.Statistic, v.P = math.Inf(1), 0
	default:
		v.Statistic = squares / (2 * variance)
		v.P = distuv.F{D1: 10, D2: 5}.Survival(v.Statistic)
	}
	return v
}

// DieboldMariano compares two forecasters by the losses of their forecasts of the same values, in the order of time: squared or absolute
// errors, say. Horizon is how far ahead they forecast: errors less than that apart may go together. The statistic has the correction for
// few forecasts, and P is of Student's distribution. Where the estimate of the variance is not positive, as it can be for a horizon of more
// than 1, that of horizon 1 stands for it. It is Diebold and Mariano, "Comparing predictive accuracy", Journal of Business and
// Economic Statistics 13, 1995; Harvey, Leybourne and Newbold, International Journal of Forecasting 13, 1997.
func DieboldMariano(a, b []float64, horizon int) Verdict {
	batch(a, b, nil, "DieboldMariano")
	atLeast(1, horizon, "DieboldMariano: horizon")
	d := differences(a, b)
	n, mean := float64(len(d)), meanOf(d)
	if len(d) <= horizon || len(d) < 2 {
		return byT("Diebold-Mariano test", mean, math.NaN(), 1)
	}
	gamma := func(lag int) float64 {
		var s sum
		for i := lag; i < len(d); i++ {
			s.add((d[i] - mean) * (d[i-lag] - mean))
		}
		return s.value() / n
	}
	variance := gamma(0)
	for lag := 1; lag < horizon; lag++ {
		variance += 2 * gamma(lag)
	}
	h := float64(horizon)
	if variance <= 0 && horizon > 1 {
		variance, h = gamma(0), 1
	}
	correction := (n + 1 - 2*h + h*(h-1)/n) / n
	return byT("Diebold-Mariano test", mean, math.Sqrt(variance/n/correction), n-1)
}

// Permutation compares paired scores without asking how they are distributed: if the models are equal, each difference might as well have the
// other sign. It draws rounds of signs from the seed; up to 16 pairs it tries all. P counts what was seen as one of the rounds, so that it
// is never 0. P is NaN of no pairs, and where a score is NaN or infinite.
func Permutation(a, b []float64, rounds int, seed uint64) Verdict {
	batch(a, b, nil, "Permutation")
	atLeast(1, rounds, "Permutation: rounds")
	d := differences(a, b)
	seen := math.Abs(total(d))
	v := Verdict{Test: "paired permutation test", Difference: meanOf(d), Statistic: meanOf(d), P: math.NaN(), Lower: math.NaN(), Upper: math.NaN()}
	// What differs by rounding only is as great.
	size := 0.0
	for _, x := range d {
		size += math.Abs(x)
	}
	as := seen - 1e-12*size
	switch {
	case len(d) == 0 || !mining.Known(size):
	case len(d) <= 16:
		great := 0
		for signs := range 1 << len(d) {
			s := 0.0
			for i, x := range d {
				if signs>>i&1 == 1 {
					x = -x
				}
				s += x
			}
			if math.Abs(s) >= as {
				great++
			}
		}
		v.P = float64(great) / float64(int(1)<<len(d))
	default:
		random, great := rand.New(rand.NewPCG(seed, 0)), 1
		for range rounds {
			s, bits := 0.0, uint64(0)
			for i, x := range d {
				if i%64 == 0 {
					bits = random.Uint64()
				}
				if bits&1 == 1 {
					x = -x
				}
				bits >>= 1
				s += x
			}
			if math.Abs(s) >= as {
				great++
			}
		}
		v.P = float64(great) / float64(rounds+1)
	}
	return v
}

func differences(a, b []float64) []float64 {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return d
}

// byT is the verdict of a mean and its standard error.
func byT(test string, mean, se, freedom float64) Verdict {
	v := Verdict{Test: test, Difference: mean, Statistic: math.NaN(), P: math.NaN(), Lower: math.NaN(), Upper: math.NaN()}
	switch {
	case math.IsNaN(se):
	case se == 0 && mean == 0:
		v.Statistic, v.P, v.Lower, v.Upper = 0, 1, 0, 0
	case se == 0:
		v.Statistic, v.P, v.Lower, v.Upper = mean/se, 0, mean, mean
	default:
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}
		v.Statistic = mean / se
		v.P = 2 * t.CDF(-math.Abs(v.Statistic))
		width := t.Quantile(0.975) * se
		v.Lower, v.Upper = mean-width, mean+width
	}
	return v
}
