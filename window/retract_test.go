package window_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// Whatever is added and taken back in any order, an aggregator that takes back gives what one does that was
// only given what is left.
func TestTakenBack(t *testing.T) {
	few := func(r *rand.Rand) int64 { return r.Int64N(12) - 6 }
	any64 := func(r *rand.Rand) int64 { return int64(r.Uint64()) >> r.IntN(64) }
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 9))
		value := few
		if seed%2 == 1 {
			value = any64
		}
		var left []int64
		bag := window.Multiset(self[int64])
		minimum, most, distinct, top, tallies := bag.Min(), bag.Max(), bag.Distinct(), bag.Top(3), bag.Tallies()
		mean, moments := window.ExactMean(self[int64]), window.ExactVariance(self[int64])
		accMin, accMax, accDistinct, accTop, accTallies := minimum.New(), most.New(), distinct.New(), top.New(), tallies.New()
		accMean, accMoments := mean.New(), moments.New()
		for range 80 {
			if len(left) > 0 && r.IntN(5) < 2 {
				i := r.IntN(len(left))
				v := left[i]
				left = slices.Delete(left, i, i+1)
				takeBack(minimum, &accMin, v)
				takeBack(most, &accMax, v)
				takeBack(distinct, &accDistinct, v)
				takeBack(top, &accTop, v)
				takeBack(tallies, &accTallies, v)
				takeBack(mean, &accMean, v)
				takeBack(moments, &accMoments, v)
			} else {
				v := value(r)
				left = append(left, v)
				accMin, accMax = minimum.Add(accMin, v), most.Add(accMax, v)
				accDistinct, accTop, accTallies = distinct.Add(accDistinct, v), top.Add(accTop, v), tallies.Add(accTallies, v)
				accMean, accMoments = mean.Add(accMean, v), moments.Add(accMoments, v)
			}
			ordered := slices.Sorted(slices.Values(left))
			require.Equal(t, first(ordered), minimum.Result(accMin))
			backwards := slices.Clone(ordered)
			slices.Reverse(backwards)
			require.Equal(t, first(backwards), most.Result(accMax))
			require.EqualValues(t, len(slices.Compact(slices.Clone(ordered))), distinct.Result(accDistinct))
			require.Equal(t, fmt.Sprint(backwards[:min(3, len(left))]), fmt.Sprint(top.Result(accTop)))
			n := int64(0)
			for _, x := range tallies.Result(accTallies) {
				n += x.N
			}
			require.EqualValues(t, len(left), n)

			sum, float := 0.0, 0.0
			for _, v := range left {
				float += float64(v)
			}
			for _, v := range left {
				d := float64(v) - float/float64(len(left))
				sum += d * d
			}
			got := moments.Result(accMoments)
			require.EqualValues(t, len(left), got.N)
			if len(left) == 0 {
				require.True(t, math.IsNaN(mean.Result(accMean)))
				require.Equal(t, window.Moments{}, got)
				continue
			}
			scale := 1.0
			for _, v := range left {
				scale = max(scale, math.Abs(float64(v)))
			}
			require.InDelta(t, float/float64(len(left)), mean.Result(accMean), 1e-12*scale)
			require.InDelta(t, sum, got.Squares, 1e-9*scale*scale)
		}
	}
}

func first(ordered []int64) int64 {
	if len(ordered) == 0 {
		return 0
	}
	return ordered[0]
}

func takeBack[T, A, R any](agg window.Aggregator[T, A, R], acc *A, v T) {
	*acc = agg.(window.Subtractor[A]).Sub(*acc, agg.Add(agg.New(), v))
}

// The ends of the types, where squares need more than 128 bits.
func TestExactAtTheEnds(t *testing.T) {
	signed := window.ExactVariance(self[int64])
	acc := signed.New()
	for range 1000 {
		acc = signed.Add(signed.Add(acc, math.MinInt64), math.MaxInt64)
	}
	got := signed.Result(acc)
	require.EqualValues(t, 2000, got.N)
	require.Equal(t, -0.5, got.Mean)
	require.InEpsilon(t, math.Pow(2, 126), got.Variance(), 1e-15)

	unsigned := window.ExactMean(self[uint64])
	sum := unsigned.New()
	for range 3 {
		sum = unsigned.Add(sum, math.MaxUint64)
	}
	require.Equal(t, float64(math.MaxUint64), unsigned.Result(sum))
	sum = unsigned.(window.Subtractor[window.Powers]).Sub(sum, unsigned.Add(unsigned.New(), math.MaxUint64))
	require.Equal(t, float64(math.MaxUint64), unsigned.Result(sum))
}

func TestBagsThatAreNone(t *testing.T) {
	require.PanicsWithValue(t, "window: Multiset: the function of is nil", func() { window.Multiset[int, int](nil) })
	require.PanicsWithValue(t, "window: MultisetFunc: the function of is nil", func() { window.MultisetFunc[int, int](nil, cmp.Compare[int]) })
	require.PanicsWithValue(t, "window: MultisetFunc: the function compare is nil", func() { window.MultisetFunc[int, int](self[int], nil) })
	require.PanicsWithValue(t, "window: Top(0): not positive", func() { window.Multiset(self[int]).Top(0) })
	require.PanicsWithValue(t, "window: a Bag is made by Multiset or MultisetFunc", func() { var b window.Bag[int, int]; b.Min() })
	require.PanicsWithValue(t, "window: ExactMean: the function of is nil", func() { window.ExactMean[int, int](nil) })
	require.PanicsWithValue(t, "window: ExactVariance: the function of is nil", func() { window.ExactVariance[int, int](nil) })
}

func ExampleMultiset() {
	offers := window.Multiset(func(cents int) int { return cents })
	lowest := offers.Min()
	acc := lowest.New()
	for _, cents := range []int{450, 390, 390, 420} {
		acc = lowest.Add(acc, cents)
	}
	fmt.Println(lowest.Result(acc))
	takeBack(lowest, &acc, 390)
	fmt.Println(lowest.Result(acc), "is offered once more")
	takeBack(lowest, &acc, 390)
	fmt.Println(lowest.Result(acc))
	// Output:
	// 390
	// 390 is offered once more
	// 420
}
