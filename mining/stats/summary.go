package stats

import (
	"errors"
	"math"

	"golang.org/x/exp/constraints"

	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/window"
)

// A Summary describes numbers: how many, least, greatest, mean, variance, skewness and kurtosis, in
// one pass, with optional weights. The zero Summary is that of no numbers. Add and Merge take
// constant time and allocate nothing. NaN and infinite values are missing: they are counted
// apart, and change nothing else.
//
// Central moments to the fourth are updated and merged as in Pébay, "Formulas for
// robust, one-pass parallel computation of covariances and arbitrary-order statistical moments",
// Sandia Report SAND2008-6212, 2008. The mean is held in twice the digits, so that numbers
// far from zero (1e9 and a few units, say) lose none of their spread. window.Variance is the first two of
// these moments in three words instead of eleven.
//
// Where values are so far apart that their distance is no float64, the variance is infinite and
// skewness and kurtosis are NaN; the mean holds.
type Summary struct {
	m       moments
	missing int64
}

// Of returns the Summary of values.
func Of(values ...float64) Summary {
	var s Summary
	for _, v := range values {
		s.Add(v)
	}
	return s
}

// OfMoments returns the Summary of numbers of which only the moments are known, as window.Variance
// counts them. Its least, greatest, skewness and kurtosis are NaN.
func OfMoments(m window.Moments) Summary {
	if m.N == 0 {
		return Summary{}
	}
	n, nan := float64(m.N), math.NaN()
	return Summary{m: moments{Count: m.N, Weight: n, Weight2: n, Mean: m.Mean, Squares: m.Squares, Cubes: nan, Fourths: nan, Min: nan, Max: nan}}
}

// Add adds a value.
func (s *Summary) Add(v float64) {
	if !known(v) {
		s.missing++
		return
	}
	s.m.add(v, 1)
}

// AddWeighted adds a value that counts as weight values do. A weight of 0 is no value; it
// panics if the weight is negative, NaN or infinite.
func (s *Summary) AddWeighted(v, weight float64) {
	switch {
	case !weighty(weight, "Summary.AddWeighted"):
	case !known(v):
		s.missing++
	default:
		s.m.add(v, weight)
	}
}

// Merge adds the values of b.
func (s *Summary) Merge(b Summary) {
	s.m.merge(&b.m)
	s.missing += b.missing
}

// Count returns the number of values, whatever their weights.
func (s *Summary) Count() int64 { return s.m.Count }

// Missing returns the number of values that were NaN or infinite.
func (s *Summary) Missing() int64 { return s.missing }

// Weight returns the sum of the weights.
func (s *Summary) Weight() float64 { return s.m.Weight }

// Effective returns how many values of one weight say as much about the mean: (Σw)²/Σw² (Kish, 1965).
func (s *Summary) Effective() float64 {
	if s.m.Count == 0 {
		return 0
	}
	return s.m.Weight / s.m.Weight2 * s.m.Weight
}

// Mean returns the mean, or NaN of none.
func (s *Summary) Mean() float64 { return s.some(s.m.Mean) }

// Sum returns the weighted sum: 0 of none.
func (s *Summary) Sum() float64 { return s.m.Mean*s.m.Weight + s.m.Low*s.m.Weight }

// Min returns the least value, or NaN of none.
func (s *Summary) Min() float64 { return s.some(s.m.Min) }

// Max returns the greatest value, or NaN of none.
func (s *Summary) Max() float64 { return s.some(s.m.Max) }

func (s *Summary) some(v float64) float64 {
	if s.m.Count == 0 {
		return math.NaN()
	}
	return v
}

// Variance returns Σw(x-mean)²/Σw, the variance of the values as a population: NaN of none.
func (s *Summary) Variance() float64 { return s.m.variance() }

// SampleVariance returns the unbiased estimate of the variance of what the values are a sample of:
// Σw(x-mean)²/(Σw-Σw²/Σw), which has n-1 below for equal weights. It is NaN of fewer than two, where one weight is so great that
// nothing is left of the others, and where the squares of the weights are too small or too great for a float64: below 1e-146, from 1e154 on.
// Weights are taken to say how reliable a value is, as numpy's aweights; of weights that are
// counts of equal values, take Variance times n/(n-1).
func (s *Summary) SampleVariance() float64 { return s.m.sampleVariance() }

