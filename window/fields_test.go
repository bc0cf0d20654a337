package window

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// What holds pointers lies where the garbage collector sees them, and all else in as many words as it needs.
func TestPlacesOfFields(t *testing.T) {
	for of, pointers := range map[reflect.Type]bool{
		reflect.TypeFor[int]():                              false,
		reflect.TypeFor[[2]int]():                           false,
		reflect.TypeFor[[0]string]():                        false,
		reflect.TypeFor[[1]string]():                        true,
		reflect.TypeFor[[1]*int]():                          true,
		reflect.TypeFor[struct{ A, B int }]():               false,
		reflect.TypeFor[struct{ A [1]struct{ B []int } }](): true,
		reflect.TypeFor[map[int]int]():                      true,
		reflect.TypeFor[func()]():                           true,
		reflect.TypeFor[struct {
			A [0]*int
			B [3]float64
		}](): false,
	} {
		require.Equal(t, pointers, holdsPointers(of), of)
	}
	var s shape
	require.Equal(t, 0, placeOf[struct{}](&s).at)
	require.Equal(t, 1, placeOf[[3]byte](&s).at, "nothing needs a word, too, or it would lie outside")
	require.Equal(t, 2, placeOf[[9]byte](&s).at)
	require.Equal(t, 4, placeOf[[2]int64](&s).at)
	require.Equal(t, 6, placeOf[int64](&s).at)
	require.Equal(t, 7, s.words)
	require.Equal(t, 0, placeOf[string](&s).at)
	require.Equal(t, 1, placeOf[[]int](&s).at)
	require.Equal(t, []int{7, 2}, []int{s.words, s.boxes})
}

// Up to sixteen words are one object with what leads to them.
func TestFewFieldsAreOneObject(t *testing.T) {
	for n := 1; n < 20; n++ {
		s := shape{words: n}
		require.Len(t, s.make().words, n)
		objects := 1.0
		if n > 16 {
			objects = 2
		}
		require.Equal(t, objects, testing.AllocsPerRun(10, func() { made = s.make() }), "%d words", n)
	}
}

var made *cells

// The zero Fields are those of nothing, as what New returns.
func TestZeroFields(t *testing.T) {
	b, err := Fields{}.AppendBinary([]byte("before"))
	require.NoError(t, err)
	require.Equal(t, "before", string(b))
	agg := Struct(Field(Sum(func(v int64) int64 { return v }), func(r *int64, sum int64) { *r = sum }))
	require.EqualValues(t, 7, agg.Result(agg.Add(agg.Add(Fields{}, 3), 4)))
	require.Zero(t, agg.Result(Fields{}))
	require.EqualValues(t, 3, agg.Result(agg.Merge(Fields{}, agg.Add(agg.New(), 3))))
}
