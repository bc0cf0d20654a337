package codec_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

func ExampleAccess() {
	format := codec.Access()
	line := `127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /shop?item=3 HTTP/1.0" 200 2326 "-" "Mozilla/4.08 \"x\""`

	var r codec.AccessRecord
	if err := format.NewDecoder().Decode([]byte(line), &r); err != nil {
		panic(err)
	}
	fmt.Println(r.Host, r.User, r.Time)
	fmt.Println(r.Method, r.PathOnly(), r.Query(), r.Protocol)
	fmt.Printf("%d %d %q %s\n", r.Status, r.Bytes, r.Referer, r.UserAgent)

	out, err := format.NewEncoder().Append(nil, r)
	fmt.Printf("%s%v\n", out, err)
	// Output:
	// 127.0.0.1 frank 2000-10-10 20:55:36 +0000 UTC
	// GET /shop item=3 HTTP/1.0
	// 200 2326 "" Mozilla/4.08 "x"
	// 127.0.0.1 - frank [10/Oct/2000:20:55:36 +0000] "GET /shop?item=3 HTTP/1.0" 200 2326 "-" "Mozilla/4.08 \"x\""
	// <nil>
}

func TestAccessReads(t *testing.T) {
	at := time.Date(2015, 5, 17, 10, 5, 3, 0, time.UTC)
	get := codec.AccessRecord{Host: "h", Time: at, Method: "GET", Path: "/", Protocol: "HTTP/1.1", Status: 200, Bytes: 5}
	with := func(change func(*codec.AccessRecord)) codec.AccessRecord {
		r := get
		change(&r)
		return r
	}
	const when = "[17/May/2015:10:05:03 +0000]"
	for name, test := range map[string]struct {
		line string
		want codec.AccessRecord
	}{
		"common":         {`h - - ` + when + ` "GET / HTTP/1.1" 200 5`, get},
		"more behind":    {`h - - ` + when + ` "GET / HTTP/1.1" 200 5 0.003`, get},
		"combined":       {`h - - ` + when + ` "GET / HTTP/1.1" 200 5 "-" "-"`, get},
		"more behind it": {`h - - ` + when + ` "GET / HTTP/1.1" 200 5 "-" "-" "10.0.0.1" rt=0.1`, get},
		"no size":        {`h - - ` + when + ` "GET / HTTP/1.1" 304 -`, with(func(r *codec.AccessRecord) { r.Status, r.Bytes = 304, 0 })},
		"IPv6":           {`2001:db8::1 - - ` + when + ` "GET / HTTP/1.1" 200 5`, with(func(r *codec.AccessRecord) { r.Host = "2001:db8::1" })},
		"zone":           {`h - - [17/May/2015:03:35:03 -0630] "GET / HTTP/1.1" 200 5`, get},
		"user, spaces":   {`h id a b [c] ` + when + ` "GET / HTTP/1.1" 200 5`, with(func(r *codec.AccessRecord) { r.Ident, r.User = "id", "a b [c]" })},
		"escapes": {`h - - ` + when + ` "GET / HTTP/1.1" 200 5 "a\"b\\" "\xe4\x22\n\q\x4"`,
			with(func(r *codec.AccessRecord) { r.Referer, r.UserAgent = `a"b\`, "\xe4\"\n\\q\\x4" })},
		"a dash, escaped": {`h - - ` + when + ` "GET / HTTP/1.1" 200 5 "\x2d" "-"`, with(func(r *codec.AccessRecord) { r.Referer = "-" })},
		"cut short":       {`h - - ` + when + ` "GET / HTTP/1.1" 200 5 "-" "Mozi`, with(func(r *codec.AccessRecord) { r.UserAgent = "Mozi" })},
		"two words":       {`h - - ` + when + ` "GET /" 200 5`, with(func(r *codec.AccessRecord) { r.Request, r.Method, r.Path, r.Protocol = "GET /", "", "", "" })},
		"a space in path": {`h - - ` + when + ` "GET /a b HTTP/1.1" 200 5`, with(func(r *codec.AccessRecord) { r.Request, r.Method, r.Path, r.Protocol = "GET /a b HTTP/1.1", "", "", "" })},
		"a scan": {`h - - ` + when + ` "\x16\x03\x01" 400 5`, with(func(r *codec.AccessRecord) {
			*r = codec.AccessRecord{Host: "h", Time: at, Request: "\x16\x03\x01", Status: 400, Bytes: 5}
		})},
		"no request":  {`h - - ` + when + ` "-" 408 -`, codec.AccessRecord{Host: "h", Time: at, Status: 408}},
		"before 1970": {`h - - [31/Dec/1969:23:59:59 +0000] "GET / HTTP/1.1" 200 5`, with(func(r *codec.AccessRecord) { r.Time = time.Unix(-1, 0).UTC() })},
	} {
		t.Run(name, func(t *testing.T) {
			var got codec.AccessRecord
			require.NoError(t, codec.Access().NewDecoder().Decode([]byte(test.line), &got))
			require.Equal(t, test.want, got)
			roundTrip(t, codec.Access(), got)
		})
	}
}

func TestAccessRefuses(t *testing.T) {
	for line, message := range map[string]string{
		"x":                            "not host, ident and user",
		`h - - "GET / HTTP/1.1" 200 5`: "no time in brackets",
		`h - - [31/Feb/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5`:                    "no time in brackets",
		`h - - [17/May/2015:10:05:03 +0000] GET / 200 5`:                               "request: no opening quote",
		`h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1`:                           "request: no closing quote",
		`h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 2000 5`:                   `status: "2000" is not a status`,
		`h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200`:                      `bytes: "" is not a size`,
		`h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 -5`:                   `bytes: "-5" is not a size`,
		`h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 99999999999999999999`: `bytes: "99999999999999999999" is not a size`,
		`h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "a"`:                "user agent: no opening quote",
	} {
		var r codec.AccessRecord
		require.EqualError(t, codec.Access().NewDecoder().Decode([]byte(line), &r), message, line)
	}
	require.ErrorIs(t, codec.Access().NewDecoder().Decode([]byte(" "), new(codec.AccessRecord)), codec.ErrSkip)
	for _, bad := range []codec.AccessRecord{{Status: -1}, {Status: 1000}, {Bytes: -1}, {Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}} {
		_, err := codec.Access().NewEncoder().Append(nil, bad)
		require.Error(t, err)
	}
}

// slowAccess is the Combined format as a regular expression, for lines
// without escapes.
var slowAccess = regexp.MustCompile(`^([^ ]*) ([^ ]*) (.*?) \[([^\]]{26})\] "([^"]*)" (\d{1,3}|-) (\d{1,18}|-) "([^"]*)" "([^"]*)"$`)

func dashless(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// FuzzAccess: no line panics; what is read is written so that it reads the
// same; and a plain line reads as the regular expression has it.
func FuzzAccess(f *testing.F) {
	for _, s := range []string{
		`h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-"`,
		`::1 i a b [x] [29/Feb/2000:23:59:60 -1234] "x" - - "\x2d" "\\\""`,
		`h - [ [01/Jan/0000:00:00:00 +2359] "-" 0 0 "" ""`,
		` - - [31/Dec/1969:23:59:59 +0000] "GET  HTTP/" 200 5`,
		`\x20 \ \x5b [31/Dec/9999:23:59:59 -2359] "A B HTTP/" 1 1`,
		"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(line, "\n") {
			return
		}
		format := codec.Access()
		var r codec.AccessRecord
		err := format.NewDecoder().Decode([]byte(line), &r)
		if m := slowAccess.FindStringSubmatch(line); m != nil && !strings.Contains(line, `\`) && !strings.Contains(m[3], "[") {
			at, timeErr := time.Parse("02/Jan/2006:15:04:05 -0700", m[4])
			if timeErr == nil && at.Format("02/Jan/2006:15:04:05 -0700") == m[4] {
				require.NoError(t, err)
				require.True(t, at.Equal(r.Time), "%v %v", at, r.Time)
				require.Equal(t, []string{dashless(m[1]), dashless(m[2]), dashless(m[3]), dashless(m[8]), dashless(m[9])},
					[]string{r.Host, r.Ident, r.User, r.Referer, r.UserAgent})
				request := r.Request
				if r.Method != "" {
					request = r.Method + " " + r.Path + " " + r.Protocol
				}
				require.Equal(t, dashless(m[5]), request)
			}
		}
		if err != nil {
			return
		}
		if y := r.Time.Year(); y < 0 || y > 9999 {
			return
		}
		roundTrip(t, format, r)
	})
}

func TestAccessTimes(t *testing.T) {
	const layout = "02/Jan/2006:15:04:05 -0700"
	zone := time.FixedZone("", -(3*60+30)*60)
	for day := time.Date(0, 1, 2, 0, 0, 0, 0, zone); day.Year() <= 2450; day = day.Add(24*time.Hour + 61*time.Second) {
		line := "h - - [" + day.Format(layout) + `] "-" - -`
		var r codec.AccessRecord
		require.NoError(t, codec.Access().NewDecoder().Decode([]byte(line), &r))
		if !r.Time.Equal(day) {
			t.Fatalf("%s: %v", line, r.Time)
		}
	}
}

func TestAccessSharedLog(t *testing.T) {
	log := sharedFile(t, "apache_logs_10k.log.gz")
	records, err := decodeAll(codec.Access(), log, 1<<16)
	require.NoError(t, err)
	require.Len(t, records, 10_000)
	status, methods, paths, hosts := make(map[int]int), make(map[string]int), make(map[string]int), make(map[string]int)
	var bytes int64
	for _, r := range records {
		status[r.Status]++
		methods[r.Method]++
		paths[r.Path]++
		hosts[r.Host]++
		bytes += r.Bytes
	}
	require.Equal(t, map[int]int{200: 9126, 304: 445, 404: 213, 301: 164, 206: 45, 500: 3, 403: 2, 416: 2}, status)
	require.Equal(t, map[string]int{"GET": 9952, "HEAD": 42, "POST": 5, "OPTIONS": 1}, methods)
	require.Equal(t, int64(2_747_282_740), bytes)
	require.Len(t, hosts, 1753)
	require.Equal(t, []int{807, 546, 538}, []int{paths["/favicon.ico"], paths["/style2.css"], paths["/reset.css"]})
	roundTrip(t, codec.Access(), records[5000:6000]...)
}
