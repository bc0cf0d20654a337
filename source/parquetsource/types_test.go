package parquetsource_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/parquetsource"
)

// roundtrip writes rows as W, with pages small and large, plain and in dictionaries, and reads them as R.
func roundtrip[W, R any](t *testing.T, rows []W) ([]R, error) {
	t.Helper()
	var all []R
	for i, opts := range [][]parquet.WriterOption{
		{}, {parquet.DataPageVersion(1)}, {parquet.PageBufferSize(1 << 20)},
		{parquet.DefaultEncoding(&parquet.RLEDictionary)}, {parquet.DefaultEncoding(&parquet.RLEDictionary), parquet.DataPageVersion(1)},
		{parquet.Compression(&parquet.Snappy)}, {parquet.Compression(&parquet.Zstd)}, {parquet.Compression(&parquet.Gzip), parquet.DataPageVersion(1)},
	} {
		lake := files(map[string][]byte{"x.parquet": encode(t, rows, 70, opts...)})
		got, err := readAll(t, parquetsource.Files[R](lake, "*"), nil)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			require.Equal(t, all, flatten(got), "options %d", i)
		}
		all = flatten(got)
	}
	return all, nil
}

type scalars struct {
	B    bool          `parquet:"b"`
	I8   int8          `parquet:"i8"`
	I16  int16         `parquet:"i16"`
	I32  int32         `parquet:"i32"`
	I64  int64         `parquet:"i64,delta"`
	I    int           `parquet:"i"`
	U8   uint8         `parquet:"u8"`
	U16  uint16        `parquet:"u16"`
	U32  uint32        `parquet:"u32"`
	U64  uint64        `parquet:"u64"`
	F32  float32       `parquet:"f32"`
	F64  float64       `parquet:"f64,split"`
	S    string        `parquet:"s,delta"`
	E    string        `parquet:"e,enum"`
	J    string        `parquet:"j,json"`
	D    []byte        `parquet:"d"`
	Fix  [5]byte       `parquet:"fix"`
	UUID [16]byte      `parquet:"uuid,uuid"`
	Ms   time.Time     `parquet:"ms,timestamp(millisecond)"`
	Us   time.Time     `parquet:"us,timestamp(microsecond:local)"`
	Ns   time.Time     `parquet:"ns,timestamp(nanosecond)"`
	Days int32         `parquet:"days,date"`
	Raw  int64         `parquet:"raw,timestamp(microsecond)"`
	Time time.Duration `parquet:"time,time(nanosecond)"`
	Dec4 int32         `parquet:"dec4,decimal(2:9)"`
	Dec8 int64         `parquet:"dec8,decimal(4:18)"`
	Sub  struct {
		X   int64   `parquet:"x"`
		Y   string  `parquet:"y"`
		Sub *string `parquet:"sub"`
	} `parquet:"sub"`
	PI  *int64     `parquet:"pi"`
	PS  *string    `parquet:"ps"`
	PT  *time.Time `parquet:"pt,timestamp(millisecond)"`
	PF  *float64   `parquet:"pf"`
	Opt int64      `parquet:"opt,optional"`
	Embedded
	Left int `parquet:"-"`
}

type Embedded struct {
	In string `parquet:"in"`
}

func scalarRows(n int) []scalars {
	all := make([]scalars, n)
	for i := range all {
		k := i - n/2
		at := time.Date(1950+i, 3, 1, 12, 0, 0, i*1_000_000, time.UTC)
		v := scalars{
			B: i%3 == 0, I8: int8(k), I16: int16(k * 100), I32: int32(k * 1e6), I64: int64(k) * math.MaxInt32, I: k,
			U8: uint8(i), U16: uint16(i * 200), U32: math.MaxUint32 - uint32(i), U64: math.MaxUint64 - uint64(i),
			F32: float32(k) / 3, F64: float64(k) / 7, S: fmt.Sprint("s", i), E: fmt.Sprint("e", i%3), J: fmt.Sprintf(`{"a":%d}`, i), D: []byte(fmt.Sprint("bytes", i)),
			Fix: [5]byte{1, 2, byte(i)}, UUID: [16]byte{byte(i), 15: 1}, Ms: at, Us: at.Add(time.Microsecond), Ns: at.Add(7), Days: int32(k), Raw: int64(k), Time: time.Duration(i) * time.Minute, Dec4: int32(k * 1000), Dec8: int64(k) * 1e12, Opt: int64(i % 2),
		}
		v.Sub.X, v.Sub.Y, v.In = int64(k), fmt.Sprint("y", k), fmt.Sprint("in", i%2)
		if i%2 == 0 {
			v.PI, v.PS, v.PT, v.PF = new(int64(k)), new(fmt.Sprint("ps", i%4)), new(at), new(float64(i))
			v.Sub.Sub = new("sub")
		}
		all[i] = v
	}
	return all
}

