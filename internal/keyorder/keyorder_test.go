package keyorder_test

import (
	"cmp"
	"reflect"
	"testing"
	"testing/quick"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keyorder"
)

type key struct {
	A int8
	B string
	C [2]float32
	D struct {
		E bool
		F uint64
	}
	G complex128
}

func compare(a, b key) int {
	flag := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B), cmp.Compare(a.C[0], b.C[0]), cmp.Compare(a.C[1], b.C[1]),
		cmp.Compare(flag(a.D.E), flag(b.D.E)), cmp.Compare(a.D.F, b.D.F),
		cmp.Compare(real(a.G), real(b.G)), cmp.Compare(imag(a.G), imag(b.G)))
}

// From the first field to the last, each decides where those before it are equal.
func TestOrder(t *testing.T) {
	order, err := keyorder.Of(reflect.TypeFor[key]())
	require.NoError(t, err)
	require.NoError(t, quick.Check(func(a, b key, same uint8) bool {
		for i, copy := range []func(){
			func() { b.A = a.A }, func() { b.B = a.B }, func() { b.C[0] = a.C[0] }, func() { b.C[1] = a.C[1] },
			func() { b.D.E = a.D.E }, func() { b.D.F = a.D.F }, func() { b.G = complex(real(a.G), imag(b.G)) }, func() { b.G = a.G },
		} {
			if i >= int(same)%9 {
				break
			}
			copy()
		}
		return order(unsafe.Pointer(&a), unsafe.Pointer(&b)) == compare(a, b) && order(unsafe.Pointer(&b), unsafe.Pointer(&a)) == compare(b, a)
	}, nil))
}

func of[T cmp.Ordered](t *testing.T, less, more T) {
	order, err := keyorder.Of(reflect.TypeFor[T]())
	require.NoError(t, err)
	require.Negative(t, order(unsafe.Pointer(&less), unsafe.Pointer(&more)), "%T", less)
	require.Positive(t, order(unsafe.Pointer(&more), unsafe.Pointer(&less)), "%T", less)
	require.Zero(t, order(unsafe.Pointer(&less), unsafe.Pointer(&less)), "%T", less)
}

func TestKinds(t *testing.T) {
	of[int](t, -1, 1)
	of[int16](t, -300, 1)
	of[int32](t, -70000, 1)
	of[int64](t, -1<<40, 1)
	of[uint](t, 1, 1<<63)
	of[uint8](t, 1, 200)
	of[uint16](t, 1, 40000)
	of[uint32](t, 1, 1<<31)
	of[uintptr](t, 1, 2)
	of(t, "a", "ä")
	of(t, float32(-0.5), 0.25)
	of(t, -1e300, 1e-300)
	a, b := complex64(complex(1, -2)), complex64(complex(1, 3))
	order, err := keyorder.Of(reflect.TypeFor[complex64]())
	require.NoError(t, err)
	require.Negative(t, order(unsafe.Pointer(&a), unsafe.Pointer(&b)))
}

// What == does not look at has no say.
func TestBlankFields(t *testing.T) {
	type blank struct {
		_ uint64
		A uint64
	}
	a, b := [2]uint64{9, 1}, [2]uint64{1, 2}
	order, err := keyorder.Of(reflect.TypeFor[blank]())
	require.NoError(t, err)
	require.Negative(t, order(unsafe.Pointer(&a), unsafe.Pointer(&b)))
}

func TestKeysWithoutAnOrder(t *testing.T) {
	for _, of := range []reflect.Type{reflect.TypeFor[*int](), reflect.TypeFor[any](), reflect.TypeFor[[2]chan int](), reflect.TypeFor[time.Time]()} {
		_, err := keyorder.Of(of)
		require.ErrorContains(t, err, "has no order that another process would agree on", of)
	}
}
