package tree_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/oracle"
	"github.com/freshet-go/freshet/mining/internal/shopdata"
	"github.com/freshet-go/freshet/mining/tree"
)

// A question is what testdata/oracle.py is asked.
type question struct {
	X       [][]any
	Y       []float64
	Classes int
	Models  []map[string]any `json:"models"`
}

// A reply is what river says of a model.
type reply[A any] struct {
	Answers          []A
	Seconds          float64
	Splits           int
	Drifts, Warnings int
}

// ask has river test and train on a table.
func ask[A any](t testing.TB, table *mining.Table, classes int, models ...map[string]any) []reply[A] {
	q := question{Y: table.Y, Classes: classes, Models: models, X: make([][]any, table.Len())}
	for i, x := range table.X {
		q.X[i] = make([]any, len(x.Value))
		for k, v := range x.Value {
			if mining.Known(v) {
				q.X[i][k] = v // and null where it is missing
			}
		}
	}
	var out []reply[A]
	oracle.Ask(t, "testdata/oracle.py", q, &out)
	require.Len(t, out, len(models))
	return out
}

// prequential tests and then trains on each event, and returns all answers.
func prequential(m interface {
	mining.Learner
	mining.Classifier
}, table *mining.Table) (answers [][]float64, right int) {
	for i, x := range table.X {
		p := m.Probabilities(x, nil)
		answers = append(answers, p)
		// The first answer knows nothing, and does not count.
		if i > 0 && float64(mining.Class(p)) == table.Y[i] {
			right++
		}
		m.Learn(x, table.Y[i])
	}
	return answers, right
}

// f1 is of class 1, the first answer left out.
func f1(answers [][]float64, y []float64) float64 {
	var both, said, are float64
	for i, p := range answers[1:] {
		c := float64(mining.Class(p))
		both, said, are = both+c*y[i+1], said+c, are+y[i+1]
	}
	return 2 * both / (said + are)
}

// apart returns how many answers differ in their class, and the greatest difference of the others.
func apart(ours, theirs [][]float64) (classes int, most float64) {
	for i := range ours {
		if i == 0 {
			continue
		}
		if mining.Class(ours[i]) != mining.Class(theirs[i]) {
			classes++
			continue
		}
		for c := range ours[i] {
			most = max(most, math.Abs(ours[i][c]-theirs[i][c]))
		}
	}
	return classes, most
}

// TestElec2 is river's figures, see TestOracleElec2. FACTS.md has 0.7753746 and 22 splits, and 0.7815100 and 79, of
// a port of river's rules, to be confirmed by river; 0.26.1 does not.
func TestElec2(t *testing.T) {
	table := shopdata.Elec2(t)
	m := tree.NewHoeffding(6, 2)
	answers, right := prequential(m, table)
	require.Equal(t, 35044, right) // of 45,311: 0.7734104
	require.Equal(t, 20, m.Splits())
	require.Equal(t, 21, m.Leaves())
	require.InDelta(t, 0.7153511, f1(answers, table.Y), 5e-8)
	eager := tree.NewHoeffding(6, 2, tree.Grace(50), tree.Delta(0.01))
	_, right = prequential(eager, table)
	require.Equal(t, 35367, right) // 0.7805389
	require.Equal(t, 81, eager.Splits())
}

func TestOracleElec2(t *testing.T) {
	table := shopdata.Elec2(t)
	for i, c := range []struct {
		theirs map[string]any
		ours   []tree.Option
		differ int // how many events may be classified otherwise
	}{
		{map[string]any{}, nil, 0},
		{map[string]any{"grace_period": 50, "delta": 0.01}, []tree.Option{tree.Grace(50), tree.Delta(0.01)}, 0},
		{map[string]any{"grace_period": 50, "delta": 0.01, "leaf_prediction": "mc"}, []tree.Option{tree.Grace(50), tree.Delta(0.01), tree.Answer(tree.Plain)}, 0},
		{map[string]any{"grace_period": 50, "delta": 0.01, "max_depth": 3}, []tree.Option{tree.Grace(50), tree.Delta(0.01), tree.MaxDepth(3)}, 0},
		// In 25,358 events weights of classes that are no integers add up to a grace period less a hair in river, and here
		// to one more: other order, other rounding. That leaf splits an event later.
		{map[string]any{"grace_period": 50, "delta": 0.01, "leaf_prediction": "nb", "split_criterion": "gini"}, []tree.Option{tree.Grace(50), tree.Delta(0.01), tree.Answer(tree.Model), tree.By(tree.Gini)}, 45},
	} {
		c.theirs["model"] = "hoeffding"
		theirs := ask[[]float64](t, table, 2, c.theirs)[0]
		m := tree.NewHoeffding(6, 2, c.ours...)
		answers, right := prequential(m, table)
		theirRight := 0
		for k, p := range theirs.Answers {
			if k > 0 && float64(mining.Class(p)) == table.Y[k] {
				theirRight++
			}
		}
		classes, most := apart(answers, theirs.Answers)
		t.Logf("%v: right %d and %d, %d and %d splits, %d classes differ, other probabilities by %.2g", c.theirs, right, theirRight, m.Splits(), theirs.Splits, classes, most)
		require.Equal(t, theirs.Splits, m.Splits())
		require.LessOrEqual(t, classes, c.differ)
		if i < 4 {
			require.Less(t, most, 1e-9)
		}
	}
}

