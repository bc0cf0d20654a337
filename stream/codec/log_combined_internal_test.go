package codec

import (
	"bytes"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// combinedSeeds are lines that are usual, and others that are nearly so.
var combinedSeeds = []string{
	`h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "-" "-"`,
	`h - - [17/May/2015:10:05:03 +0000] "" 200 10 "" ""`,
	`h - - [17/May/2015:10:05:03 +0000] "PUT /a HTTP/3.0" 200 5 "-" "-"`,
	`h - - [17/May/2015:10:05:03 +0000] "DELETE /a HTTP/2.0" 204 - "-" "-"`,
	`h - - [17/May/2015:10:05:03 +0000] "OPTIONS * HTTP/1.1" 200 5 "-" "-"`,
	`h - - [17/May/2015:10:05:03 +0000] "PATCHES /a HTTP/1.1" 200 5 "-" "-"`,
	`h - - [17/May/2015:10:05:03 +0000] "OPTIONS HTTP/1.1" 200 5 "-" "-"`,
	`h - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 304 - "-" "-"`,
	`83.149.9.216 - frank [17/May/2015:10:05:03 -0730] "POST /a?b=[c] HTTP/1.0" 404 7697 "http://example.com/a" "Mozilla/5.0 (X11; [Linux])"`,
	`h - - [17/May/2015:10:05:03 +0000] "HEAD - HTTP/1.0" 200 5 "-" "- - -"`,
	`::1 - a [x] [29/Feb/2016:23:59:59 -1234] "GET /a b HTTP/1.1" 200 5 "-" "-"`,
	`[::1] - a[b [29/Feb/2016:23:59:60 +0000] "\x16\x03" 400 12345678 "-" "-"`,
	`- - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 99 9999999 "-" "a\"b"`,
	`- - 10.0.0.1 [17/May/2015:10:05:03 +0000] "GET /\" 200 1 "b HTTP/1.1" 099 99 "-" "a\\"`,
	`web1|h - - [17/May/2015:10:05:03 +0000] "-" 999 007 "\"" "-"`,
	`h -  [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5 "a" b" "-"`,
	`h - - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 5x "-" "-" 0.5`,
	`h - - [31/Feb/2015:10:05:03 +0000] "GET / HTTP/1.1" 2a0 5 "-" "-`,
	"h - - [" + strings.Repeat("\x00", 26) + "] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\"",
	`h - - [17/May/2015:10:05:03 +0000] "GET /a b HTTP/2.0" 200 5 "" "a"b"`,
	"\xef\xbb\xbfh - - [17/May/2015:10:05:03 +0000] \"GET /\xe4 HTTP/1.1\" 200 5 \"\x01\" \"-\"\r",
}

// FuzzCombined: who cuts usual lines by their shape reads and refuses what the format's rules do.
func FuzzCombined(f *testing.F) {
	for _, s := range combinedSeeds {
		f.Add([]byte(s))
	}
	check := combinedTwins(f)
	f.Fuzz(func(t *testing.T, line []byte) { check(t, line) })
}

// TestCombinedMutated has lines with a few bytes changed, left out or doubled, of which many are still usual.
func TestCombinedMutated(t *testing.T) {
	random := rand.New(rand.NewPCG(16, 12))
	check := combinedTwins(t)
	for range 30_000 {
		line := []byte(combinedSeeds[random.IntN(len(combinedSeeds))])
		for range random.IntN(4) {
			at := random.IntN(max(1, len(line)-1))
			if len(line) < 2 {
				break
			}
			switch c := " -\"[]\\0a:\x00\xff9"[random.IntN(12)]; random.IntN(4) {
			case 0:
				line = slices.Insert(line, at, c)
			case 1:
				line = slices.Delete(line, at, at+1)
			case 2:
				line = line[:at+1]
			default:
				line[at] = c
			}
		}
		check(t, line)
	}
}

// combinedTwins returns a function that decodes a line by both ways, by each format that has two.
func combinedTwins(t require.TestingT) func(t require.TestingT, line []byte) {
	type texts struct {
		Host    string    `log:"remote_addr"`
		User    string    `log:"remote_user"`
		At      time.Time `log:"time_local"`
		Method  string    `log:"request_method"`
		Path    string    `log:"request_uri"`
		Status  string    `log:"status"`
		Bytes   []byte    `log:"body_bytes_sent"`
		Referer *string   `log:"http_referer"`
		Agent   string    `log:"http_user_agent"`
	}
	type numbers struct {
		Addr    netip.Addr `log:"remote_addr"`
		At      string     `log:"time_local"`
		Request string     `log:"request"`
		Status  uint8      `log:"status"`
		Bytes   int32      `log:"body_bytes_sent"`
	}
	type apache struct {
		Ident  string    `log:"%l"`
		Day    time.Time `log:"%t" layout:"02/Jan/2006:15:04:05 -0700"`
		Status int       `log:"%>s"`
		Bytes  int64     `log:"%b"`
		Agent  []byte    `log:"%{User-Agent}i"`
	}
	type quickTexts struct {
		Host     string    `log:"remote_addr"`
		User     string    `log:"remote_user"`
		At       time.Time `log:"time_local"`
		Method   string    `log:"request_method"`
		Path     string    `log:"request_uri"`
		Protocol string    `log:"server_protocol"`
		Status   int       `log:"status"`
		Bytes    int64     `log:"body_bytes_sent"`
		Referer  string    `log:"http_referer"`
		Agent    string    `log:"http_user_agent"`
	}
	type quickNumbers struct {
		Bytes  int64      `log:"%b"`
		Status int        `log:"%>s"`
		At     time.Time  `log:"%t"`
		Addr   netip.Addr `log:"%h"`
		Path   string     `log:"request_uri"`
	}
	nginx := NginxLog[texts](NginxCombined).(logFormat[texts]).plan
	number := NginxLog[numbers](`log_format x escape=json '` + NginxCombined + `';`).(logFormat[numbers]).plan
	httpd := ApacheLog[apache](ApacheCombined).(logFormat[apache]).plan
	quickText := NginxLog[quickTexts](NginxCombined).(logFormat[quickTexts]).plan
	quickNumber := ApacheLog[quickNumbers](ApacheCombined).(logFormat[quickNumbers]).plan
	var quick, slow []*logReader
	for i, plan := range []*logPlan{nginx, number, httpd, quickText, quickNumber} {
		require.NotNil(t, plan.combined)
		require.Equal(t, i >= 3, plan.quick != nil)
		quick, slow = append(quick, newLogReader(plan)), append(slow, newLogReader(plan))
	}
	accesses := []*accessDecoder{
		Access().NewDecoder().(*accessDecoder), Access(RawBytes()).NewDecoder().(*accessDecoder), Access(Extra()).NewDecoder().(*accessDecoder),
	}
	twins := []*accessDecoder{
		Access().NewDecoder().(*accessDecoder), Access(RawBytes()).NewDecoder().(*accessDecoder), Access(Extra()).NewDecoder().(*accessDecoder),
	}
	stale := AccessRecord{"a", "b", "c", time.Unix(1, 0), "d", "e", "f", "g", 1, 2, "h", "i", "j", "k"} // as a decoder may be given
	return func(t require.TestingT, line []byte) {
		line = append(make([]byte, 0, len(line)), line...) // none behind it
		bare := bytes.TrimPrefix(line, byteOrderMark)
		for i := range accesses {
			got, want := stale, AccessRecord{}
			err := accesses[i].Decode(line, &got)
			wantErr := ErrSkip
			if !isBlank(bare) {
				wantErr = twins[i].unusual(bare, isPlain(bare), &want)
			}
			requireSame(t, line, got, want, err, wantErr)
		}
		var a, wantA texts
		var b, wantB numbers
		var c, wantC apache
		var d, wantD quickTexts
		var e, wantE quickNumbers
		for i, p := range [][2]unsafe.Pointer{
			{unsafe.Pointer(&a), unsafe.Pointer(&wantA)}, {unsafe.Pointer(&b), unsafe.Pointer(&wantB)}, {unsafe.Pointer(&c), unsafe.Pointer(&wantC)},
			{unsafe.Pointer(&d), unsafe.Pointer(&wantD)}, {unsafe.Pointer(&e), unsafe.Pointer(&wantE)},
		} {
			err := quick[i].read(line, p[0])
			slow[i].length = len(line)
			wantErr := slow[i].readSteps(bare, p[1])
			switch i {
			case 0:
				requireSame(t, line, a, wantA, err, wantErr)
			case 1:
				requireSame(t, line, b, wantB, err, wantErr)
			case 2:
				requireSame(t, line, c, wantC, err, wantErr)
			case 3:
				requireSame(t, line, d, wantD, err, wantErr)
			case 4:
				requireSame(t, line, e, wantE, err, wantErr)
			}
		}
	}
}

func requireSame(t require.TestingT, line []byte, got, want any, err, wantErr error) {
	if wantErr != nil {
		require.Error(t, err, "%q", line)
		require.Equal(t, wantErr.Error(), err.Error(), "%q", line)
		return
	}
	require.NoError(t, err, "%q", line)
	require.Equal(t, want, got, "%q", line)
}

// Usual lines are cut, so that the twins above are two ways.
func TestCombinedCut(t *testing.T) {
	var l combinedLine
	var minute accessMinute
	for i, s := range combinedSeeds {
		require.Equal(t, i < 10, l.cut([]byte(s), &minute) && l.agentEnds([]byte(s)), s)
	}
	require.NotNil(t, ApacheLog[struct {
		S int `log:"%>s"`
	}](ApacheCombined).(logFormat[struct {
		S int `log:"%>s"`
	}]).plan.combined)
	require.Nil(t, NginxLog[struct {
		S int `log:"status"`
	}](NginxMain).(logFormat[struct {
		S int `log:"status"`
	}]).plan.combined)
}

// parseAddr4 takes what netip.ParseAddr takes as an IPv4 address.
func TestParseAddr4(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for range 200_000 {
		b := []byte("10.0.255.1")
		for range random.IntN(4) {
			at := random.IntN(len(b))
			if c := "0123456789..: "[random.IntN(14)]; random.IntN(2) == 0 {
				b = slices.Insert(b, at, c)
			} else {
				b[at] = c
			}
		}
		b = b[:random.IntN(len(b)+1)]
		want, err := netip.ParseAddr(string(b))
		got, ok := parseAddr4(b)
		require.Equal(t, err == nil && want.Is4(), ok, "%q", b)
		if ok {
			require.Equal(t, want, got, "%q", b)
		}
	}
}
