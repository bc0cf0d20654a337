package codec_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

func ExampleBinary() {
	type visitsOld struct {
		Count int `binary:"1"`
		Pages []string
		Note  string
	}
	type visits struct {
		Hits  int64    `binary:"1"` // renamed and made larger
		Pages []string // as it was
		Last  time.Time
	}

	record, err := codec.Binary[visitsOld]().NewEncoder().Append(nil, visitsOld{3, []string{"/", "/cart"}, "gone"})
	if err != nil {
		panic(err)
	}

	d := codec.Binary[visits]().NewDecoder()
	_, body, err := d.Split(record, true)
	if err != nil {
		panic(err)
	}
	var v visits
	err = d.Decode(body, &v)
	fmt.Println(len(record), v.Hits, v.Pages, v.Last.IsZero(), err)
	// Output:
	// 27 3 [/ /cart] true <nil>
}

type node struct {
	Value    int
	Next     *node
	Children []node
	ByName   map[string]*node
}

type everything struct {
	B     bool
	I     int
	I8    int8
	I16   int16
	I32   int32
	I64   int64
	U     uint
	U8    uint8
	U64   uint64
	F32   float32
	F64   float64
	C64   complex64
	C128  complex128
	S     string
	Raw   []byte
	ID    [16]byte
	Arr   [3]int16
	Ptr   *string
	PP    **int
	Slice []string
	Deep  [][]float64
	Map   map[string]int
	Maps  map[[2]int8]map[string]bool
	T     time.Time
	D     time.Duration
	Addr  netip.Addr
	Addrs map[netip.Addr]struct{}
	Node  node
	Empty struct{}
	Named fmtName `binary:"7"`
	own   int
	Skip  chan int `binary:"-"`
	_     int
}

func fullOfEverything() everything {
	s, n := "x", -1
	pn := &n
	a := netip.MustParseAddr("2001:db8::1")
	return everything{
		B: true, I: math.MinInt64, I8: -128, I16: -1, I32: 64, I64: math.MaxInt64, U: 127, U8: 255, U64: math.MaxUint64,
		F32: -0.5, F64: math.Copysign(0, -1), C64: 1i, C128: complex(1, -2), S: "a\x00\xff", Raw: []byte{0, 1},
		ID: [16]byte{1, 15: 2}, Arr: [3]int16{-1, 0, 1}, Ptr: &s, PP: &pn, Slice: []string{"", "b", strings.Repeat("long", 100)},
		Deep: [][]float64{nil, {}, {1, math.Inf(1)}}, Map: map[string]int{"b": 1, "a": 2, "": 0},
		Maps: map[[2]int8]map[string]bool{{1, 2}: {"x": true, "y": false}, {0, -1}: nil, {0, 0}: {}},
		T:    time.Date(1901, 2, 3, 4, 5, 6, 7, time.UTC), D: -time.Hour, Addr: a, Addrs: map[netip.Addr]struct{}{a: {}},
		Node:  node{1, &node{Value: 2}, []node{{Value: 3}, {}}, map[string]*node{"nil": nil, "it": {Value: 4}}},
		Named: "n", own: 5,
	}
}

func TestBinaryRoundTrip(t *testing.T) {
	roundTrip(t, codec.Binary[everything](), everything{}, fullOfEverything(), everything{})
	roundTrip(t, codec.Binary[int8](), 0, -128, 127)
	roundTrip(t, codec.Binary[string](), "", strings.Repeat("x", 127), strings.Repeat("y", 1<<15))
	roundTrip(t, codec.Binary[[]byte](), nil, []byte{}, []byte("abc"))
	roundTrip(t, codec.Binary[map[int]string](), nil, map[int]string{}, map[int]string{1: "a", -1: ""})
	roundTrip(t, codec.Binary[*int](), nil, new(int))
	roundTrip(t, codec.Binary[struct{}](), struct{}{}, struct{}{})
	roundTrip(t, codec.Binary[time.Time](), time.Time{}, time.Unix(0, 0).UTC())
	roundTrip(t, codec.Binary[[]struct{ A [9000]int64 }](), make([]struct{ A [9000]int64 }, 3))

	elsewhere := time.Unix(5, 6).In(time.FixedZone("east", 3600))
	got, err := decodeAll(codec.Binary[time.Time](), encodeAll(t, codec.Binary[time.Time](), elsewhere), 1)
	require.NoError(t, err)
	require.Equal(t, []time.Time{time.Unix(5, 6).UTC()}, got)
}

