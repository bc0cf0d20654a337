package tune_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/freshet-go/freshet/mining/tune"
)

// branin has three minima of 0.397887.
func branin(x, y float64) float64 {
	a := y - 5.1/(4*math.Pi*math.Pi)*x*x + 5/math.Pi*x - 6
	return a*a + 10*(1-1/(8*math.Pi))*math.Cos(x) + 10
}

// hartmann has one minimum of -3.32237, in 6 dimensions.
func hartmann(x []float64) float64 {
	a := [4][6]float64{{10, 3, 17, 3.5, 1.7, 8}, {.05, 10, 17, .1, 8, 14}, {3, 3.5, 1.7, 10, 17, 8}, {17, 8, .05, 10, .1, 14}}
	p := [4][6]float64{{.1312, .1696, .5569, .0124, .8283, .5886}, {.2329, .4135, .8307, .3736, .1004, .9991}, {.2348, .1451, .3522, .2883, .3047, .6650}, {.4047, .8828, .8732, .5743, .1091, .0381}}
	all := 0.0
	for i, alpha := range []float64{1, 1.2, 3, 3.2} {
		s := 0.0
		for j := range x {
			s += a[i][j] * (x[j] - p[i][j]) * (x[j] - p[i][j])
		}
		all -= alpha * math.Exp(-s)
	}
	return all
}

func searchBranin(t testing.TB, by tune.Strategy, seed uint64, trials int) float64 {
	var s tune.Space
	x, y := s.Float("x", -5, 10), s.Float("y", 0, 15)
	f, err := tune.Search(context.Background(), &s, by, func(_ context.Context, t *tune.Trial) (float64, error) {
		return branin(x.Of(t), y.Of(t)), nil
	}, tune.Trials(trials), tune.Seed(seed))
	require.NoError(t, err)
	require.Len(t, f.Results, trials)
	return f.Best.Value
}

func searchHartmann(t testing.TB, by tune.Strategy, seed uint64, trials int) float64 {
	var s tune.Space
	var x []tune.Float
	for i := range 6 {
		x = append(x, s.Float(fmt.Sprint("x", i), 0, 1))
	}
	f, err := tune.Search(context.Background(), &s, by, func(_ context.Context, t *tune.Trial) (float64, error) {
		at := make([]float64, 6)
		for i := range at {
			at[i] = x[i].Of(t)
		}
		return hartmann(at), nil
	}, tune.Trials(trials), tune.Seed(seed))
	require.NoError(t, err)
	return f.Best.Value
}

// mixed is of logarithms, whole numbers, choices and conditions: its minimum is 0.
func mixed(t testing.TB, by tune.Strategy, seed uint64, trials int) float64 {
	var s tune.Space
	rate := s.Log("rate", 1e-5, 10)
	kind := s.Choice("kind", "a", "b", "c", "d")
	depth := s.When(kind.Is("c")).Int("depth", 1, 40)
	size := s.When(kind.Is("a", "b")).LogInt("size", 1, 1000)
	f, err := tune.Search(context.Background(), &s, by, func(_ context.Context, t *tune.Trial) (float64, error) {
		loss := math.Abs(math.Log10(rate.Of(t)) + 3)
		switch kind.Of(t) {
		case "c":
			return loss + math.Abs(float64(depth.Of(t)-31))/10, nil
		case "d":
			return loss + 2, nil
		default:
			return loss + 1 + math.Abs(math.Log10(float64(size.Of(t)))-2), nil
		}
	}, tune.Trials(trials), tune.Seed(seed))
	require.NoError(t, err)
	return f.Best.Value
}

