package stats_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/stats"
)

// exact returns the mean and the central moments of values, by rational numbers.
func exact(vs []float64) (m [5]float64) {
	n := big.NewRat(int64(len(vs)), 1)
	sum := new(big.Rat)
	for _, v := range vs {
		sum.Add(sum, new(big.Rat).SetFloat64(v))
	}
	mean := new(big.Rat).Quo(sum, n)
	m[1], _ = mean.Float64()
	for k := 2; k <= 4; k++ {
		sum := new(big.Rat)
		for _, v := range vs {
			d := new(big.Rat).Sub(new(big.Rat).SetFloat64(v), mean)
			p := big.NewRat(1, 1)
			for range k {
				p.Mul(p, d)
			}
			sum.Add(sum, p)
		}
		m[k], _ = sum.Quo(sum, n).Float64()
	}
	return m
}

// FuzzSummary holds moments against exact arithmetic, in parts.
func FuzzSummary(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 250}, int32(0), uint8(2))
	f.Add([]byte{1, 1, 1}, int32(1<<30), uint8(1))
	f.Add([]byte{7, 9, 200, 30, 1, 0}, int32(-5), uint8(9))
	f.Fuzz(func(t *testing.T, b []byte, offset int32, cut uint8) {
		if len(b) == 0 || len(b) > 60 {
			return
		}
		vs := make([]float64, len(b))
		for i, c := range b {
			vs[i] = float64(offset)*4 + float64(c)/7
		}
		k := int(cut) % (len(b) + 1)
		s := stats.Of(vs[:k]...)
		s.Merge(stats.Of(vs[k:]...))
		m := exact(vs)
		require.LessOrEqual(t, off(s.Mean(), m[1]), 1e-13) // sums near 0 cancel
		require.LessOrEqual(t, off(s.Variance(), m[2]), 1e-11)
		if m[2] > 0 {
			require.LessOrEqual(t, off(s.Skewness(), m[3]/math.Pow(m[2], 1.5)), 1e-7)
			require.LessOrEqual(t, off(s.Kurtosis(), m[4]/m[2]/m[2]-3), 1e-7)
		}
	})
}

// FuzzRanks holds Ranks, Spearman's and Kendall's coefficients against their definitions.
func FuzzRanks(f *testing.F) {
	f.Add([]byte{1, 2, 3, 3, 2, 9, 9, 9})
	f.Add([]byte{})
	f.Add([]byte{5, 5, 5, 5})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 80 {
			return
		}
		var x, y []float64
		for i := 0; i+1 < len(b); i += 2 {
			x, y = append(x, float64(b[i]%9)), append(y, float64(b[i+1]%9))
		}
		ranks := stats.Ranks(x)
		var agree, disagree, tx, ty float64
		for i := range x {
			less, same := 0, 0
			for k := range x {
				switch {
				case x[k] < x[i]:
					less++
				case x[k] == x[i]:
					same++
				}
				if k < i {
					switch d := (x[i] - x[k]) * (y[i] - y[k]); {
					case d > 0:
						agree++
					case d < 0:
						disagree++
					case x[i] == x[k] && y[i] != y[k]:
						tx++
					case x[i] != x[k]:
						ty++
					}
				}
			}
			require.Equal(t, float64(less)+float64(same+1)/2, ranks[i])
		}
		want := (agree - disagree) / math.Sqrt((agree+disagree+tx)*(agree+disagree+ty))
		got := stats.Kendall(x, y)
		require.LessOrEqual(t, off(got, want), 1e-12, "%v %v", x, y)
		sorted := slices.Sorted(slices.Values(x))
		for _, p := range []float64{0, 0.2, 0.5, 1} {
			if q := stats.Quantile(x, p, stats.InvertedCDF); len(x) > 0 {
				i, _ := slices.BinarySearch(sorted, q)
				require.LessOrEqual(t, float64(i), p*float64(len(x)))
			}
		}
	})
}