func TestBinaryIsDeterministic(t *testing.T) {
	m := make(map[string]int)
	for i := range 100 {
		m[fmt.Sprint(i)] = i
	}
	first := encodeAll(t, codec.Binary[map[string]int](), m)
	for range 10 {
		require.Equal(t, first, encodeAll(t, codec.Binary[map[string]int](), m))
	}
	nan := map[float64]int{math.NaN(): 2}
	nan[math.NaN()] = 1
	require.Equal(t, encodeAll(t, codec.Binary[map[float64]int](), nan), encodeAll(t, codec.Binary[map[float64]int](), nan))
}

// TestBinaryBytes pins the format: files outlive programs.
func TestBinaryBytes(t *testing.T) {
	type inner struct {
		X int8 `binary:"1"`
	}
	type record struct {
		N     int     `binary:"1"`
		U     uint    `binary:"2"`
		S     string  `binary:"3"`
		F     float32 `binary:"4"`
		In    inner   `binary:"5"`
		L     []int   `binary:"300"`
		Named bool
		Zero  int `binary:"6"`
	}
	got := encodeAll(t, codec.Binary[record](), record{-2, 300, "ab", 1, inner{1}, []int{1}, true, 0})
	require.Equal(t, []byte{
		30,   // length
		9, 3, // 1<<3 | wireInt: zigzag of -2
		16, 0xac, 2, // 2<<3 | wireUint
		29, 2, 'a', 'b', // 3<<3 | wireBytes
		35, 0, 0, 0x80, 0x3f, // 4<<3 | wireFixed32
		46, 3, 9, 2, 0, // 5<<3 | wireStruct
		0xe7, 0x12, 2, 2, 2, // 300<<3 | wireOther: one element and one more
	}, got[:25])
	require.Equal(t, uint64(1<<24|0x55a326), fieldOf(got[25:29]))
	require.Equal(t, []byte{1, 0}, got[29:])
}

// fieldOf returns the id in a key.
func fieldOf(key []byte) uint64 {
	n, _ := binary.Uvarint(key)
	return n >> 3
}

func TestBinaryEvolution(t *testing.T) {
	type old struct {
		A int32
		B string
		C []string
		D map[string]int
		E float64
		F bool
		G [2]int
		H struct{ X, Y int }
		Z float32
	}
	type new struct {
		H struct{ Y, W int }
		G []int
		N string
		A int64
	}
	file := encodeAll(t, codec.Binary[old](), old{-7, "b", []string{"c"}, map[string]int{"d": 1}, 1, true, [2]int{1, 2}, struct{ X, Y int }{3, 4}, 2})
	got, err := decodeAll(codec.Binary[new](), file, 1)
	require.NoError(t, err)
	require.Equal(t, []new{{H: struct{ Y, W int }{Y: 4}, G: []int{1, 2}, A: -7}}, got)

	type changed struct{ A string }
	_, err = decodeAll(codec.Binary[changed](), file, 1)
	require.EqualError(t, err, "codec_test.changed.A: stored as an integer, wanted as a string")
	type narrow struct{ A uint }
	_, err = decodeAll(codec.Binary[narrow](), file, 1)
	require.Error(t, err)
	type wide struct{ A int64 }
	type thin struct{ A int8 }
	_, err = decodeAll(codec.Binary[thin](), encodeAll(t, codec.Binary[wide](), wide{128}), 1)
	require.EqualError(t, err, "codec_test.thin.A: number does not fit its type")
}

type onlyWrites struct{}

func (onlyWrites) AppendBinary(b []byte) ([]byte, error) { return b, nil }

type fails struct{}

func (fails) MarshalBinary() ([]byte, error)  { return nil, errors.New("no") }
func (*fails) UnmarshalBinary(b []byte) error { return errors.New("no") }

func TestBinaryRefusesTypes(t *testing.T) {
	type deep struct {
		List []map[string]struct{ F func() }
	}
	type twice struct {
		A int `binary:"1"`
		B int `binary:"1"`
	}
	for message, err := range map[string]error{
		"codec: Binary of chan int: chan int: no way to store a chan int":                                                                         tryBinary[chan int](),
		"codec: Binary of codec_test.deep: codec_test.deep.List[][].F: no way to store a func()":                                                  tryBinary[deep](),
		"codec: Binary of interface {}: interface {}: no way to store a interface {}":                                                             tryBinary[any](),
		"codec: Binary of uintptr: uintptr: no way to store a uintptr":                                                                            tryBinary[uintptr](),
		"codec: Binary of map[*int]int: map[*int]int: a key with a pointer in it is not a value":                                                  tryBinary[map[*int]int](),
		"codec: Binary of sync.Mutex: sync.Mutex: a sync.Mutex is not a value":                                                                    tryBinary[sync.Mutex](),
		"codec: Binary of []codec_test.onlyWrites: []codec_test.onlyWrites[]: codec_test.onlyWrites can write itself, but has no UnmarshalBinary": tryBinary[[]onlyWrites](),
		"codec: Binary of codec_test.twice: codec_test.twice.B: its number is also that of codec_test.twice.A; tag one of them with another":      tryBinary[twice](),
	} {
		require.EqualError(t, err, message)
	}
	require.Panics(t, func() { codec.Binary[func()]() })
}

