package codec_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

func ExampleLogfmt() {
	type event struct {
		Time  time.Time     `logfmt:"time"`
		Level string        `logfmt:"level"`
		Text  string        `logfmt:"msg"`
		Took  time.Duration `logfmt:"took,omitempty"`
		TLS   bool          `logfmt:"tls,omitempty"`
	}
	format := codec.Logfmt[event]()
	var e event
	err := format.NewDecoder().Decode([]byte(`time=2015-05-17T10:05:03.25Z level=INFO msg="started \"web\"" port=80 took=1.5ms tls`), &e)
	fmt.Println(e.Time, e.Level, e.Text, e.Took, e.TLS, err)

	out, err := format.NewEncoder().Append(nil, e)
	fmt.Printf("%s%v\n", out, err)
	// Output:
	// 2015-05-17 10:05:03.25 +0000 UTC INFO started "web" 1.5ms true <nil>
	// time=2015-05-17T10:05:03.25Z level=INFO msg="started \"web\"" took=1.5ms tls=true
	// <nil>
}

type pairs struct {
	A string   `logfmt:"a"`
	B *string  `logfmt:"b"`
	N int      `logfmt:"n,omitempty"`
	F *float64 `logfmt:"f"`
	T bool     `logfmt:"t"`
	X string
	Y string `logfmt:"-"`
}

func TestLogfmtReads(t *testing.T) {
	b, empty := "b", 1.5
	for line, want := range map[string]pairs{
		`a=1`:                       {A: "1"},
		`  a=1   n=2  `:             {A: "1", N: 2},
		"a=1\tn=2":                  {A: "1", N: 2},
		`a=x=y?z=1`:                 {A: "x=y?z=1"},
		`a=http://h/?q="x"`:         {A: `http://h/?q="x"`},
		`a= b=b`:                    {B: &b},
		`t`:                         {T: true},
		`t a=`:                      {T: true},
		`a`:                         {A: "true"},
		`n= f=1.5`:                  {F: &empty},
		`n=1 n=2 n=`:                {},
		`b=x b=`:                    {},
		`a=1 a=2`:                   {A: "2"},
		`zz=1 a=1 zy="q\"" X=x Y=y`: {A: "1", X: "x"},
		`a="\"\\\n\r\t\b\f\v\a\x41\u00e9\U0001f600\ud83d\ude00\q\/\xg\u12"`: {A: "\"\\\n\r\t\b\f\v\aA\u00e9😀😀\\q/\\xg\\u12"},
		`a="x = y"`:          {A: "x = y"},
		"\xef\xbb\xbfa=\xff": {A: "\xff"},
		`a="\ud83d" n=3`:     {A: "\uFFFD", N: 3},
	} {
		got := pairs{A: "left over", Y: "left over"}
		require.NoError(t, codec.Logfmt[pairs]().NewDecoder().Decode([]byte(line), &got), line)
		require.Equal(t, want, got, line)
	}
	for line, message := range map[string]string{
		`a=1 =2`:      `at byte 4: no key before "=2"`,
		`a="x`:        `at byte 0: the quote that opens the value of "a" is not closed`,
		`n=1 a="x\"`:  `at byte 4: the quote that opens the value of "a" is not closed`,
		`a="x"y`:      `at byte 0: no space behind the quote that closes the value of "a"`,
		`he said "x"`: `at byte 8: no key before "\"x\""`,
		`n=1 n=x`:     `field N: n at byte 4: "x" is not an int`,
		`f=x`:         `field F: f at byte 0: "x" is not a float64`,
	} {
		var got pairs
		err := codec.Logfmt[pairs]().NewDecoder().Decode([]byte(line), &got)
		if strings.HasPrefix(line, "he") {
			require.ErrorContains(t, err, "a quote in the key")
			continue
		}
		require.EqualError(t, err, message, line)
	}
	require.ErrorIs(t, codec.Logfmt[pairs]().NewDecoder().Decode([]byte(" \t"), new(pairs)), codec.ErrSkip)
}

