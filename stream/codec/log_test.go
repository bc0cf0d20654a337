package codec_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

func ExampleNginxLog() {
	type Hit struct {
		Addr     netip.Addr      `log:"remote_addr"`
		At       time.Time       `log:"time_local"`
		Method   string          `log:"request_method"`
		Path     string          `log:"request_uri"`
		Status   int             `log:"status"`
		Took     time.Duration   `log:"request_time"`
		Backends []time.Duration `log:"upstream_response_time"`
	}
	hits := codec.NginxLog[Hit](`
		log_format timed '$remote_addr - $remote_user [$time_local] "$request" '
		                 '$status $body_bytes_sent $request_time $upstream_response_time';`)

	line := `192.0.2.7 - - [10/Oct/2000:13:55:36 -0700] "GET /shop?item=3 HTTP/1.1" 200 2326 0.031 0.010, - : 0.020`
	var h Hit
	if err := hits.NewDecoder().Decode([]byte(line), &h); err != nil {
		panic(err)
	}
	fmt.Println(h.Addr, h.At, h.Method, h.Path)
	fmt.Println(h.Status, h.Took, h.Backends)
	// Output:
	// 192.0.2.7 2000-10-10 20:55:36 +0000 UTC GET /shop?item=3
	// 200 31ms [10ms 0s 20ms]
}

func ExampleApacheLog() {
	type Hit struct {
		Site   string        `log:"%v"`
		Status int           `log:"status"` // nginx's name for %>s
		Agent  string        `log:"%{User-Agent}i"`
		Took   time.Duration `log:"request_time"`
	}
	hits := codec.ApacheLog[Hit](codec.ApacheVHostCombined + " %D")

	d := hits.NewDecoder()
	for _, line := range []string{
		`www.example.com:443 192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "a \"b\"" 1500`,
		`www.example.com:443 192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 2OO 2326 "-" "a" 1500`,
		`192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200 2326 "-" "a" 1500`,
	} {
		var h Hit
		if err := d.Decode([]byte(line), &h); err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(h.Site, h.Status, h.Agent, h.Took)
	}
	// Output:
	// www.example.com 200 a "b" 1.5ms
	// field Status: %>s at byte 84: "2OO" is not an int
	// %v at byte 0: "192.0.2.7 - frank [10/Oct/2000" has a space, so something that the format has not stands before it, or in it
}

type state string

// cacheState is a type that reads itself.
type cacheState int

func (l *cacheState) UnmarshalText(b []byte) error {
	if string(b) != "HIT" && string(b) != "MISS" {
		return fmt.Errorf("no such level")
	}
	*l = cacheState(len(b))
	return nil
}

type logged struct {
	Addr    netip.Addr      `log:"remote_addr"`
	User    *string         `log:"remote_user"`
	At      time.Time       `log:"time_local"`
	Request string          `log:"request"`
	Path    string          `log:"request_uri"`
	Status  *uint16         `log:"$status"`
	Bytes   int64           `log:"body_bytes_sent"`
	Agent   []byte          `log:"http_user_agent"`
	Took    time.Duration   `log:"request_time"`
	Seconds []float64       `log:"upstream_response_time"`
	Servers []string        `log:"upstream_addr"`
	Cache   cacheState      `log:"upstream_cache_status"`
	TLS     bool            `log:"https"`
	State   state           `log:"connection"`
	Msec    time.Time       `log:"msec"`
	ISO     time.Time       `log:"time_iso8601"`
	Date    time.Time       `log:"sent_http_date" layout:"2006-01-02" zone:"Europe/Berlin"`
	Mine    time.Duration   `log:"my_ms" unit:"ms"`
	Each    []time.Duration `log:"upstream_connect_time"`
	Untold  string
}

const allVariables = `$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_user_agent" $request_time ` +
	`$upstream_response_time $upstream_addr $upstream_cache_status $https ${connection} $msec $time_iso8601 $sent_http_date $my_ms $upstream_connect_time|`

