package basket_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/basket"
)

type sold struct {
	at    time.Time
	items []int
}

// sales are of n days: item i sells more rarely than i-1, and 2i goes with 2i+1.
func sales(n int, seed uint64) (all []sold) {
	random := rand.New(rand.NewPCG(seed, 1))
	day := time.Date(1969, 12, 20, 0, 0, 0, 0, time.UTC)
	for i := range n {
		s := sold{at: day.Add(time.Duration(i)*24*time.Hour - time.Duration(random.IntN(72))*time.Hour)}
		for item := 0; item < 20; item += 2 {
			if random.IntN(item/2+2) == 0 {
				s.items = append(s.items, item, item) // twice is once
				if random.IntN(3) > 0 {
					s.items = append(s.items, item+1)
				}
			}
		}
		all = append(all, s)
	}
	return all
}

// decayed counts by the definition.
func decayed(all []sold, halfLife time.Duration, has func([]int) bool) (sum float64) {
	last := all[0].at
	for _, s := range all {
		if s.at.After(last) {
			last = s.at
		}
	}
	for _, s := range all {
		if has(s.items) {
			sum += math.Exp2(-float64(last.Sub(s.at)) / float64(halfLife))
		}
	}
	return sum
}

func holds(items ...int) func([]int) bool {
	return func(b []int) bool { return subset(items, b) }
}

func TestAlsoBoughtDecays(t *testing.T) {
	const halfLife = 30 * 24 * time.Hour
	for _, days := range []int{50, 40_000} { // the second moves the landmark
		all := sales(days, 1)
		also := basket.NewAlsoBought[int](basket.HalfLife(halfLife))
		for _, s := range all {
			also.Add(s.at, s.items...)
		}
		total := decayed(all, halfLife, func([]int) bool { return true })
		got := also.Suggest(100, 0, 4)
		require.NotEmpty(t, got)
		require.Equal(t, 5, got[0].Item)
		for _, s := range got {
			a, b, both := decayed(all, halfLife, holds(4)), decayed(all, halfLife, holds(s.Item)), decayed(all, halfLife, holds(4, s.Item))
			require.InDelta(t, both/math.Sqrt(a*b), s.Score, 1e-9)
			require.InDelta(t, both/a, s.Confidence, 1e-9)
			require.InEpsilon(t, both/a/(b/total), s.Lift, 1e-9)
			require.Equal(t, 4, s.Because)
		}
		few := also.Suggest(100, 1, 4)
		for _, s := range got {
			both := decayed(all, halfLife, holds(4, s.Item))
			if math.Abs(both-1) > 1e-6 {
				require.Equal(t, both > 1, contains(few, s.Item), "%d: %v", s.Item, both)
			}
		}
	}
}

func contains(all []basket.Suggestion[int], item int) bool {
	for _, s := range all {
		if s.Item == item {
			return true
		}
	}
	return false
}

func TestAlsoBoughtMerges(t *testing.T) {
	for _, halfLife := range []time.Duration{0, time.Hour, 30 * 24 * time.Hour} {
		all := sales(500, 2)
		whole := basket.NewAlsoBought[int](basket.HalfLife(halfLife))
		for _, s := range all {
			whole.Add(s.at, s.items...)
		}
		for _, cut := range []int{0, 1, 200, 500} {
			for _, swapped := range []bool{false, true} {
				a, b := basket.NewAlsoBought[int](basket.HalfLife(halfLife)), basket.NewAlsoBought[int](basket.HalfLife(halfLife))
				for i, s := range all {
					if i < cut {
						a.Add(s.at, s.items...)
					} else {
						b.Add(s.at, s.items...)
					}
				}
				if swapped {
					a, b = b, a
				}
				a.Merge(b)
				want, got := whole.Suggest(5, 0, 0, 6), a.Suggest(5, 0, 0, 6)
				require.Len(t, got, len(want))
				for i := range want {
					require.InDelta(t, want[i].Score, got[i].Score, 1e-9)
				}
			}
		}
	}
	require.Panics(t, func() { basket.NewAlsoBought[int]().Merge(basket.NewAlsoBought[int](basket.MaxItems(3))) })
}