// StdDev returns the square root of Variance.
func (s *Summary) StdDev() float64 { return math.Sqrt(s.Variance()) }

// SampleStdDev returns the square root of SampleVariance.
func (s *Summary) SampleStdDev() float64 { return math.Sqrt(s.SampleVariance()) }

// StdErr returns the standard error of the mean: √(SampleVariance/Effective).
func (s *Summary) StdErr() float64 { return math.Sqrt(s.SampleVariance() / s.Effective()) }

// Skewness returns the third central moment over the third power of the standard deviation,
// of a population (g1): NaN where the variance is 0 or infinite, or the sum of the third powers is too small or too great
// for a float64, as it is of distances from the mean of about 1e-98 or 1e102.
func (s *Summary) Skewness() float64 { return s.m.skewness() }

// SampleSkewness returns the skewness without most of its bias, G1 = g1·√(n(n-1))/(n-2), with
// n = Effective: NaN of fewer than three, or where Skewness is.
func (s *Summary) SampleSkewness() float64 {
	n := s.Effective()
	if n <= 2 {
		return math.NaN()
	}
	return s.Skewness() * math.Sqrt(n*(n-1)) / (n - 2)
}

// Kurtosis returns the excess kurtosis, the fourth central moment over the square of the variance
// less 3, of a population (g2): NaN where the variance is 0 or infinite, or the sum of the fourth powers is too small or too
// great for a float64, as it is of distances from the mean of about 1e-74 or 1e76.
func (s *Summary) Kurtosis() float64 { return s.m.kurtosis() }

// SampleKurtosis returns the excess kurtosis without most of its bias,
// G2 = ((n+1)g2+6)(n-1)/((n-2)(n-3)), with n = Effective: NaN of fewer than four, or where Kurtosis is.
func (s *Summary) SampleKurtosis() float64 {
	n := s.Effective()
	if n <= 3 {
		return math.NaN()
	}
	return ((n+1)*s.Kurtosis() + 6) * (n - 1) / ((n - 2) * (n - 3))
}

// Moments returns the first two moments: weights are taken to be 1.
func (s *Summary) Moments() window.Moments {
	return window.Moments{N: s.m.Count, Mean: s.m.Mean, Squares: s.m.Squares}
}

// A Description is what a Summary says, as numbers: what goes to a sink.
type Description struct {
	Count              int64
	Min, Max           float64
	Mean               float64
	Variance           float64 // of a population
	Skewness, Kurtosis float64 // of a population, the kurtosis less 3
}

// Describe returns all of it.
func (s *Summary) Describe() Description {
	return Description{s.m.Count, s.Min(), s.Max(), s.Mean(), s.Variance(), s.Skewness(), s.Kurtosis()}
}

// Describe returns the Summary of numbers of events, as an aggregator of windows.
//
//	stats.Describe(Order.Amount)
//
// To have the numbers alone, put window.Then around it. It panics if of is nil.
func Describe[T any, N constraints.Integer | constraints.Float](of func(T) N) window.Aggregator[T, Summary, Summary] {
	if of == nil {
		panic("stats: Describe: the function of is nil")
	}
	return window.Of(
		func() Summary { return Summary{} },
		func(acc Summary, v T) Summary { acc.Add(float64(of(v))); return acc },
		func(a, b Summary) Summary { a.Merge(b); return a },
		func(acc Summary) Summary { return acc },
	)
}

type plainSummary Summary

var kindSummary = saved.As[plainSummary]("stats.Summary", 1)

// AppendBinary appends the saved Summary.
func (s *Summary) AppendBinary(b []byte) ([]byte, error) {
	return kindSummary.Append(b, (*plainSummary)(s))
}

// UnmarshalBinary restores a saved Summary.
func (s *Summary) UnmarshalBinary(data []byte) error {
	return kindSummary.Read(data, (*plainSummary)(s), func(p *plainSummary) error { return p.m.check() })
}

var errCounts = errors.New("a count or a weight is impossible")

func (m *moments) check() error {
	if m.Count < 0 || !(m.Weight >= 0) || !(m.Weight2 >= 0) || (m.Count == 0) != (m.Weight == 0) || m.Squares < 0 {
		return errCounts
	}
	return nil
}
