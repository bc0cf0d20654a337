package syslogsource

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

const (
	offer    = "relp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\ncommands=syslog"
	accepted = "200 OK\nrelp_version=0\nrelp_software=freshet\ncommands=syslog"
)

func command(number int, name, data string) string {
	if data == "" {
		return fmt.Sprintf("%d %s 0\n", number, name)
	}
	return fmt.Sprintf("%d %s %d %s\n", number, name, len(data), data)
}

func answer(numbers ...int) string {
	var b strings.Builder
	for _, n := range numbers {
		b.WriteString(command(n, "rsp", "200 OK"))
	}
	return b.String()
}

func (r *run) open() *client {
	c := r.dial().says(command(1, "open", offer))
	c.hears(command(1, "rsp", accepted))
	return c
}

// A session, from open to close: each message is answered, also one that is no syslog.
func TestRELP(t *testing.T) {
	r := start(t, ListenRELP, pushsource.Server{AckWithin: time.Millisecond})
	c := r.open()
	c.says(command(2, "syslog", "<13>Nov 28 20:14:15 h a: one\n") + command(3, "syslog", "no syslog") + command(4, "syslog", ""))
	c.hears(answer(2, 3, 4))
	c.says(command(5, "starttls", ""))
	c.hears(command(5, "rsp", "500 this command is not known"))
	c.says(command(6, "syslog", "<13>two\nlines") + command(7, "syslog", "<13>"+strings.Repeat("x", 100_000)) + command(8, "close", ""))
	require.Equal(t, answer(6, 7, 8)+"0 serverclose 0\n", c.ends())
	require.Equal(t, []string{"one", "two\nlines", strings.Repeat("x", 100_000)}, r.ends())
	require.Len(t, r.bad.Values(), 2)
	require.Zero(t, r.src.Stats().Failed)
}

// With checkpoints a message is answered by the one that has it.
func TestAnsweredByCheckpoint(t *testing.T) {
	r := start(t, ListenRELP, pushsource.Server{}, stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Hour))
	c := r.open()
	c.says(command(2, "syslog", "<13>one"))
	r.read(1)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
	_, err := c.Read(make([]byte, 1))
	require.ErrorContains(t, err, "timeout")
	r.stop() // the last checkpoint
	require.Equal(t, answer(2), c.ends())
	require.Equal(t, []string{"one"}, r.ends())
}

// Numbers begin again behind 999,999,999.
func TestLastNumber(t *testing.T) {
	require.Equal(t, answer(lastNumber-1, lastNumber, 1, 2), string(appendAnswers(nil, answersOf(lastNumber-1, 4))))
	s := relp{last: lastNumber - 1}
	require.NoError(t, s.follows(relpHeader{number: lastNumber}))
	s.last = lastNumber
	require.NoError(t, s.follows(relpHeader{number: 1}))
	require.Error(t, s.follows(relpHeader{number: 0}))
}

// Many messages that come at once are few parcels, and in their order.
func TestManyAtOnce(t *testing.T) {
	r := start(t, ListenRELP, pushsource.Server{AckWithin: time.Millisecond})
	c := r.open()
	var all strings.Builder
	var want []string
	var numbers []int
	for i := range 5000 {
		all.WriteString(command(i+2, "syslog", fmt.Sprint("<13>", i)))
		want = append(want, fmt.Sprint(i))
		numbers = append(numbers, i+2)
	}
	c.says(all.String())
	c.hears(answer(numbers...))
	require.Equal(t, want, r.ends())
	require.Less(t, r.src.Stats().Parcels, int64(500))
}

// What breaks the protocol ends that client, and is told why where that is possible.
func TestBrokenRELP(t *testing.T) {
	r := start(t, ListenRELP, pushsource.Server{AckWithin: time.Millisecond, MaxMessage: 1000})
	good := r.open()
	for i, test := range []struct {
		says  string
		opens bool
		hears string
	}{
		{"", false, ""}, // no failure
		{"GET / HTTP/1.1\r\n\r\n", false, ""},
		{"1 open\n", false, ""},
		{"0 open 0\n", false, ""},
		{"2 open 0\n", false, ""},
		{"-1 open 0\n", false, ""},
		{"1234567890 open 0\n", false, ""},
		{"1 " + strings.Repeat("x", 33) + " 0\n", false, ""},
		{"1  0\n", false, ""},
		{"1 open 1234567890 x\n", false, ""},
		{"1 open x x\n", false, ""},
		{"1 open 3\n", false, ""},
		{"1 open 3 abcd\n", false, ""},
		{"1 open 300 abcd\n", false, ""},
		{command(1, "open", ""), false, command(1, "rsp", "500 the client is refused: it offers no relp_version")},
		{command(1, "open", "relp_version=0\ncommands=eventlog"), false, command(1, "rsp", "500 the client is refused: it does not offer the command syslog")},
		{command(1, "syslog", "<13>x"), false, command(1, "rsp", "500 the client is refused: it has not said open")},
		{command(1, "close", ""), false, command(1, "rsp", "500 the client is refused: it has not said open")},
		{command(2, "open", offer), true, command(2, "rsp", "500 this command is not known")},
		{command(2, "syslog", "<13>ok") + command(2, "syslog", "<13>x"), true, "*"},
		{command(2, "syslog", "<13>ok") + command(4, "syslog", "<13>x"), true, "*"},
		{command(2, "syslog", "<13>ok") + "3 syslog 5 <13>xy\n", true, "*"},
		{"2 syslog 5 <13>xy\n", true, ""},
		{"2 syslog 2000 " + strings.Repeat("x", 2001) + "\n", true, ""},
		{"2 syslog 999999999 " + strings.Repeat("x", 2000) + "\n", true, ""},
	} {
		failed := r.src.Stats().Failed
		c := r.dial()
		if test.opens {
			c.says(command(1, "open", offer)).hears(command(1, "rsp", accepted))
		}
		_, _ = c.Write([]byte(test.says)) // the server may hang up in the middle
		_ = c.Conn.(interface{ CloseWrite() error }).CloseWrite()
		heard := c.ends()
		if test.hears != "*" {
			require.Equal(t, test.hears, heard, "%q", test.says)
		}
		if test.says != "" && !strings.Contains(test.hears, "not known") {
			until(t, func() bool { return r.src.Stats().Failed == failed+1 })
		}
		good.says(command(i+2, "syslog", "<13>good"))
		good.hears(answer(i + 2))
	}
	// One that is too large is rejected and answered.
	c := r.open()
	c.says(command(2, "syslog", "<13>"+strings.Repeat("x", 997)) + command(3, "syslog", "<13>after"))
	c.hears(answer(2, 3))
	got := r.ends()
	require.Equal(t, 25+3+1, len(got))
	require.NotContains(t, got, "x")
	require.Len(t, r.bad.Values(), 1)
}
