package codec_test

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/stream/codec"
)

type plannedOrder struct {
	ID       int64     `json:"id"`
	Customer string    `json:"customer"`
	Shop     string    `json:"shop"`
	Cents    int       `json:"cents"`
	Rate     float64   `json:"rate"`
	Paid     bool      `json:"paid"`
	At       time.Time `json:"at"`
	Units    uint8     `json:"units"`
	Note     string    `json:"note,omitempty"`
}

type plannedTwo struct {
	Cents int64  `json:"cents"`
	Shop  string `json:"shop"`
}

type plannedNumbers struct {
	I   int
	I8  int8
	I16 int16
	I32 int32
	I64 int64
	U   uint
	U8  uint8
	U16 uint16
	U32 uint32
	U64 uint64
	F32 float32
	F64 float64
}

type plannedText string

type plannedNested struct {
	A struct {
		B struct {
			S plannedText
			N int32 `json:"n"`
		} `json:"b"`
		T time.Time `json:"t"`
	} `json:"a"`
	C plannedTwo `json:"c"`
	_ int
	X string `json:"-"`
	É string
}

type plannedElse struct {
	P    *int            `json:"p"`
	L    []string        `json:"l"`
	M    map[string]int  `json:"m"`
	Any  any             `json:"any"`
	Raw  jsontext.Value  `json:"raw"`
	Addr netip.Addr      `json:"addr"`
	S    string          `json:"s"`
	Sub  plannedEmbedded `json:"sub"`
}

type plannedEmbedded struct {
	plannedTwo
	ID int `json:"id"`
}

type plannedPointers struct {
	ID    *int64      `json:"id"`
	Shop  *string     `json:"shop"`
	Rate  **float64   `json:"rate"`
	At    *time.Time  `json:"at,omitzero"`
	A     *plannedTwo `json:"a,omitempty,omitzero"`
	C     *plannedTwo `json:"c"`
	Next  *plannedPointers
	Addr  *netip.Addr   `json:"addr"`
	Units *uint8        `json:"units"`
	Note  **plannedText `json:"note"`
}

type plannedLists struct {
	L    []plannedTwo          `json:"l"`
	A    []string              `json:"a"`
	C    []*plannedNested      `json:"c"`
	ID   [][]int32             `json:"id"`
	Rate []float64             `json:"rate"`
	At   []time.Time           `json:"at"`
	Note []byte                `json:"note"`
	U8   []plannedByte         `json:"units"`
	P    [2]int                `json:"p"`
	M    map[string]plannedTwo `json:"m"`
	Sub  *[]bool               `json:"sub"`
}

type plannedByte uint8

type plannedTree struct {
	Cents int                     `json:"cents"`
	A     *plannedTree            `json:"a"`
	L     []plannedTree           `json:"l"`
	M     map[string]*plannedTree `json:"m"`
}

type PlannedBase struct {
	ID   int64  `json:"id"`
	Shop string `json:"shop"`
}

type plannedInner struct {
	PlannedBase
	Cents int
	N     struct{ plannedTwo } `json:"c"`
}

type plannedHidden struct { // its own shop hides another
	PlannedBase
	Shop plannedText `json:"shop"`
}

// plannedOwn reads itself, and its field reads what is a text.
type plannedOwn struct {
	ID   plannedTaker    `json:"id"`
	Note plannedUpper    `json:"note"`
	P    *plannedTaker   `json:"p"`
	L    []plannedUpper  `json:"l"`
	Shop plannedStreamed `json:"shop"`
}

type plannedOwnToo struct {
	ID   plannedTaker   `json:"id"`
	Note plannedUpper   `json:"note"`
	P    *plannedTaker  `json:"p"`
	L    []plannedUpper `json:"l"`
}

type plannedTaker struct{ text string }

func (p *plannedTaker) UnmarshalJSON(b []byte) error {
	if p.text = string(b); p.text == "1" {
		return errors.New("one is refused")
	}
	return nil
}

type plannedUpper string

func (p *plannedUpper) UnmarshalText(b []byte) error {
	*p = plannedUpper(strings.ToUpper(string(b)))
	return nil
}

type plannedStreamed struct{ at int64 }

