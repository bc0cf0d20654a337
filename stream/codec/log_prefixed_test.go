package codec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// What stands before the host of a line is not read as the host, which would move to %l or %u.
func TestApacheLogPrefixed(t *testing.T) {
	type hit struct {
		Host string `log:"%h"`
		User string `log:"%u"`
	}
	const rest = ` [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "a"`
	for _, format := range []string{codec.ApacheCommon, codec.ApacheCombined} {
		d := codec.ApacheLog[hit](format).NewDecoder()
		line := func(client string) (h hit, err error) {
			text := client + rest
			if format == codec.ApacheCommon {
				text = client + ` [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326`
			}
			err = d.Decode([]byte(text), &h)
			return h, err
		}
		for _, client := range []string{
			"www.example.com:443 10.1.1.1 - frank", "www.example.com 10.1.1.1 - -", "container - 10.1.1.1 - frank",
			"www.example.com 10.1.1.1 frank", "- 10.1.1.1 - frank", "- 10.1.1.1 -", "web.local client.local - -",
		} {
			h, err := line(client)
			require.ErrorContains(t, err, "something that it has not stands before the host", "%s: %v", client, h)
			require.ErrorContains(t, err, `at byte 0: "`)
		}
		for client, want := range map[string]hit{
			"10.1.1.1 - -":              {"10.1.1.1", ""},
			"10.1.1.1 - frank":          {"10.1.1.1", "frank"},
			"10.1.1.1 - frank a miller": {"10.1.1.1", "frank a miller"},
			"host.local ident frank":    {"host.local", "frank"},
			"- - -":                     {"", ""},
		} {
			h, err := line(client)
			require.NoError(t, err, client)
			require.Equal(t, want, h)
		}
	}
}