// A restored one goes on bit for bit.
func TestAlsoBoughtSaved(t *testing.T) {
	all := sales(300, 3)
	for _, cut := range []int{0, 1, 150} {
		opts := []basket.AlsoOption{basket.HalfLife(time.Hour), basket.MaxItems(8), basket.MaxPartners(3), basket.MaxBasket(5)}
		whole := basket.NewAlsoBought[int](opts...)
		for _, s := range all[:cut] {
			whole.Add(s.at, s.items...)
		}
		b, err := whole.AppendBinary(nil)
		require.NoError(t, err)
		restored := basket.NewAlsoBought[int]()
		for n := range b {
			require.Error(t, restored.UnmarshalBinary(b[:n]))
		}
		require.NoError(t, restored.UnmarshalBinary(b))
		for _, s := range all[cut:] {
			whole.Add(s.at, s.items...)
			restored.Add(s.at, s.items...)
		}
		x, err := whole.AppendBinary(nil)
		require.NoError(t, err)
		y, err := restored.AppendBinary(nil)
		require.NoError(t, err)
		require.True(t, bytes.Equal(x, y))
		require.Equal(t, whole.Suggest(9, 0, 0, 2), restored.Suggest(9, 0, 0, 2))
	}
}

// What is kept is bounded, and what sells most is among it.
func TestAlsoBoughtBounded(t *testing.T) {
	also := basket.NewAlsoBought[int](basket.MaxItems(50), basket.MaxPartners(10), basket.MaxBasket(6))
	random := rand.New(rand.NewPCG(4, 4))
	at := time.Unix(0, 0)
	for i := range 20_000 {
		items := []int{1_000_000 + i, random.IntN(500) + 10}
		if i%3 == 0 {
			items = append(items, 1, 2)
		}
		also.Add(at, items...)
	}
	require.LessOrEqual(t, also.Len(), 100)
	got := also.Suggest(1, 0, 1)
	require.Equal(t, 2, got[0].Item)
	require.Equal(t, 1.0, got[0].Score)
	b, err := also.AppendBinary(nil)
	require.NoError(t, err)
	require.Less(t, len(b), 100*(20*12+30))
	require.Zero(t, also.Skipped())
	also.Add(at, 1, 3, 4, 5, 6, 7, 8)
	require.EqualValues(t, 1, also.Skipped())
	require.False(t, contains(also.Suggest(1000, 0, 1), 8))
	require.Empty(t, also.Suggest(3, 0, 99_999_999))
	require.Empty(t, also.Suggest(3, 0))
	require.Empty(t, basket.NewAlsoBought[string]().Suggest(3, 0, "x"))
	also.Add(at)
	also.Add(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), 1)
}

// The same baskets in any order count the same.
func FuzzAlsoBought(f *testing.F) {
	f.Add([]byte{1, 2, 210, 3, 1}, int64(1), int64(5))
	f.Add([]byte{}, int64(0), int64(0))
	f.Fuzz(func(t *testing.T, data []byte, step, halfLife int64) {
		if len(data) > 200 || halfLife < 0 {
			return
		}
		baskets := drawn(data, 7)
		a, b := basket.NewAlsoBought[int](basket.HalfLife(time.Duration(halfLife))), basket.NewAlsoBought[int](basket.HalfLife(time.Duration(halfLife)))
		for i := range baskets {
			a.Add(time.Unix(0, int64(i)*(step%1e15)), baskets[i]...)
			k := len(baskets) - 1 - i
			b.Add(time.Unix(0, int64(k)*(step%1e15)), baskets[k]...)
		}
		for cart := range 7 {
			for _, s := range a.Suggest(9, 0, cart) {
				require.False(t, math.IsNaN(s.Score) || s.Score < 0 || s.Score > 1.0001, "%v", s)
			}
			if halfLife == 0 {
				require.Equal(t, a.Suggest(9, 0, cart), b.Suggest(9, 0, cart))
			}
		}
	})
}
