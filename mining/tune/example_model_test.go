package tune_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/tune"
)

// A Line is a small model: a straight line, learnt by gradient descent.
type Line struct {
	w, b, rate, decay float64
}

func (l *Line) Learn(x mining.Vector, y float64) {
	g := l.Predict(x) - y
	l.w -= l.rate * (g*x.At(0) + l.decay*l.w)
	l.b -= l.rate * g
}

func (l *Line) Predict(x mining.Vector) float64 {
	return min(1e9, max(-1e9, l.w*x.At(0)+l.b))
}

// How fast should a model learn a stream that drifts? Each trial tests, then trains, a model on the same events.
func ExampleSearch_model() {
	events := new(mining.Table)
	random := rand.New(rand.NewPCG(1, 0))
	for i := range 2000 {
		x := random.NormFloat64()
		events.Add(mining.Dense(x), x*math.Sin(float64(i)/200)+0.3*random.NormFloat64())
	}

	var space tune.Space
	rate := space.Log("rate", 1e-5, 1)
	decay := space.Log("decay", 1e-6, 1)
	found, err := tune.Search(context.Background(), &space, tune.TPE(), func(_ context.Context, t *tune.Trial) (float64, error) {
		test := eval.NewRegression(1)
		result := test.Enter("line", &Line{rate: rate.Of(t), decay: decay.Of(t)})
		for from := 0; from < events.Len(); from += 500 {
			for i := from; i < from+500; i++ {
				test.Step(events.X[i], events.Y[i])
			}
			if t.Report(from, result.Errors.MAE()) {
				return 0, tune.ErrPruned
			}
		}
		return result.Errors.MAE(), nil
	}, tune.Trials(60), tune.Prune(5, 500))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("MAE %.3f at a rate of %.2f; %d of %d trials were pruned\n", found.Best.Value, rate.Of(found.Best), found.Pruned, len(found.Results))

	test := eval.NewRegression(1)
	test.Enter("tuned", &Line{rate: rate.Of(found.Best), decay: decay.Of(found.Best)})
	test.Enter("untuned", &Line{rate: 0.001})
	test.Run(events)
	fmt.Print(test.Report())
	// Output:
	// MAE 0.252 at a rate of 0.06; 26 of 60 trials were pruned
	// test-then-train, regression
	//             events     MAE  recent    RMSE       R2    WAPE     bias
	// tuned         1999  0.2519  0.2580  0.3148   0.8201  0.4497  -0.0009
	// untuned       1999  0.5418  0.5232  0.7174   0.0661  0.9670   0.0022
	// --------------------------------------------------------------------
	// mean          1999  0.5612  0.5423  0.7432  -0.0022  1.0017   0.0058
	// last value    1999  0.8031  0.7803  1.0594  -1.0367  1.4334  -0.0004
	// tuned is better than the best baseline, mean: MAE 0.2519 against 0.5612.
	// untuned is better than the best baseline, mean: MAE 0.5418 against 0.5612.
}
