package tune_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-go/freshet/mining/tune"
)

// loss stands for a model that is built, fitted and judged: it is least at a rate of 0.01.
func loss(rate float64) float64 { return math.Abs(math.Log10(rate) + 2) }

func ExampleSearch() {
	var space tune.Space
	rate := space.Log("rate", 1e-5, 1)
	kind := space.Choice("kind", "tree", "linear")
	depth := space.When(kind.Is("tree")).Int("depth", 1, 12)

	found, err := tune.Search(context.Background(), &space, tune.TPE(), func(ctx context.Context, t *tune.Trial) (float64, error) {
		if kind.Of(t) == "tree" {
			return loss(rate.Of(t)) + math.Abs(float64(depth.Of(t)-6)), nil
		}
		return loss(rate.Of(t)) + 2, nil
	}, tune.Trials(200), tune.Workers(4))
	fmt.Print(found.Report(3))
	fmt.Println(kind.Of(found.Best), err)
	// Output:
	// 200 trials: 200 with a value, 0 failed, 0 pruned, 0 skipped
	// 0.00056891  trial 66: rate=0.01001 kind=tree depth=6
	//   0.012172  trial 70: rate=0.009724 kind=tree depth=6
	//   0.032374  trial 64: rate=0.009282 kind=tree depth=6
	// tree <nil>
}

func ExampleSpace() {
	var space tune.Space
	trees := space.LogInt("trees", 10, 1000)
	share := space.Float("share", 0.1, 1)
	weigh := space.Choice("weigh", true, false)
	found, _ := tune.Search(context.Background(), &space, tune.Random(), func(_ context.Context, t *tune.Trial) (float64, error) {
		if weigh.Of(t) {
			return share.Of(t), nil
		}
		return float64(trees.Of(t)), nil
	}, tune.Trials(5))
	for _, r := range found.Results {
		fmt.Println(r.Settings)
	}
	// Output:
	// trees=581 share=0.9265 weigh=false
	// trees=55 share=0.8298 weigh=false
	// trees=229 share=0.3814 weigh=true
	// trees=175 share=0.7349 weigh=false
	// trees=804 share=0.6358 weigh=false
}

func ExampleRandom() {
	var space tune.Space
	rate := space.Log("rate", 1e-5, 1)
	found, _ := tune.Search(context.Background(), &space, tune.Random(), func(_ context.Context, t *tune.Trial) (float64, error) {
		return loss(rate.Of(t)), nil
	}, tune.Trials(50))
	fmt.Printf("%.4f\n", rate.Of(found.Best))
	// Output:
	// 0.0133
}

func ExampleGrid() {
	var space tune.Space
	rate := space.Log("rate", 0.001, 1)
	found, _ := tune.Search(context.Background(), &space, tune.Grid(4), func(_ context.Context, t *tune.Trial) (float64, error) {
		return loss(rate.Of(t)), nil
	})
	fmt.Print(found.Report(4))
	// Output:
	// 4 trials: 4 with a value, 0 failed, 0 pruned, 0 skipped
	//          0  trial 1: rate=0.01
	//          1  trial 0: rate=0.001
	//          1  trial 2: rate=0.1
	//          2  trial 3: rate=1
}

func ExampleTPE() {
	var space tune.Space
	x, y := space.Float("x", -5, 10), space.Float("y", 0, 15)
	by := tune.TPE(tune.Startup(20), tune.Candidates(24), tune.Good(0.15), tune.Prior(2))
	found, _ := tune.Search(context.Background(), &space, by, func(_ context.Context, t *tune.Trial) (float64, error) {
		return branin(x.Of(t), y.Of(t)), nil
	}, tune.Trials(150))
	fmt.Printf("%.2f, and the minimum is 0.40\n", found.Best.Value)
	// Output:
	// 0.40, and the minimum is 0.40
}

func ExampleStartup() {
	fmt.Println(tune.TPE(tune.Startup(20)))
	// Output:
	// TPE, startup 20, 24 candidates, good 0.15, prior 2
}

func ExampleCandidates() {
	fmt.Println(tune.TPE(tune.Candidates(50)))
	// Output:
	// TPE, startup 10, 50 candidates, good 0.15, prior 2
}

func ExampleGood() {
	fmt.Println(tune.TPE(tune.Good(0.25)))
	// Output:
	// TPE, startup 10, 24 candidates, good 0.25, prior 2
}

func ExamplePrior() {
	fmt.Println(tune.TPE(tune.Prior(3)))
	// Output:
	// TPE, startup 10, 24 candidates, good 0.15, prior 3
}

// An objective that gets better the longer it learns, and tells early how good it will be.
func learning(rate tune.Float) tune.Objective {
	return func(_ context.Context, t *tune.Trial) (float64, error) {
		return loss(rate.Of(t)) + 1/t.Budget, nil
	}
}