// TestTPE: over 60 seeds TPE finds better values than random search does, by a sign test at 0.001, on each of three functions. It comes near to the
// minima that are known.
func TestTPE(t *testing.T) {
	seeds, level := 60, 0.001
	if underRace {
		seeds, level = 16, 0.05 // it takes ten times as long
	}
	for name, of := range map[string]struct {
		search  func(testing.TB, tune.Strategy, uint64, int) float64
		trials  int
		minimum float64
		within  float64 // of the mean of what TPE finds
	}{
		"Branin":   {searchBranin, 80, 0.397887, 0.2},
		"Hartmann": {searchHartmann, 120, -3.32237, 0.5},
		"mixed":    {mixed, 80, 0, 0.3},
	} {
		wins, tpe, random := 0, 0.0, 0.0
		for seed := range seeds {
			a, b := of.search(t, tune.TPE(), uint64(seed), of.trials), of.search(t, tune.Random(), uint64(seed), of.trials)
			tpe, random = tpe+a/float64(seeds), random+b/float64(seeds)
			if a < b {
				wins++
			}
			require.GreaterOrEqual(t, a, of.minimum-1e-5)
		}
		p := distuv.Binomial{N: float64(seeds), P: 0.5}.Survival(float64(wins) - 1)
		t.Logf("%s, %d trials: TPE %.4f, random %.4f, minimum %.4f, better on %d of %d seeds, p %.2g", name, of.trials, tpe, random, of.minimum, wins, seeds, p)
		require.Less(t, p, level, name)
		require.InDelta(t, of.minimum, tpe, of.within, name)
	}
}

// A noisy objective of every kind of parameter, that fails now and then, prunes, and takes its time.
func everything(s *tune.Space) tune.Objective {
	x := s.Float("x", -1, 1)
	kind := s.Choice("kind", 1, 2, 3)
	n := s.When(kind.Is(2)).Int("n", 1, 9)
	return func(_ context.Context, t *tune.Trial) (float64, error) {
		v := x.Of(t)*x.Of(t) + float64(kind.Of(t)) + t.Rand().Float64()
		for range t.Rand().IntN(50) {
			runtime.Gosched()
		}
		if kind.Of(t) == 2 {
			v -= float64(n.Of(t)) / 5
		}
		switch t.Number % 11 {
		case 3:
			return 0, errors.New("no luck")
		case 7:
			return math.NaN(), nil
		case 9:
			panic("a bug")
		}
		for step := range 4 {
			if t.Report(step, v+float64(3-step)) {
				return 0, tune.ErrPruned
			}
		}
		return v / max(1, t.Budget), nil
	}
}

var strategies = map[string]tune.Strategy{
	"random": tune.Random(), "grid": tune.Grid(4), "TPE": tune.TPE(tune.Startup(5)),
	"halving": tune.SuccessiveHalving(27, 1, 9, 3), "hyperband": tune.Hyperband(1, 9, 3),
}

// TestWorkers: what is found does not depend on how many work on it.
func TestWorkers(t *testing.T) {
	for name, by := range strategies {
		for _, opts := range [][]tune.Option{{}, {tune.Prune(3, 1)}, {tune.Ahead(1)}, {tune.Maximize()}} {
			var first string
			for _, workers := range []int{1, 2, 7, 30} {
				var s tune.Space
				f, err := tune.Search(t.Context(), &s, by, everything(&s), append(opts, tune.Trials(40), tune.Workers(workers), tune.Seed(9))...)
				require.NoError(t, err)
				all := fmt.Sprintf("%+v", f)
				if first == "" {
					first = all
					require.Positive(t, f.Failed)
				}
				require.Equal(t, first, all, "%s with %d workers", name, workers)
			}
		}
	}
}

// TestJournal cuts the journal at every line, and in the middle of one, as a kill does: the search goes on to the same.
func TestJournal(t *testing.T) {
	for name, by := range strategies {
		path := filepath.Join(t.TempDir(), "journal")
		search := func(extra ...tune.Option) (*tune.Found, error) {
			var s tune.Space
			return tune.Search(t.Context(), &s, by, everything(&s), append(extra, tune.Trials(25), tune.Prune(3, 1), tune.Journal(path), tune.Workers(3))...)
		}
		whole, err := search()
		require.NoError(t, err)
		whole.Resumed = 0
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		lines := strings.SplitAfter(string(b), "\n")
		ran := len(whole.Results) - whole.Skipped
		require.Len(t, lines, ran+2, "a header, the results, and nothing behind them")
		for _, cut := range []int{0, 1, 2, 7, ran, ran + 1} {
			for _, torn := range []string{"", `{"trial":`} {
				require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines[:cut], "")+torn), 0o666))
				f, err := search()
				require.NoError(t, err)
				require.Equal(t, max(0, cut-1), f.Resumed)
				f.Resumed = 0
				require.Equal(t, fmt.Sprintf("%+v", whole), fmt.Sprintf("%+v", f), "%s, cut after %d lines", name, cut)
			}
		}
		_, err = search(tune.Seed(2))
		require.ErrorContains(t, err, "it is of another search")
		changed := strings.Replace(strings.Join(lines, ""), `"at":[`, `"at":[0.123456,`, 1)
		require.NoError(t, os.WriteFile(path, []byte(changed), 0o666))
		_, err = search()
		require.ErrorContains(t, err, "has other settings than this search proposes")
		for _, bad := range []string{"nonsense\n", lines[0] + "nonsense\n", lines[0] + `{"trial":0,"at":[],"parent":-1}` + "\n"} {
			require.NoError(t, os.WriteFile(path, []byte(bad), 0o666))
			_, err = search()
			require.ErrorContains(t, err, "journal")
		}
	}
	var s tune.Space
	_, err := tune.Search(t.Context(), &s, tune.Random(), everything(&s), tune.Journal(filepath.Join(t.TempDir(), "no", "folder")))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// FuzzJournal: whatever is in a file, it is a journal or an error.
