package window

import "golang.org/x/exp/constraints"

// Sum adds integers up. An overflow wraps around, as Go's addition does.
func Sum[T any, N constraints.Integer](of func(T) N) Aggregator[T, N, N] {
	need(of != nil, "Sum: the function of is nil")
	return sum[T, N]{of}
}

type sum[T any, N constraints.Integer] struct{ of func(T) N }

// Terms returns what is added up: the accumulator is the sum of it, wrapping
// around, so that operators may add it up themselves.
func (s sum[T, N]) Terms() func(T) N { return s.of }

func (s sum[T, N]) New() N           { return 0 }
func (s sum[T, N]) Add(acc N, v T) N { return acc + s.of(v) }
func (s sum[T, N]) Merge(a, b N) N   { return a + b }
func (s sum[T, N]) Sub(a, b N) N     { return a - b }
func (s sum[T, N]) Result(acc N) N   { return acc }

// SumFloat adds floating-point numbers up, compensating for what rounding
// loses: the order in which values are added and merged moves the result by
// the last digit at most, unless large values cancel out. Money is better kept
// in integers.
func SumFloat[T any, N constraints.Float](of func(T) N) Aggregator[T, Compensated, N] {
	need(of != nil, "SumFloat: the function of is nil")
	return sumFloat[T, N]{of}
}

// Compensated is a sum and what rounding has cut off it. It is Neumaier's
// variant of Kahan's summation: "Rundungsfehleranalyse einiger Verfahren zur
// Summation endlicher Summen", ZAMM 54, 1974.
type Compensated struct{ Sum, Lost float64 }

func (c Compensated) add(v float64) Compensated {
	t := c.Sum + v
	if abs(c.Sum) >= abs(v) {
		c.Lost += c.Sum - t + v
	} else {
		c.Lost += v - t + c.Sum
	}
	c.Sum = t
	return c
}

// Value returns the sum. Where it is infinite or no number, so is the value.
func (c Compensated) Value() float64 {
	if v := c.Sum + c.Lost; v == v {
		return v
	}
	return c.Sum
}

func (c Compensated) merge(d Compensated) Compensated {
	c = c.add(d.Sum)
	c.Lost += d.Lost
	return c
}

func abs(v float64) float64 {
	if v < 0 {
		return -v
	}
	return v
}

type sumFloat[T any, N constraints.Float] struct{ of func(T) N }

func (s sumFloat[T, N]) New() Compensated                     { return Compensated{} }
func (s sumFloat[T, N]) Add(acc Compensated, v T) Compensated { return acc.add(float64(s.of(v))) }
func (s sumFloat[T, N]) Merge(a, b Compensated) Compensated   { return a.merge(b) }
func (s sumFloat[T, N]) Result(acc Compensated) N             { return N(acc.Value()) }