func (p *plannedStreamed) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	p.at = d.InputOffset()
	return d.SkipValue()
}

type plannedQuoted struct {
	N int64  `json:"n,string"`
	S string `json:"s"`
}

// same has a record read by the plan and by encoding/json/v2 alone: values and errors have to be equal. An option, even one that changes nothing, leaves the
// plan out.
func same[T any](t *testing.T, records ...[]byte) {
	t.Helper()
	fast, plain := codec.JSON[T]().NewDecoder(), codec.JSON[T](json.MatchCaseInsensitiveNames(false)).NewDecoder()
	for _, r := range records {
		var a, b T
		errA, errB := fast.Decode(r, &a), plain.Decode(r, &b)
		require.Equal(t, fmt.Sprint(errB), fmt.Sprint(errA), "%s as a %T", r, a)
		if !reflect.DeepEqual(b, a) { // NaN does not come from JSON
			require.Failf(t, "another value", "%s\nas a %T: %+v, and by encoding/json/v2 %+v", r, a, a, b)
		}
	}
}

func sameAll(t *testing.T, records ...[]byte) {
	t.Helper()
	same[plannedOrder](t, records...)
	same[plannedTwo](t, records...)
	same[plannedNumbers](t, records...)
	same[plannedNested](t, records...)
	same[plannedElse](t, records...)
	same[plannedEmbedded](t, records...)
	same[plannedQuoted](t, records...)
	same[plannedPointers](t, records...)
	same[*plannedPointers](t, records...)
	same[plannedLists](t, records...)
	same[plannedTree](t, records...)
	same[plannedInner](t, records...)
	same[plannedHidden](t, records...)
	same[plannedOwn](t, records...)
	same[plannedOwnToo](t, records...)
	same[map[string]any](t, records...)
	same[[]plannedTwo](t, records...)
	same[*plannedTwo](t, records...)
	same[struct{}](t, records...)
	same[time.Time](t, records...)
}

// values are what JSON can be, and what looks like it.
var values = []string{
	`1`, `0`, `-0`, `-1`, `01`, `-`, `1.0`, `1.5`, `1e3`, `1E+3`, `1e`, `1.`, `.5`, `+1`, `127`, `128`, `-128`, `-129`, `255`, `256`, `65535`, `65536`, `2147483648`, `4294967296`,
	`999999999999999999`, `9223372036854775807`, `9223372036854775808`, `-9223372036854775808`, `18446744073709551615`, `18446744073709551616`, `1e400`, `-1e-400`, `3.5e38`, `0.1`, `123456789.123456789`,
	`true`, `false`, `null`, `True`, `tru`, `nul`, `NaN`, `""`, `"a"`, `"12345678"`, `"123456789"`, `"é"`, `"日本語 in a longer text"`, "\"\xff\"", "\"aaaaaaaa\xc3\"", "\"tab\there\"", `"\u00e9"`, `"\n"`, `"\x"`, `"\ud800"`, `"open`,
	`"2026-11-29T06:45:00Z"`, `"2026-11-29T06:45:00.123456789Z"`, `"2026-11-29T06:45:00.1234567891Z"`, `"2026-11-29T06:45:00.Z"`, `"2026-11-29T06:45:00+01:00"`, `"2026-02-29T06:45:00Z"`, `"2024-02-29T23:59:59Z"`,
	`"2026-11-29t06:45:00z"`, `"2026-11-29T6:45:00Z"`, `"2026-11-29T24:00:00Z"`, `"2026-11-29T06:45:60Z"`, `"0000-01-01T00:00:00Z"`, `"9999-12-31T23:59:59Z"`, `"2026-11-29T06:45:00,5Z"`, `"2026-11-29 06:45:00Z"`,
	`[]`, `[1]`, `[1,2 , "a"]`, `[1,]`, `[`, `[[[[]]]]`, `{}`, `{ }`, `{"x":1}`, `{"x":1,"x":2}`, `{"x":{"y":[{"z":null}]}}`, `{"x":1,}`, `{x:1}`, `{"b":{"S":"s","n":3},"t":"2026-01-02T03:04:05Z"}`, `{"cents":5,"shop":"x"}`, `{"b":{"n":1,"n":2}}`,
	`"\ud83d\ude00"`, `"\ude00"`, `"\ud83dx"`, `"a\u00"`, `"a\"`, `"a\\"`, `"a\/\b\f\r\t\u20AC b"`, `"é\u00e9é"`, "\"\\n\xc3\"", `"1234567\"9"`, `1234567`, `12345678`, `123456789`, `1234567890123456`, `12345678901234567`, `0.12345678`, `0.123456789`, `9007199254740992.5`,
	`9007199254740993`, `900719925474099.1`, `90071992547409.25`, `0.1234567890123456`, `0.12345678901234567`, `-0.0`, `-0.5e1`, `00.5`, `1.e5`, `5e-324`, `1E400`, `0e0`,
	`[null]`, `[null,{"cents":1,"shop":"a"},{"shop":"b"}]`, `[{"cents":1},{"cents":"x"}]`, `["a",null,"b\n",""]`, `[true,false,null]`, `[ 1 , 2.5 ,3]`, `[[1],[],null,[2,3,4,5,6,7,8,9]]`, `["2026-11-29T06:45:00Z",null]`, `["2026-11-29T06:45:00+02:00"]`, `[1 2]`, `[1,,2]`, `[}`, `{]`,
	`"YWJj"`, `"YWJ"`, `{"a":{"cents":1},"b":{"cents":2}}`, `{"a":{"cents":1},"a":{"cents":2}}`, `{"cents":1,"a":{"cents":2,"a":{"cents":3,"l":[{"cents":4}]}}}`, `{"plannedTwo":1}`, `"10.0.0.1"`, `"1969-12-31T23:59:59.000000001Z"`, `"2000-02-29T00:00:00Z"`, `"1900-02-29T00:00:00Z"`, `"2026-13-01T00:00:00Z"`, `"2026-00-01T00:00:00Z"`, `"2026-01-00T00:00:00Z"`,
}

