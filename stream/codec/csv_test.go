package codec_test

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

func ExampleCSV() {
	type invoice struct {
		No       string    `csv:"InvoiceNo"`
		Quantity int       // the column has the field's name
		Date     time.Time `csv:"InvoiceDate" layout:"2006-01-02 15:04"`
		Customer *int      `csv:"CustomerID"`
	}
	format := codec.CSV[invoice]()

	d := format.NewDecoder()
	data := []byte(`InvoiceDate,InvoiceNo,CustomerID,Quantity,Country
2010-12-01 08:26,"A ""1""",17850,6,France
2010-12-01 08:28,B,,x,France
2010-12-01 08:34,C,,2,"Isle
of Man"
`)
	for len(data) > 0 {
		advance, record, err := d.Split(data, true)
		if err != nil {
			panic(err)
		}
		data = data[advance:]
		var i invoice
		switch err := d.Decode(record, &i); err {
		case nil:
			fmt.Println(i.No, i.Quantity, i.Date, i.Customer != nil)
		case codec.ErrSkip: // the header
		default:
			fmt.Println(err)
		}
	}

	rows, err := format.NewEncoder().Append(nil, invoice{No: "D, E", Quantity: 1, Date: time.Unix(0, 0)})
	fmt.Printf("%s%v\n", rows, err)
	// Output:
	// A "1" 6 2010-12-01 08:26:00 +0000 UTC true
	// column Quantity: "x" is not an int
	// C 2 2010-12-01 08:34:00 +0000 UTC false
	// InvoiceNo,Quantity,InvoiceDate,CustomerID
	// "D, E",1,1970-01-01 00:00,
	// <nil>
}

type level int

func (l *level) UnmarshalText(b []byte) error {
	if string(b) != "high" {
		return fmt.Errorf("no level %q", b)
	}
	*l = 2
	return nil
}

func (l level) MarshalText() ([]byte, error) { return []byte("high"), nil }

type base struct {
	ID   uint64 `csv:"id"`
	Skip string `csv:"-"`
}

type kinds struct {
	base
	S    string
	Name fmtName
	B    bool
	I    int
	I8   int8
	I64  int64
	U    uint
	U16  uint16
	F    float64
	F32  float32
	T    time.Time
	Day  time.Time `layout:"2006-01-02"`
	Rome time.Time `layout:"2006-01-02 15:04" zone:"Europe/Rome"`
	D    time.Duration
	L    level
	Addr netip.Addr
	P    *int
	PS   *string
	PT   *time.Time
	PL   *level
	O    int       `csv:",omitempty"`
	OT   time.Time `csv:"ot,omitempty"`

	hidden int
}

type fmtName string

func TestCSVRoundTrip(t *testing.T) {
	at := time.Date(1969, 12, 31, 23, 59, 59, 123456789, time.UTC)
	n, s, l := -5, " x", level(2)
	full := kinds{
		base: base{ID: math.MaxUint64}, S: "a,\"b\"\r\nc", Name: "ü", B: true,
		I: math.MinInt64, I8: -128, I64: math.MaxInt64, U: 7, U16: 65535,
		F: 1e-9, F32: 0.1, T: at, Day: at.Truncate(24 * time.Hour), Rome: at.Truncate(time.Hour),
		D: -90 * time.Second, L: 2, Addr: netip.MustParseAddr("::1"),
		P: &n, PS: &s, PT: &at, PL: &l, O: 3, OT: at,
	}
	empty := kinds{L: 2, Addr: netip.MustParseAddr("10.0.0.1"), Rome: time.Unix(0, 0).UTC()}
	roundTrip(t, codec.CSV[kinds](), full, empty)
	roundTrip(t, codec.CSV[kinds](codec.NoHeader(), codec.Comma('\t')), full, empty, full)

	type one struct{ S string }
	roundTrip(t, codec.CSV[one](), one{""}, one{"\xef\xbb\xbfx"}, one{"\r"}, one{"a\r"}, one{`"`})
	roundTrip(t, codec.CSV[one](codec.NoHeader()), one{"\xef\xbb\xbfx"}, one{""})

	_ = full.hidden
}