func TestNginxLogTypes(t *testing.T) {
	utc := func(hour, minute, sec, nsec int) time.Time {
		return time.Date(2015, 5, 17, hour, minute, sec, nsec, time.UTC)
	}
	frank, ok := "a [b c", uint16(200)
	for line, want := range map[string]logged{
		`10.0.0.1 - a [b c [17/May/2015:10:05:03 +0200] "GET /\x22\xC3\xA9\xE9 HTTP/1.1" 200 5 "\x5C\xFF\x09" 0.003 0.001, 0.002 : 0.003 10.0.0.1:80, 10.0.0.2:80 : unix:/a HIT on 7 1431857103.123 2015-05-17T10:05:03+02:00 2015-05-17 12.5 0.001|`: {
			Addr: netip.MustParseAddr("10.0.0.1"), User: &frank, At: utc(8, 5, 3, 0), Request: `GET /"é\xe9 HTTP/1.1`, Path: `/"é\xe9`,
			Status: &ok, Bytes: 5, Agent: []byte("\\\xff\t"), Took: 3 * time.Millisecond, Seconds: []float64{0.001, 0.002, 0.003},
			Servers: []string{"10.0.0.1:80", "10.0.0.2:80", "unix:/a"}, Cache: 3, TLS: true, State: "7", Msec: utc(10, 5, 3, 123e6),
			ISO: utc(8, 5, 3, 0), Date: time.Date(2015, 5, 16, 22, 0, 0, 0, time.UTC), Mine: 12500 * time.Microsecond, Each: []time.Duration{time.Millisecond},
		},
		`2001:db8::1 - - [17/May/2015:10:05:03 +0000] "-" - - "-" - - - - - - - - - - -|`: {Addr: netip.MustParseAddr("2001:db8::1"), At: utc(10, 5, 3, 0)},
		`::1 -  [17/May/2015:10:05:03 +0000] "GET /a b" - - ""      `:                     {},
		`::1 -  [17/May/2015:10:05:03 +0000] "GET /a b" - - ""           |`:               {Addr: netip.IPv6Loopback(), At: utc(10, 5, 3, 0), Request: "GET /a b"},
	} {
		var got logged
		got.Untold = "left over"
		err := codec.NginxLog[logged](allVariables).NewDecoder().Decode([]byte(line), &got)
		if !want.Addr.IsValid() {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err, line)
		require.Equal(t, want, got, line)
	}
}

func TestLogEscapes(t *testing.T) {
	type row struct {
		A string `log:"http_a"`
		B []byte `log:"http_b"`
	}
	decode := func(f codec.Format[row], line string) row {
		var r row
		require.NoError(t, f.NewDecoder().Decode([]byte(line), &r), line)
		return r
	}
	hex := codec.NginxLog[row](`"$http_a" "$http_b"`)
	require.Equal(t, row{`a"b\é\xff\x00`, []byte("\xff\x00-")}, decode(hex, `"a\x22b\x5C\xC3\xA9\xFF\x00" "\xFF\x00\x2D"`))
	require.Equal(t, row{`\x5cxff`, []byte(`\xff`)}, decode(hex, `"\x5Cxff" "\x5Cxff"`))
	require.Equal(t, row{"-", []byte("-")}, decode(hex, `"\x2d" "\x2d"`), "a dash that is one")
	require.Equal(t, row{}, decode(hex, `"-" "-"`))

	asJSON := codec.NginxLog[row](`log_format j escape=json '{"a":"$http_a","b":"$http_b"}';`)
	require.Equal(t, row{"x\"\\é\\x01", []byte("\n/\t\\q")}, decode(asJSON, `{"a":"x\"\\é\u0001","b":"\n\/\t\q"}`))

	none := codec.NginxLog[row](`log_format n escape=none "$http_a\t$http_b";`)
	require.Equal(t, row{`a "b\x5cx41`, []byte(`\`)}, decode(none, "a \"b\\x41\t\\"))

	apache := codec.ApacheLog[row](`LogFormat "\"%{A}i\" \"%{b}i\"" name`)
	require.Equal(t, row{`a"b\ é\x0a`, []byte("\\\"\n\t\xe9")}, decode(apache, `"a\"b\\ \xc3\xa9\n" "\\\"\n\t\xe9"`))
}

