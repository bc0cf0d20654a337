package tree_test

import (
	"testing"

	"github.com/freshet-go/freshet/mining/miningtest"
	"github.com/freshet-go/freshet/mining/tree"
)

func TestHoeffding(t *testing.T) {
	for name, opts := range map[string][]tree.Option{
		"default":  nil,
		"eager":    {tree.Grace(20), tree.Delta(0.1), tree.By(tree.Gini), tree.Answer(tree.Model)},
		"bounded":  {tree.Grace(20), tree.Delta(0.1), tree.MaxLeaves(12), tree.MaxActive(4), tree.By(tree.Hellinger)},
		"shallow":  {tree.Grace(20), tree.Delta(0.1), tree.MaxDepth(2), tree.Answer(tree.Plain)},
		"nominal":  {tree.Grace(20), tree.Delta(0.1), tree.Nominal(1), tree.MaxValues(8), tree.MaxLeaves(40)},
		"nominal2": {tree.Grace(20), tree.Delta(0.1), tree.Nominal(0, 2), tree.MaxValues(8), tree.Binary(), tree.MaxLeaves(40)},
		"subset":   {tree.Grace(20), tree.Delta(0.1), tree.Subset(2), tree.Seed(7)},
	} {
		t.Run(name, func(t *testing.T) {
			m := miningtest.Classifier(4, func() *tree.Hoeffding { return tree.NewHoeffding(4, 2, opts...) })
			m.Sparse = true
			miningtest.Check(t, m)
		})
	}
}