func ExampleSuccessiveHalving() {
	var space tune.Space
	rate := space.Log("rate", 1e-5, 1)
	found, _ := tune.Search(context.Background(), &space, tune.SuccessiveHalving(27, 1, 27, 3), learning(rate))
	fmt.Print(found.Report(2))
	fmt.Println("goes on from trial", found.Best.Parent)
	// Output:
	// 40 trials: 40 with a value, 0 failed, 0 pruned, 0 skipped
	//    0.16236  trial 39, budget 27: rate=0.01335
	//    0.23643  trial 36, budget 9: rate=0.01335
	// goes on from trial 36
}

func ExampleHyperband() {
	var space tune.Space
	rate := space.Log("rate", 1e-5, 1)
	found, _ := tune.Search(context.Background(), &space, tune.Hyperband(1, 27, 3), learning(rate))
	fmt.Print(found.Report(2))
	// Output:
	// 69 trials: 69 with a value, 0 failed, 0 pruned, 0 skipped
	//    0.16236  trial 39, budget 27: rate=0.01335
	//    0.17255  trial 56, budget 27: rate=0.01366
}

// slope is an objective of one number.
func slope(opts ...tune.Option) *tune.Found {
	var space tune.Space
	x := space.Float("x", 0, 1)
	found, err := tune.Search(context.Background(), &space, tune.Random(), func(_ context.Context, t *tune.Trial) (float64, error) {
		return x.Of(t), nil
	}, opts...)
	if err != nil {
		fmt.Println(err)
	}
	return found
}

func ExampleTrials() {
	fmt.Println(len(slope(tune.Trials(7)).Results))
	// Output:
	// 7
}

func ExampleTime() {
	fmt.Println(len(slope(tune.Time(time.Hour), tune.Trials(7)).Results))
	// Output:
	// 7
}

func ExampleWorkers() {
	fmt.Println(slope(tune.Workers(8)).Best.Value == slope(tune.Workers(1)).Best.Value)
	// Output:
	// true
}

func ExampleAhead() {
	fmt.Println(len(slope(tune.Workers(8), tune.Ahead(8), tune.Trials(20)).Results))
	// Output:
	// 20
}

func ExampleSeed() {
	fmt.Println(slope(tune.Seed(1)).Best.Value == slope(tune.Seed(2)).Best.Value)
	// Output:
	// false
}

func ExampleMaximize() {
	fmt.Printf("%.2f\n", slope(tune.Maximize()).Best.Value)
	// Output:
	// 0.98
}

func ExamplePrune() {
	var space tune.Space
	x := space.Float("x", 0, 1)
	found, _ := tune.Search(context.Background(), &space, tune.Random(), func(_ context.Context, t *tune.Trial) (float64, error) {
		for epoch := range 10 {
			if t.Report(epoch, x.Of(t)+1/float64(epoch+1)) {
				return 0, tune.ErrPruned
			}
		}
		return x.Of(t), nil
	}, tune.Trials(40), tune.Prune(5, 3))
	fmt.Print(found.Report(1))
	// Output:
	// 40 trials: 20 with a value, 0 failed, 20 pruned, 0 skipped
	//   0.040007  trial 9: x=0.04001
}

func ExampleJournal() {
	folder, err := os.MkdirTemp("", "tune")
	if err != nil {
		fmt.Println(err)
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "rate.jsonl")
	first := slope(tune.Trials(20), tune.Journal(path)) // which is killed, say
	again := slope(tune.Trials(50), tune.Journal(path))
	fmt.Println(len(first.Results), again.Resumed, len(again.Results))
	// Output:
	// 20 20 50
}

func ExampleNewTest() {
	random := rand.New(rand.NewPCG(1, 0))
	wrong := func(p float64) float64 {
		if random.Float64() < p {
			return 1
		}
		return 0
	}
	test := tune.NewTest(0.01, 1)
	for !test.Add(wrong(0.20), wrong(0.12)) {
	}
	fmt.Printf("after %d events, p %.4f\n", test.Events(), test.P())
	// Output:
	// after 56 events, p 0.0074
}

func ExampleNewDuel() {
	// A model is a number here: what it always predicts.
	duel := tune.NewDuel(10.0, 0.01, 25)
	duel.Challenge(12.0)
	random := rand.New(rand.NewPCG(1, 0))
	for i := range 1000 {
		y := 12 + random.NormFloat64()
		if duel.Event(func(m float64) float64 { return (m - y) * (m - y) }) {
			fmt.Println("the challenger takes over with event", i)
		}
	}
	fmt.Println(duel.Champion(), duel.Switches())
	// Output:
	// the challenger takes over with event 74
	// 12 1
}