func TestLogfmtWrites(t *testing.T) {
	text, f := "\x00 \"é\xff\\", -0.5
	roundTrip(t, codec.Logfmt[pairs](), pairs{}, pairs{A: "a b", B: &text, N: 7, F: &f, T: true, X: "a=b"}, pairs{A: "\n\r\t", X: "true"})
	require.Equal(t, `a="é\xff\u0001" t=false X=""`+"\n", string(encodeAll(t, codec.Logfmt[pairs](), pairs{A: "é\xff\x01"})))
	require.True(t, codec.CanSplit(codec.Logfmt[pairs]()) && codec.IsText(codec.Logfmt[pairs]()))

	type none struct {
		A *int `logfmt:"a"`
	}
	out, err := codec.Logfmt[none]().NewEncoder().Append([]byte("x"), none{})
	require.Error(t, err)
	require.Equal(t, "x", string(out))

	type spaced struct {
		A int `logfmt:"a b"`
	}
	defer func() {
		require.ErrorContains(t, recover().(error), `Logfmt of codec_test.spaced: field A: the key "a b" has a character that no key may have`)
	}()
	codec.Logfmt[spaced]()
}

// What the TextHandler of log/slog writes comes back.
func TestLogfmtOfSlog(t *testing.T) {
	type event struct {
		Time  time.Time     `logfmt:"time"`
		Level slog.Level    `logfmt:"level"`
		Text  string        `logfmt:"msg"`
		Value string        `logfmt:"group.value"`
		Took  time.Duration `logfmt:"took"`
	}
	for _, s := range []string{"", "plain", `a "b" \ c=d`, "\x00\x7f\n\u2028", "caf\xe9 é 😀", strings.Repeat("x ", 1000), "\u00a0", "=", "true"} {
		var out bytes.Buffer
		slog.New(slog.NewTextHandler(&out, nil)).Warn(s, slog.Group("group", "value", s), "took", 1500*time.Millisecond)
		got, err := decodeAll(codec.Logfmt[event](), out.Bytes(), 7)
		require.NoError(t, err, out.String())
		require.Len(t, got, 1)
		require.Equal(t, []any{s, s, slog.LevelWarn, 1500 * time.Millisecond}, []any{got[0].Text, got[0].Value, got[0].Level, got[0].Took}, out.String())
		require.WithinDuration(t, time.Now(), got[0].Time, time.Minute)
	}
}

// FuzzLogfmt: no line panics, and what is read is written so that it reads the
// same.
func FuzzLogfmt(f *testing.F) {
	for _, s := range []string{`a=1 b="x \"" n=3 f=1e9 t X=`, `a="\u00"`, `a="\`, "a=\xff t=false", `=`, `a="" b=""`, ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		format := codec.Logfmt[pairs]()
		var p pairs
		if strings.Contains(line, "\n") || format.NewDecoder().Decode([]byte(line), &p) != nil {
			return
		}
		if p.F != nil && *p.F != *p.F {
			p.F = nil // NaN is not equal to itself
		}
		if p.B != nil && *p.B == "" {
			p.B = nil
		}
		roundTrip(t, format, p)
	})
}

// A line that is no logfmt is no event of zeros: text between the lines, or a stack trace.
func TestLogfmtOfOtherLines(t *testing.T) {
	d := codec.Logfmt[pairs]().NewDecoder()
	for _, line := range []string{"2026-01-02 some plain text", "goroutine 1 [running]:", "\tmain.main()", "A=1", "zz=1 zy"} {
		require.EqualError(t, d.Decode([]byte(line), &pairs{}), "the line has none of the keys of the type: it is no logfmt, or of another kind", line)
	}
	var got pairs
	require.NoError(t, d.Decode([]byte("zz=1 n= zy"), &got), "one is enough, empty as it is")
	require.Equal(t, pairs{}, got)
}