func TestCSVReads(t *testing.T) {
	type row struct {
		A string
		B int `csv:"b"`
	}
	for name, test := range map[string]struct {
		file string
		want []row
		err  string
	}{
		"empty":               {"", nil, ""},
		"header only":         {"A,b", nil, ""},
		"order, unknown":      {"x,b,A\n1,2,3\n", []row{{"3", 2}}, ""},
		"BOM":                 {"\xef\xbb\xbfA,b\nx,1\n", []row{{"x", 1}}, ""},
		"BOM, quotes":         {"\xef\xbb\xbf\"A\",\"b\"\nx,1\n", []row{{"x", 1}}, ""},
		"CRLF, blank lines":   {"\r\nA,b\r\n\r\nx,1\r\n\n", []row{{"x", 1}}, ""},
		"line feed in quotes": {"A,b\n\"x\r\n\ny\",1\nz,2", []row{{"x\r\n\ny", 1}, {"z", 2}}, ""},
		"quotes":              {"A,b\n\"\"\"\",\"1\"\n\"\",2", []row{{`"`, 1}, {"", 2}}, ""},
		"missing column":      {"A,B\n", nil, `header: no column b among ["A" "B"]: "B" is another name, as case and spaces count`},
		"spaces":              {"A, b\n", nil, `header: no column b among ["A" " b"]: " b" is another name, as case and spaces count`},
		"other columns":       {"A,c\n", nil, `header: no column b among ["A" "c"]`},
		"semicolons":          {"A;b\n", nil, `header: no column A among ["A;b"]: its fields may be told apart by Comma(';')`},
		"tabs":                {"A\tb\n", nil, "header: no column A among [\"A\\tb\"]: its fields may be told apart by Comma('\\t')"},
		"UTF-16":              {"\xff\xfeA\x00,\x00b\x00\n", nil, "header: no column A among [\"\\xff\\xfeA\\x00\" \"\\x00b\\x00\"]: it is UTF-16, which Transcode reads"},
		"carriage returns":    {"b\rx\n", nil, `header: no column A among ["b\rx"]: its lines end in a carriage return alone`},
		"column twice":        {"A,b,b\n", nil, "header: two columns b"},
		"not an int":          {"A,b\nx,abc\n", nil, `column b: "abc" is not an int`},
		"empty number":        {"A,b\nx,\n", nil, `column b: "" is not an int`},
		"out of range":        {"A,b\nx,99999999999999999999\n", nil, `column b: "99999999999999999999" is out of the range of an int`},
		"short row":           {"A,b\nx\n", nil, "row has 1 fields, not 2"},
		"long row":            {"A,b\nx,1,2,3\n", nil, "row has 4 fields, not 2"},
		"bare quote":          {"A,b\nx\",1\ny,2\n", nil, "field 1: " + csv.ErrBareQuote.Error()},
		"quote in quotes":     {"A,b\n\"x\"y,1\n", nil, "field 1: " + csv.ErrQuote.Error()},
		"open quote":          {"A,b\ny,2\n\"x,1\ny,2", []row{{"y", 2}}, "field 1: the quote that opens it is not closed: " + csv.ErrQuote.Error()},
		"open quote, line 2":  {"A,b\n\"x\ny\",\"2\nz,3", nil, "field 2: the quote that opens it on line 2 of the row is not closed: " + csv.ErrQuote.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			for _, chunk := range []int{1, 1 << 20} {
				got, err := decodeAll(codec.CSV[row](), []byte(test.file), chunk)
				require.Equal(t, test.want, got)
				if test.err == "" {
					require.NoError(t, err)
				} else {
					require.EqualError(t, err, test.err)
				}
			}
		})
	}
}

