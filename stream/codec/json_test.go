package codec_test

import (
	"bytes"
	jsonv1 "encoding/json"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

func ExampleJSON() {
	type order struct {
		Shop  string `json:"shop"`
		Cents int64  `json:"cents"`
	}
	format := codec.JSON[order]()

	d := format.NewDecoder()
	data := []byte("{\"shop\":\"Lyon\",\"cents\":250}\n\n{\"shop\":\"Oslo\"}\n")
	for len(data) > 0 {
		advance, record, err := d.Split(data, true)
		if err != nil {
			panic(err)
		}
		data = data[advance:]
		var o order
		switch err := d.Decode(record, &o); err {
		case nil:
			fmt.Printf("%+v\n", o)
		case codec.ErrSkip:
		default:
			panic(err)
		}
	}

	line, err := format.NewEncoder().Append(nil, order{"Rome", 120})
	fmt.Printf("%s%v\n", line, err)
	// Output:
	// {Shop:Lyon Cents:250}
	// {Shop:Oslo Cents:0}
	// {"shop":"Rome","cents":120}
	// <nil>
}

func TestJSONStartsFromZero(t *testing.T) {
	type value struct {
		A int            `json:"a"`
		M map[string]int `json:"m"`
	}
	d := codec.JSON[value]().NewDecoder()
	v := value{A: 1, M: map[string]int{"old": 1}}
	require.NoError(t, d.Decode([]byte(`{"m":{"new":2}}`), &v))
	require.Equal(t, value{M: map[string]int{"new": 2}}, v)
}

func TestJSONSkipsBlankLines(t *testing.T) {
	got, err := decodeAll(codec.JSON[int](), []byte("1\n\n \t\r\n2"), 3)
	require.NoError(t, err)
	require.Equal(t, []int{1, 2}, got)
}

func TestJSONWritesOneLine(t *testing.T) {
	f := codec.JSON[map[string]any](jsontext.WithIndent("  "), json.Deterministic(true))
	require.Equal(t, `{"a":[1,2],"b":"x\ny"}`+"\n",
		string(encodeAll(t, f, map[string]any{"b": "x\ny", "a": []int{1, 2}})))
}

func TestJSONOptions(t *testing.T) {
	type value struct{ A int }
	f := codec.JSON[value](json.RejectUnknownMembers(true))
	require.Error(t, f.NewDecoder().Decode([]byte(`{"A":1,"B":2}`), new(value)))
}

func TestJSONErrorKeepsTheBuffer(t *testing.T) {
	e := codec.JSON[any]().NewEncoder()
	out, err := e.Append([]byte("before"), []any{1, func() {}})
	require.Error(t, err)
	require.Equal(t, "before", string(out))
	out, err = e.Append(out, 1)
	require.NoError(t, err)
	require.Equal(t, "before1\n", string(out))
}

func TestJSONByteOrderMark(t *testing.T) {
	for _, file := range []string{"\xef\xbb\xbf1\n2\n", "1\n\xef\xbb\xbf2\n", "\xef\xbb\xbf\n1\n\xef\xbb\xbf2", "\xef\xbb\xbf 1\n2\n\xef\xbb\xbf"} {
		got, err := decodeAll(codec.JSON[int](), []byte(file), 1)
		require.NoError(t, err, "%q", file)
		require.Equal(t, []int{1, 2}, got, "%q", file)
	}
	require.Error(t, codec.JSON[int]().NewDecoder().Decode([]byte("\xef\xbb\xbf\xef\xbb\xbf1"), new(int)))
}

type nullTaker struct{ null bool }

func (n *nullTaker) UnmarshalJSON(b []byte) error { n.null = string(b) == "null"; return nil }

type streamedTaker struct{ null bool }

func (n *streamedTaker) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	v, err := d.ReadValue()
	n.null = string(v) == "null"
	return err
}

