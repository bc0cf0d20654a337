package mining_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
)

func ExampleVector() {
	var x mining.Vector
	x.Append(9.99, 2) // what every event has
	x.Put(2+40, 1)    // the country, one of many
	fmt.Println(x.At(0), x.At(42), x.At(43))
	fmt.Println(x.Dense(), x.Sparse())
	// Output:
	// 9.99 1 0
	// [9.99 2] [1]
}

func ExampleCollect() {
	type order struct{ amount, returned float64 }
	t := mining.Collect(slices.Values([]order{{10, 0}, {99, 1}}),
		func(o order, x *mining.Vector) { x.Append(math.Log(o.amount)) },
		func(o order) float64 { return o.returned })
	fmt.Println(t.Len(), t.Features(), t.Y)
	// Output: 2 1 [0 1]
}

func TestVector(t *testing.T) {
	x := mining.Dense(1, 2)
	x.Put(7, 3)
	x.Put(1, 10)
	x.Put(7, 0.5)
	require.Equal(t, []float64{1, 12, 0}, []float64{x.At(0), x.At(1), x.At(2)})
	require.Equal(t, 3.5, x.At(7))
	require.Equal(t, []float64{1, 12, 0, 0}, x.Expand(make([]float64, 4)))
	require.Equal(t, []float64{1}, x.Expand(make([]float64, 1)))
	require.NotPanics(t, func() { x.Within(8, "a") })
	require.PanicsWithValue(t, "a: a value at place 7 for a model of 7 features", func() { x.Within(7, "a") })
	require.PanicsWithValue(t, "a: a vector of 2 values for a model of 1 features", func() { mining.Dense(1, 2).Within(1, "a") })
	require.Panics(t, func() { x.Append(1) })
	require.Panics(t, func() { x.Put(-1, 1) })
	require.Panics(t, func() { x.Put(math.MaxUint32+1, 1) })
	c := x.Clone()
	x.Reset()
	require.Zero(t, x.At(0))
	require.Equal(t, 3.5, c.At(7))
	require.Zero(t, mining.Vector{}.At(3))
	require.Empty(t, mining.Vector{}.Dense())
	require.Zero(t, testing.AllocsPerRun(100, func() {
		x.Reset()
		x.Append(1, 2)
		x.Put(9, 1)
	}))
	require.True(t, mining.Known(math.MaxFloat64))
	for _, v := range []float64{mining.Missing, math.Inf(1), math.Inf(-1)} {
		require.False(t, mining.Known(v))
	}
}

func TestClass(t *testing.T) {
	require.Equal(t, -1, mining.Class(nil))
	require.Equal(t, 1, mining.Class([]float64{0.2, 0.4, 0.4}))
	require.Equal(t, 1, mining.Class([]float64{math.NaN(), 0.9, math.NaN(), 0.1}))
	require.Equal(t, -1, mining.Class([]float64{math.NaN()}))
	require.Equal(t, 2, mining.ClassOf(2, 3, "a"))
	for _, y := range []float64{-1, 3, 0.5, math.NaN(), math.Inf(1), math.Inf(-1), 1e300} {
		require.Panics(t, func() { mining.ClassOf(y, 3, "a") }, "%v", y)
	}
}