func FuzzJournal(f *testing.F) {
	header := `{"format":1,"space":"\"x\" [0 1] log=false whole=false [] when {0 []}; ","strategy":"random","seed":1,"ahead":4,"maximize":false,"prune":"{false 0 0}"}` + "\n"
	f.Add([]byte(""))
	f.Add([]byte(header))
	f.Add([]byte(header + `{"trial":0,"at":[0.25],"value":3,"parent":-1,"steps":[{"at":1,"value":"NaN"}]}` + "\n"))
	f.Add([]byte(header + `{"trial":0,"at":[null],"failed":"so","parent":-1}` + "\n{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "journal")
		require.NoError(t, os.WriteFile(path, data, 0o666))
		var s tune.Space
		x := s.Float("x", 0, 1)
		found, err := tune.Search(t.Context(), &s, tune.Random(), func(_ context.Context, t *tune.Trial) (float64, error) { return x.Of(t), nil },
			tune.Trials(2), tune.Journal(path))
		if err == nil {
			require.Len(t, found.Results, 2)
			_, err = tune.Search(t.Context(), &s, tune.Random(), func(context.Context, *tune.Trial) (float64, error) { return 0, errors.New("it runs again") },
				tune.Trials(2), tune.Journal(path))
			require.NoError(t, err)
		}
	})
}

func TestCancelled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	search := func(ctx context.Context, stop func(n int)) (*tune.Found, error) {
		var s tune.Space
		x := s.Float("x", 0, 1)
		return tune.Search(ctx, &s, tune.TPE(), func(ctx context.Context, t *tune.Trial) (float64, error) {
			stop(t.Number)
			return x.Of(t), ctx.Err()
		}, tune.Trials(30), tune.Journal(path), tune.Workers(2))
	}
	ctx, cancel := context.WithCancel(t.Context())
	f, err := search(ctx, func(n int) {
		if n == 12 {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, f.Failed, "a trial that was stopped has not failed")
	require.GreaterOrEqual(t, len(f.Results), 11)
	require.False(t, math.IsNaN(f.Best.Value))
	f, err = search(t.Context(), func(int) {})
	require.NoError(t, err)
	require.GreaterOrEqual(t, f.Resumed, 11)
	f.Resumed = 0
	require.NoError(t, os.Remove(path))
	whole, err := search(t.Context(), func(int) {})
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("%+v", whole), fmt.Sprintf("%+v", f))
	_, err = search(ctx, func(int) { t.Error("it runs though it was cancelled") })
	require.NoError(t, os.Remove(path))
	require.ErrorIs(t, err, context.Canceled)
}

// TestTime: trials begin for so long, and those that run are waited for.
func TestTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s tune.Space
		s.Float("x", 0, 1)
		began := time.Now()
		f, err := tune.Search(context.Background(), &s, tune.Random(), func(context.Context, *tune.Trial) (float64, error) {
			<-time.After(time.Minute)
			return 1, nil
		}, tune.Trials(1000), tune.Time(10*time.Minute+time.Second), tune.Workers(2))
		require.NoError(t, err)
		require.Len(t, f.Results, 22)
		require.Equal(t, 11*time.Minute, time.Since(began))
	})
}

