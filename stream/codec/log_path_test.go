package codec_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// The path of a request is what stands in front of the question mark, and the query what is behind it, whether the format has the whole
// request line or its target, and whether the line is a usual one or not.
func TestRequestPath(t *testing.T) {
	type hit struct {
		URI   string `log:"request_uri"`
		Path  string `log:"request_path"`
		Query string `log:"request_query"`
	}
	const head = `192.0.2.7 - - [10/Oct/2000:13:55:36 +0000] `
	combined := codec.NginxLog[hit](codec.NginxCombined)
	for line, want := range map[string]hit{
		head + `"GET /a/b?c=d&e=%20f HTTP/1.1" 200 10 "-" "-"`: {"/a/b?c=d&e=%20f", "/a/b", "c=d&e=%20f"},
		head + `"GET /a/b HTTP/1.1" 200 10 "-" "-"`:            {"/a/b", "/a/b", ""},
		head + `"GET /a? HTTP/1.1" 200 10 "-" "-"`:             {"/a?", "/a", ""},
		head + `"GET ?b HTTP/1.1" 200 10 "-" "-"`:              {"?b", "", "b"},
		head + `"GET /a?b?c HTTP/1.1" 200 10 "-" "\"x\""`:      {"/a?b?c", "/a", "b?c"}, // no usual line
		head + `"GET /\x22?\x22\x3F HTTP/1.1" 200 10 "-" "-"`:  {`/"?"?`, `/"`, `"?`},
		head + `"OPTIONS * HTTP/1.1" 200 10 "-" "-"`:           {"*", "*", ""},
		head + `"\x16\x03" 400 10 "-" "-"`:                     {},
		head + `"-" 408 0 "-" "-"`:                             {},
	} {
		var got hit
		require.NoError(t, combined.NewDecoder().Decode([]byte(line), &got), line)
		require.Equal(t, want, got, line)
	}

	type target struct {
		Path  string `log:"request_path"`
		Query []byte `log:"request_query"`
	}
	for format, line := range map[string]string{
		`$request_uri $status`:                       "/a?b=c 200",
		`%U%q %>s`:                                   "/a?b=c 200",
		`"$request" "$request_uri"`:                  `"GET /x?y HTTP/1.1" "/a?b=c"`, // the target itself, where the format has it
		`$status "$request"`:                         `200 "GET /a?b=c HTTP/1.1"`,
		`%h %l %u %t "%>s" %b %D "%{Referer}i" "%r"`: head + `"200" 7 8 "-" "GET /a?b=c HTTP/1.1"`, // like the Combined format, and another
	} {
		f := codec.TryNginxLog[target]
		if strings.Contains(format, "%") {
			f = codec.TryApacheLog[target]
		}
		format, err := f(format)
		require.NoError(t, err)
		var got target
		require.NoError(t, format.NewDecoder().Decode([]byte(line), &got), line)
		require.Equal(t, target{"/a", []byte("b=c")}, got, line)
	}

	// Where a value stands is told as ever.
	type number struct {
		Query int `log:"request_query"`
	}
	var got number
	err := codec.NginxLog[number](`"$request" $status`).NewDecoder().Decode([]byte(`"GET /a?7x HTTP/1.1" 200`), &got)
	require.EqualError(t, err, `field Query: $request_query in $request at byte 8: "7x" is not an int`)
	_, err = codec.TryNginxLog[number](`$status`)
	require.ErrorContains(t, err, "field Query wants $request_query, which the format has not; it has $status")
}
