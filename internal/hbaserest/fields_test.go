package hbaserest

import (
	"bytes"
	"math"
	"net/netip"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

type version[V any] struct {
	Time  time.Time
	Value V
}

type named string

type embedded struct {
	Note *string `hbase:"a:note"`
}

type everything struct {
	Row    string           `hbase:"@row"`
	At     time.Time        `hbase:"@time"`
	Text   named            `hbase:"a:text"`
	Raw    []byte           `hbase:"a:raw"`
	Int    int              `hbase:"a:int"`
	Long   int64            `hbase:"a:long,bytes"`
	Short  int16            `hbase:"a:short,bytes"`
	Byte   int8             `hbase:"a:byte,bytes"`
	Single float32          `hbase:"a:single,bytes"`
	Double float64          `hbase:"a:double,bytes"`
	Yes    bool             `hbase:"a:yes,bytes"`
	Maybe  *uint32          `hbase:"a:maybe,bytes"`
	Day    time.Time        `hbase:"a:day,unix"`
	When   time.Time        `hbase:"a:when,bytes"`
	Addr   netip.Addr       `hbase:"a:addr"`
	Doc    map[string][]int `hbase:"a:doc,json"`
	Told   int64            `hbase:"a:text,time"`
	Prices []version[int64] `hbase:"c:price,versions bytes"`
	More   map[named]int    `hbase:"b:*"`
	Own    string           `json:"own"`
	Left   func()           `hbase:"-"`
	embedded
}

func fieldsOf[T any](t testing.TB) *Fields {
	f, err := FieldsOf(reflect.TypeFor[T]())
	require.NoError(t, err)
	return f
}

func TestFields(t *testing.T) {
	f := fieldsOf[everything](t)
	maybe, note := uint32(math.MaxUint32), ""
	v := everything{
		Text: "näm\x00", Raw: []byte{0, 255}, Int: -5, Long: math.MinInt64, Short: -2, Byte: -1, Single: float32(math.Inf(-1)), Double: math.SmallestNonzeroFloat64,
		Yes: true, Maybe: &maybe, Day: time.Unix(-86400, 0).UTC(), When: time.UnixMilli(-1).UTC(), Addr: netip.MustParseAddr("::1"), Doc: map[string][]int{"x": {1, 2}},
		More: map[named]int{"": 1, "z:z": 2, "a": 3}, embedded: embedded{&note},
	}
	var missing []string
	cells, buf, err := f.AppendCells(nil, nil, unsafe.Pointer(&v), 77, func(c []byte) { missing = append(missing, string(c)) })
	require.NoError(t, err)
	require.Empty(t, missing)
	byColumn := map[string]string{}
	for _, c := range cells {
		require.EqualValues(t, 77, c.Time)
		byColumn[string(c.Column)] = string(c.Value)
	}
	require.Equal(t, "\x80\x00\x00\x00\x00\x00\x00\x00", byColumn["a:long"], "as Bytes.toBytes has it")
	require.Equal(t, "\xff\xfe", byColumn["a:short"])
	require.Equal(t, "\xff", byColumn["a:yes"])
	require.Equal(t, "-5", byColumn["a:int"])
	require.Equal(t, "2", byColumn["b:z:z"])
	require.NotContains(t, byColumn, "c:price", "versions are read alone")

	cells = append(cells, Cell{[]byte("c:price"), 9, []byte("\x00\x00\x00\x00\x00\x00\x00\x09")}, Cell{[]byte("c:price"), 8, []byte("\x00\x00\x00\x00\x00\x00\x00\x08")},
		Cell{[]byte("c:other"), 99, nil})
	var got everything
	require.NoError(t, f.Decode(unsafe.Pointer(&got), []byte("k\x00"), cells))
	v.Row, v.At, v.Told = "k\x00", time.UnixMilli(99).UTC(), 77
	v.Prices = []version[int64]{{time.UnixMilli(9).UTC(), 9}, {time.UnixMilli(8).UTC(), 8}}
	require.Equal(t, v, got)
	_ = buf

	var columns []string
	for _, c := range f.Columns() {
		columns = append(columns, string(c))
	}
	require.Contains(t, columns, "b")
	require.Contains(t, columns, "c:price")
	require.Len(t, columns, 17)
	require.Len(t, f.Families(), 3)

	v = everything{}
	_, _, err = f.AppendCells(nil, nil, unsafe.Pointer(&v), 1, func(c []byte) { missing = append(missing, string(c)) })
	require.NoError(t, err)
	require.Equal(t, []string{"a:maybe", "a:note"}, missing)
	for _, c := range f.Always() {
		require.NotContains(t, missing, string(c))
	}
	_, ok := f.TimeOf(unsafe.Pointer(&v))
	require.False(t, ok)
	v.At = time.UnixMilli(123)
	at, ok := f.TimeOf(unsafe.Pointer(&v))
	require.True(t, ok)
	require.EqualValues(t, 123, at)
}

// The newest version of a column counts, wherever others stand, and a column without a field does not.
func TestDecodeNewest(t *testing.T) {
	type two struct {
		X string `hbase:"a:x"`
		Y string `hbase:"a:y"`
		N int64  `hbase:"@time"`
	}
	f := fieldsOf[two](t)
	var v two
	require.NoError(t, f.Decode(unsafe.Pointer(&v), []byte("k"), []Cell{
		{[]byte("a:w"), 1, []byte("no")}, {[]byte("a:x"), 3, []byte("new")}, {[]byte("a:x"), 2, []byte("old")}, {[]byte("a:y"), 9, []byte("yes")}, {[]byte("a:y"), 8, []byte("was")},
	}))
	require.Equal(t, two{"new", "yes", 9}, v)
}

func TestFieldErrors(t *testing.T) {
	f := fieldsOf[everything](t)
	for _, c := range []struct{ column, value, want string }{
		{"a:int", "many", `field Int: a:int: "many" is not an int: invalid syntax`},
		{"a:long", "1234", `field Long: a:long: "1234" is not a int64 in 8 bytes: it has another number of bytes`},
		{"a:addr", "here", `field Addr: a:addr: "here" is not a netip.Addr`},
		{"a:doc", "{", `field Doc: a:doc: "{" is not a map[string][]int in JSON`},
		{"b:q", "x", `field More: b:: "x" is not`},
		{"c:price", "1", `field Prices: c:price: "1" is not a int64 in 8 bytes`},
		{"a:int", string(bytes.Repeat([]byte("9"), 1000)), "…"},
	} {
		var v everything
		err := f.Decode(unsafe.Pointer(&v), []byte("k"), []Cell{{[]byte(c.column), 1, []byte(c.value)}})
		require.ErrorContains(t, err, c.want)
		require.Less(t, len(err.Error()), 300)
	}
}

func TestFieldMistakes(t *testing.T) {
	for want, of := range map[string]reflect.Type{
		"int is not a struct":           reflect.TypeFor[int](),
		"has no field with a tag hbase": reflect.TypeFor[struct{ X int }](),
		`field X: the tag "x" is no column`: reflect.TypeFor[struct {
			X int `hbase:"x"`
		}](),
		`the tag ":x" is no column`: reflect.TypeFor[struct {
			X int `hbase:":x"`
		}](),
		"field x has a tag hbase but is not exported": reflect.TypeFor[struct {
			x int `hbase:"a:x"`
		}](),
		"there is no @key": reflect.TypeFor[struct {
			X int `hbase:"@key"`
		}](),
		`two fields with the column "a:x"`: reflect.TypeFor[struct {
			X int `hbase:"a:x"`
			Y int `hbase:"a:x"`
		}](),
		"there are two fields for @row": reflect.TypeFor[struct {
			X string `hbase:"@row"`
			Y string `hbase:"@row"`
		}](),
		"two maps of the family": reflect.TypeFor[struct {
			X map[string]int `hbase:"a:*"`
			Y map[string]int `hbase:"a:*"`
		}](),
		"family:* is for a map of strings": reflect.TypeFor[struct {
			X []string `hbase:"a:*"`
		}](),
		"the time of a cell is for a time.Time or an int64": reflect.TypeFor[struct {
			X string `hbase:"a:x,time"`
		}](),
		"versions are for a slice of hbasesource.Version": reflect.TypeFor[struct {
			X []string `hbase:"a:x,versions"`
		}](),
		"has no place in bytes": reflect.TypeFor[struct {
			X complex128 `hbase:"a:x,bytes"`
		}](),
		"has no place in one value": reflect.TypeFor[struct {
			X struct{} `hbase:"a:x"`
		}](),
	} {
		_, err := FieldsOf(of)
		require.ErrorContains(t, err, want)
	}
}
