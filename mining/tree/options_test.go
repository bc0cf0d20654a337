package tree_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/tree"
)

// TestNoUse: an option is of the models that do something with it, and others refuse it.
func TestNoUse(t *testing.T) {
	for _, c := range []struct {
		name                         string
		option                       tree.Option
		hoeffding, forest, regressor bool
	}{
		{"Grace", tree.Grace(9), true, true, true},
		{"Delta", tree.Delta(0.1), true, true, true},
		{"Tie", tree.Tie(0.1), true, true, true},
		{"Answer", tree.Answer(tree.Plain), true, true, true},
		{"MaxDepth", tree.MaxDepth(3), true, true, true},
		{"MaxLeaves", tree.MaxLeaves(3), true, true, true},
		{"MaxActive", tree.MaxActive(3), true, true, true},
		{"Nominal", tree.Nominal(0), true, true, true},
		{"MaxValues", tree.MaxValues(3), true, true, true},
		{"By", tree.By(tree.Gini), true, true, false},
		{"Binary", tree.Binary(), true, true, false},
		{"Seed", tree.Seed(1), true, true, false},
		{"Subset", tree.Subset(1), true, true, false},
		{"Trees", tree.Trees(3), false, true, false},
		{"Lambda", tree.Lambda(1), false, true, false},
		{"Drift", tree.Drift(0.1, 0.1), false, true, false},
		{"Unweighted", tree.Unweighted(), false, true, false},
		{"Rate", tree.Rate(0.2), false, false, true},
	} {
		for _, m := range []struct {
			name  string
			takes bool
			build func()
		}{
			{"Hoeffding", c.hoeffding, func() { tree.NewHoeffding(2, 2, c.option) }},
			{"Forest", c.forest, func() { tree.NewForest(2, 2, c.option) }},
			{"Regressor", c.regressor, func() { tree.NewRegressor(2, c.option) }},
		} {
			if m.takes {
				require.NotPanics(t, m.build, "%s of a %s", c.name, m.name)
			} else {
				require.PanicsWithValue(t, "tree: "+m.name+": no use for the option "+c.name, m.build)
			}
		}
	}
}