var plannedNames = []string{"id", "customer", "shop", "cents", "rate", "paid", "at", "units", "note", "I", "I8", "I16", "I32", "I64", "U", "U8", "U16", "U32", "U64", "F32", "F64", "a", "c", "X", "-", "É", "p", "l", "m", "any", "raw", "addr", "s", "sub", "n", "a,b", "ID", "Shop", "unknown", "", `sh\u006fp`}

func TestJSONPlan(t *testing.T) {
	var records [][]byte
	for _, v := range values {
		records = append(records, []byte(v), []byte(" "+v+"\r"), []byte(v+" x"))
		for _, n := range plannedNames {
			records = append(records, fmt.Appendf(nil, `{"%s":%s}`, n, v), fmt.Appendf(nil, ` { "%s" : %s , "cents" : 1 } `, n, v), fmt.Appendf(nil, `{"%s":%s,"%s":%s}`, n, v, n, v))
		}
	}
	many := `{"cents":1`
	for i := range 80 {
		many += fmt.Sprintf(`,"f%d":%d`, i, i)
		if i > 60 {
			records = append(records, []byte(many+"}"))
		}
	}
	records = append(records, []byte(strings.Repeat(`{"x":`, 40)+"1"+strings.Repeat("}", 40)), []byte("\xef\xbb\xbf{\"cents\":7}"), []byte(`{"cents"`), []byte(`{"cents":`), []byte(`{"cents":1`), []byte(`{"`), []byte(`{`))
	var some [][]byte
	for i := 0; i < len(records); i += racing.Rounds(1, 7) {
		some = append(some, records[i])
	}
	sameAll(t, some...)
}

// Records of orders, one after another by the same reader, some of them with a byte that is another.
func TestJSONPlanOfOrders(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	var records [][]byte
	for range racing.Rounds(3000, 300) {
		r := orderLine(random)
		if random.IntN(2) == 0 {
			r[random.IntN(len(r))] = `"{}[],:\ 0179-+.eEtfnuZT`[random.IntN(24)]
		}
		if random.IntN(8) == 0 {
			r = r[:random.IntN(len(r))]
		}
		records = append(records, r)
	}
	same[plannedOrder](t, records...)
	same[plannedTwo](t, records...)
}

