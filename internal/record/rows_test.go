package record

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// Rows come back as they were, into room that was used before as well, and what is behind them is left; a part of them is an error.
func TestRows(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	number := func() uint64 {
		return [...]uint64{0, 1, 0x7f, 0x80, 1 << 56, 1<<56 - 1, 1 << 63, math.MaxUint64, r.Uint64() >> r.IntN(64)}[r.IntN(9)]
	}
	rows(t, func() int64 { return int64(number()) })
	rows(t, func() uint16 { return uint16(number()) })
	rows(t, func() bool { return number()%2 == 1 })
	rows(t, func() float32 { return float32(number()) })
	rows(t, func() struct {
		A  int64
		No int64 `binary:"-"`
		B  uint8
		C  float64
		D  int32
		E  bool
		F  uint64
	} {
		return struct {
			A  int64
			No int64 `binary:"-"`
			B  uint8
			C  float64
			D  int32
			E  bool
			F  uint64
		}{int64(number()), 0, uint8(number()), float64(number()), int32(number()), number()%2 == 1, number()}
	})
	for _, other := range []reflect.Type{reflect.TypeFor[[]string](), reflect.TypeFor[[]struct {
		A int64
		S string
	}](), reflect.TypeFor[[][]int64](), reflect.TypeFor[[]struct{}](), reflect.TypeFor[[]func()](), reflect.TypeFor[[]*int64]()} {
		require.Nil(t, RowsOf(other), other)
	}
}

func rows[T any](t *testing.T, next func() T) {
	how := RowsOf(reflect.TypeFor[[]T]())
	require.NotNil(t, how)
	var got []T
	for n := range 200 {
		var want []T
		for range n * n % 97 {
			want = append(want, next())
		}
		room := make([]byte, 3, 3+n*7)
		b := how.Append(room, unsafe.Pointer(&want))
		require.Equal(t, []byte{0, 0, 0}, b[:3])
		rest, err := how.Read(append(b[3:len(b):len(b)], "behind"...)[:len(b)-3+n%7], unsafe.Pointer(&got))
		require.NoError(t, err)
		require.Equal(t, "behind"[:n%7], string(rest))
		require.Len(t, got, len(want))
		for i := range want {
			require.Equal(t, want[i], got[i])
		}
		for cut := range len(b) - 3 {
			_, err := how.Read(b[3:3+cut], unsafe.Pointer(&got))
			require.Error(t, err)
		}
	}
}

type few struct {
	A int8
	B bool
	C float32
	D uint64
}

// Whatever stands there is read, or is an error.
func FuzzRows(f *testing.F) {
	how := RowsOf(reflect.TypeFor[[]few]())
	f.Add([]byte{1, 2, 1, 0, 0, 0, 0, 5})
	f.Add([]byte{1, 2, 2, 0, 0, 0, 0, 5})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0x0f, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var got []few
		rest, err := how.Read(b, unsafe.Pointer(&got))
		if err != nil {
			return
		}
		again := how.Append(nil, unsafe.Pointer(&got))
		require.LessOrEqual(t, len(again), len(b)-len(rest))
		var back []few
		_, err = how.Read(again, unsafe.Pointer(&back))
		require.NoError(t, err)
		require.Len(t, back, len(got))
	})
}
