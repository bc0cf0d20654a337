package experiment

import (
	"math"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining/stats"
)

// A Bootstrapped is a statistic of samples, and what it was of samples that were drawn from them.
type Bootstrapped struct {
	Estimate     float64
	Distribution []float64 // of the draws, in the order of drawing
	skew         float64   // the acceleration of BCa
}

// A BootstrapOption is an option of Bootstrap and BootstrapDifference.
type BootstrapOption func(*bootstrap)

type bootstrap struct {
	draws int
	seed  uint64
}

// Draws sets how many samples are drawn. The default is 9,999.
func Draws(n int) BootstrapOption { return func(b *bootstrap) { b.draws = n } }

// Seed sets the seed of what is drawn. The default is 1.
func Seed(seed uint64) BootstrapOption { return func(b *bootstrap) { b.seed = seed } }

// Bootstrap draws samples of the same size from a sample, with replacement, and computes a statistic of
// each: Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7, 1979. The
// statistic must not keep or change the slice that it gets; one that answers NaN makes the intervals
// NaN. It takes draws+n times the statistic's time. Of no values the estimate is what the statistic
// makes of none, and nothing is drawn. It panics if statistic is nil or Draws is not positive.
func Bootstrap(values []float64, statistic func([]float64) float64, opts ...BootstrapOption) *Bootstrapped {
	if statistic == nil {
		panic("experiment: Bootstrap: the statistic is nil")
	}
	return draw("Bootstrap", [][]float64{values}, func(s [][]float64) float64 { return statistic(s[0]) }, opts)
}

// BootstrapDifference is Bootstrap of the difference of a statistic between two samples, a's less b's:
// each is drawn from on its own.
func BootstrapDifference(a, b []float64, statistic func([]float64) float64, opts ...BootstrapOption) *Bootstrapped {
	if statistic == nil {
		panic("experiment: BootstrapDifference: the statistic is nil")
	}
	return draw("BootstrapDifference", [][]float64{a, b}, func(s [][]float64) float64 { return statistic(s[0]) - statistic(s[1]) }, opts)
}

func draw(who string, samples [][]float64, statistic func([][]float64) float64, opts []BootstrapOption) *Bootstrapped {
	o := bootstrap{9999, 1}
	for _, opt := range opts {
		opt(&o)
	}
	if o.draws <= 0 {
		panic("experiment: " + who + ": Draws has to be positive")
	}
	b := &Bootstrapped{Estimate: statistic(samples)}
	drawn := make([][]float64, len(samples))
	for i, s := range samples {
		if len(s) == 0 {
			return b
		}
		drawn[i] = make([]float64, len(s))
	}
	random := rand.New(rand.NewPCG(o.seed, 0))
	b.Distribution = make([]float64, o.draws)
	for k := range b.Distribution {
		for i, s := range samples {
			for j := range drawn[i] {
				drawn[i][j] = s[random.IntN(len(s))]
			}
		}
		b.Distribution[k] = statistic(drawn)
	}
	b.skew = acceleration(samples, statistic)
	return b
}

// acceleration is that of BCa, from leaving out one value after another.
func acceleration(samples [][]float64, statistic func([][]float64) float64) float64 {
	var cubes, squares float64
	for i, s := range samples {
		n := float64(len(s))
		if len(s) < 2 {
			continue
		}
		rest := make([][]float64, len(samples))
		copy(rest, samples)
		without := make([]float64, len(s)-1)
		left := make([]float64, len(s))
		var mean stats.Summary
		for j := range s {
			copy(without, s[:j])
			copy(without[j:], s[j+1:])
			rest[i] = without
			left[j] = statistic(rest)
			mean.Add(left[j])
		}
		var c, q float64
		for _, v := range left {
			d := (n - 1) * (mean.Mean() - v)
			c += d * d * d
			q += d * d
		}
		cubes += c / (n * n * n)
		squares += q / (n * n)
	}
	if squares == 0 {
		return 0
	}
	return cubes / (6 * squares * math.Sqrt(squares))
}

// Percentile returns the middle part of the draws: NaN of none.
func (b *Bootstrapped) Percentile(level float64) Interval {
	inside(level, "Bootstrapped.Percentile", "level")
	return b.between((1-level)/2, (1+level)/2)
}

// Basic returns the middle part of the draws, turned over at the estimate: NaN of none.
func (b *Bootstrapped) Basic(level float64) Interval {
	i := b.Percentile(level)
	return Interval{2*b.Estimate - i.High, 2*b.Estimate - i.Low}
}

// BCa returns the part of the draws that is corrected for their bias and the skewness of the statistic:
// Efron, "Better bootstrap confidence intervals", JASA 82, 1987. It is the one to take, from some 20
// values on. Where all draws are on one side of the estimate it is NaN: unless all are equal to it,
// when both ends are the estimate.
func (b *Bootstrapped) BCa(level float64) Interval {
	inside(level, "Bootstrapped.BCa", "level")
	var below, equal float64
	// Of values with ties, many draws have the estimate but for the order of a sum: that is no side.
	near := 1e-12 * math.Abs(b.Estimate)
	for _, v := range b.Distribution {
		switch d := v - b.Estimate; {
		case math.Abs(d) <= near:
			equal++
		case d < 0:
			below++
		}
	}
	n := float64(len(b.Distribution))
	if equal == n && n > 0 {
		return Interval{b.Estimate, b.Estimate}
	}
	bias := normalQuantile((below + equal/2) / n)
	if n == 0 || math.IsInf(bias, 0) {
		return Interval{math.NaN(), math.NaN()}
	}
	at := func(z float64) float64 { return normalCDF(bias + (bias+z)/(1-b.skew*(bias+z))) }
	z := two(level)
	return b.between(at(-z), at(z))
}

func (b *Bootstrapped) between(low, high float64) Interval {
	for _, v := range b.Distribution {
		if v != v {
			return Interval{math.NaN(), math.NaN()}
		}
	}
	if !(low >= 0 && high <= 1 && high >= 0 && low <= 1) {
		return Interval{math.NaN(), math.NaN()}
	}
	q := stats.Quantiles(b.Distribution, stats.Linear, low, high)
	return Interval{q[0], q[1]}
}

// StdErr returns the standard deviation of the draws: NaN of fewer than two.
func (b *Bootstrapped) StdErr() float64 {
	s := stats.Of(b.Distribution...)
	return s.SampleStdDev()
}
