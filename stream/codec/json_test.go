package codec_test

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"fmt"
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

// FuzzJSON: a line is what json.Unmarshal makes of it, and comes back.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{``, `null`, `{"S":"a\nb","N":-1,"L":[1.5,null],"T":"1969-12-31T23:59:59Z"}`, `{"S":`, ` `, `{"L":[[[[`, "\xef\xbb\xbf{}", `{"N":1e99}`} {
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
		wantErr := json.Unmarshal(line, &want)
		format := codec.JSON[value]()
		err := format.NewDecoder().Decode(line, &got)
		if err == codec.ErrSkip {
			require.Empty(t, bytes.TrimSpace(line))
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