func TestFailures(t *testing.T) {
	var s tune.Space
	x := s.Float("x", 0, 1)
	f, err := tune.Search(t.Context(), &s, tune.TPE(), func(_ context.Context, t *tune.Trial) (float64, error) {
		switch t.Number % 5 {
		case 0:
			return math.Inf(-1), nil
		case 1:
			return -1, errors.New("an error beside a value")
		case 2:
			panic(fmt.Sprint("at ", t.Number))
		case 3:
			return math.NaN(), nil
		}
		return x.Of(t), nil
	}, tune.Trials(50))
	require.NoError(t, err)
	require.Equal(t, 40, f.Failed)
	require.GreaterOrEqual(t, f.Best.Value, 0.0)
	require.Contains(t, f.Results[2].Failed, "the objective panicked: at 2")
	require.True(t, math.IsNaN(f.Results[1].Value))
	require.Contains(t, f.Report(2), "50 trials: 10 with a value, 40 failed, 0 pruned, 0 skipped\n")
	require.Contains(t, f.Report(2), "failed: x=")

	none, err := tune.Search(t.Context(), &s, tune.Random(), func(context.Context, *tune.Trial) (float64, error) { return 0, errors.New("no data") }, tune.Trials(3))
	require.ErrorIs(t, err, tune.ErrNone)
	require.ErrorContains(t, err, "tune: no trial has a value: trial 0: no data")
	require.Panics(t, func() { x.Of(none.Best) })
}

func TestPrune(t *testing.T) {
	var s tune.Space
	x := s.Float("x", 0, 1)
	var steps atomic.Int64
	search := func(opts ...tune.Option) *tune.Found {
		steps.Store(0)
		f, err := tune.Search(t.Context(), &s, tune.Random(), func(_ context.Context, t *tune.Trial) (float64, error) {
			for step := range 10 {
				steps.Add(1)
				if t.Report(step, x.Of(t)) {
					return 0, tune.ErrPruned
				}
			}
			return x.Of(t), nil
		}, append(opts, tune.Trials(100))...)
		require.NoError(t, err)
		return f
	}
	whole := search()
	require.Equal(t, int64(1000), steps.Load())
	f := search(tune.Prune(5, 2))
	require.Equal(t, whole.Best.Value, f.Best.Value)
	require.Greater(t, f.Pruned, 30)
	ran := 0
	for n, r := range f.Results {
		ran += len(r.Steps)
		last := r.Steps[len(r.Steps)-1]
		// The definition: the median of those that came as far, up to the fourth trial before.
		var others []float64
		for _, e := range f.Results[:max(0, n-3)] {
			if len(e.Steps) > last.At {
				others = append(others, e.Steps[last.At].Value)
			}
		}
		slices.Sort(others)
		worse := len(others) >= 5 && last.Value > (others[(len(others)-1)/2]+others[len(others)/2])/2
		require.Equal(t, worse, r.Pruned, "trial %d", n)
		require.True(t, !r.Pruned || last.At >= 2)
	}
	require.Equal(t, int64(ran), steps.Load())
	up := search(tune.Prune(5, 2), tune.Maximize())
	require.Greater(t, up.Best.Value, 0.9)
}

func TestPanics(t *testing.T) {
	var s tune.Space
	kind := s.Choice("kind", "a", "b")
	x := s.When(kind.Is("a")).Float("x", 0, 1)
	for name, f := range map[string]func(){
		"name":       func() { s.Float("", 0, 1) },
		"twice":      func() { s.Int("kind", 0, 1) },
		"range":      func() { s.Float("low", 2, 1) },
		"NaN":        func() { s.Float("low", math.NaN(), 1) },
		"log of 0":   func() { s.Log("low", 0, 1) },
		"no values":  func() { s.Choice[int]("none") },
		"no such":    func() { kind.Is("c") },
		"always":     func() { s.When(tune.Condition{}) },
		"grid":       func() { tune.Grid(0) },
		"halving":    func() { tune.SuccessiveHalving(0, 1, 2, 2) },
		"eta":        func() { tune.Hyperband(1, 2, 1) },
		"budgets":    func() { tune.Hyperband(3, 2, 2) },
		"good":       func() { tune.Good(1) },
		"prior":      func() { tune.Prior(0) },
		"startup":    func() { tune.Startup(0) },
		"trials":     func() { tune.Trials(0) },
		"time":       func() { tune.Time(0) },
		"candidates": func() { tune.Candidates(0) },
		"test":       func() { tune.NewTest(1, 1) },
	} {
		require.Panics(t, f, name)
	}
	_, err := tune.Search(t.Context(), &s, tune.Grid(2), func(_ context.Context, t *tune.Trial) (float64, error) { return x.Of(t), nil })
	require.NoError(t, err)
}
