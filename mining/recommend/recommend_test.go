package recommend_test

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/recommend"
)

var day = time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)

// tastes are users of two kinds, who have items of their own kind, and rarely others.
func tastes(seed uint64) (pairs [][2]int) {
	random := rand.New(rand.NewPCG(seed, 0))
	for u := range 60 {
		for i := range 40 {
			if chance := random.IntN(10); u%2 == i%2 && chance < 5 || chance == 0 {
				pairs = append(pairs, [2]int{u, i})
			}
		}
	}
	random.Shuffle(len(pairs), func(a, b int) { pairs[a], pairs[b] = pairs[b], pairs[a] })
	return pairs
}

func of(pairs [][2]int) *recommend.History[int, int] {
	h := new(recommend.History[int, int])
	for _, p := range pairs {
		h.Add(p[0], p[1], 1)
	}
	return h
}

// Each model gives users of a kind items of that kind, that they do not have and that are allowed.
func TestTastes(t *testing.T) {
	pairs := tastes(1)
	h := of(pairs)
	near := recommend.NewItemItem[int, int]()
	for _, p := range pairs {
		near.Add(p[0], p[1])
	}
	als, err := recommend.FitALS(t.Context(), h, recommend.FactorCount(4))
	require.NoError(t, err)
	bpr, err := recommend.FitBPR(t.Context(), h, recommend.FactorCount(4))
	require.NoError(t, err)
	notTwo := func(i int) bool { return i != 2 && i != 3 }
	for name, m := range map[string]func(int, func(int) bool, int) []recommend.Recommendation[int]{"item-item": near.Recommend, "ALS": als.Recommend, "BPR": bpr.Recommend} {
		right, all := 0, 0
		for u := range 60 {
			got := m(u, notTwo, 3)
			require.Len(t, got, 3, name)
			require.True(t, slices.IsSortedFunc(got, func(a, b recommend.Recommendation[int]) int { return int(math.Copysign(1, b.Score-a.Score)) }))
			for _, r := range got {
				require.NotContains(t, h.Of(u), r.Item)
				require.True(t, notTwo(r.Item))
				for _, b := range r.Because {
					require.Contains(t, h.Of(u), b)
				}
				if name != "BPR" {
					require.NotEmpty(t, r.Because)
				}
				all++
				if r.Item%2 == u%2 {
					right++
				}
			}
		}
		require.Greater(t, float64(right), 0.9*float64(all), name)
		require.Empty(t, m(999, nil, 3), "nobody knows them")
		require.Empty(t, m(0, nil, 0))
		require.Empty(t, m(0, func(int) bool { return false }, 3))
		require.Len(t, m(0, nil, 1000), 40-len(h.Of(0)), name)
	}
	cart := als.RecommendFor([]int{4, 6, 8, 8, 999}, nil, 5)
	for _, r := range cart {
		require.Zero(t, r.Item%2)
	}
	require.Empty(t, als.RecommendFor([]int{999}, nil, 5))
	require.Empty(t, near.RecommendFor(nil, nil, 5))
	require.NotEmpty(t, near.RecommendFor([]int{4, 6}, nil, 5))
	require.Empty(t, near.Similar(999, 3))
	require.Len(t, near.Similar(4, 3), 3)
}

// Similarities are cosines at any time, whatever came before.
func TestItemItemGrows(t *testing.T) {
	pairs := tastes(2)
	m := recommend.NewItemItem[int, int](recommend.Nearest(0))
	users := map[int]map[int]bool{}
	for n, p := range pairs {
		m.Add(p[0], p[1])
		m.Add(p[0], p[1]) // once more is as once
		if users[p[1]] == nil {
			users[p[1]] = map[int]bool{}
		}
		users[p[1]][p[0]] = true
		if n%50 != 0 {
			continue
		}
		for i := range 40 {
			for _, s := range m.Similar(i, 99) {
				both := 0
				for u := range users[i] {
					if users[s.Item][u] {
						both++
					}
				}
				require.InDelta(t, float64(both)/math.Sqrt(float64(len(users[i])*len(users[s.Item]))), s.Score, 1e-12)
			}
		}
	}
	few := recommend.NewItemItem[int, int](recommend.MaxPairs(10), recommend.MaxItems(2))
	for _, p := range pairs {
		few.Add(p[0], p[1])
	}
	require.NotZero(t, few.Left())
}

