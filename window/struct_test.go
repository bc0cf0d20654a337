package window_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

// A duo is what two aggregators make together.
type duo[A, B any] struct {
	First  A
	Second B
}

// fields is a Struct of two.
func fields[A, B, RA, RB any](a window.Aggregator[int64, A, RA], b window.Aggregator[int64, B, RB]) window.Aggregator[int64, window.Fields, duo[RA, RB]] {
	return window.Struct(
		window.Field(a, func(d *duo[RA, RB], r RA) { d.First = r }),
		window.Field(b, func(d *duo[RA, RB], r RB) { d.Second = r }),
	)
}

// stored has each accumulator stored and read before it is used, as those that a
// checkpoint had are.
func stored[R any](agg window.Aggregator[int64, window.Fields, R]) window.Aggregator[int64, window.Fields, R] {
	s := storing[R]{agg}
	if at, ok := agg.(window.Stamped[int64, window.Fields]); ok {
		return stampedStoring[R]{s, at}
	}
	return s
}

type storing[R any] struct {
	window.Aggregator[int64, window.Fields, R]
}

func again(f window.Fields) (read window.Fields) {
	b, err := f.AppendBinary([]byte("behind"))
	if err != nil {
		panic(err)
	}
	if err := read.UnmarshalBinary(b[len("behind"):]); err != nil {
		panic(err)
	}
	clear(b)
	return read
}

func (s storing[R]) Add(acc window.Fields, v int64) window.Fields {
	return s.Aggregator.Add(again(acc), v)
}

func (s storing[R]) Merge(a, b window.Fields) window.Fields {
	return s.Aggregator.Merge(again(again(a)), again(b))
}

func (s storing[R]) Result(acc window.Fields) R { return s.Aggregator.Result(again(acc)) }

type stampedStoring[R any] struct {
	storing[R]
	window.Stamped[int64, window.Fields]
}

func (s stampedStoring[R]) AddAt(acc window.Fields, v int64, at window.Position) window.Fields {
	return s.Stamped.AddAt(again(acc), v, at)
}

// A Struct subtracts where all of its fields do, and knows the order where one does.
func TestWhatAStructCan(t *testing.T) {
	subtracts := func(agg any) bool { _, ok := agg.(window.Subtractor[window.Fields]); return ok }
	stamped := func(agg any) bool { _, ok := agg.(window.Stamped[int64, window.Fields]); return ok }
	both := fields(window.Count[int64](), window.Sum(self[int64]))
	require.True(t, subtracts(both))
	require.True(t, subtracts(fields(both, both)))
	require.False(t, subtracts(fields(both, window.Max(self[int64]))))
	require.False(t, stamped(both))
	require.True(t, stamped(fields(both, window.First[int64]())))
	require.False(t, subtracts(fields(both, window.First[int64]())))
}

// However many words accumulators have.
func TestStructsOfAllSizes(t *testing.T) {
	for n := 1; n < 40; n++ {
		var all []window.StructField[int64, []int64]
		for i := range n {
			all = append(all, window.Field(window.Sum(func(v int64) int64 { return v * int64(i+1) }), func(r *[]int64, sum int64) { *r = append(*r, sum) }))
		}
		agg := window.Struct(all...)
		sums := agg.Result(agg.Merge(agg.Add(agg.New(), 3), again(agg.Add(agg.New(), 4))))
		require.Len(t, sums, n)
		for i, sum := range sums {
			require.Equal(t, int64(7*(i+1)), sum)
		}
	}
}

func TestStructThatIsNone(t *testing.T) {
	assert.PanicsWithValue(t, "window: Struct: there is no field", func() { window.Struct[int64, int]() })
	assert.PanicsWithValue(t, "window: Struct: field 2 of 2 is zero: make it with Field", func() {
		window.Struct(window.Field(window.Count[int64](), func(*int, int64) {}), window.StructField[int64, int]{})
	})
	var f window.Fields
	require.Error(t, f.UnmarshalBinary([]byte{200}))
	two, one := fields(window.Count[int64](), window.Count[int64]()), window.Struct(window.Field(window.Count[int64](), func(*int, int64) {}))
	assert.PanicsWithError(t, "window: accumulators of a Struct that was another: there are fewer", func() { two.Add(again(one.New()), 1) })
	assert.PanicsWithError(t, "window: accumulators of a Struct that was another: there are more", func() { one.Add(again(two.New()), 1) })
	unsaved := window.Struct(window.Field(window.First[chan int](), func(*int, chan int) {}))
	_, err := unsaved.New().AppendBinary(nil)
	require.ErrorContains(t, err, "no way to store a chan int")
}

// Adding to a Struct allocates nothing, whatever its size.
func TestStructAllocates(t *testing.T) {
	agg := tenFields()
	acc := agg.New()
	require.Zero(t, testing.AllocsPerRun(100, func() { acc = agg.Add(acc, orders[0]) }))
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { agg.New() }), 2.0)
}