// TestOracleFresh: numbers, names and missing values. Two splits that gain the same up to rounding may tip over, and then the trees are others: of three
// tables one has to agree, which none would if a rule were another.
func TestOracleFresh(t *testing.T) {
	random := oracle.Random(t)
	for _, c := range []fresh{
		{map[string]any{}, nil, false, 2},
		{map[string]any{"leaf_prediction": "nb"}, []tree.Option{tree.Answer(tree.Model)}, false, 3},
		{map[string]any{"nominal_attributes": []int{2, 3}, "leaf_prediction": "nb"}, []tree.Option{tree.Nominal(2, 3), tree.Answer(tree.Model)}, false, 2},
		{map[string]any{"nominal_attributes": []int{2, 3}, "binary_split": true, "split_criterion": "gini"}, []tree.Option{tree.Nominal(2, 3), tree.Binary(), tree.By(tree.Gini)}, false, 2},
		{map[string]any{"nominal_attributes": []int{2, 3}}, []tree.Option{tree.Nominal(2, 3)}, true, 2},
	} {
		agrees := false
		for try := 0; try < 3 && !agrees; try++ {
			agrees = c.agrees(t, random)
		}
		require.True(t, agrees, "%v: three tables, three other trees", c.theirs)
	}
}

type fresh struct {
	theirs  map[string]any
	ours    []tree.Option
	missing bool
	classes int
}

// agrees reports whether a table that is drawn makes the same tree, or nearly, of river's and of ours.
func (c fresh) agrees(t *testing.T, random *rand.Rand) bool {
	table := new(mining.Table)
	for range 6000 {
		x := []float64{random.NormFloat64(), random.NormFloat64(), float64(random.IntN(4)), float64(random.IntN(3))}
		score := x[0] + 2*[]float64{0, -1, 1, 0}[int(x[2])]
		if x[3] == 1 {
			score += 2 * x[1]
		}
		y := 0.0
		if score += random.NormFloat64(); score > 0 {
			y = 1
		}
		if c.classes == 3 && score > 1.5 {
			y = 2
		}
		if c.missing {
			for f := range x {
				if random.IntN(20) == 0 {
					x[f] = mining.Missing
				}
			}
		}
		table.Add(mining.Dense(x...), y)
	}
	c.theirs["model"], c.theirs["grace_period"], c.theirs["delta"] = "hoeffding", 50, 0.01
	theirs := ask[[]float64](t, table, c.classes, c.theirs)[0]
	m := tree.NewHoeffding(4, c.classes, append(c.ours, tree.Grace(50), tree.Delta(0.01))...)
	answers, right := prequential(m, table)
	theirRight := 0
	for k, p := range theirs.Answers {
		if k > 0 && float64(mining.Class(p)) == table.Y[k] {
			theirRight++
		}
	}
	classes, most := apart(answers, theirs.Answers)
	t.Logf("%v, missing %v: right %d and %d, %d and %d splits, %d classes differ, other probabilities by %.2g", c.theirs, c.missing, right, theirRight, m.Splits(), theirs.Splits, classes, most)
	require.InDelta(t, theirRight, right, 0.02*float64(table.Len()))
	if c.missing {
		return true // in river an event whose feature is missing at a split never has its leaf split
	}
	// Ties of classes, and sums in another order, may change an event here and there.
	return max(theirs.Splits-m.Splits(), m.Splits()-theirs.Splits) <= 1 && classes <= table.Len()/100
}

// TestOracleForest: other random numbers make another forest, so the mean accuracies of several are compared.
func TestOracleForest(t *testing.T) {
	const events, seeds = 6000, 3
	table := shopdata.Elec2(t).Slice(0, events)
	var models []map[string]any
	for s := range seeds {
		models = append(models, map[string]any{"model": "forest", "seed": s})
	}
	var ours, theirs float64
	for s, r := range ask[[]float64](t, table, 2, models...) {
		m := tree.NewForest(6, 2, tree.Seed(uint64(s)))
		start := processor(t)
		_, right := prequential(m, table)
		spent := processor(t) - start
		theirRight := 0
		for k, p := range r.Answers {
			if k > 0 && float64(mining.Class(p)) == table.Y[k] {
				theirRight++
			}
		}
		t.Logf("seed %d: accuracy %.4f and %.4f, %d and %d drifts, %d and %d warnings, %.0f times as fast", s, float64(right)/(events-1), float64(theirRight)/(events-1), m.Drifts(), r.Drifts, m.Warnings(), r.Warnings, r.Seconds/spent)
		ours += float64(right) / (events - 1) / seeds
		theirs += float64(theirRight) / (events - 1) / seeds
	}
	require.InDelta(t, theirs, ours, 0.01)
}