func TestApacheLog(t *testing.T) {
	type row struct {
		At       time.Time     `log:"%{%Y-%m-%d %T}t" zone:"Europe/Berlin"`
		Msec     int           `log:"%{msec_frac}t"`
		Usec     time.Time     `log:"%{usec}t"`
		URI      string        `log:"request_uri"`
		Protocol string        `log:"%H"`
		T        time.Duration `log:"%{ms}T"`
		S        time.Duration `log:"%T"`
		First    int           `log:"%<s"`
		Last     int           `log:"%>s"`
		Cookie   string        `log:"%{id}C"`
		Referer  string        `log:"http_referer"`
		Percent  string        `log:"%R"`
	}
	f := codec.ApacheLog[row](`%{%Y-%m-%d %T}t.%{msec_frac}t %{usec}t "%m %U%q %H" "%r" %{ms}T %T %<s %>s %{id}C "%!200,304{Referer}i" %% %R`)
	var r row
	require.NoError(t, f.NewDecoder().Decode([]byte(`2015-05-17 10:05:03.012 1431857103000123 "GET /a?b HTTP/1.1" "POST /c HTTP/2" 5 2 301 200 x "-" % a b`), &r))
	require.Equal(t, row{time.Date(2015, 5, 17, 8, 5, 3, 0, time.UTC), 12, time.UnixMicro(1431857103000123).UTC(), "/a?b", "HTTP/1.1",
		5 * time.Millisecond, 2 * time.Second, 301, 200, "x", "", "a b"}, r)
}

func TestLogFormatsThatServersShip(t *testing.T) {
	type row struct {
		Addr   netip.Addr `log:"remote_addr"`
		Path   string     `log:"request_uri"`
		Status int        `log:"status"`
	}
	const common = `10.0.0.1 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 5`
	for format, line := range map[codec.Format[row]]string{
		codec.NginxLog[row](codec.NginxCombined):                                                                        common + ` "-" "x"`,
		codec.NginxLog[row](codec.NginxMain):                                                                            common + ` "-" "x" "10.0.0.2, 10.0.0.3"`,
		codec.ApacheLog[row](codec.ApacheCommon):                                                                        common,
		codec.ApacheLog[row](codec.ApacheCombined):                                                                      common + ` "-" "x"`,
		codec.ApacheLog[row](codec.ApacheVHostCombined):                                                                 "www.example.com:80 " + common + ` "-" "x"`,
		codec.ApacheLog[row](`LogFormat "%h %l %u %t \"%r\" %>s %b" common`):                                            common,
		codec.NginxLog[row](`log_format a escape=default '$remote_addr - - [' "$time_local] \"$request\" $status 5" ;`): common,
	} {
		require.True(t, codec.CanSplit(format) && codec.IsText(format) && !codec.HasHeader(format))
		var r row
		require.NoError(t, format.NewDecoder().Decode([]byte("\xef\xbb\xbf"+line), &r), line)
		require.Equal(t, row{netip.MustParseAddr("10.0.0.1"), "/a", 200}, r)
		require.ErrorIs(t, format.NewDecoder().Decode([]byte(" \r"), &r), codec.ErrSkip)
		require.Error(t, format.NewDecoder().Decode([]byte(line+" more"), &r), "something behind it")
		require.Error(t, format.NewDecoder().Decode([]byte("web1 "+line), &r), "something before it")
		for n := range line {
			_ = format.NewDecoder().Decode([]byte(line[:n]), &r)
		}
		_, err := format.NewEncoder().Append(nil, r)
		require.ErrorContains(t, err, "reads lines and writes none")
	}
}