func tryBinary[T any]() error {
	_, err := codec.TryBinary[T]()
	return err
}

func TestBinaryRefusesValues(t *testing.T) {
	ring := &node{}
	ring.Next = ring
	e := codec.Binary[*node]().NewEncoder()
	out, err := e.Append([]byte("before"), ring)
	require.ErrorContains(t, err, "cycle")
	require.Equal(t, "before", string(out))
	out, err = e.Append(nil, &node{}) // none the worse
	require.NoError(t, err)
	require.Equal(t, encodeAll(t, codec.Binary[*node](), &node{}), out)

	_, err = codec.Binary[fails]().NewEncoder().Append(nil, fails{})
	require.Error(t, err)
}

func TestBinaryRefusesBytes(t *testing.T) {
	d := codec.Binary[[]everything]().NewDecoder()
	var v []everything
	file := encodeAll(t, codec.Binary[[]everything](), []everything{fullOfEverything()})
	_, record, err := d.Split(file, true)
	require.NoError(t, err)
	for i := range record {
		require.Error(t, d.Decode(record[:i], &v), "%d bytes", i)
	}
	require.Error(t, d.Decode(append(record[:len(record):len(record)], 0), &v))
	for i := 1; i < len(file); i++ {
		_, _, err := d.Split(file[:i], true)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		advance, _, err := d.Split(file[:i], false)
		require.NoError(t, err)
		require.Zero(t, advance)
	}
	_, _, err = d.Split([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), true)
	require.Error(t, err)
	_, _, err = d.Split([]byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), true)
	require.Error(t, err)

	// Nesting that no encoder writes.
	type list []list
	deep := append([]byte(strings.Repeat("\x02", 1<<20)), 1)
	require.ErrorContains(t, codec.Binary[list]().NewDecoder().Decode(deep, new(list)), "nested")
}

// TestBinaryAllocatesNoMoreThanJustified: a length alone buys little.
func TestBinaryAllocatesNoMoreThanJustified(t *testing.T) {
	type large struct{ A [1 << 10]float64 }
	hostile := append([]byte{0xff, 0xff, 0x03}, make([]byte, 1<<16)...)
	hostile[3] = 1 // a bad first element
	d := codec.Binary[[]large]().NewDecoder()
	m := codec.Binary[map[int]large]().NewDecoder()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		require.Error(t, d.Decode(hostile, new([]large)))
		require.Error(t, m.Decode([]byte{0xff, 0x7f}, new(map[int]large)))
	}
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100<<18))
}

// FuzzBinary: hostile bytes never panic, and what they decode to is stored
// and comes back the same.
func FuzzBinary(f *testing.F) {
	e := codec.Binary[everything]().NewEncoder()
	for _, v := range []everything{{}, fullOfEverything(), {I: 1}, {Map: map[string]int{"": 1}}, {Deep: [][]float64{{1}}}} {
		b, err := e.Append(nil, v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{1, 0})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, file []byte) {
		format := codec.Binary[everything]()
		values, _ := decodeAll(format, file, 64)
		_, _ = decodeAll(codec.Binary[[]node](), file, 64)
		_, _ = decodeAll(codec.Binary[map[string][]map[int8]time.Time](), file, 64)
		once := encodeAll(t, format, values...)
		again, err := decodeAll(format, once, 1<<20)
		require.NoError(t, err)
		require.Len(t, again, len(values))
		// Bytes, not values: a NaN is no NaN's equal.
		require.Equal(t, once, encodeAll(t, format, again...))
	})
}

// FuzzBinaryRoundTrip builds values, that fuzzing bytes seldom hits upon.
func FuzzBinaryRoundTrip(f *testing.F) {
	f.Add("", int64(0), uint8(0), 0.0, false)
	f.Add("a\xff", int64(math.MinInt64), uint8(255), -1.5, true)
	f.Fuzz(func(t *testing.T, s string, n int64, u uint8, x float64, b bool) {
		if x != x {
			x = 0
		}
		v := everything{S: s, I64: n, U8: u, F64: x, B: b, Raw: []byte(s), ID: [16]byte{u}, T: time.Unix(n>>20, int64(u)).UTC(), own: int(n)}
		if b {
			v.Ptr, v.Slice, v.Deep = &s, make([]string, u), [][]float64{{x}, nil, {}}
			v.Map = map[string]int{s: int(n), s + s: 1}
			v.Node = node{int(n), &node{Value: 1}, make([]node, u), map[string]*node{s: {Value: int(u)}}}
		}
		roundTrip(t, codec.Binary[everything](), v, v)
	})
}