// A line that is null is no zero event.
func TestJSONNull(t *testing.T) {
	type order struct{ ID int }
	refuses[order](t, "null is no value of codec_test.order; where it is one, decode a *codec_test.order")
	refuses[int](t, "null is no value of int")
	refuses[string](t, "null is no value of string")
	refuses[[2]int](t, "null is no value of [2]int")
	refuses[time.Time](t, "null is no value of time.Time")
	refuses[level](t, "null is no value of codec_test.level") // it has UnmarshalText, which null does not reach
	refuses[order](t, "null is no value", json.WithUnmarshalers(json.UnmarshalFunc(func([]byte, *int) error { return nil })))

	takes(t, (*order)(nil))
	takes(t, map[string]int(nil))
	takes(t, []int(nil))
	takes(t, any(nil))
	takes(t, jsontext.Value("null"))
	takes(t, nullTaker{true})
	takes(t, streamedTaker{true})
	takes(t, order{7}, json.WithUnmarshalers(json.UnmarshalFunc(func(_ []byte, o *order) error { o.ID = 7; return nil })))

	var o struct{ P, Q *int }
	require.NoError(t, codec.JSON[struct{ P, Q *int }]().NewDecoder().Decode([]byte(`{"P":null}`), &o))
}

func refuses[T any](t *testing.T, message string, opts ...json.Options) {
	for _, line := range []string{"null", " null\t", "\xef\xbb\xbfnull"} {
		var v T
		require.ErrorContains(t, codec.JSON[T](opts...).NewDecoder().Decode([]byte(line), &v), message)
	}
	require.NotContains(t, codec.JSON[T]().NewDecoder().Decode([]byte("nul"), new(T)).Error(), "null is no value")
}

func takes[T any](t *testing.T, want T, opts ...json.Options) {
	var got T
	require.NoError(t, codec.JSON[T](opts...).NewDecoder().Decode([]byte(" null"), &got))
	require.Equal(t, want, got)
}

// Bytes that are not UTF-8 are escaped, wherever a string stands.
func TestJSONNotUTF8(t *testing.T) {
	type name string
	type value struct {
		S string
		N name
		P *string
		M map[string][]string
		A any
	}
	latin := "caf\xe9"
	in := value{S: latin, N: name(latin), P: &latin, M: map[string][]string{latin: {"ok", latin}}, A: map[string]any{latin: []any{latin, 1}}}
	const want = `{"S":"caf\\xe9","N":"caf\\xe9","P":"caf\\xe9","M":{"caf\\xe9":["ok","caf\\xe9"]},"A":{"caf\\xe9":["caf\\xe9",1]}}` + "\n"
	require.Equal(t, want, string(encodeAll(t, codec.JSON[value](), in)))
	require.Equal(t, strings.ReplaceAll(want, `\\xe9`, "\ufffd"), string(encodeAll(t, codec.JSON[value](jsontext.AllowInvalidUTF8(true)), in)))
	_, err := codec.JSON[value](jsontext.AllowInvalidUTF8(false)).NewEncoder().Append(nil, in)
	require.ErrorContains(t, err, "invalid UTF-8")

	for s, want := range map[string]string{
		latin:             `"caf\\xe9"`,
		`caf\xe9`:         `"caf\\xe9"`, // is UTF-8, so it stays
		`caf\xe9` + latin: `"caf\\x5cxe9caf\\xe9"`,
		"\n\xff":          `"\n\\xff"`,
		"é\xff":           `"é\\xff"`,
		"\xed\xa0\x80":    `"\\xed\\xa0\\x80"`,
	} {
		require.Equal(t, want+"\n", string(encodeAll(t, codec.JSON[string](), s)))
	}

	// The user's own marshalers go first.
	own := json.WithMarshalers(json.MarshalFunc(func(n name) ([]byte, error) { return []byte(`"own"`), nil }))
	require.Equal(t, `{"S":"caf\\xe9","N":"own","P":null,"M":{},"A":null}`+"\n", string(encodeAll(t, codec.JSON[value](own), value{S: latin, N: name(latin)})))

	// What a type writes itself is its own matter.
	_, err = codec.JSON[textual]().NewEncoder().Append(nil, textual(latin))
	require.ErrorContains(t, err, "invalid UTF-8")

	// Twice the same name is still an error, and the buffer is as it was.
	out, err := codec.JSON[map[string]int]().NewEncoder().Append([]byte("before"), map[string]int{"\xff": 1, `\xff`: 2})
	require.ErrorContains(t, err, "duplicate object member name")
	require.Equal(t, "before", string(out))
}

type textual string

func (s textual) MarshalText() ([]byte, error) { return []byte(s), nil }

type leg struct {
	Next *leg
	Wait time.Duration `json:"wait"`
}

