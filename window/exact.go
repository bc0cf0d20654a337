package window

import (
	"math"
	"math/big"
	"math/bits"

	"golang.org/x/exp/constraints"
)

// ExactMean returns the arithmetic mean of integers, or NaN of none. It is a Subtractor, as Mean is not:
// what it holds is exact, and only the result is rounded.
func ExactMean[T any, N constraints.Integer](of func(T) N) Aggregator[T, Powers, float64] {
	need(of != nil, "ExactMean: the function of is nil")
	return Then(ExactVariance(of), func(m Moments) float64 {
		if m.N == 0 {
			return math.NaN()
		}
		return m.Mean
	})
}

// ExactVariance returns the moments of integers. It is a Subtractor, as Variance is not: what it holds
// is exact, and only the result is rounded.
func ExactVariance[T any, N constraints.Integer](of func(T) N) Aggregator[T, Powers, Moments] {
	need(of != nil, "ExactVariance: the function of is nil")
	return powers[T, N]{of}
}

// Powers are how many integers there are, their sum, and the sum of their squares, as numbers in two's complement whose lowest
// word is first. All three wrap around, which takes 2⁶³ integers.
type Powers struct {
	N       int64
	Sum     [2]uint64
	Squares [3]uint64
}

type powers[T any, N constraints.Integer] struct{ of func(T) N }

func (p powers[T, N]) New() Powers { return Powers{} }

func (p powers[T, N]) Add(acc Powers, v T) Powers {
	x := p.of(v)
	one := Powers{N: 1, Sum: [2]uint64{uint64(x), 0}}
	size := uint64(x)
	if x < 0 {
		one.Sum[1] = math.MaxUint64
		size = -size
	}
	one.Squares[1], one.Squares[0] = bits.Mul64(size, size)
	return p.Merge(acc, one)
}

func (p powers[T, N]) Merge(a, b Powers) Powers {
	a.N += b.N
	sumWords(a.Sum[:], b.Sum[:], bits.Add64)
	sumWords(a.Squares[:], b.Squares[:], bits.Add64)
	return a
}

func (p powers[T, N]) Sub(a, b Powers) Powers {
	a.N -= b.N
	sumWords(a.Sum[:], b.Sum[:], bits.Sub64)
	sumWords(a.Squares[:], b.Squares[:], bits.Sub64)
	return a
}

// sumWords adds b to a, or takes it away, word by word.
func sumWords(a, b []uint64, op func(x, y, carry uint64) (uint64, uint64)) {
	carry := uint64(0)
	for i := range a {
		a[i], carry = op(a[i], b[i], carry)
	}
}

// Result is Σ(x−mean)² = (N·Σx² − (Σx)²) / N, of which all but the division is exact.
func (p powers[T, N]) Result(acc Powers) Moments {
	if acc.N == 0 {
		return Moments{}
	}
	n, sum, squares := big.NewInt(acc.N), number(acc.Sum[:]), number(acc.Squares[:])
	mean, _ := new(big.Rat).SetFrac(sum, n).Float64()
	squares.Mul(squares, n).Sub(squares, new(big.Int).Mul(sum, sum))
	distance, _ := new(big.Rat).SetFrac(squares, n).Float64()
	return Moments{N: acc.N, Mean: mean, Squares: distance}
}

// number is what words in two's complement stand for.
func number(words []uint64) *big.Int {
	n := new(big.Int)
	for i := len(words) - 1; i >= 0; i-- {
		n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(words[i]))
	}
	if len(words) > 0 && int64(words[len(words)-1]) < 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(64*len(words))))
	}
	return n
}
