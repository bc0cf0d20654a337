package record

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

type allNumbers struct {
	A   uint64 `binary:"1"`
	B   int64  `binary:"2"`
	C   bool   `binary:"15"`
	D   int8   `binary:"16"`
	Own int16
	E   int32 `binary:"3000"`
	F   int   `binary:"1000000"`
	S   string
	G   uint8  `binary:"17"`
	H   uint16 `binary:"18"`
	I   uint32 `binary:"19"`
	J   uint   `binary:"20"`
	In  struct{ X, Y int32 }
	K   float32 `binary:"21"`
	L   float64 `binary:"22"`
	Z   bool
}

// The loop over numbers in a row writes what their plans write one by one, and what stood before stays as it was.
func TestNumbers(t *testing.T) {
	plan, err := PlanOf(reflect.TypeFor[allNumbers]())
	require.NoError(t, err)
	r := rand.New(rand.NewPCG(1, 2))
	number := func() uint64 {
		return [...]uint64{0, 1, 0x7f, 0x80, 1 << 63, math.MaxUint64, r.Uint64() >> r.IntN(64), r.Uint64()}[r.IntN(8)]
	}
	enc := plan.NewEncoder()
	for range 20_000 {
		x := allNumbers{
			A: number(), B: int64(number()), C: number()%2 == 1, D: int8(number()), Own: int16(number()), E: int32(number()), F: int(number()),
			S: [...]string{"", "ab"}[r.IntN(2)], G: uint8(number()), H: uint16(number()), I: uint32(number()), J: uint(number()),
			K: math.Float32frombits(uint32(number())), L: math.Float64frombits(number()), Z: number()%2 == 1,
		}
		x.In.X, x.In.Y = int32(number()), int32(number())
		want := oneByOne(t, reflect.TypeFor[allNumbers](), unsafe.Pointer(&x))
		room := make([]byte, 1, 1+r.IntN(200))
		got, err := enc.Append(room, unsafe.Pointer(&x))
		require.NoError(t, err)
		n, record, err := Split(got[1:], true)
		require.NoError(t, err)
		require.Equal(t, len(got), 1+n)
		if string(want) != string(record) {
			require.Equal(t, want, record, "%+v", x)
		}
		var back allNumbers
		dec := plan.NewDecoder()
		require.NoError(t, dec.Decode(record, unsafe.Pointer(&back)))
		require.Equal(t, want, oneByOne(t, reflect.TypeFor[allNumbers](), unsafe.Pointer(&back)), "NaNs are not equal, and their bits are")
	}
}

// So does that over a struct of numbers alone, of as many as have a length of one byte, and more.
func TestPlainNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, of := range []reflect.Type{
		reflect.TypeFor[struct{ A uint64 }](), reflect.TypeFor[struct{ A, B, C, D, E, F, G, H, I int64 }](),
		reflect.TypeFor[struct{ A, B, C, D, E, F, G, H, I, J, K, L int64 }](), reflect.TypeFor[struct{}](),
	} {
		plan, err := PlanOf(of)
		require.NoError(t, err)
		require.Equal(t, of.NumField() > 0 && of.NumField() <= mostPlain, plan.plain != nil, of)
		enc := plan.NewEncoder()
		for shift := range 65 {
			v := reflect.New(of)
			for i := range of.NumField() {
				if f := v.Elem().Field(i); f.CanInt() {
					reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem().SetInt(int64(r.Uint64() >> shift))
				} else {
					reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem().SetUint(math.MaxUint64 >> shift)
				}
			}
			got, err := enc.Append([]byte("before"), v.UnsafePointer())
			require.NoError(t, err)
			n, record, err := Split(got[6:], true)
			require.NoError(t, err)
			require.Equal(t, len(got), 6+n)
			require.Equal(t, oneByOne(t, of, v.UnsafePointer()), record)
			require.Equal(t, "before", string(got[:6]))
		}
	}
}

// oneByOne is a struct as the format says: its fields that are not zero, each behind its key, and a zero byte.
func oneByOne(t *testing.T, of reflect.Type, p unsafe.Pointer) []byte {
	w := &writer{}
	for f := range of.Fields() {
		plan, err := PlanOf(f.Type)
		require.NoError(t, err)
		id, err := fieldID(f.Name, f.Tag.Get("binary"))
		require.NoError(t, err)
		at := unsafe.Add(p, f.Offset)
		key := binary.AppendUvarint(nil, id<<wireBits|uint64(plan.wire))
		switch {
		case plan.wire == wireStruct:
			if in := oneByOne(t, f.Type, at); len(in) > 1 {
				w.b = append(append(append(w.b, key...), byte(len(in))), in...)
			}
		case !plan.zero(at):
			w.b = append(w.b, key...)
			require.NoError(t, plan.write(w, at))
		}
	}
	return append(w.b, 0)
}