// What JSON has no form for is noticed where the format is made.
func TestJSONPanics(t *testing.T) {
	type plain struct {
		At   time.Time
		Next *plain
		Any  any
		skip chan int
		No   func() `json:"-"`
		Nil  func() `json:",omitzero"`
		Err  error
		M    map[int]*plain
		B    []byte
	}
	require.NotPanics(t, func() {
		codec.JSON[plain]()
		codec.JSON[[]*plain]()
		codec.JSON[any]()
		codec.JSON[level]()
		codec.JSON[io.Reader]()
	})
	_ = plain{}.skip

	const duration = "a time.Duration: it has no form in JSON without an option such as FormatDurationAsNano(true) of encoding/json"
	require.PanicsWithError(t, "codec: JSON of time.Duration: "+duration, func() { codec.JSON[time.Duration]() })
	require.PanicsWithError(t, "codec: JSON of codec_test.leg: field Wait: "+duration, func() { codec.JSON[leg]() })
	require.PanicsWithError(t, "codec: JSON of map[string][]*codec_test.leg: field [][].Wait: "+duration, func() { codec.JSON[map[string][]*leg]() })
	require.PanicsWithError(t, "codec: JSON of map[time.Duration]int: field [key]: "+duration, func() { codec.JSON[map[time.Duration]int]() })
	require.PanicsWithError(t, "codec: JSON of struct { codec_test.leg }: field Wait: "+duration, func() { codec.JSON[struct{ leg }]() })
	require.PanicsWithValue(t, "codec: JSON: option 2 is nil", func() { codec.JSON[int](json.Deterministic(true), nil) })
	for _, f := range []func(){
		func() { codec.JSON[chan int]() },
		func() { codec.JSON[struct{ F func() }]() },
		func() { codec.JSON[struct{ C []complex128 }]() },
		func() {
			codec.JSON[struct {
				A, B map[string]int `json:",embed"`
			}]()
		},
	} {
		require.Panics(t, f)
	}

	nanos := codec.JSON[leg](jsonv1.FormatDurationAsNano(true))
	require.Equal(t, `{"Next":null,"wait":1000}`+"\n", string(encodeAll(t, nanos, leg{Wait: time.Microsecond})))
	roundTrip(t, nanos, leg{Wait: time.Hour, Next: &leg{}})
	texts := codec.JSON[leg](
		json.WithMarshalers(json.MarshalFunc(func(d time.Duration) ([]byte, error) { return json.Marshal(d.String()) })),
		json.WithUnmarshalers(json.UnmarshalFunc(func(b []byte, d *time.Duration) (err error) {
			*d, err = time.ParseDuration(strings.Trim(string(b), `"`))
			return err
		})))
	require.Equal(t, `{"Next":null,"wait":"1h0m0s"}`+"\n", string(encodeAll(t, texts, leg{Wait: time.Hour})))
	roundTrip(t, texts, leg{Wait: time.Hour, Next: &leg{}})
}

// FuzzJSON: a line is what json.Unmarshal makes of it, and comes back.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{``, `null`, "null\n", `{"S":"a\nb","N":-1,"L":[1.5,null],"T":"1969-12-31T23:59:59Z"}`, `{"S":`, ` `, `{"L":[[[[`, "\xef\xbb\xbf{}", `{"N":1e99}`} {
		f.Add([]byte(s))
	}
	type value struct {
		S string
		N int
		L []any
		T time.Time
		P *value
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		var want, got value
		text := bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		wantErr := json.Unmarshal(text, &want)
		if string(bytes.TrimSpace(text)) == "null" {
			wantErr = errors.New("null is no value")
		}
		format := codec.JSON[value]()
		err := format.NewDecoder().Decode(line, &got)
		if err == codec.ErrSkip {
			require.Empty(t, bytes.TrimSpace(text))
			return
		}
		require.Equal(t, wantErr == nil, err == nil)
		if err != nil {
			return
		}
		require.Equal(t, want, got)
		if want.T.Year() > 0 {
			once := encodeAll(t, format, got)
			require.Equal(t, 1, bytes.Count(once, []byte("\n")))
			again, err := decodeAll(format, once, 1<<20)
			require.NoError(t, err)
			require.Equal(t, once, encodeAll(t, format, again...))
		}
	})
}
