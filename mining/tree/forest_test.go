package tree_test

import (
	"testing"

	"github.com/freshet-go/freshet/mining/miningtest"
	"github.com/freshet-go/freshet/mining/tree"
)

func TestForest(t *testing.T) {
	for name, opts := range map[string][]tree.Option{
		"default":   {tree.Trees(3)},
		"sensitive": {tree.Trees(4), tree.Drift(0.9, 0.8), tree.Grace(20), tree.MaxLeaves(10), tree.Lambda(1), tree.Unweighted(), tree.Nominal(1), tree.MaxValues(5)},
	} {
		t.Run(name, func(t *testing.T) {
			m := miningtest.Classifier(4, func() *tree.Forest { return tree.NewForest(4, 2, opts...) })
			m.Events = 800
			m.Bytes = 512 << 10
			miningtest.Check(t, m)
		})
	}
}
