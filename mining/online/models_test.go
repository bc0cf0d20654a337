package online_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/bayes"
	"github.com/freshet-go/freshet/mining/drift"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/mining/prepare"
	"github.com/freshet-go/freshet/mining/tree"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// restores checks that a classifier of the library goes on bit for bit in a pipeline.
func restores[M interface {
	mining.Saved
	mining.Learner
	mining.Classifier
}](t *testing.T, build func() M) {
	t.Helper()
	t.Run(fmt.Sprintf("%T", build()), func(t *testing.T) {
		task := online.Classify(build, hit.features, hit.y)
		streamtest.Recovery(t, scene(hits(9, 120, 3), func(in stream.Stream[hit]) stream.Stream[online.Scored[hit]] {
			return in.KeyBy(hit.key).Apply(task.PerKey, stream.InOrder())
		}))
	})
}

// The models of the library live in a pipeline as those of these tests do.
func TestModelsOfTheLibrary(t *testing.T) {
	restores(t, func() *linear.Logistic { return linear.NewLogistic(1, linear.AdaGrad()) })
	restores(t, func() *linear.FTRL { return linear.NewFTRL(1) })
	restores(t, func() *bayes.Gaussian { return bayes.NewGaussian(1, 2) })
	restores(t, func() *tree.Hoeffding { return tree.NewHoeffding(1, 2, tree.Grace(5)) })
	restores(t, func() *eval.Majority { return eval.NewMajority(2) })
	restores(t, func() *prepare.Classifier {
		return prepare.NewClassifier(linear.NewLogistic(1), prepare.NewStandard(1))
	})
	t.Run("drift and evaluation", func(t *testing.T) {
		task := online.Classify(func() *linear.Logistic { return linear.NewLogistic(1) }, hit.features, hit.y)
		type score = online.Scored[hit]
		streamtest.Recovery(t, scene(hits(10, 300, 3), func(in stream.Stream[hit]) stream.Stream[string] {
			scored := in.KeyBy(online.All).Apply(task.PerKey, stream.InOrder())
			drifts := scored.KeyBy(online.All).
				Apply(online.Watch(func() *drift.ADWIN { return drift.NewADWIN(drift.Delta(0.9), drift.Grace(1), drift.Clock(1)) }, score.Missed).PerKey, stream.InOrder()).
				Map(func(d online.Drift[score]) string { return fmt.Sprint("drift ", d.Number, d.Seen, d.Mean) })
			losses := scored.Window(window.Tumbling(time.Minute)).
				Aggregate(eval.LossesOf(2, score.Chances)).
				Map(func(p stream.Pane[stream.NoKey, *eval.Losses]) string {
					return fmt.Sprintf("%s: %.9f of %v", p.Start.Format("15:04"), p.Value.LogLoss(), p.Value.Total())
				})
			return drifts.Merge(losses)
		}))
	})
	t.Run("fitted", func(t *testing.T) {
		build := func() *bayes.Gaussian { return bayes.NewGaussian(1, 2) }
		streamtest.Recovery(t, scene(hits(11, 200, 3), func(in stream.Stream[hit]) stream.Stream[string] {
			return in.KeyBy(hit.key).Window(window.Tumbling(time.Minute)).
				Aggregate(online.Fitted(build, hit.features, hit.y)).
				Map(func(p stream.Pane[string, *bayes.Gaussian]) string {
					return fmt.Sprintf("%s %s: %.9f", p.Key, p.Start.Format("15:04"), p.Value.Probabilities(mining.Dense(0.5), nil))
				})
		}))
	})
}