func TestLogRefuses(t *testing.T) {
	for line, message := range map[string]string{
		`x`:      `$remote_addr at byte 0: no " - " behind it, which the format has there: "x"`,
		`x y - `: `at byte 1: behind $remote_addr with " y - ", and not with " - " as in the format`,
		`x - - [17/May/2015:10:05:03 +0000] "G" 200 5 "-" 1 -`:            `field Addr: $remote_addr at byte 0: "x" is not an address; where it may be a name or a socket, use a string`,
		`1.1.1.1 - - [32/May/2015:10:05:03 +0000] "G" 200 5 "-" 1 -`:      `field At: $time_local at byte 13: "32/May/2015:10:05:03 +0000" is not a time like 10/Oct/2000:13:55:36 -0700`,
		`1.1.1.1 - - [17/May/2015:10:05:03 +0000] "G" 20000000 5 "-" 1 -`: `field Status: $status at byte 45: "20000000" is out of the range of a uint16`,
		`1.1.1.1 - - [17/May/2015:10:05:03 +0000] "G" 200 5 "-" x -`:      `field Took: $request_time at byte 55: "x" is not a duration in units of 1s`,
		`1.1.1.1 - - [17/May/2015:10:05:03 +0000] "G" 200 5 "-" 1 1, 2`:   `field Up: $upstream_status at byte 57: "1, 2" is not an int (several values go into a slice)`,
		`1.1.1.1 - - [17/May/2015:10:05:03 +0000] "G`:                     `$request at byte 42: no "\" " behind it, which the format has there: "G"`,
	} {
		type row struct {
			Addr   netip.Addr    `log:"remote_addr"`
			At     time.Time     `log:"time_local"`
			Status *uint16       `log:"status"`
			Took   time.Duration `log:"request_time"`
			Up     int           `log:"upstream_status"`
		}
		format := codec.NginxLog[row](`$remote_addr - $remote_user [$time_local] "$request" $status $bytes_sent "$http_referer" $request_time $upstream_status`)
		var r row
		require.EqualError(t, format.NewDecoder().Decode([]byte(line), &r), message, line)
	}
}

func TestLogAllocatesNothing(t *testing.T) {
	type row struct {
		Addr   netip.Addr    `log:"remote_addr"`
		At     time.Time     `log:"time_local"`
		Status int           `log:"status"`
		Bytes  uint64        `log:"body_bytes_sent"`
		Path   string        `log:"request_uri"`
		Agent  string        `log:"http_user_agent"`
		Took   time.Duration `log:"request_time"`
	}
	d := codec.NginxLog[row](codec.NginxCombined + " $request_time").NewDecoder()
	for _, addr := range []string{"10.0.0.1", "2001:db8::1"} {
		line := []byte(addr + ` - - [17/May/2015:10:05:03 +0000] "GET /a\xC3\xA9 HTTP/1.1" 200 5 "-" "Mozilla \x22" 0.001`)
		var r row
		require.Zero(t, testing.AllocsPerRun(100, func() {
			if err := d.Decode(line, &r); err != nil {
				t.Fatal(err)
			}
		}))
	}
}

// A log of 10,000 lines that Apache has written reads as Access reads it.
func TestApacheLogOfSharedLog(t *testing.T) {
	type row struct {
		Host     string    `log:"%h"`
		Ident    string    `log:"%l"`
		User     string    `log:"%u"`
		Time     time.Time `log:"%t"`
		Method   string    `log:"%m"`
		Path     string    `log:"request_uri"`
		Protocol string    `log:"%H"`
		Status   int       `log:"%>s"`
		Bytes    int64     `log:"%b"`
		Referer  string    `log:"%{Referer}i"`
		Agent    string    `log:"%{User-Agent}i"`
	}
	log := sharedFile(t, "apache_logs_10k.log.gz")
	want, err := decodeAll(codec.Access(), log, 1<<16)
	require.NoError(t, err)
	format, d := codec.ApacheLog[row](codec.ApacheCombined), codec.Access().NewDecoder()
	rows, cut := 0, 0
	for dec := format.NewDecoder(); len(log) > 0; rows++ {
		n, record, _ := dec.Split(log, true)
		var r row
		if err := dec.Decode(record, &r); err != nil {
			// Access lets a line pass that something has cut short.
			require.ErrorContains(t, err, "%{User-Agent}i at byte")
			require.NoError(t, d.Decode(record, new(codec.AccessRecord)))
			cut++
		} else {
			w := want[rows]
			require.Equal(t, row{w.Host, w.Ident, w.User, w.Time, w.Method, w.Path, w.Protocol, w.Status, w.Bytes, w.Referer, w.UserAgent}, r)
		}
		log = log[n:]
	}
	require.Equal(t, []int{len(want), 1}, []int{rows, cut})
}

// nginx writes the header Content-Length as the client has sent it: a client cannot make its line unreadable.
func TestContentLengthIsTheClients(t *testing.T) {
	type hit struct {
		Length string `log:"content_length"`
		Status int    `log:"status"`
	}
	var h hit
	f := codec.NginxLog[hit](`$remote_addr "$content_length" $status`)
	require.NoError(t, f.NewDecoder().Decode([]byte(`192.0.2.7 "1 2" 400`), &h))
	require.Equal(t, hit{"1 2", 400}, h)
}
