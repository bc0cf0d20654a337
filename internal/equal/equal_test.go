package equal_test

import (
	"math"
	"reflect"
	"testing"
	"testing/quick"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/equal"
)

func same[T any](a, b T) bool {
	return equal.Of(reflect.TypeFor[T]())(unsafe.Pointer(&a), unsafe.Pointer(&b))
}

type inner struct {
	A int8
	B int64 // behind padding
	C string
}

type outer struct {
	X, Y uint32
	In   [2]inner
	List []inner
	Map  map[string][]int
	Ptr  *inner
	_    int32
	At   time.Time
	hid  bool
	Any  any
}

// What random values say is what reflect.DeepEqual says, where nothing is empty.
func TestAsDeepEqual(t *testing.T) {
	type rich struct {
		X, Y uint32
		In   [2]inner
		N    [3]int16
		F    float64
		S    string
	}
	check := func(a, b rich, which uint8) bool {
		c := a
		switch which % 8 { // one field is another's
		case 0:
			c.X = b.X
		case 1:
			c.In[1].C = b.In[1].C
		case 2:
			c.In[0].A = b.In[0].A
		case 3:
			c.N[2] = b.N[2]
		case 4:
			c.F = b.F
		case 5:
			c.S = b.S
		}
		return same(a, c) == reflect.DeepEqual(a, c) && same(c, a) == same(a, c) && same(a, b) == reflect.DeepEqual(a, b)
	}
	require.NoError(t, quick.Check(check, &quick.Config{MaxCount: 2000}))
}

func TestPaddingHasNoSay(t *testing.T) {
	type padded struct {
		A int8
		B int64
	}
	x, y := padded{1, 2}, padded{1, 2}
	*(*byte)(unsafe.Add(unsafe.Pointer(&x), 3)) = 77
	require.True(t, equal.Of(reflect.TypeFor[padded]())(unsafe.Pointer(&x), unsafe.Pointer(&y)))
}

func TestAsDataAre(t *testing.T) {
	now := time.Now()
	require.True(t, same(now, now.UTC().Round(0)), "one instant")
	require.False(t, same(now, now.Add(1)))
	require.True(t, same(math.NaN(), math.NaN()))
	require.True(t, same([]int(nil), []int{}))
	require.True(t, same(map[string]int(nil), map[string]int{}))
	require.False(t, same([]int{1}, []int{1, 2}))
	require.False(t, same([]string{"a"}, []string{"b"}))
	require.True(t, same([]string{"a"}, []string{string([]byte("a"))}))
	require.False(t, same(map[string]int{"a": 1}, map[string]int{"b": 1}))
	require.False(t, same(map[string]int{"a": 1}, map[string]int{"a": 2}))
	require.True(t, same(map[float64]int{1: 1}, map[float64]int{1: 1}))
	require.False(t, same(map[float64]int{math.NaN(): 1}, map[float64]int{math.NaN(): 1}))
	require.True(t, same(new(3), new(3)))
	require.False(t, same(new(3), nil))
	require.True(t, same[*int](nil, nil))
	require.True(t, same[any](3, 3))
	require.False(t, same[any](3, int64(3)))
	require.True(t, same(struct{}{}, struct{}{}))
	require.True(t, same([0]string{}, [0]string{}))

	a := outer{X: 1, List: []inner{{1, 2, "x"}}, Map: map[string][]int{"k": {1}}, Ptr: &inner{C: "p"}, At: now, hid: true, Any: []int{1}}
	b := outer{X: 1, List: []inner{{1, 2, "x"}}, Map: map[string][]int{"k": {1}}, Ptr: &inner{C: "p"}, At: now.UTC(), hid: true, Any: []int{1}}
	require.True(t, same(a, b))
	b.Map["k"][0] = 2
	require.False(t, same(a, b))
	b.Map["k"][0], b.hid = 1, false
	require.False(t, same(a, b))
	b.hid, b.Ptr.C = true, "q"
	require.False(t, same(a, b))
}

type node struct {
	V    int
	Next *node
	Kids []node
	Tags map[string]node
}

func TestTypesThatHoldThemselves(t *testing.T) {
	chain := func(last int) node {
		return node{1, &node{2, &node{V: last}, nil, nil}, []node{{V: 4}}, map[string]node{"x": {V: 5}}}
	}
	require.True(t, same(chain(3), chain(3)))
	require.False(t, same(chain(3), chain(4)))
	a, b := chain(3), chain(3)
	b.Kids[0].V = 9
	require.False(t, same(a, b))
	b = chain(3)
	b.Tags["x"] = node{V: 6}
	require.False(t, same(a, b))
}
