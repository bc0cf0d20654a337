package binlogsource

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

// packet is one of the protocol.
func packet(number byte, body string) []byte {
	return append([]byte{byte(len(body)), byte(len(body) >> 8), 0, number}, body...)
}

// greeting is how a server begins, with a plugin of its choice.
func greeting(plugin string) string {
	return "\x0a8.0.0\x00\x01\x00\x00\x00saltsalt\x00\x00\xa2\x21\x02\x00\x08\x00\x15" + string(make([]byte, 10)) + "saltsaltsalt\x00" + plugin + "\x00"
}

// answers makes a server that says something, hears something, and so on, and returns what the client has said to it and the error of that.
func answers(t *testing.T, parts int, says ...[]byte) (heard []byte, err error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	done := make(chan []byte, 1)
	go func() {
		var all bytes.Buffer
		defer func() { done <- all.Bytes() }()
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for _, s := range says {
			_ = c.SetDeadline(time.Now().Add(5 * time.Second))
			for n := max(1, len(s)/parts); len(s) > 0; s = s[min(n, len(s)):] {
				if _, err := c.Write(s[:min(n, len(s))]); err != nil {
					return
				}
			}
			b := make([]byte, 4096)
			n, err := c.Read(b)
			all.Write(b[:n])
			if err != nil {
				return
			}
		}
		_ = c.SetDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = io.Copy(&all, c)
	}()
	s := Server{Addr: l.Addr().String(), User: "freshet", Password: "hunter2-secret", ID: 7}
	link, err := connect(t.Context(), s, "test", filePosition{"bin.000001", 4}, 1<<20)
	if err == nil {
		link.close()
	}
	return <-done, err
}

// Whoever answers in the server's place, on a connection without TLS, is not told the password: not in the greeting, not later, and not where it is asked for in parts.
func TestPasswordIsNotSaidInTheClear(t *testing.T) {
	for _, parts := range []int{1, 3, 40} {
		heard, err := answers(t, parts, packet(0, greeting("mysql_native_password")), packet(2, "\xfemysql_clear_password\x00"))
		require.ErrorIs(t, err, ErrSetup, parts)
		require.ErrorContains(t, err, "want TLS")
		require.NotContains(t, string(heard), "hunter2")
		require.NotContains(t, err.Error(), "hunter2")
		heard, err = answers(t, parts, packet(0, greeting("mysql_clear_password")))
		require.Error(t, err)
		require.NotContains(t, string(heard), "hunter2")
	}
}

// tlsLike is a connection that Dial has made safe.
type tlsLike struct{ net.Conn }

func (tlsLike) ConnectionState() (s tls.ConnectionState) { return s }

func TestDialThatEncryptsIsNotGuarded(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	l := &login{plain: true}
	require.IsType(t, &guarded{}, l.guard(near))
	require.Equal(t, tlsLike{near}, l.guard(tlsLike{near}))
}

// Offsets have keys of rows, and are hidden where the run hides what is in records.
func TestOffsetsRevealKeys(t *testing.T) {
	var r stream.KeyRevealer = &reader[int]{}
	require.True(t, r.RevealsKeys())
}

// A server whose first words are cut anywhere is an error, and not the end of the process.
func TestGreetingIsCut(t *testing.T) {
	whole := greeting("mysql_native_password")
	for n := range whole {
		_, err := answers(t, 1, packet(0, whole[:n]), packet(2, "\xff"))
		require.Error(t, err, n)
	}
}

func TestServerShowsNoPassword(t *testing.T) {
	s := Server{Addr: "db:3306", User: "freshet", Password: "hunter2"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		require.NotContains(t, fmt.Sprintf(verb, s), "hunter2")
		require.NotContains(t, fmt.Sprintf(verb, &s), "hunter2")
		require.NotContains(t, fmt.Sprintf(verb, []Server{s}), "hunter2")
	}
}
