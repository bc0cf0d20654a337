package tree_test

import (
	"math"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

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

// seed is of the fresh data: FRESHET_SEED, or the time.
func seed(t testing.TB) uint64 {
	s := uint64(time.Now().UnixNano())
	if v := os.Getenv("FRESHET_SEED"); v != "" {
		var err error
		s, err = strconv.ParseUint(v, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("FRESHET_SEED=%d", s)
	return s
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

func TestElec2(t *testing.T) {
	table := shopdata.Elec2(t)
	m := tree.NewHoeffding(6, 2)
	answers, right := prequential(m, table)
	n := table.Len() - 1
	t.Logf("accuracy %.7f, F1 %.7f, %d splits", float64(right)/float64(n), f1(answers, table.Y), m.Splits())
	eager := tree.NewHoeffding(6, 2, tree.Grace(50), tree.Delta(0.01))
	_, eagerRight := prequential(eager, table)
	t.Logf("eager: accuracy %.7f, %d splits", float64(eagerRight)/float64(n), eager.Splits())
}

func TestOracleElec2(t *testing.T) {
	table := shopdata.Elec2(t)
	models := []map[string]any{
		{"model": "hoeffding"},
		{"model": "hoeffding", "grace_period": 50, "delta": 0.01},
		{"model": "hoeffding", "grace_period": 50, "delta": 0.01, "split_criterion": "gini", "leaf_prediction": "nb"},
		{"model": "hoeffding", "grace_period": 50, "delta": 0.01, "leaf_prediction": "mc"},
	}
	ours := []*tree.Hoeffding{
		tree.NewHoeffding(6, 2),
		tree.NewHoeffding(6, 2, tree.Grace(50), tree.Delta(0.01)),
		tree.NewHoeffding(6, 2, tree.Grace(50), tree.Delta(0.01), tree.By(tree.Gini), tree.Answer(tree.NaiveBayes)),
		tree.NewHoeffding(6, 2, tree.Grace(50), tree.Delta(0.01), tree.Answer(tree.Majority)),
	}
	for i, theirs := range ask[[]float64](t, table, 2, models...) {
		start := time.Now()
		answers, right := prequential(ours[i], table)
		spent := time.Since(start).Seconds()
		theirRight := 0
		for k, p := range theirs.Answers {
			if k > 0 && float64(mining.Class(p)) == table.Y[k] {
				theirRight++
			}
		}
		classes, most := apart(answers, theirs.Answers)
		t.Logf("%v: right %d and %d, %d and %d splits, %d classes differ, other probabilities by %.2g; %.0f × as fast",
			models[i], right, theirRight, ours[i].Splits(), theirs.Splits, classes, most, theirs.Seconds/spent)
	}
}

var _ = rand.New
