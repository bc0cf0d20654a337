package main

import (
	"context"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/boost"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/tune"
)

// A tuning is what a search for the settings of boosted trees has found.
type tuning struct {
	build  func() candidate
	found  *tune.Found
	trials int
}

// tuneTrees looks for settings by the log loss of five parts of what is learnt from, each judged by what the other four say. The customers who
// are held back have no part in it.
func tuneTrees(ctx context.Context, train *mining.Table, trials int) (*tuning, error) {
	var space tune.Space
	rate := space.Log("rate", 0.01, 0.3)
	rounds := space.LogInt("rounds", 20, 200)
	leaves := space.Int("leaves", 2, 31)
	least := space.LogInt("customers in a leaf", 5, 100)
	l2 := space.Log("l2", 0.01, 30)
	build := func(s tune.Settings) candidate {
		return boost.NewClassifier(len(names), 2, boost.Rounds(rounds.Of(s)), boost.Rate(rate.Of(s)), boost.MaxLeaves(leaves.Of(s)),
			boost.MinSamples(least.Of(s)), boost.L2(l2.Of(s)))
	}
	parts := eval.StratifiedShuffled(train.Y, 5, 1)
	found, err := tune.Search(ctx, &space, tune.TPE(), func(_ context.Context, t *tune.Trial) (float64, error) {
		folds, err := eval.CrossValidate(train, parts, func(part *mining.Table) (candidate, error) {
			m := build(t)
			return m, m.Fit(part)
		}, func(m candidate, part *mining.Table) float64 {
			return judge(m, part).logLoss()
		})
		return mean(eval.Tests(folds)), err
	}, tune.Trials(trials), tune.Seed(1))
	if err != nil {
		return nil, err
	}
	return &tuning{func() candidate { return build(found.Best) }, found, trials}, nil
}
