package jsonplan

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
)

func padded(s string) []byte { return append([]byte(s), padding...) }

// What is skipped is JSON, whatever it is made of; and what is not skipped is none, or has an escape of half a pair.
func FuzzSkip(f *testing.F) {
	for _, s := range []string{`"a"`, `"é\u00e9\n"`, `"\ud83d\ude00"`, "\"\xff\"", `12.5e-3`, `-`, `01`, `[1,{"a":[]},null]`, `{"a":1,"a":2}`, `{"a":true,"b":false}`, `"12345678`, `"1234567\"`, `tru`, "\"\x00\"", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" || s[0] <= ' ' {
			return
		}
		b := padded(s)
		end := skip(b, 0, 0)
		valid := jsontext.Value(s).IsValid()
		if end == len(s) {
			require.True(t, valid, "%q", s)
		} else if strings.Trim(s, " \t\r\n") == s && !strings.Contains(s, `\`) && strings.Count(s, ":") < 16 && strings.Count(s, "[")+strings.Count(s, "{") < deepest {
			require.False(t, valid, "%q", s)
		}
		if whole := extent(padded(s+"}"), 0); valid && strings.Trim(s, " \t\r\n") == s {
			require.Equal(t, len(s), whole, "%q", s)
		} else {
			require.LessOrEqual(t, whole, len(s)+1)
		}
		require.Equal(t, string(padded(s)), string(b))
	})
}

func TestNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	floats := 0
	for range 200_000 {
		s := strconv.FormatFloat(math.Float64frombits(random.Uint64()), "feg"[random.IntN(3)], -1, 64)
		if random.IntN(2) == 0 {
			s = fmt.Sprintf("%d.%0*d", random.Uint64()>>random.IntN(64), 1+random.IntN(17), random.Uint64()>>(10+random.IntN(54)))
		}
		want, err := strconv.ParseFloat(s, 64)
		if err != nil || strings.ContainsAny(s, "NI+") {
			continue
		}
		var got float64
		end := readFloat(padded(s), 0, &got)
		require.Equal(t, len(s), end, s)
		require.Equal(t, math.Float64bits(want), math.Float64bits(got), s)
		floats++

		n := random.Int64() >> random.IntN(64) * int64(1-2*random.IntN(2))
		var i int64
		s = strconv.FormatInt(n, 10)
		if end := readInt(padded(s+","), 0, unsafe.Pointer(&i), int64s); len(strings.Trim(s, "-")) <= 16 {
			require.Equal(t, len(s), end, s)
			require.Equal(t, n, i)
		} else {
			require.Negative(t, end, s)
		}
	}
	require.Greater(t, floats, 100_000)
}

func TestTimes(t *testing.T) {
	r := new(Reader)
	var got time.Time
	for day := time.Date(0, 1, 1, 23, 59, 58, 120_000_000, time.UTC); day.Year() < 10_000; day = day.AddDate(0, 0, racing.Rounds(1, 12)+day.Day()%3) {
		s := `"` + day.Format(time.RFC3339Nano) + `"`
		if n := r.time(padded(s), 0, &got); n != len(s) || got != day { // a require for each day would take ten times as long
			t.Fatalf("%s: %d of %d bytes, %v", s, n, len(s), got)
		}
	}
	for year := 1896; year < 2012; year++ { // the days that there are not
		for month := 0; month < 15; month++ {
			for day := 27; day < 34; day++ {
				s := fmt.Sprintf(`"%04d-%02d-%02dT00:00:00Z"`, year, month, day)
				_, err := time.Parse(`"2006-01-02T15:04:05Z"`, s)
				require.Equal(t, err == nil, r.time(padded(s), 0, &got) > 0, s)
			}
		}
	}
}

type order struct {
	ID    int64     `json:"id"`
	Shop  string    `json:"shop,omitempty"`
	Rate  float64   `json:"rate"`
	At    time.Time `json:"at"`
	Lines [2]int8   `json:"lines"`
	Note  *string   `json:"note"`
	To    struct{ City string }
}

// Fields that come and go, and other white space, cost no allocation, nor does a string that recurs.
func TestReaderAllocatesNothing(t *testing.T) {
	r := Of(reflect.TypeFor[order]()).NewReader()
	records := []string{
		`{"id":1,"shop":"Lyon","rate":0.5,"at":"2026-11-29T06:45:00Z","unknown":[1,{"a":"b"}],"To":{"City":"Oslo"}}`,
		`{"id":2,"rate":0.5,"at":"2026-12-29T06:45:00Z","note":null}`,
		`{"rate":0.5, "id":3, "shop":"Rome"}`,
	}
	var o order
	pass := func() {
		for _, s := range records {
			o = order{}
			if !r.Read(unsafe.Slice(unsafe.StringData(s), len(s)), unsafe.Pointer(&o)) {
				panic(s)
			}
		}
	}
	pass()
	pass()
	require.Zero(t, testing.AllocsPerRun(100, pass))
	require.Equal(t, order{ID: 3, Rate: 0.5, Shop: "Rome"}, o)
}

// Names that are data do not grow the reader, and spaces without end are not kept.
func TestReaderStaysSmall(t *testing.T) {
	r := Of(reflect.TypeFor[order]()).NewReader()
	taken := 0
	for i := range 10_000 {
		var o order
		record := fmt.Sprintf(`{"id":%d,"name %d":1,%s"rate":1}`, i, i, strings.Repeat(" ", i))
		if r.Read([]byte(record), unsafe.Pointer(&o)) {
			require.Equal(t, int64(i), o.ID)
			taken++
		}
	}
	require.Greater(t, taken, 9_000)
	require.LessOrEqual(t, len(r.names[0].all), mostNames)
	for _, n := range r.names[0].all {
		require.LessOrEqual(t, n.size, 2*longestName)
	}
	require.True(t, r.Read([]byte(`{"x":"`+strings.Repeat("y", 2*keptRecord)+`"}`), unsafe.Pointer(new(order))))
	require.Nil(t, r.padded)
}

// Types without a plan.
func TestOf(t *testing.T) {
	type quoted struct {
		N int `json:",string"`
	}
	type Base struct {
		ID int `json:"id"`
	}
	type hidden struct {
		Base
		ID int `json:"id"`
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[int](), reflect.TypeFor[[]order](), reflect.TypeFor[**order](), reflect.TypeFor[time.Time](), reflect.TypeFor[map[string]int](),
		reflect.TypeFor[quoted](), reflect.TypeFor[hidden](), reflect.TypeFor[struct{ M map[string][]streamed }](), reflect.TypeFor[struct{ *order }]()} {
		require.Nil(t, Of(typ), "%v", typ)
	}
	require.NotNil(t, Of(reflect.TypeFor[*order]()))
	require.NotNil(t, Of(reflect.TypeFor[struct{ Q quoted }]()))
}

type streamed struct{}

func (*streamed) UnmarshalJSONFrom(d *jsontext.Decoder) error { return d.SkipValue() }

var _ json.UnmarshalerFrom = (*streamed)(nil)
