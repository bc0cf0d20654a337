package syslogsource

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var testNow = time.Date(2026, 11, 28, 20, 55, 0, 0, time.UTC)

func newParser(opts ...Option) *parser {
	p := &parser{config: configure(opts)}
	p.at(testNow)
	return p
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

var (
	nov28  = at("2026-11-28T20:14:15Z")
	micros = at("2026-11-28T19:14:15.123456Z")
)

// What real senders send, and what the RFCs show.
var messages = []struct {
	in   string
	want Message
}{
	// nginx, access_log syslog:server=...,facility=local7,tag=nginx,severity=info; and with nohostname
	{`<190>Nov 28 20:14:15 web1 nginx: 203.0.113.9 - - [28/Nov/2026:20:14:15 +0000] "GET / HTTP/1.1" 200 5 "-" "curl"`,
		Message{Facility: Local7, Severity: Info, Time: nov28, Host: "web1", App: "nginx", Text: `203.0.113.9 - - [28/Nov/2026:20:14:15 +0000] "GET / HTTP/1.1" 200 5 "-" "curl"`}},
	{`<190>Nov 28 20:14:15 nginx: text`, Message{Facility: Local7, Severity: Info, Time: nov28, App: "nginx", Text: "text"}},
	{`<189>Nov 28 20:14:15  nginx: using epoll`, Message{Facility: Local7, Severity: Notice, Time: nov28, App: "nginx", Text: "using epoll"}},
	// rsyslog, RSYSLOG_TraditionalForwardFormat and RSYSLOG_ForwardFormat
	{`<38>Nov  8 20:14:15 web1 sshd[812]: Accepted`, Message{Facility: Auth, Severity: Info, Time: at("2026-11-08T20:14:15Z"), Host: "web1", App: "sshd", ProcID: "812", Text: "Accepted"}},
	{`<38>2026-11-28T20:14:15.123456+01:00 web1 sshd[812]: Accepted`, Message{Facility: Auth, Severity: Info, Time: micros, Host: "web1", App: "sshd", ProcID: "812", Text: "Accepted"}},
	{`<38>2026-11-28T20:14:15.123456+01:00 web1 CRON: x`, Message{Facility: Auth, Severity: Info, Time: micros, Host: "web1", App: "CRON", Text: "x"}},
	// RFC 3164, section 5.4
	{`<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8`,
		Message{Facility: Auth, Severity: Critical, Time: at("2026-10-11T22:14:15Z"), Host: "mymachine", App: "su", Text: `'su root' failed for lonvick on /dev/pts/8`}},
	{`Use the BFG!`, Message{Facility: User, Severity: Notice, Time: testNow, Text: `Use the BFG!`}},
	{`<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time to make the do-nuts.`,
		Message{Facility: Local4, Severity: Notice, Time: at("2026-08-24T05:34:00Z"), Host: "CST", Text: "1987 mymachine myproc[10]: %% It's time to make the do-nuts."}},
	{`<0>1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!`,
		Message{Facility: Kern, Severity: Emergency, Time: testNow, Text: "1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!"}},
	// hosts and tags
	{`<13>Nov 28 20:14:15 2001:db8::1 kernel: [ 0.1] x`, Message{Facility: User, Severity: Notice, Time: nov28, Host: "2001:db8::1", App: "kernel", Text: "[ 0.1] x"}},
	{`<13>Nov 28 20:14:15 web1 postfix/smtpd[1]: äö`, Message{Facility: User, Severity: Notice, Time: nov28, Host: "web1", App: "postfix/smtpd", ProcID: "1", Text: "äö"}},
	{`<13>Nov 28 20:14:15 web1 app[1] text`, Message{Facility: User, Severity: Notice, Time: nov28, Host: "web1", App: "app", ProcID: "1", Text: "text"}},
	{`<13>Nov 28 20:14:15 web1 app[1]:text`, Message{Facility: User, Severity: Notice, Time: nov28, Host: "web1", App: "app", ProcID: "1", Text: "text"}},
	{`<13>Nov 28 20:14:15 web1 (sd-pam)[12]: text`, Message{Facility: User, Severity: Notice, Time: nov28, Host: "web1", App: "(sd-pam)", ProcID: "12", Text: "text"}},
	{`<13>Nov 28 20:14:15 web1 no tag at all`, Message{Facility: User, Severity: Notice, Time: nov28, Host: "web1", Text: "no tag at all"}},
	{`<13>Nov 28 20:14:15 web1 {"a": 1}`, Message{Facility: User, Severity: Notice, Time: nov28, Host: "web1", Text: `{"a": 1}`}},
	{`<13>Nov 28 20:14:15 {"a": 1}`, Message{Facility: User, Severity: Notice, Time: nov28, Text: `{"a": 1}`}},
	{`<13>Nov 28 20:14:15 web1 a=1: x`, Message{Facility: User, Severity: Notice, Time: nov28, Host: "web1", Text: `a=1: x`}},
	{`<13>Nov 28 20:14:15 web1 http://x y`, Message{Facility: User, Severity: Notice, Time: nov28, Host: "web1", Text: `http://x y`}},
	{`<13>Nov 28 20:14:15 web1 tag:`, Message{Facility: User, Severity: Notice, Time: nov28, Host: "web1", App: "tag"}},
	{`<13>Nov 28 20:14:15 - -: x`, Message{Facility: User, Severity: Notice, Time: nov28, App: "", Text: "- -: x"}},
	{`<13>Nov 28 20:14:15`, Message{Facility: User, Severity: Notice, Time: nov28}},
	{`<13>Nov 28 20:14:15 hello`, Message{Facility: User, Severity: Notice, Time: nov28, Text: "hello"}},
	// times of devices
	{`<187>Nov 28 2026 20:14:15.5: %LINK-3-UPDOWN: down`, Message{Facility: Local7, Severity: Error, Time: at("2026-11-28T20:14:15.5Z"), App: "%LINK-3-UPDOWN", Text: "down"}},
	{`<187>Nov 8 20:14:15 r1 x: y`, Message{Facility: Local7, Severity: Error, Time: at("2026-11-08T20:14:15Z"), Host: "r1", App: "x", Text: "y"}},
	{`<187>45: *Nov 28 20:14:15: %LINK`, Message{Facility: Local7, Severity: Error, Time: testNow, Text: "45: *Nov 28 20:14:15: %LINK"}},
	{`<13>Nov 31 20:14:15 web1 a: x`, Message{Facility: User, Severity: Notice, Time: testNow, Text: "Nov 31 20:14:15 web1 a: x"}},
	{`<13>Nov 28 23:59:60 web1 a: x`, Message{Facility: User, Severity: Notice, Time: at("2026-11-29T00:00:00Z"), Host: "web1", App: "a", Text: "x"}},
	{`<13>Feb 29 01:02:03 web1 a: x`, Message{Facility: User, Severity: Notice, Time: at("2024-02-29T01:02:03Z"), Host: "web1", App: "a", Text: "x"}},
	{`<13>May 31 01:02:03 web1 a: x`, Message{Facility: User, Severity: Notice, Time: at("2026-05-31T01:02:03Z"), Host: "web1", App: "a", Text: "x"}},
	{`<13>May 30 01:02:03 web1 a: x`, Message{Facility: User, Severity: Notice, Time: at("2027-05-30T01:02:03Z"), Host: "web1", App: "a", Text: "x"}},
	// RFC 5424, section 6.5
	{"<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \xef\xbb\xbf'su root' failed for lonvick on /dev/pts/8",
		Message{Facility: Auth, Severity: Critical, Time: at("2003-10-11T22:14:15.003Z"), Host: "mymachine.example.com", App: "su", MsgID: "ID47", Text: "'su root' failed for lonvick on /dev/pts/8"}},
	{`<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.`,
		Message{Facility: Local4, Severity: Notice, Time: at("2003-08-24T12:14:15.000003Z"), Host: "192.0.2.1", App: "myproc", ProcID: "8710", Text: "%% It's time to make the do-nuts."}},
	{`<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application"][examplePriority@32473 class="high"]`,
		Message{Facility: Local4, Severity: Notice, Time: at("2003-10-11T22:14:15.003Z"), Host: "mymachine.example.com", App: "evntslog", MsgID: "ID47",
			Data: `[exampleSDID@32473 iut="3" eventSource="Application"][examplePriority@32473 class="high"]`}},
	{`<165>1 - - - - - -`, Message{Facility: Local4, Severity: Notice, Time: testNow}},
	{`<165>1 - - - - - - `, Message{Facility: Local4, Severity: Notice, Time: testNow}},
	{`<165>1 - h a - - [a b="\"\\\]\n"] [x]`, Message{Facility: Local4, Severity: Notice, Time: testNow, Host: "h", App: "a", Data: `[a b="\"\\\]\n"]`, Text: "[x]"}},
	{"<13>1 2026-11-28T20:14:15.123456789Z h a - - - nine digits", Message{Facility: User, Severity: Notice, Time: at("2026-11-28T20:14:15.123456789Z"), Host: "h", App: "a", Text: "nine digits"}},
	{"<13>1 2026-11-28T23:59:60.5Z h a - - - leap", Message{Facility: User, Severity: Notice, Time: at("2026-11-29T00:00:00.5Z"), Host: "h", App: "a", Text: "leap"}},
	{"<13>1 - h a - - - two\nlines \xff\r\n\x00", Message{Facility: User, Severity: Notice, Time: testNow, Host: "h", App: "a", Text: "two\nlines \xff"}},
	{"<13>1 message for you", Message{Facility: User, Severity: Notice, Time: testNow, Text: "1 message for you"}},
	{"<007>1 - - - - - - x", Message{Facility: Kern, Severity: Debug, Time: testNow, Text: "x"}},
	{"<13>", Message{Facility: User, Severity: Notice, Time: testNow}},
}

func TestParse(t *testing.T) {
	p := newParser(PlainText())
	for _, test := range messages {
		var m Message
		require.NoError(t, p.parse([]byte(test.in), &m), test.in)
		require.Equal(t, test.want, m, test.in)
		printedAgain(t, p, m)
	}
}

// printedAgain checks that a message which is printed and parsed is the same.
func printedAgain(t *testing.T, p *parser, m Message) {
	printed := m.AppendRFC5424(nil)
	var again Message
	require.NoError(t, p.parse(printed, &again), "%q", printed)
	require.Equal(t, m, again, "%q", printed)
}

func TestWhatIsNoSyslog(t *testing.T) {
	for _, test := range []struct {
		in   string
		want error
	}{
		{"", errPriority},
		{"text", errPriority},
		{"<>1 - - - - - -", errPriority},
		{"<192>x", errPriority},
		{"<1000>x", errPriority},
		{"<-1>x", errPriority},
		{"<1", errPriority},
		{"<13>1 2026-02-29T20:14:15Z h a - - - x", errTime},
		{"<13>1 2026-11-28T20:14:15 h a - - - x", errTime},
		{"<13>1 2026-11-28T20:14:15z h a - - - x", errTime},
		{"<13>1 0000-01-01T00:00:00+01:00 h a - - - x", errTime},
		{"<13>1 - h a -", errHeader},
		{"<13>1 - h a - -", errHeader},
		{"<13>1 - h  - - - x", errHeader},
		{"<13>1 - h\ta - - - - x", errHeader},
		{"<13>1 - h a - - ", errData},
		{"<13>1 - h a - - text", errData},
		{"<13>1 - h a - - -text", errData},
		{"<13>1 - h a - - []", errData},
		{"<13>1 - h a - - [a", errData},
		{"<13>1 - h a - - [a b]", errData},
		{"<13>1 - h a - - [a b=c]", errData},
		{`<13>1 - h a - - [a b="c"d="e"]`, errData},
		{`<13>1 - h a - - [a b="c"]text`, errData},
		{`<13>1 - h a - - [a b="c\"]`, errQuote},
	} {
		var m Message
		require.ErrorIs(t, newParser().parse([]byte(test.in), &m), test.want, test.in)
		require.NoError(t, newParser(PlainText()).parse([]byte(test.in), &m), test.in)
		require.Contains(t, test.in, m.Text)
	}
}

func TestZoneAndAhead(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	for _, test := range []struct {
		in   string
		opts []Option
		want string
	}{
		{"<13>Jun 28 20:14:15 h a: x", []Option{Zone(berlin)}, "2026-06-28T18:14:15Z"},
		{"<13>Nov 28 20:14:15 h a: x", []Option{Zone(newYork)}, "2026-11-29T01:14:15Z"},
		{"<13>2026-11-28T20:14:15+01:00 h a: x", []Option{Zone(newYork)}, "2026-11-28T19:14:15Z"},
		{"<13>Nov 28 21:55:00 h a: x", []Option{Ahead(time.Hour)}, "2026-11-28T21:55:00Z"},
		{"<13>Nov 28 21:55:01 h a: x", []Option{Ahead(time.Hour)}, "2025-11-28T21:55:01Z"},
		{"<13>Nov 28 20:55:00 h a: x", []Option{Ahead(0)}, "2026-11-28T20:55:00Z"},
		{"<13>Jan  1 00:00:00 h a: x", nil, "2027-01-01T00:00:00Z"},
		{"<13>Jan  1 00:00:00 h a: x", []Option{Ahead(24 * time.Hour)}, "2026-01-01T00:00:00Z"},
	} {
		var m Message
		require.NoError(t, newParser(test.opts...).parse([]byte(test.in), &m))
		require.Equal(t, at(test.want), m.Time, test.in)
	}
	require.Panics(t, func() { Zone(nil) })
	require.Panics(t, func() { Ahead(-1) })
}

func TestStructuredData(t *testing.T) {
	data := StructuredData(`[a b="1" c="\"\\\]\n" b="2"][empty][d  b="ä]" ]`)
	n, err := scanData([]byte(data))
	require.NoError(t, err)
	require.Equal(t, len(data), n)

	var got []string
	for id, p := range data.All() {
		got = append(got, id+" "+p.Name+"="+p.Value)
	}
	require.Equal(t, []string{`a b=1`, `a c="\]\n`, `a b=2`, `empty =`, `d b=ä]`}, got)

	v, ok := data.Get("a", "b")
	require.Equal(t, "1", v)
	require.True(t, ok)
	v, ok = data.Get("d", "b")
	require.Equal(t, "ä]", v)
	require.True(t, ok)
	_, ok = data.Get("empty", "b")
	require.False(t, ok)
	for range StructuredData("").All() {
		t.Fatal("nothing has a parameter")
	}
}

func TestNames(t *testing.T) {
	require.Equal(t, "local7", Local7.String())
	require.Equal(t, "facility 24", Facility(24).String())
	require.Equal(t, "warning", Warning.String())
	require.Equal(t, "severity 8", Severity(8).String())
}

func TestPrintForeign(t *testing.T) {
	m := Message{Facility: User, Severity: Notice, Host: "a b", App: "x\n", Data: "junk", Text: byteOrderMark + "x"}
	require.Equal(t, "<13>1 - a_b x_ - - - "+byteOrderMark+byteOrderMark+"x", string(m.AppendRFC5424(nil)))
}