// What was restored says the same, and goes on in the same way.
func TestSaved(t *testing.T) {
	pairs := tastes(3)
	h := of(pairs)
	als, err := recommend.FitALS(t.Context(), h, recommend.FactorCount(4))
	require.NoError(t, err)
	var als2 recommend.ALS[int, int]
	restore(t, als, &als2)
	bpr, err := recommend.FitBPR(t.Context(), h, recommend.FactorCount(4), recommend.Rounds(3))
	require.NoError(t, err)
	var bpr2 recommend.BPR[int, int]
	restore(t, bpr, &bpr2)
	for u := range 60 {
		require.Equal(t, als.Recommend(u, nil, 9), als2.Recommend(u, nil, 9))
		require.Equal(t, bpr.Recommend(u, nil, 9), bpr2.Recommend(u, nil, 9))
	}
	for _, cut := range []int{0, 1, 200} {
		near, near2 := recommend.NewItemItem[int, int](recommend.MaxItems(5)), new(recommend.ItemItem[int, int])
		rated, rated2 := recommend.NewFactors[int, int](recommend.MaxUsers(30)), new(recommend.Factors[int, int])
		for k, p := range pairs {
			if k == cut {
				restore(t, near, near2)
				restore(t, rated, rated2)
			}
			if k >= cut {
				near2.Add(p[0], p[1])
				rated2.Learn(p[0], p[1], float64(p[1]%5))
			}
			near.Add(p[0], p[1])
			rated.Learn(p[0], p[1], float64(p[1]%5))
		}
		for u := range 60 {
			require.Equal(t, near.Recommend(u, nil, 9), near2.Recommend(u, nil, 9))
			require.Equal(t, rated.Predict(u, u/2), rated2.Predict(u, u/2))
		}
		require.NotZero(t, rated.Left())
		require.Equal(t, rated.Left(), rated2.Left())
	}
}

// restore restores a model, which refuses damaged bytes before.
func restore(t *testing.T, from, to mining.Saved) {
	b, err := from.AppendBinary(nil)
	require.NoError(t, err)
	for n := 0; n < len(b); n += max(1, len(b)/50) {
		require.Error(t, to.UnmarshalBinary(b[:n]))
	}
	data := bytes.Clone(b)
	require.NoError(t, to.UnmarshalBinary(data))
	clear(data)
	again, err := to.AppendBinary(nil)
	require.NoError(t, err)
	require.True(t, bytes.Equal(b, again))
}

// Factors do not depend on how many solve.
func TestWorkers(t *testing.T) {
	h := of(tastes(4))
	one, err := recommend.FitALS(t.Context(), h, recommend.FactorCount(5))
	require.NoError(t, err)
	four, err := recommend.FitALS(t.Context(), h, recommend.FactorCount(5), recommend.Workers(4))
	require.NoError(t, err)
	for u := range 60 {
		require.Equal(t, one.Recommend(u, nil, 5), four.Recommend(u, nil, 5))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = recommend.FitALS(ctx, h)
	require.ErrorIs(t, err, context.Canceled)
	_, err = recommend.FitBPR(ctx, h)
	require.ErrorIs(t, err, context.Canceled)
	_, err = recommend.FitALS(t.Context(), new(recommend.History[int, int]))
	require.NoError(t, err)
	nobody, err := recommend.FitBPR(t.Context(), new(recommend.History[int, int]))
	require.NoError(t, err)
	require.Empty(t, nobody.Recommend(1, nil, 3))
}

func TestPopularDecays(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	type sale struct {
		at   time.Time
		item int
	}
	var sales []sale
	for range 2000 {
		sales = append(sales, sale{day.AddDate(0, 0, random.IntN(30_000)-15_000), random.IntN(9)})
	}
	const halfLife = 20 * 24 * time.Hour
	whole, a, b := recommend.NewPopular[int](halfLife), recommend.NewPopular[int](halfLife), recommend.NewPopular[int](halfLife)
	last := sales[0].at
	for _, s := range sales {
		whole.Add(s.at, s.item)
		[]*recommend.Popular[int]{a, b}[random.IntN(2)].Add(s.at, s.item)
		if s.at.After(last) {
			last = s.at
		}
	}
	a.Merge(b)
	want, total := map[int]float64{}, 0.0
	for _, s := range sales {
		w := math.Exp2(-float64(last.Sub(s.at)) / float64(halfLife))
		want[s.item] += w
		total += w
	}
	for _, p := range []*recommend.Popular[int]{whole, a} {
		for _, r := range p.Recommend(nil, nil, 9) {
			require.InDelta(t, want[r.Item]/total, r.Score, 1e-9)
		}
	}
	restored := recommend.NewPopular[int](0)
	restore(t, whole, restored)
	require.Equal(t, whole.Recommend([]int{3}, nil, 9), restored.Recommend([]int{3}, nil, 9))
	require.Empty(t, recommend.NewPopular[int](0).Recommend(nil, nil, 3))
	require.Panics(t, func() { whole.Merge(recommend.NewPopular[int](0)) })
}

// Ratings that are made of a user's, an item's and a common part are learnt.
func TestFactorsLearn(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	m := recommend.NewFactors[int, int]()
	require.Zero(t, m.Predict(1, 2))
	rate := func(u, i int) float64 {
		return 3 + 0.3*float64(u%3) - 0.2*float64(i%4) + 0.8*math.Copysign(1, float64(u%2)-0.5)*math.Copysign(1, float64(i%2)-0.5)
	}
	for range 60_000 {
		u, i := random.IntN(50), random.IntN(30)
		m.Learn(u, i, rate(u, i)+0.1*random.NormFloat64())
	}
	squares := 0.0
	for u := range 50 {
		for i := range 30 {
			d := m.Predict(u, i) - rate(u, i)
			squares += d * d / 1500
		}
	}
	require.Less(t, math.Sqrt(squares), 0.15)
	before := m.Predict(1, 2)
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		m.Learn(1, 2, v)
	}
	require.Equal(t, before, m.Predict(1, 2))
	for range 1000 {
		m.Learn(1, 2, math.MaxFloat64)
		m.Learn(1, 2, -math.MaxFloat64)
	}
	require.True(t, mining.Known(m.Predict(1, 2)))
	require.InDelta(t, 0, m.Predict(99, 99), 1e6, "the mean of all")
}

