package codec

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzText: text is text, the bytes come back from it, and what is text
// already stays as it is.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "plain", "é", "\xe9", `\xe9`, `\\xe9`, "\\x5cx5c\xff", "\x00\x7f\u0085\u2028", `\x`, "0123456\x7f01234567\\", "\xef\xbf\xbd",
		strings.Repeat("~ ", 16) + "x", strings.Repeat("a", 20) + "\x1f" + strings.Repeat("a", 20), strings.Repeat("a", 35) + `\` + strings.Repeat("a", 7)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := string(appendText(nil, s, false))
		require.Equal(t, s, fromText(text))
		require.Equal(t, text == s, isClean([]byte(s)))
		plain := true
		for _, c := range []byte(s) {
			plain = plain && c >= ' ' && c < 0x7f && c != '\\'
		}
		require.Equal(t, plain, isPlain([]byte(s)))
		if plain {
			require.Equal(t, s, text)
		}
		for i, c := range []byte(text) {
			require.False(t, isControl(c), "%q at %d", text, i)
		}
		require.Equal(t, s, fromText(string(appendText(nil, s, true))))
	})
}
