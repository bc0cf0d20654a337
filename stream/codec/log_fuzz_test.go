package codec_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// slowCombined is NginxCombined as a regular expression.
var slowCombined = regexp.MustCompile(`^([^ ]*) - (.*?) \[(.{26})\] "([^"]*)" ([^ ]*) ([^ ]*) "([^"]*)" "([^"]*)"$`)

// FuzzLog: no line panics, under no format; and a plain line reads as the regular
// expression has it.
func FuzzLog(f *testing.F) {
	for _, s := range []string{
		`h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-"`,
		`::1 - a [x] [29/Feb/2000:23:59:59 -1234] "x" - - "\x2d" "\\\""`,
		`h -  [01/Jan/0000:00:00:00 +2359] "-" 0 0 "" ""`,
		`h -  [01/Jan/2000:00:00:00 +2400] "-" 0 0 "" ""`,
		` -   [31/Dec/1969:23:59:59 +0000] "GET  HTTP/" 200 5 "" ""`,
		"h - a\xff [17/May/2015:10:05:03 +0000] \"GET /\xe4 HTTP/1.1\" 200 5 \"\" \"\\xe4\"",
		`www:80 h - - [17/May/2015:10:05:03 +0000] "GET /\xe4\\xe4\x5cxe4 HTTP/1.1" 200 5`,
		"",
	} {
		f.Add(s)
	}
	type list struct {
		A []time.Duration `log:"upstream_response_time"`
		B *float64        `log:"request_time"`
		C []byte          `log:"http_c"`
	}
	loose := codec.NginxLog[list](`$request_time $upstream_response_time $upstream_addr|"$http_c`)
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(line, "\n") {
			return
		}
		var l list
		_ = loose.NewDecoder().Decode([]byte(line), &l)
		var v hitOfStrings
		_ = codec.ApacheLog[hitOfStrings](codec.ApacheCombined).NewDecoder().Decode([]byte(line), &v)
		_ = codec.NginxLog[hitOfStrings](`log_format x escape=none '`+codec.NginxCombined+`';`).NewDecoder().Decode([]byte(line), &v)
		_ = codec.NginxLog[hitOfStrings](`log_format x escape=json '`+codec.NginxCombined+`';`).NewDecoder().Decode([]byte(line), &v)

		err := codec.NginxLog[hitOfStrings](codec.NginxCombined).NewDecoder().Decode([]byte(line), &v)
		if err == nil {
			require.True(t, plainText(v.Host+v.User+v.Method+v.Path+v.Referer+v.Agent), "%+v", v)
		}
		m := slowCombined.FindStringSubmatch(line)
		if m == nil || strings.Contains(line, `\`) || !plainText(line) {
			return
		}
		at, timeErr := time.Parse("02/Jan/2006:15:04:05 -0700", m[3])
		status, statusErr := strconv.Atoi(m[5])
		size, sizeErr := strconv.ParseInt(m[6], 10, 64)
		if _, offset := at.Zone(); offset <= -24*60*60 || offset >= 24*60*60 {
			return // which package time takes for a zone
		}
		if timeErr != nil || statusErr != nil || sizeErr != nil || at.Format("02/Jan/2006:15:04:05 -0700") != m[3] {
			return
		}
		require.NoError(t, err)
		want := hitOfStrings{Host: dashless(m[1]), User: dashless(m[2]), At: at.UTC(), Status: status, Bytes: size, Referer: dashless(m[7]), Agent: dashless(m[8])}
		if words := strings.Split(m[4], " "); len(words) == 3 && words[0] != "" && words[1] != "" && strings.HasPrefix(words[2], "HTTP/") {
			want.Method, want.Path = dashless(words[0]), dashless(words[1])
		}
		require.Equal(t, want, v)
	})
}

// FuzzLogFormat: no format panics, and a format that compiles has a decoder that
// panics for no line.
func FuzzLogFormat(f *testing.F) {
	for _, s := range []string{
		codec.NginxMain, codec.ApacheVHostCombined, `log_format a escape=json '$status' "$a\"";`, `LogFormat "%>s \"%{a}i\"" x`,
		`%{%Y-%m-%d}t %!200,3{a}i %U%q %^FB %%`, "${status}$a", `\`, `%{`, "log_format", `LogFormat "\`,
	} {
		f.Add(s, `200 "a" [17/May/2015:10:05:03 +0000]`)
	}
	type row struct {
		Status string `log:"status"`
	}
	f.Fuzz(func(t *testing.T, format, line string) {
		for _, try := range []func(string) (codec.Format[row], error){codec.TryNginxLog[row], codec.TryApacheLog[row]} {
			if format, err := try(format); err == nil {
				var v row
				_ = format.NewDecoder().Decode([]byte(line), &v)
			}
		}
	})
}
