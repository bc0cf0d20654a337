package record

import (
	"encoding/binary"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// slowly reads a struct of numbers as the format says: keys and numbers one by one, in any order.
func slowly(b []byte, v reflect.Value) error {
	fields := map[uint64]int{}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		id, err := fieldID(f.Name, f.Tag.Get("binary"))
		if err != nil {
			return err
		}
		fields[id] = i
	}
	for {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			return errVarint
		}
		if b = b[n:]; key == 0 {
			if len(b) > 0 {
				return errTrailing
			}
			return nil
		}
		i, known := fields[key>>wireBits]
		stored := wire(key & 7)
		if key>>wireBits == 0 || known && stored != wireOfKind(v.Field(i).Kind()) {
			return errors.New("another wire")
		}
		var u uint64
		switch stored {
		case wireUint, wireInt:
			u, n = binary.Uvarint(b)
		case wireBool:
			n = 1
		case wireFixed32:
			n = 4
		case wireFixed64:
			n = 8
		default:
			u, n = binary.Uvarint(b)
			if n > 0 && u <= uint64(len(b)-n) {
				n += int(u)
			} else {
				n = 0
			}
		}
		if n <= 0 || n > len(b) {
			return io.ErrUnexpectedEOF
		}
		if known {
			if err := setSlowly(v.Field(i), b[:n], u); err != nil {
				return err
			}
		}
		b = b[n:]
	}
}

func wireOfKind(k reflect.Kind) wire {
	switch {
	case k == reflect.Bool:
		return wireBool
	case k == reflect.Float32:
		return wireFixed32
	case k == reflect.Float64:
		return wireFixed64
	case k >= reflect.Uint:
		return wireUint
	}
	return wireInt
}

func setSlowly(f reflect.Value, b []byte, u uint64) error {
	switch {
	case f.Kind() == reflect.Bool && b[0] > 1, f.CanInt() && f.OverflowInt(unzigzag(u)), f.CanUint() && f.OverflowUint(u):
		return errRange
	case f.Kind() == reflect.Bool:
		f.SetBool(b[0] == 1)
	case f.CanInt():
		f.SetInt(unzigzag(u))
	case f.CanUint():
		f.SetUint(u)
	case f.Kind() == reflect.Float32:
		*(*uint32)(f.Addr().UnsafePointer()) = binary.LittleEndian.Uint32(b)
	default:
		*(*uint64)(f.Addr().UnsafePointer()) = binary.LittleEndian.Uint64(b)
	}
	return nil
}

type onlyNumbers struct {
	A uint64 `binary:"1"`
	B int64  `binary:"2"`
	C bool   `binary:"15"`
	D int8   `binary:"16"`
	S int16
	E int32   `binary:"3000"`
	F int     `binary:"1000000"`
	G uint8   `binary:"17"`
	H uint16  `binary:"18"`
	I uint32  `binary:"19"`
	J uint    `binary:"20"`
	K float32 `binary:"21"`
	L float64 `binary:"22"`
}

