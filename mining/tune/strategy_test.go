package tune_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/tune"
)

func TestGrid(t *testing.T) {
	var s tune.Space
	rate := s.Log("rate", 0.001, 1)
	kind := s.Choice("kind", "a", "b", "c")
	n := s.When(kind.Is("b")).Int("n", 3, 4)
	deep := s.When(kind.Is("b", "c")).Choice("deep", true, false)
	s.When(deep.Is(true)).Float("x", -1, 1)
	// The definition: loops.
	var want []string
	for _, r := range []string{"0.001", "0.03162", "1"} {
		want = append(want, "rate="+r+" kind=a")
		for _, n := range []string{"3", "4"} {
			for _, x := range []string{"-1", "0", "1"} {
				want = append(want, "rate="+r+" kind=b n="+n+" deep=true x="+x)
			}
			want = append(want, "rate="+r+" kind=b n="+n+" deep=false")
		}
		for _, x := range []string{"-1", "0", "1"} {
			want = append(want, "rate="+r+" kind=c deep=true x="+x)
		}
		want = append(want, "rate="+r+" kind=c deep=false")
	}
	f, err := tune.Search(t.Context(), &s, tune.Grid(3), func(_ context.Context, t *tune.Trial) (float64, error) {
		if kind.Of(t) == "b" {
			return float64(n.Of(t)) - rate.Of(t), nil
		}
		return 10, nil
	})
	require.NoError(t, err)
	var got []string
	for _, r := range f.Results {
		got = append(got, r.Settings)
	}
	require.Equal(t, want, got)
	require.Equal(t, "rate=1 kind=b n=3 deep=true x=-1", f.Best.Settings)
	require.Equal(t, 3, n.Of(f.Best))
	require.Equal(t, true, deep.Of(f.Best))

	one, err := tune.Search(t.Context(), &s, tune.Grid(1), func(_ context.Context, t *tune.Trial) (float64, error) { return 1, nil })
	require.NoError(t, err)
	require.Equal(t, "rate=0.03162 kind=a", one.Results[0].Settings, "one point is the middle")
	var empty tune.Space
	nothing, err := tune.Search(t.Context(), &empty, tune.Grid(1), func(context.Context, *tune.Trial) (float64, error) { return 1, nil })
	require.NoError(t, err)
	require.Len(t, nothing.Results, 1)
}

func TestHalving(t *testing.T) {
	var s tune.Space
	x := s.Float("x", 0, 1)
	spent := 0.0
	f, err := tune.Search(t.Context(), &s, tune.SuccessiveHalving(9, 1, 9, 3), func(_ context.Context, t *tune.Trial) (float64, error) {
		spent += t.Budget
		return x.Of(t), nil
	})
	require.NoError(t, err)
	require.Len(t, f.Results, 9+3+1)
	require.Equal(t, 27.0, spent)
	first := slices.Clone(f.Results[:9])
	slices.SortFunc(first, func(a, b tune.Result) int { return int(math.Copysign(1, a.Value-b.Value)) })
	for i, r := range f.Results[9:12] {
		require.Equal(t, first[i].Number, r.Parent)
		require.Equal(t, first[i].Settings, r.Settings)
		require.Equal(t, 3.0, r.Budget)
	}
	require.Equal(t, 9.0, f.Best.Budget)
	require.Equal(t, first[0].Value, f.Best.Value)
	require.Equal(t, 9, f.Best.Parent)

	// Brackets of the paper, R = 81 and eta = 3: 81, 34, 15, 8, 5 settings to begin with.
	var begun []int
	last, followed := -1.0, false
	_, err = tune.Search(t.Context(), &s, tune.Hyperband(1, 81, 3), func(_ context.Context, t *tune.Trial) (float64, error) {
		if t.Parent < 0 {
			if t.Budget != last || followed {
				begun = append(begun, 0)
			}
			begun[len(begun)-1]++
		}
		last, followed = t.Budget, t.Parent >= 0
		return x.Of(t), nil
	})
	require.NoError(t, err)
	require.Equal(t, []int{81, 34, 15, 8, 5}, begun)

	// Where too few have a value, places of the next round are skipped.
	f, err = tune.Search(t.Context(), &s, tune.SuccessiveHalving(9, 1, 9, 3), func(_ context.Context, t *tune.Trial) (float64, error) {
		if t.Number != 4 && t.Budget == 1 {
			return math.NaN(), nil
		}
		return 1, nil
	})
	require.NoError(t, err)
	require.Equal(t, []int{8, 2}, []int{f.Failed, f.Skipped})
	require.Equal(t, 4, f.Results[9].Parent)
	require.True(t, f.Results[10].Skipped)
}

// TestDraws: settings stay in their range and conditions hold, and whole numbers are drawn alike to their ends.
func TestDraws(t *testing.T) {
	for name, by := range map[string]tune.Strategy{"random": tune.Random(), "TPE": tune.TPE(tune.Startup(3), tune.Prior(3), tune.Good(0.3), tune.Candidates(5))} {
		var s tune.Space
		f, l, i, g, k := s.Float("f", -3, 5), s.Log("l", 1e-6, 1e3), s.Int("i", -2, 3), s.LogInt("g", 1, 64), s.Int("fixed", 7, 7)
		c, one := s.Choice("c", "x", "y"), s.Float("one", 2, 2)
		sub := s.When(c.Is("y")).Int("sub", 0, 1)
		count := map[int]int{}
		_, err := tune.Search(t.Context(), &s, by, func(_ context.Context, t *tune.Trial) (float64, error) {
			if v := f.Of(t); v < -3 || v > 5 {
				panic(v)
			}
			if v := l.Of(t); v < 1e-6 || v > 1e3 {
				panic(v)
			}
			if v := g.Of(t); v < 1 || v > 64 {
				panic(v)
			}
			if v := i.Of(t); v < -2 || v > 3 || k.Of(t) != 7 || one.Of(t) != 2 {
				panic(v)
			}
			count[i.Of(t)]++
			if c.Of(t) == "y" {
				return float64(sub.Of(t)), nil
			}
			return f.Of(t), nil
		}, tune.Trials(600))
		require.NoError(t, err, name)
		require.Len(t, count, 6)
		if name == "random" {
			for v, n := range count {
				require.InDelta(t, 100, n, 45, "%d", v)
			}
		}
	}
}

// TestSeeds: other seeds try other settings, and each trial has a seed of its own.
func TestSeeds(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(3) {
		var s tune.Space
		s.Float("x", 0, 1)
		_, err := tune.Search(t.Context(), &s, tune.Random(), func(_ context.Context, t *tune.Trial) (float64, error) {
			seen[fmt.Sprint(t.Seed())] = true
			return 1, nil
		}, tune.Trials(100), tune.Seed(seed))
		require.NoError(t, err)
	}
	require.Len(t, seen, 300)
}