// orderLine is an order of nine fields, at times in another order or without one.
func orderLine(r *rand.Rand) []byte {
	fields := []string{
		fmt.Sprintf(`"id":%d`, r.Int64N(1e9)), fmt.Sprintf(`"customer":"c%d"`, r.IntN(1000)), fmt.Sprintf(`"shop":"shop-%d"`, r.IntN(20)), fmt.Sprintf(`"cents":%d`, r.IntN(100_000)),
		fmt.Sprintf(`"rate":%v`, r.Float64()), fmt.Sprintf(`"paid":%v`, r.IntN(2) == 0), `"at":"` + time.Unix(r.Int64N(2e9), r.Int64N(1e9)).UTC().Format(time.RFC3339Nano) + `"`,
		fmt.Sprintf(`"units":%d`, r.IntN(257)), `"note":"leave it at the door"`,
	}
	if r.IntN(10) == 0 {
		r.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
		fields = fields[:r.IntN(len(fields)+1)]
	}
	return []byte("{" + strings.Join(fields, ",") + "}")
}

func FuzzJSONPlan(f *testing.F) {
	for _, v := range values {
		f.Add([]byte(v))
		f.Add([]byte(`{"cents":3,"shop":"x","a":` + v + `,"c":{"shop":` + v + `}}`))
	}
	random := rand.New(rand.NewPCG(5, 5))
	for range 20 {
		f.Add(orderLine(random))
	}
	f.Fuzz(func(t *testing.T, record []byte) { sameAll(t, record, record) })
}

func BenchmarkJSONPlan(b *testing.B) {
	random := rand.New(rand.NewPCG(6, 6))
	lines := make([][]byte, 1000)
	for i := range lines { // all of them usual
		o := plannedOrder{random.Int64N(1e9), fmt.Sprintf("c%d", random.IntN(1000)), fmt.Sprintf("shop-%d", random.IntN(20)), random.IntN(100_000),
			float64(random.IntN(1000)) / 1000, i%2 == 0, time.Unix(random.Int64N(2e9), 0).UTC(), uint8(random.IntN(9)), "leave it at the door"}
		lines[i], _ = json.Marshal(&o)
	}
	all := func(b *testing.B, decode func(line []byte)) {
		b.ReportAllocs()
		for b.Loop() {
			for _, l := range lines {
				decode(l)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(lines)), "ns/record")
	}
	b.Run("nine/codec", func(b *testing.B) {
		d := codec.JSON[plannedOrder]().NewDecoder()
		var o plannedOrder
		all(b, func(line []byte) { _ = d.Decode(line, &o) })
	})
	b.Run("nine/json", func(b *testing.B) {
		var o plannedOrder
		all(b, func(line []byte) { o = plannedOrder{}; _ = json.Unmarshal(line, &o) })
	})
	b.Run("two/codec", func(b *testing.B) {
		d := codec.JSON[plannedTwo]().NewDecoder()
		var o plannedTwo
		all(b, func(line []byte) { _ = d.Decode(line, &o) })
	})
	b.Run("two/json", func(b *testing.B) {
		var o plannedTwo
		all(b, func(line []byte) { o = plannedTwo{}; _ = json.Unmarshal(line, &o) })
	})
}

// Lines that a client has a hand in are read whatever their bytes, and the others as fast as without the options.
func TestJSONOfAnyBytes(t *testing.T) {
	type hit struct {
		Agent  string `json:"ua"`
		Status int    `json:"status"`
	}
	f := codec.JSON[hit](jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	d := f.NewDecoder()
	for line, want := range map[string]hit{
		"{\"ua\":\"caf\xe9\",\"status\":200}":        {"caf\ufffd", 200},
		"{\"\xe9\":\"\xff\",\"status\":200}":         {"", 200},
		`{"ua":"a","ua":"b","status":200}`:           {"b", 200},
		`{"x":1,"x":2,"status":200,"ua":"a"}`:        {"a", 200},
		`{"ua":"\ud800","status":200}`:               {"\ufffd", 200},
		`{"ua":"curl/8.1","status":200,"other":[1]}`: {"curl/8.1", 200},
	} {
		var got hit
		require.NoError(t, d.Decode([]byte(line), &got), "%q", line)
		require.Equal(t, want, got, "%q", line)
	}
}