func TestCSVGoesOnAfterAnError(t *testing.T) {
	type row struct{ A, B int }
	d := codec.CSV[row]().NewDecoder()
	v := row{B: 9}
	require.ErrorIs(t, d.Decode([]byte("A,B"), &v), codec.ErrSkip)
	err := d.Decode([]byte("x,1"), &v)
	var bad *codec.ColumnError
	require.ErrorAs(t, err, &bad)
	require.Equal(t, "A", bad.Column)
	require.Equal(t, "x", bad.Value)
	require.ErrorIs(t, err, strconv.ErrSyntax)
	require.ErrorContains(t, d.Decode([]byte("300000000000000000000,1"), &v), "out of the range of an int")
	require.NoError(t, d.Decode([]byte("1,2"), &v))
	require.Equal(t, row{1, 2}, v)

	// A header without a column fails each row, rather than shift them.
	d = codec.CSV[row]().NewDecoder()
	require.ErrorContains(t, d.Decode([]byte("A"), &v), "no column B")
	require.ErrorContains(t, d.Decode([]byte("1"), &v), "no column B")
}

func TestCSVTextError(t *testing.T) {
	type row struct {
		L level
		T time.Time `layout:"2006"`
	}
	f := codec.CSV[row](codec.NoHeader())
	require.EqualError(t, f.NewDecoder().Decode([]byte("low,2020"), new(row)), `column L: "low": no level "low"`)
	require.EqualError(t, f.NewDecoder().Decode([]byte("high,x"), new(row)), `column T: "x" is not a time like "2006"`)
}

func TestCSVPanics(t *testing.T) {
	require.PanicsWithError(t, "codec: CSV of int: not a struct", func() { codec.CSV[int]() })
	require.PanicsWithError(t, "codec: CSV of struct { a int }: no exported field", func() {
		codec.CSV[struct{ a int }]()
	})
	require.Panics(t, func() { codec.CSV[struct{ A []int }]() })
	require.Panics(t, func() { codec.CSV[struct{ A **int }]() })
	require.Panics(t, func() {
		codec.CSV[struct {
			A int
			B int `csv:"A"`
		}]()
	})
	require.Panics(t, func() {
		codec.CSV[struct {
			A int `csv:"A,omitzero"`
		}]()
	})
	require.Panics(t, func() { codec.Comma('"') })
	require.PanicsWithValue(t, "codec: CSV: option 1 is nil", func() { codec.CSV[struct{ A int }](nil) })
}

type fields struct{ A, B, C string }

// FuzzCSV: rows of three fields are those of encoding/csv.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{
		"a,b,c\n", "a,\"b\n\",c\r\n\"\"\"\",,\n", "\"a\"b,c,d\n", "a,b\"c\n", "\"", "\n\r\n,,\n", "a,b,c\r", "a\r\r\n", "\"a\r\r\n\",,\r\r", "\"\"\"",
	} {
		f.Add([]byte(s), byte(3))
	}
	f.Fuzz(func(t *testing.T, file []byte, chunk byte) {
		if len(file) >= 3 && string(file[:3]) == "\xef\xbb\xbf" {
			return // which encoding/csv has as part of the first field
		}
		var want []fields
		var wantErr error
		r := csv.NewReader(newReader(file))
		r.FieldsPerRecord = 3
		for {
			row, err := r.Read()
			if err == io.EOF {
				break
			}
			if wantErr = err; err != nil {
				break
			}
			want = append(want, fields{row[0], row[1], row[2]})
		}
		got, err := decodeAll(codec.CSV[fields](codec.NoHeader()), file, 1+int(chunk))
		require.Equal(t, wantErr == nil, err == nil, "%v, %v", wantErr, err)
		for i := range got {
			for _, s := range []*string{&got[i].A, &got[i].B, &got[i].C} {
				*s = normalLineEnds(*s)
			}
		}
		require.Equal(t, want, got)
	})
}