// Whatever stands in a record, numbers in a row are read as one by one.
func FuzzNumbers(f *testing.F) {
	of := reflect.TypeFor[onlyNumbers]()
	plan, err := PlanOf(of)
	require.NoError(f, err)
	enc, r := plan.NewEncoder(), rand.New(rand.NewPCG(5, 6))
	for range 200 {
		var x onlyNumbers
		v := reflect.ValueOf(&x).Elem()
		for i := range v.NumField() {
			if r.IntN(3) == 0 {
				continue
			}
			raw := [...]uint64{1, 0x7f, 0x80, 1 << 63, math.MaxUint64, r.Uint64() >> r.IntN(64)}[r.IntN(6)]
			if v.Field(i).Kind() == reflect.Bool {
				raw = 1
			}
			size := v.Field(i).Type().Size()
			copy(unsafe.Slice((*byte)(v.Field(i).Addr().UnsafePointer()), size), binary.LittleEndian.AppendUint64(nil, raw))
		}
		b, err := enc.Append(nil, unsafe.Pointer(&x))
		require.NoError(f, err)
		_, rec, err := Split(b, true)
		require.NoError(f, err)
		f.Add(rec)
		for range 5 {
			other := append([]byte(nil), rec...)
			other[r.IntN(len(other))] ^= 1 << r.IntN(8)
			f.Add(other)
		}
		if n := len(rec) - 1; n > 0 { // fields of another order, and twice
			f.Add(append(append([]byte(nil), rec[:n]...), rec...))
			f.Add(append([]byte{0x80, 0x02, 0x05}, rec...)) // a field that nobody knows
		}
	}
	f.Add([]byte{0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x00, 0, 0, 0, 0})
	f.Add([]byte{0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02, 0, 0, 0})
	f.Fuzz(func(t *testing.T, rec []byte) {
		var want, got onlyNumbers
		wrong := slowly(rec, reflect.ValueOf(&want).Elem())
		dec := plan.NewDecoder()
		err := dec.Decode(rec, unsafe.Pointer(&got))
		if (wrong == nil) != (err == nil) {
			t.Fatalf("%x: %v, and one by one: %v", rec, err, wrong)
		}
		if err == nil && *(*[unsafe.Sizeof(got)]byte)(unsafe.Pointer(&got)) != *(*[unsafe.Sizeof(got)]byte)(unsafe.Pointer(&want)) {
			t.Fatalf("%x: %+v, and one by one %+v", rec, got, want)
		}
	})
}

// A list of numbers, or of structs that are numbers, is read into the room that a slice has, whatever lay there, or into a new one.
func TestListOfNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	listed(t, func() int64 { return int64(r.Uint64()) >> r.IntN(64) })
	listed(t, func() uint16 { return uint16(r.Uint32()) >> r.IntN(16) })
	listed(t, func() int16 { return int16(r.Uint32()) })
	listed(t, func() bool { return r.IntN(2) == 1 })
	listed(t, func() float32 { return r.Float32() })
	listed(t, func() float64 { return r.Float64() })
	listed(t, func() onlyNumbers {
		return onlyNumbers{A: r.Uint64() >> r.IntN(64), B: int64(r.Uint64()) >> r.IntN(64), C: r.IntN(2) == 1, E: int32(r.Uint32()) >> r.IntN(32), L: float64(r.IntN(2))}
	})
	listed(t, func() struct{ A, B int64 } { return struct{ A, B int64 }{int64(r.IntN(2)), int64(r.IntN(1000))} })
	listed(t, func() []int64 { return make([]int64, 1+r.IntN(3)) })
}

func listed[T any](t *testing.T, next func() T) {
	plan, err := PlanOf(reflect.TypeFor[[]T]())
	require.NoError(t, err)
	enc, dec := plan.NewEncoder(), plan.NewDecoder()
	var room []T
	for n := range 300 {
		want := []T{}
		for range n * n % 997 {
			want = append(want, next())
		}
		b, err := enc.Append(nil, unsafe.Pointer(&want))
		require.NoError(t, err)
		_, rec, err := Split(b, true)
		require.NoError(t, err)
		var fresh []T
		require.NoError(t, dec.Decode(rec, unsafe.Pointer(&fresh)))
		require.Equal(t, want, fresh)
		had := cap(room)
		room = room[:0]
		require.NoError(t, dec.Decode(rec, unsafe.Pointer(&room)))
		require.Equal(t, want, room)
		if had >= len(want) && had > 0 {
			require.Equal(t, had, cap(room))
		}
	}
	var one []T
	for range 20 {
		one = append(one, next())
	}
	b, err := enc.Append(nil, unsafe.Pointer(&one))
	require.NoError(t, err)
	_, rec, err := Split(b, true)
	require.NoError(t, err)
	for cut := range len(rec) {
		var got []T
		require.Error(t, dec.Decode(rec[:cut], unsafe.Pointer(&got)), "%d of %d bytes", cut, len(rec))
	}
}
