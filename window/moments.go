package window

import (
	"math"

	"golang.org/x/exp/constraints"
)

// Mean returns the arithmetic mean of numbers, or NaN of none. The sum is
// compensated, as SumFloat's is.
func Mean[T any, N constraints.Integer | constraints.Float](of func(T) N) Aggregator[T, Averaged, float64] {
	need(of != nil, "Mean: the function of is nil")
	return mean[T, N]{of}
}

// Averaged is a sum and how many numbers it is of.
type Averaged struct {
	Total Compensated
	N     int64
}

type mean[T any, N constraints.Integer | constraints.Float] struct{ of func(T) N }

func (m mean[T, N]) New() Averaged { return Averaged{} }

func (m mean[T, N]) Add(acc Averaged, v T) Averaged {
	return Averaged{acc.Total.add(float64(m.of(v))), acc.N + 1}
}

func (m mean[T, N]) Merge(a, b Averaged) Averaged {
	return Averaged{a.Total.merge(b.Total), a.N + b.N}
}

func (m mean[T, N]) Result(acc Averaged) float64 { return acc.Total.Value() / float64(acc.N) }

// Variance returns the moments of numbers. If one of these is infinite or NaN,
// the mean and the squares are NaN.
//
// It is Welford's method, "Note on a method for calculating corrected sums of
// squares and products", Technometrics 4(3), 1962; parts are merged as in
// Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for
// computing sample variances", 1979.
func Variance[T any, N constraints.Integer | constraints.Float](of func(T) N) Aggregator[T, Moments, Moments] {
	need(of != nil, "Variance: the function of is nil")
	return variance[T, N]{of}
}

// Moments describe a set of numbers: how many, their mean, and the sum of the
// squares of their distances from it.
type Moments struct {
	N       int64
	Mean    float64
	Squares float64
}

// Variance returns the variance of the numbers as a population: NaN of none.
func (m Moments) Variance() float64 { return m.Squares / float64(m.N) }

// SampleVariance returns the estimate of the variance of what the numbers are
// a sample of: NaN of fewer than two.
func (m Moments) SampleVariance() float64 {
	if m.N < 2 {
		return math.NaN()
	}
	return m.Squares / float64(m.N-1)
}

// StdDev returns the square root of the variance.
func (m Moments) StdDev() float64 { return math.Sqrt(m.Variance()) }

type variance[T any, N constraints.Integer | constraints.Float] struct{ of func(T) N }

func (s variance[T, N]) New() Moments { return Moments{} }

func (s variance[T, N]) Add(acc Moments, v T) Moments {
	x := float64(s.of(v))
	acc.N++
	d := x - acc.Mean
	acc.Mean += d / float64(acc.N)
	acc.Squares += d * (x - acc.Mean)
	return acc
}

func (s variance[T, N]) Merge(a, b Moments) Moments {
	switch {
	case b.N == 0:
		return a
	case a.N == 0:
		return b
	}
	n := a.N + b.N
	d := b.Mean - a.Mean
	return Moments{
		N:       n,
		Mean:    a.Mean + d*float64(b.N)/float64(n),
		Squares: a.Squares + b.Squares + d*d*float64(a.N)*float64(b.N)/float64(n),
	}
}

// Result makes the mean NaN with the squares: of an infinity it would depend
// on the order of the numbers.
func (s variance[T, N]) Result(acc Moments) Moments {
	if math.IsNaN(acc.Squares) {
		acc.Mean = math.NaN()
	}
	return acc
}