// Every type comes back as it was written.
func TestScalars(t *testing.T) {
	want := scalarRows(200)
	got, err := roundtrip[scalars, scalars](t, want)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

type nestedRow struct {
	ID    int64            `parquet:"id"`
	Tags  []string         `parquet:"tags,list"`
	Plain []int64          `parquet:"plain"`
	Map   map[string]int64 `parquet:"map"`
	Sub   *struct {
		X    int64     `parquet:"x"`
		When time.Time `parquet:"when,timestamp(millisecond)"`
	} `parquet:"sub"`
	Lines []struct {
		SKU string  `parquet:"sku"`
		N   int32   `parquet:"n"`
		At  float64 `parquet:"at"`
	} `parquet:"lines,list"`
}

func nestedRows(n int) []nestedRow {
	all := make([]nestedRow, n)
	for i := range all {
		v := nestedRow{ID: int64(i)}
		for k := range i % 4 {
			v.Tags = append(v.Tags, fmt.Sprint("t", k))
			v.Plain = append(v.Plain, int64(k))
			v.Lines = append(v.Lines, struct {
				SKU string  `parquet:"sku"`
				N   int32   `parquet:"n"`
				At  float64 `parquet:"at"`
			}{fmt.Sprint("sku", k), int32(i), float64(k)})
		}
		if i%3 > 0 {
			v.Map = map[string]int64{"a": int64(i), "b": 2}
			v.Sub = &struct {
				X    int64     `parquet:"x"`
				When time.Time `parquet:"when,timestamp(millisecond)"`
			}{int64(i), day.Add(time.Duration(i) * time.Hour)}
		}
		all[i] = v
	}
	return all
}

// Lists, maps and structs behind pointers come back as parquet-go itself reads them.
func TestNested(t *testing.T) {
	rows := nestedRows(200)
	got, err := roundtrip[nestedRow, nestedRow](t, rows)
	require.NoError(t, err)
	require.Len(t, got, len(rows))
	for i := range rows {
		if len(rows[i].Map) == 0 { // null and empty are one in Parquet's maps
			got[i].Map = nil
		}
		for _, s := range []any{&rows[i].Tags, &rows[i].Plain, &rows[i].Lines, &got[i].Tags, &got[i].Plain, &got[i].Lines} {
			if v := reflect.ValueOf(s).Elem(); v.Len() == 0 {
				v.SetZero()
			}
		}
		require.Equal(t, rows[i], got[i])
	}
}

// What fits without loss is widened.
func TestWidened(t *testing.T) {
	type narrow struct {
		A int8             `parquet:"a"`
		B uint8            `parquet:"b"`
		C int32            `parquet:"c"`
		D float32          `parquet:"d"`
		E uint32           `parquet:"e"`
		F int32            `parquet:"f,date"` // parquet-go writes a time.Time wrong
		G deprecated.Int96 `parquet:"g"`
		H int32            `parquet:"h,decimal(2:9)"`
		I string           `parquet:"i"`
		J int32            `parquet:"j,time(millisecond)"`
		K *int32           `parquet:"k"`
		L [3]byte          `parquet:"l"`
		M [6]byte          `parquet:"m,decimal(2:12)"`
	}
	type wide struct {
		A *int64        `parquet:"a"`
		B int16         `parquet:"b"`
		C int           `parquet:"c"`
		D float64       `parquet:"d"`
		E uint64        `parquet:"e"`
		F time.Time     `parquet:"f,timestamp(millisecond)"`
		G time.Time     `parquet:"g,timestamp(nanosecond)"`
		H int64         `parquet:"h,decimal(2:18)"`
		I []byte        `parquet:"i"`
		J time.Duration `parquet:"j,time(nanosecond)"`
		K int64         `parquet:"k"`
		L []byte        `parquet:"l"`
		M int64         `parquet:"m,decimal(2:18)"`
		N *string       `parquet:"n"`          // is in no file
		O int32         `parquet:"o,optional"` // as well
	}
	at := time.Date(2026, 11, 29, 1, 2, 3, 4, time.UTC)
	julianDay := uint32(at.Unix()/86400) + 2440588
	nanos := uint64(at.Sub(at.Truncate(24 * time.Hour)))
	rows := []narrow{
		{-5, 200, -7, 1.5, math.MaxUint32, int32(at.Unix() / 86400), deprecated.Int96{uint32(nanos), uint32(nanos >> 32), julianDay}, -123, "i", 60_000, nil, [3]byte{1}, [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}},
		{5, 20, 7, -1.5, 0, int32(at.Unix() / 86400), deprecated.Int96{0, 0, 2440588}, 123, "", 0, new(int32(9)), [3]byte{}, [6]byte{0, 0, 0, 0, 1, 0}},
	}
	got, err := roundtrip[narrow, wide](t, rows)
	require.NoError(t, err)
	assert.Equal(t, []wide{
		{new(int64(-5)), 200, -7, 1.5, math.MaxUint32, at.Truncate(24 * time.Hour), at, -123, []byte("i"), time.Minute, 0, []byte{1, 0, 0}, -2, nil, 0},
		{new(int64(5)), 20, 7, -1.5, 0, at.Truncate(24 * time.Hour), time.Unix(0, 0).UTC(), 123, []byte{}, 0, 9, []byte{0, 0, 0}, 256, nil, 0},
	}, got)
}

// mismatch returns the error of reading a column written as W as R.
func mismatch[W, R any](t *testing.T) string {
	t.Helper()
	lake := files(map[string][]byte{"dir/x.parquet": encode(t, make([]W, 3), 2)})
	_, err := parquetsource.Files[R](lake, "**/x*").Open(newContext(t))
	require.Error(t, err)
	return err.Error()
}

type of[T any] struct {
	A T `parquet:"a"`
}

// A column of another type is an error at the start, which names the file, the column and both types.
func TestMismatch(t *testing.T) {
	type decimal2 struct {
		A int64 `parquet:"a,decimal(2:18)"`
	}
	type decimal4 struct {
		A int64 `parquet:"a,decimal(4:18)"`
	}
	type micro struct {
		A int64 `parquet:"a,timestamp(microsecond)"`
	}
	type milli struct {
		A time.Time `parquet:"a,timestamp(millisecond)"`
	}
	type list struct {
		A []int64 `parquet:"a,list"`
	}
	assert.Equal(t, `source: read dir/x.parquet at footer: column "a" is DOUBLE in the file, and int64 (INT(64,true)) in parquetsource_test.of[int64]`,
		mismatch[of[float64], of[int64]](t))
	for name, text := range map[string]string{
		"narrower":         mismatch[of[int64], of[int32]](t),
		"unsigned":         mismatch[of[uint64], of[int64]](t),
		"signed":           mismatch[of[int32], of[uint64]](t),
		"text":             mismatch[of[int64], of[string]](t),
		"number":           mismatch[of[string], of[int64]](t),
		"float":            mismatch[of[float64], of[float32]](t),
		"bool":             mismatch[of[bool], of[int64]](t),
		"scale":            mismatch[decimal2, decimal4](t),
		"unscaled":         mismatch[decimal2, of[int64]](t),
		"scaled":           mismatch[of[int64], decimal2](t),
		"decimal as float": mismatch[decimal2, of[float64]](t),
		"unit":             mismatch[milli, micro](t),
		"no unit":          mismatch[of[int64], milli](t),
		"unit asked":       mismatch[of[int64], micro](t),
		"raw":              mismatch[milli, of[int64]](t),
		"length":           mismatch[of[[4]byte], of[[5]byte]](t),
		"list":             mismatch[list, of[int64]](t),
		"no list":          mismatch[of[int64], list](t),
		"repeated":         mismatch[of[int64], of[[]int64]](t),
		"list of others":   mismatch[of[[]string], of[[]int64]](t),
		"lists of longer":  mismatch[of[[]int64], of[[]int32]](t),
	} {
		t.Log(name+":", text)
		assert.Contains(t, text, "dir/x.parquet", name)
		assert.Contains(t, text, `"a`, name)
	}
	assert.Contains(t, mismatch[of[int64], order](t), `there is no column "id", which parquetsource_test.order names; there are a.`)
}
