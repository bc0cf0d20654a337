package statehttp_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/statehttp"
)

// A question whose text is broken is refused: without its key it would be one for all keys.
func TestBrokenQuestions(t *testing.T) {
	var v stream.View[string, int64]
	counted(t, &v, "100%", "a;b", "a/ü", "other")
	h := statehttp.Handler(&v)
	for target, want := range map[string]string{
		"/?key=100%25":       `200 {"key":"100%","value":1}`,
		"/?key=a%3Bb":        `200 {"key":"a;b","value":1}`,
		"/?key=a/%C3%BC":     `200 {"key":"a/ü","value":1}`,
		"/?key=100%":         `400 {"error":"invalid URL escape \"%\""}`,
		"/?key=a;b":          `400 {"error":"invalid semicolon separator in query"}`,
		"/?from=a&to=%zz":    `400 {"error":"invalid URL escape \"%zz\""}`,
		"/?key=other&to=b;c": `400 {"error":"invalid semicolon separator in query"}`,
	} {
		code, body := asked(t, h, "GET", target)
		require.Equal(t, want, fmt.Sprint(code, " ", body), target)
	}
}