// What is allowed ends in numbers, or in an error.
func TestExtremes(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	m := recommend.NewFactors[int, int](recommend.Rate(1), recommend.L2(1))
	for range 5000 {
		m.Learn(random.IntN(9), random.IntN(9), 1e9*random.NormFloat64())
		require.True(t, mining.Known(m.Predict(random.IntN(9), random.IntN(9))))
	}
	h := of(tastes(8))
	h.Add(0, 0, 1e6)
	als, err := recommend.FitALS(t.Context(), h, recommend.FactorCount(4))
	require.NoError(t, err)
	require.Len(t, als.Recommend(1, nil, 3), 3)
	_, err = recommend.FitBPR(t.Context(), h, recommend.Rate(1e6))
	require.ErrorIs(t, err, recommend.ErrDiverged)
}

func TestMistakes(t *testing.T) {
	for _, f := range []func(){
		func() { recommend.NewPopular[int](-1) }, func() { new(recommend.History[int, int]).Add(1, 1, 0) }, func() { new(recommend.History[int, int]).Add(1, 1, math.NaN()) },
		func() { recommend.Nearest(-1) }, func() { recommend.MaxItems(0) }, func() { recommend.MaxPairs(0) }, func() { recommend.FactorCount(0) },
		func() { recommend.Rounds(0) }, func() { recommend.L2(-1) }, func() { recommend.Alpha(math.Inf(1)) }, func() { recommend.Workers(0) },
		func() { recommend.Rate(0) }, func() { recommend.MaxUsers(0) },
		func() {
			_, _ = recommend.FitALS(t.Context(), new(recommend.History[int, int]), recommend.L2(0))
		},
		func() {
			_, _ = recommend.FitBPR(t.Context(), new(recommend.History[int, int]), recommend.Alpha(1))
		},
		func() { recommend.NewFactors[int, int](recommend.L2(2)) }, func() { recommend.NewFactors[int, int](recommend.Rounds(2)) }, func() { new(recommend.History[int, int]).Add(1, 1, 1e7) },
		func() { recommend.NewThompson(0, 0, 1) }, func() { recommend.NewThompson(1, -1, 1) }, func() { recommend.NewThompson(1, 0, 1).Learn(1, 1) },
		func() { recommend.NewLinUCB(0, 1, 1) }, func() { recommend.NewLinUCB(1, 0, 1) }, func() { recommend.NewLinUCB(1, 1, -1) },
		func() { recommend.NewLinUCB(1, 1, 1).Learn(2, mining.Dense(1), 1) }, func() { recommend.NewLinUCB(1, 1, 1).Choose(mining.Dense(1, 2), nil) },
		func() { recommend.Evaluate([]recommend.Logged{{Chance: 0}}, recommend.InversePropensity) },
	} {
		require.Panics(t, f)
	}
}
