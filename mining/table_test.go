package mining_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
)

func TestCheckFor(t *testing.T) {
	of := func(y ...float64) *mining.Table {
		t := new(mining.Table)
		for _, y := range y {
			t.Add(mining.Dense(1, 2), y)
		}
		return t
	}
	require.NoError(t, of(0, 1, math.NaN(), math.Inf(1)).CheckFor(2, 2, "a: B"))
	require.NoError(t, of(-3, 0.5).CheckFor(0, 0, "a: B"))
	require.EqualError(t, of(0).CheckFor(1, 2, "a: B"), "a: B: the table has 2 features, and the model 1")
	for _, y := range []float64{2, -1, 0.5, 1e300} {
		require.ErrorContains(t, of(0, y).CheckFor(2, 2, "a: B"), "the label of event 1 of the table")
	}
	negative := of(0, 1)
	negative.Weight = []float64{1, -1}
	require.ErrorContains(t, negative.CheckFor(2, 2, "a: B"), "the weight of event 1")
	require.EqualError(t, of().CheckFor(2, 2, "a: B"), "a: B: the table is empty")
}

func TestTable(t *testing.T) {
	table := &mining.Table{Names: []string{"a"}}
	require.ErrorContains(t, table.Check("a: B"), "a: B: the table is empty")
	x := mining.Dense(1)
	for i := range 4 {
		y := float64(i)
		x.Value[0] = y * 10
		table.Add(x, y)
	}
	require.NoError(t, table.Check("a"))
	require.Equal(t, 1, table.Features())
	require.Equal(t, 1.0, table.WeightOf(2))
	s := table.Select([]int{3, 0, 3})
	require.Equal(t, []float64{3, 0, 3}, s.Y)
	require.Equal(t, 30.0, s.X[2].At(0))
	require.Equal(t, table.Names, s.Names)
	require.Equal(t, []float64{1, 2}, table.Slice(1, 3).Y)

	table.Weight = []float64{1, 2, 3}
	require.ErrorContains(t, table.Check("a"), "4 vectors and 3 weights")
	table.Weight = append(table.Weight, 0)
	require.NoError(t, table.Check("a"))
	require.Equal(t, []float64{0, 3}, table.Select([]int{3, 2}).Weight)
	require.Equal(t, []float64{2, 3}, table.Slice(1, 3).Weight)
	for _, w := range []float64{-1, math.NaN(), math.Inf(1)} {
		table.Weight[1] = w
		require.ErrorContains(t, table.Check("a"), "the weight of event 1", "%v", w)
	}
	table.Add(x, 9)
	require.Len(t, table.Weight, 5)
	table.Y = nil
	require.ErrorContains(t, table.Check("a"), "0 labels")
	require.Nil(t, table.Select([]int{0}).Y)
}

// seen notes what it learns.
type seen struct{ labels, weights []float64 }

func (s *seen) Learn(x mining.Vector, y float64) { s.LearnWeighted(x, y, 1) }
func (s *seen) LearnWeighted(_ mining.Vector, y, w float64) {
	s.labels, s.weights = append(s.labels, y), append(s.weights, w)
}

type weightless struct{ s *seen }

func (w weightless) Learn(x mining.Vector, y float64) { w.s.Learn(x, y) }

func TestLearn(t *testing.T) {
	table := new(mining.Table)
	for i := range 50 {
		table.Add(mining.Dense(1), float64(i))
	}
	a, b, c := new(seen), new(seen), new(seen)
	mining.Learn(a, table, 3, 1)
	mining.Learn(weightless{b}, table, 3, 1)
	mining.Learn(c, table, 3, 2)
	require.Equal(t, a.labels, b.labels)
	require.NotEqual(t, a.labels, c.labels)
	require.Equal(t, table.Y, a.labels[:50])
	require.NotEqual(t, table.Y, a.labels[50:100])
	require.ElementsMatch(t, table.Y, a.labels[100:])
	table.Weight = make([]float64, 50)
	table.Weight[3] = 2
	d := new(seen)
	mining.Learn(d, table, 1, 1)
	require.Equal(t, table.Weight, d.weights)
	require.Panics(t, func() { mining.Learn(weightless{d}, table, 1, 1) })
}
