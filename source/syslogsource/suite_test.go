package syslogsource

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
)

func TestSuite(t *testing.T) {
	var want []Message
	var tcp, relp strings.Builder
	relp.WriteString(command(1, "open", offer))
	for i, text := range numbered(40) {
		m := Message{Facility: Local7, Severity: Info, Time: nov28.Add(time.Duration(i) * time.Second), Host: "h", App: "a", Text: text}
		want = append(want, m)
		tcp.WriteString(string(m.AppendRFC5424(nil)) + "\n")
		relp.WriteString(command(i+2, "syslog", string(m.AppendRFC5424(nil))))
	}
	for _, test := range []struct {
		name, text string
		listen     listen
	}{{"tcp", tcp.String(), Listen}, {"relp", relp.String(), ListenRELP}} {
		t.Run(test.name, func(t *testing.T) {
			sourcetest.Suite[Message]{
				Source: func(t testing.TB) stream.Source[Message] {
					addr := make(chan net.Addr, 1)
					// At a unix socket clients have no address, and messages are the same each time.
					src := test.listen(pushsource.Server{Addr: "unix:" + t.TempDir() + "/s", Bound: func(a net.Addr) { addr <- a }})
					go func() {
						c, err := net.Dial("unix", (<-addr).String())
						if err != nil {
							return
						}
						defer c.Close()
						_, _ = io.WriteString(c, test.text)
						_, _ = io.Copy(io.Discard, c) // until the source is closed
					}()
					return src
				},
				Want: want, Endless: true, Forgets: true, RealTime: true,
			}.Run(t)
		})
	}
}

func TestServer(t *testing.T) {
	sourcetest.Server[Message]{
		Source: func(t testing.TB, bound func(net.Addr)) stream.Source[Message] {
			// At a unix socket clients have no address, and messages are the same each time.
			return ListenRELP(pushsource.Server{Addr: "unix:" + t.TempDir() + "/s", Bound: bound, Memory: 1 << 20})
		},
		Event: func(client, n int) Message {
			return Message{Facility: Local7, Severity: Info, Time: nov28, Host: "h", App: "a", Text: fmt.Sprint(client, " ", n)}
		},
		Greet: func(c net.Conn) error {
			if _, err := io.WriteString(c, command(1, "open", offer)); err != nil {
				return err
			}
			_, err := io.ReadFull(c, make([]byte, len(command(1, "rsp", accepted))))
			return err
		},
		Message: func(_, n int, events []Message) (commands []byte) {
			for i, m := range events {
				commands = append(commands, command(2+n*len(events)+i, "syslog", string(m.AppendRFC5424(nil)))...)
			}
			return commands
		},
		Acknowledged: func(c net.Conn, n int) error { // its first event
			_, err := io.ReadFull(c, make([]byte, len(answer(2+n))))
			return err
		},
	}.Run(t)
}
