package codec_test

import (
	"encoding/json/v2"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

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
		"common":          {`h - - ` + when + ` "GET / HTTP/1.1" 200 5`, get},
		"more behind":     {`h - - ` + when + ` "GET / HTTP/1.1" 200 5 0.003`, get},
		"combined":        {`h - - ` + when + ` "GET / HTTP/1.1" 200 5 "-" "-"`, get},
		"more behind it":  {`h - - ` + when + ` "GET / HTTP/1.1" 200 5 "-" "-" "10.0.0.1" rt=0.1`, get},
		"no size":         {`h - - ` + when + ` "GET / HTTP/1.1" 304 -`, with(func(r *codec.AccessRecord) { r.Status, r.Bytes = 304, 0 })},
		"IPv6":            {`2001:db8::1 - - ` + when + ` "GET / HTTP/1.1" 200 5`, with(func(r *codec.AccessRecord) { r.Host = "2001:db8::1" })},
		"zone":            {`h - - [17/May/2015:03:35:03 -0630] "GET / HTTP/1.1" 200 5`, get},
		"ident":           {`h id a ` + when + ` "GET / HTTP/1.1" 200 5`, with(func(r *codec.AccessRecord) { r.Ident, r.User = "id", "a" })},
		"user, spaces":    {`h - a b [c] ` + when + ` "GET / HTTP/1.1" 200 5`, with(func(r *codec.AccessRecord) { r.User = "a b [c]" })},
		"byte order mark": {"\xef\xbb\xbf" + `h - - ` + when + ` "GET / HTTP/1.1" 200 5`, get},
		"escapes": {`h - - ` + when + ` "GET / HTTP/1.1" 200 5 "a\"b\\" "\xe4\x22\n\q\x4"`,
			with(func(r *codec.AccessRecord) { r.Referer, r.UserAgent = `a"b\`, `\xe4"\x0a\q\x4` })},
		"a dash, escaped": {`h - - ` + when + ` "GET / HTTP/1.1" 200 5 "\x2d" "-"`, with(func(r *codec.AccessRecord) { r.Referer = "-" })},
		"cut short":       {`h - - ` + when + ` "GET / HTTP/1.1" 200 5 "-" "Mozi`, with(func(r *codec.AccessRecord) { r.UserAgent = "Mozi" })},
		"two words":       {`h - - ` + when + ` "GET /" 200 5`, with(func(r *codec.AccessRecord) { r.Request, r.Method, r.Path, r.Protocol = "GET /", "", "", "" })},
		"a space in path": {`h - - ` + when + ` "GET /a b HTTP/1.1" 200 5`, with(func(r *codec.AccessRecord) { r.Request, r.Method, r.Path, r.Protocol = "GET /a b HTTP/1.1", "", "", "" })},
		"a scan": {`h - - ` + when + ` "\x16\x03\x01" 400 5`, with(func(r *codec.AccessRecord) {
			*r = codec.AccessRecord{Host: "h", Time: at, Request: `\x16\x03\x01`, Status: 400, Bytes: 5}
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
	for _, bad := range []codec.AccessRecord{{Status: -1}, {Status: 1000}, {Bytes: -1}, {Ident: "id"}, {Host: "h", Ident: "::1"}, {Time: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}} {
		_, err := codec.Access().NewEncoder().Append(nil, bad)
		require.Error(t, err)
	}
	require.PanicsWithValue(t, "codec: Access: option 2 is nil", func() { codec.Access(codec.RawBytes(), nil) })
}

// What stands before host, ident and user is neither read as one of them, nor
// moves them.
func TestAccessPrefixed(t *testing.T) {
	const rest = ` [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-"`
	for _, client := range []string{
		"www.example.com:80 10.0.0.1 - -",
		"www.example.com:80 10.0.0.1 - frank",
		"www.example.com:80 10.0.0.1 - frank b",
		"www.example.com 2001:db8::1 - -",
		"www.example.com client.example - -",
		"www.example.com 10.0.0.1 -",      // no ident
		"www.example.com 10.0.0.1:5000 -", // and a port
		"May 17 10:05:03 web1 nginx: 10.0.0.1 - -",
		"May  7 10:05:03 web1 nginx[12]: 10.0.0.1 - -",
		"<190>May 17 10:05:03 web1 nginx: 10.0.0.1 - frank",
		"<190>1 2015-05-17T10:05:03Z web1 nginx - - - 10.0.0.1 - -",
		"2015-05-17T10:05:03Z stdout F 10.0.0.1 - -",
		"web1  | 10.0.0.1 - -",
		"web1 | 10.0.0.1 - -",
		"nginx[12]: 10.0.0.1 - -",
		"- 10.0.0.1 - -",
		"- 10.0.0.1 -",
		"203.0.113.5, 10.0.0.1 - -",
		"203.0.113.5, 10.0.0.1, 10.0.0.2 - -",
		"web1 - 10.0.0.1 - -",
		"h - - 0.003", // behind them
		" h - -",
		"h  - -",
		"h -  ",
		"- id frank",
	} {
		var r codec.AccessRecord
		require.ErrorContains(t, codec.Access().NewDecoder().Decode([]byte(client+rest), &r), "not just host, ident and user", client)
	}
	for _, client := range []string{"h\t-\t-\t", "h - -\t", "h\t- - -"} {
		var r codec.AccessRecord
		require.Error(t, codec.Access().NewDecoder().Decode([]byte(client+rest), &r), client)
	}
	for _, client := range []string{"h -", "h", "10.0.0.1 frank"} {
		require.EqualError(t, codec.Access().NewDecoder().Decode([]byte(client+rest), new(codec.AccessRecord)), "no time in brackets", client)
	}
	for client, user := range map[string]string{"h - -": "", "h - frank": "frank", "2001:db8::1 - a b": "a b", "[::1] - -": "", "h id frank": "frank", "- - -": ""} {
		var r codec.AccessRecord
		require.NoError(t, codec.Access().NewDecoder().Decode([]byte(client+rest), &r), client)
		require.Equal(t, user, r.User)
	}
}

func ExampleVirtualHost() {
	line := `www.example.com:443 192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "-"`

	var r codec.AccessRecord
	fmt.Println(codec.Access().NewDecoder().Decode([]byte(line), &r))
	fmt.Println(codec.Access(codec.VirtualHost()).NewDecoder().Decode([]byte(line), &r))
	fmt.Println(r.VirtualHost, r.Host, r.User)
	// Output:
	// what stands before the time is not just host, ident and user; codec.VirtualHost reads lines that begin with a virtual host
	// <nil>
	// www.example.com:443 192.0.2.7 frank
}

func TestAccessVirtualHost(t *testing.T) {
	format := codec.Access(codec.VirtualHost())
	const rest = ` [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-"`
	for client, want := range map[string][4]string{
		"www.example.com:80 10.0.0.1 - -":   {"www.example.com:80", "10.0.0.1"},
		"www.example.com ::1 id frank":      {"www.example.com", "::1", "id", "frank"},
		"[::1]:80 h - a b":                  {"[::1]:80", "h", "", "a b"},
		"- h - -":                           {"", "h"},
		"\xef\xbb\xbfwww.example.com h - u": {"www.example.com", "h", "", "u"},
	} {
		var r codec.AccessRecord
		require.NoError(t, format.NewDecoder().Decode([]byte(client+rest), &r), client)
		require.Equal(t, want, [4]string{r.VirtualHost, r.Host, r.Ident, r.User})
		roundTrip(t, format, r)
	}
	for _, client := range []string{
		"10.0.0.1 - -", "10.0.0.1 - frank", "10.0.0.1 - frank b", "10.0.0.1 - - b", " 10.0.0.1 - -", // no virtual host
		"a www.example.com:80 10.0.0.1 - -", "May 17 10:05:03 web1 nginx: www:80 10.0.0.1 - -", // more than one
	} {
		require.Error(t, format.NewDecoder().Decode([]byte(client+rest), new(codec.AccessRecord)), client)
	}
}

// Whatever bytes a client has sent, its line goes on as JSON, and they can be
// had back.
func TestAccessIsText(t *testing.T) {
	const before, behind = `h - - [17/May/2015:10:05:03 +0000] "`, `" 400 5`
	for logged, want := range map[string][2]string{
		`\x16\x03\x01\x02\x00\xFC`: {`\x16\x03\x01\x02\x00\xfc`, "\x16\x03\x01\x02\x00\xfc"},
		"\x16\x03\x01\x02\x00\xFC": {`\x16\x03\x01\x02\x00\xfc`, "\x16\x03\x01\x02\x00\xfc"},
		"GET /caf\xe9":             {`GET /caf\xe9`, "GET /caf\xe9"},
		`GET /caf\xe9`:             {`GET /caf\xe9`, "GET /caf\xe9"},
		`GET /caf\xc3\xa9`:         {"GET /café", "GET /café"},
		"GET /café":                {"GET /café", "GET /café"},
		`a\\xe9`:                   {`a\x5cxe9`, `a\xe9`}, // no byte, but a backslash and xe9
		`a\\xe9\xe9`:               {`a\x5cxe9\xe9`, "a\\xe9\xe9"},
		`a\\b`:                     {`a\b`, `a\b`},
		`a\x5cx5c`:                 {`a\x5cx5c`, `a\x5c`},
		"\xf0\x9f\x98":             {`\xf0\x9f\x98`, "\xf0\x9f\x98"}, // half a character
		"\xed\xa0\x80":             {`\xed\xa0\x80`, "\xed\xa0\x80"}, // a surrogate
	} {
		line := []byte(before + logged + behind)
		var text, raw codec.AccessRecord
		require.NoError(t, codec.Access().NewDecoder().Decode(line, &text), logged)
		require.Equal(t, want[0], text.Request)
		require.NoError(t, codec.Access(codec.RawBytes()).NewDecoder().Decode(line, &raw))
		require.Equal(t, want[1], raw.Request)
		roundTrip(t, codec.Access(), text)
		roundTrip(t, codec.Access(codec.RawBytes()), raw)
		roundTrip(t, codec.JSON[codec.AccessRecord](json.RejectUnknownMembers(true)), text)
		roundTrip(t, codec.CSV[codec.AccessRecord](), text)

		// The log is the same, whichever way it went.
		require.Equal(t, encodeAll(t, codec.Access(codec.RawBytes()), raw), encodeAll(t, codec.Access(), text))
	}
}

// slowAccess is the Combined format as a regular expression, for lines
// without escapes.
var slowAccess = regexp.MustCompile(`^([^ ]+) (-) (.+?) \[([^\]]{26})\] "([^"]*)" (\d{1,3}|-) (\d{1,18}|-) "([^"]*)" "([^"]*)"$`)

// plainText reports whether Access has no reason to escape.
func plainText(line string) bool {
	return utf8.ValidString(line) && !strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func dashless(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// isPlain reports whether what stands before the time can only be a host, no
// ident, and a user.
func isPlain(host, user string) bool {
	return plainHost.MatchString(host) && !strings.Contains(user, "[") && strings.Trim(user, " ") == user &&
		(!strings.Contains(user, " ") || !slices.Contains(strings.Split(user, " "), "-"))
}

var plainHost = regexp.MustCompile(`^[0-9A-Za-z._-]+$`)

// FuzzAccess: no line panics; what is read is written so that it reads the
// same; and a plain line reads as the regular expression has it.
func FuzzAccess(f *testing.F) {
	for _, s := range []string{
		`h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-"`,
		`::1 i a b [x] [29/Feb/2000:23:59:60 -1234] "x" - - "\x2d" "\\\""`,
		`h - [ [01/Jan/0000:00:00:00 +2359] "-" 0 0 "" ""`,
		` - - [31/Dec/1969:23:59:59 +0000] "GET  HTTP/" 200 5`,
		`\x20 \ \x5b [31/Dec/9999:23:59:59 -2359] "A B HTTP/" 1 1`,
		`www:80 h - - [17/May/2015:10:05:03 +0000] "GET /\xe4\\xe4\x5cxe4 HTTP/1.1" 200 5`,
		"h - a\\x20b [17/May/2015:10:05:03 +0000] \"GET /\xe4 HTTP/1.1\" 200 5",
		"",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(line, "\n") {
			return
		}
		for _, format := range []codec.Format[codec.AccessRecord]{codec.Access(codec.RawBytes(), codec.Extra()), codec.Access(codec.VirtualHost()), codec.Access(codec.Extra())} {
			var r codec.AccessRecord
			if err := format.NewDecoder().Decode([]byte(line), &r); err == nil && r.Time.Year() >= 0 && r.Time.Year() <= 9999 {
				roundTrip(t, format, r)
			}
		}
		format := codec.Access()
		var r codec.AccessRecord
		err := format.NewDecoder().Decode([]byte(line), &r)
		if m := slowAccess.FindStringSubmatch(line); m != nil && !strings.Contains(line, `\`) && plainText(line) && isPlain(m[1], m[3]) {
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
		require.True(t, plainText(r.Host+r.Ident+r.User+r.Method+r.Path+r.Protocol+r.Request+r.Referer+r.UserAgent), "%+v", r)
		roundTrip(t, format, r)
	})
}

func TestAccessTimes(t *testing.T) {
	const layout = "02/Jan/2006:15:04:05 -0700"
	zone := time.FixedZone("", -(3*60+30)*60)
	for day := time.Date(0, 1, 2, 0, 0, 0, 0, zone); day.Year() <= 2450; day = day.Add(5*24*time.Hour + 7*time.Hour + 61*time.Second) {
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

// What is glued to a host is no part of it.
func TestAccessHostGlued(t *testing.T) {
	const rest = ` - frank [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 5`
	var r codec.AccessRecord
	for _, host := range []string{
		"10.0.0.7,10.0.0.1", "access.log:10.0.0.1", "access.log.1:12:10.0.0.1", "web1|10.0.0.1", "<134>10.0.0.1",
		"2026-01-01T00:00:00Z|10.0.0.1", "\x1b[32m10.0.0.1", "#10.0.0.1", "::ffff:h.example.com", "10.0.0.7:10.0.0.1", "[10.0.0.1]", "a=b",
	} {
		require.ErrorContains(t, codec.Access().NewDecoder().Decode([]byte(host+rest), &r), "what stands before the time", host)
	}
	for _, host := range []string{"10.0.0.1", "a-b_c.example.com", "::1", "[::1]", "fe80::1%eth0", "::ffff:10.0.0.1", "caf\u00e9.example", "localhost"} {
		require.NoError(t, codec.Access().NewDecoder().Decode([]byte(host+rest), &r), host)
		require.Equal(t, host, r.Host)
	}
}

// The encoder escapes what the decoder would take for a prefix.
func TestAccessHostOdd(t *testing.T) {
	at := time.Date(2000, 10, 10, 13, 55, 36, 0, time.UTC)
	for _, host := range []string{"web1|10.0.0.1", `a"b`, "a,b c", "h:80", "::1", "[::1]"} {
		roundTrip(t, codec.Access(), codec.AccessRecord{Host: host, Time: at})
	}
}
