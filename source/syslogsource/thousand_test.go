package syslogsource

import (
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/hostiletest"
	"github.com/freshet-go/freshet/source/pushsource"
)

// hostiles send halves of messages, endless ones, what is none, and names that do not recur, each over TCP and over RELP.
func hostiles() (clients []hostiletest.Client) {
	large := strings.Repeat("x", 200_000)
	var names strings.Builder
	for i := range 100 {
		fmt.Fprintf(&names, "<13>Nov 28 20:14:15 host%d%s app%d: x\n", i, large[:50], i)
	}
	for _, said := range []string{
		"250000 <13>" + large, // half a message
		"<13>" + large,
		"999999999 <13>" + large,
		strings.Repeat(large, 10),
		strings.Repeat("junk\n", 4000),
		strings.Repeat("\n", 20_000),
		strings.Repeat("1 x", 7000),
		names.String(),
		"",
		command(1, "open", offer) + "2 syslog 250000 <13>" + large,
		command(1, "open", offer) + "2 syslog 999999999 <13>" + large,
		"1 open 250000 " + large,
		command(1, "open", offer) + strings.Repeat("2 syslog 1 x\n", 1000),
	} {
		clients = append(clients, hostiletest.Says(said))
	}
	return append(clients,
		hostiletest.Repeats(large, 5*time.Millisecond), // a line without an end
		hostiletest.Repeats(names.String(), 50*time.Millisecond),
		hostiletest.Repeats(command(1, "open", offer), 50*time.Millisecond),
		hostiletest.Repeats("<", 20*time.Millisecond))
}

// hostileSuites have a client beside the hostile ones whose messages are of severity info.
func hostileSuites() []*hostiletest.Suite {
	suite := func(name string, l listen, good func(net.Conn, func() bool) (int, error)) *hostiletest.Suite {
		return &hostiletest.Suite{
			Name: name,
			Serve: hostiletest.Serve(func(s pushsource.Server) *pushsource.Source[Message] { return l(s) }, func(m Message) hostiletest.Kind {
				switch {
				case m.Severity != Info:
					return hostiletest.Hostile
				case m.Text == "last":
					return hostiletest.Last
				}
				return hostiletest.Good
			}),
			Clients: hostiles(),
			Good: func(addr string, more func() bool) (int, error) {
				c, err := net.Dial("tcp", addr)
				if err != nil {
					return 0, err
				}
				defer c.Close()
				return good(c, more)
			},
			PerClient: (64 + 10) << 10,
		}
	}
	return []*hostiletest.Suite{suite("tcp", Listen, goodOverTCP), suite("relp", ListenRELP, goodOverRELP)}
}

func goodOverTCP(c net.Conn, more func() bool) (sent int, err error) {
	for ; more(); sent++ {
		if _, err := io.WriteString(c, "<14>good\n"); err != nil {
			return sent, err
		}
		time.Sleep(time.Millisecond) // of a client that has no more to say
	}
	_, err = io.WriteString(c, "<14>last\n")
	return sent, err
}

// goodOverRELP waits for the answer to each message.
func goodOverRELP(c net.Conn, more func() bool) (sent int, err error) {
	says := func(said, want string) error {
		if _, err := io.WriteString(c, said); err != nil {
			return err
		}
		got := make([]byte, len(want))
		if _, err := io.ReadFull(c, got); err != nil || string(got) == want {
			return err
		}
		return fmt.Errorf("the server says %q, and not %q", got, want)
	}
	if err := says(command(1, "open", offer), command(1, "rsp", accepted)); err != nil {
		return 0, err
	}
	for ; more(); sent++ {
		if err := says(command(sent+2, "syslog", "<14>good"), answer(sent+2)); err != nil {
			return sent, err
		}
	}
	return sent, says(command(sent+2, "syslog", "<14>last"), answer(sent+2))
}

func TestMain(m *testing.M) {
	if !hostiletest.Served(hostileSuites()...) {
		os.Exit(m.Run())
	}
}

// A thousand hostile clients take no more memory than is stated, and keep no good client from being heard.
func TestThousandHostile(t *testing.T) {
	for _, s := range hostileSuites() {
		t.Run(s.Name, s.Run)
	}
}