// FuzzCSVRoundTrip: what is written reads as it was, by us and by encoding/csv.
func FuzzCSVRoundTrip(f *testing.F) {
	f.Add("", "a\nb", "\"", int64(-1), 0.5)
	f.Add("\xef\xbb\xbf", ",", "\r\n", int64(math.MinInt64), math.Inf(-1))
	f.Add("\r", "\\.", " ", int64(0), 1e300)
	f.Fuzz(func(t *testing.T, a, b, c string, n int64, x float64) {
		type row struct {
			A, B string
			N    int64
			C    string
			X    float64
		}
		if x != x {
			x = 0
		}
		roundTrip(t, codec.CSV[row](codec.NoHeader()), row{a, b, n, c, x}, row{c, a, -n, b, -x})
		roundTrip(t, codec.CSV[row](codec.Comma(';')), row{a, b, n, c, x})

		file := encodeAll(t, codec.CSV[row](), row{a, b, n, c, x})
		all, err := csv.NewReader(newReader(file)).ReadAll()
		require.NoError(t, err)
		require.Equal(t, normalLineEnds(a), all[1][0])
		require.Equal(t, normalLineEnds(c), all[1][3])
	})
}

// FuzzCSVNeverPanics hands hostile bytes to every kind of cell.
func FuzzCSVNeverPanics(f *testing.F) {
	f.Add([]byte("x,,,,1,,"))
	f.Fuzz(func(t *testing.T, file []byte) {
		d := codec.CSV[kinds](codec.NoHeader()).NewDecoder()
		var v kinds
		_ = d.Decode(file, &v)
		h := codec.CSV[fields]().NewDecoder()
		_ = h.Decode(file, new(fields))
		_ = h.Decode(file, new(fields))
	})
}

func TestCSVOnlineRetail(t *testing.T) {
	type line struct {
		Invoice  string `csv:"InvoiceNo"`
		SKU      string `csv:"StockCode"`
		Quantity int
		Date     time.Time `csv:"InvoiceDate" layout:"2006-01-02 15:04:05"`
		Price    float64   `csv:"UnitPrice"`
		Customer *float64  `csv:"CustomerID"`
		Country  string
	}
	lines, err := decodeAll(codec.CSV[line](), sharedFile(t, "online_retail.csv.gz"), 1<<16)
	require.NoError(t, err)
	require.Len(t, lines, 541_909)
	var anonymous int
	var sum float64
	countries := make(map[string]bool)
	for _, l := range lines {
		if l.Customer == nil {
			anonymous++
		}
		countries[l.Country] = true
		sum += float64(l.Quantity) * l.Price
	}
	require.Equal(t, 135_080, anonymous)
	require.Len(t, countries, 38)
	require.InDelta(t, 9_747_747.93, sum, 0.01)
	require.Equal(t, time.Date(2010, 12, 1, 8, 26, 0, 0, time.UTC), lines[0].Date)
	require.Equal(t, time.Date(2011, 12, 9, 12, 50, 0, 0, time.UTC), lines[len(lines)-1].Date)
}

// A year that could not be read is not written.
func TestCSVYears(t *testing.T) {
	type row struct{ At time.Time }
	for _, year := range []int{-5, 12000} {
		_, err := codec.CSV[row]().NewEncoder().Append(nil, row{time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)})
		require.ErrorContains(t, err, "column At: the year")
	}
}

// What a tag says of times is refused where there is no time.
func TestTagsOfTimes(t *testing.T) {
	type inner struct {
		N int `layout:"2006"`
	}
	type zoned struct {
		S *string `zone:"UTC"`
	}
	require.PanicsWithError(t, "codec: CSV of codec_test.inner: field N: the tag layout is for a time.Time, and the field is int", func() { codec.CSV[inner]() })
	require.PanicsWithError(t, "codec: Logfmt of codec_test.zoned: field S: the tag zone is for a time.Time, and the field is string", func() { codec.Logfmt[zoned]() })
	type timed struct {
		T *time.Time `layout:"2006" zone:"UTC"`
	}
	codec.CSV[timed]()
}
