package window_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/window"
)

func resultOf[T, A, R any](agg window.Aggregator[T, A, R], values ...T) R {
	acc := agg.New()
	for _, v := range values {
		acc = agg.Add(acc, v)
	}
	return agg.Result(acc)
}

// What no value was added to is told from every value, wherever a filter
// stands.
func TestNothingIsNoValue(t *testing.T) {
	none, zero := window.Optional[int64]{}, window.Optional[int64]{Some: true}
	outside := window.Where(even, window.Nullable(window.Max(self[int64])))
	inside := window.Nullable(window.Where(even, window.Max(self[int64])))
	then := window.Nullable(window.Then(window.Where(even, window.Max(self[int64])), self[int64]))
	twice := window.Nullable(window.Where(even, window.Where(func(v int64) bool { return v >= 0 }, window.Last[int64]())))
	for _, agg := range []func(...int64) window.Optional[int64]{
		func(v ...int64) window.Optional[int64] { return resultOf(outside, v...) },
		func(v ...int64) window.Optional[int64] { return resultOf(inside, v...) },
		func(v ...int64) window.Optional[int64] { return resultOf(twice, v...) },
		func(v ...int64) window.Optional[int64] { return resultOf(then, v...) },
	} {
		require.Equal(t, none, agg())
		require.Equal(t, none, agg(1, -3))
		require.Equal(t, zero, agg(1, 0, -3))
	}
	sum := window.Nullable(window.Sum(self[int64]))
	require.Equal(t, none, resultOf(sum))
	require.Equal(t, zero, resultOf(sum, 1, -1))
	sub := sum.(window.Subtractor[window.Counted[int64]])
	one := sum.Add(sum.New(), 0)
	require.Equal(t, none, sum.Result(sub.Sub(one, one)), "what is taken out again leaves nothing")
}

func TestOptionalInJSON(t *testing.T) {
	type row struct {
		Max window.Optional[int] `json:"max"`
	}
	for text, want := range map[string]window.Optional[int]{`{"max":null}`: {}, `{"max":0}`: {Some: true}, `{"max":7}`: {Value: 7, Some: true}} {
		got, err := json.Marshal(row{want})
		require.NoError(t, err)
		require.Equal(t, text, string(got))
		back := row{window.Optional[int]{Value: 3, Some: true}}
		require.NoError(t, json.Unmarshal(got, &back))
		require.Equal(t, want, back.Max)
	}
	var o window.Optional[int]
	require.Error(t, json.Unmarshal([]byte(`"x"`), &o))
	require.False(t, o.Some)
	require.Equal(t, 5, o.Or(5))
	require.Equal(t, 0, window.Optional[int]{Some: true}.Or(5))
}

func ExampleNullable() {
	paid := func(cents int) bool { return cents > 0 }
	dearest := window.Nullable(window.Where(paid, window.Max(func(cents int) int { return cents })))

	nobodyPaid := dearest.Result(dearest.Add(dearest.New(), -250))
	fmt.Println(nobodyPaid.Some, nobodyPaid.Or(-1))
	somebody := dearest.Result(dearest.Add(dearest.New(), 990))
	fmt.Println(somebody.Some, somebody.Value)
	// Output:
	// false -1
	// true 990
}
