package syslogsource

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
)

// Who does not go on with a message is hung up on, and others are heard.
func TestSlowClients(t *testing.T) {
	limits := pushsource.Server{FrameTimeout: 100 * time.Millisecond, Handshake: 100 * time.Millisecond}
	tcp := start(t, Listen, limits)
	limits.AckWithin = time.Millisecond
	relp := start(t, ListenRELP, limits)
	slow := 0
	for _, s := range []string{"1", "100 ", "100 <13>half", "<13>half", "100000 <13>" + strings.Repeat("x", 50_000), "<13>" + strings.Repeat("x", 50_000)} {
		tcp.dial().says(s).ends()
		slow++
		good := tcp.dial().says("<13>good\n")
		tcp.read(slow)
		require.NoError(t, good.Close())
	}
	until(t, func() bool { return tcp.src.Stats().Failed == int64(slow) })

	relp.dial().says("1 ").ends()
	relp.dial().says("").ends() // it has not shown who it is
	slow = 2
	for _, s := range []string{"2 syslog", "2 syslog 99", "2 syslog 99 <13>half", "2 syslog 5 <13>x", "2 syslog 200000 <13>" + strings.Repeat("x", 50_000)} {
		c := relp.open()
		c.says(s).ends()
		slow++
		relp.open().says(command(2, "syslog", "<13>good")).hears(answer(2))
	}
	until(t, func() bool { return relp.src.Stats().Failed == int64(slow) })
}

// Who sends a line without an end is hung up on when its time is over, however fast it is, and keeps no memory.
func TestEndlessLine(t *testing.T) {
	r := start(t, Listen, pushsource.Server{FrameTimeout: 200 * time.Millisecond, MaxMessage: 1000})
	c := r.dial()
	part := bytes.Repeat([]byte("x"), 1<<16)
	until(t, func() bool {
		_, err := c.Write(part)
		return err != nil
	})
	until(t, func() bool { return r.src.Stats().Failed == 1 })
	r.dial().says("<13>good\n")
	r.read(1)
	require.Equal(t, []string{"good"}, r.ends())
}

// Counts that nobody can mean are the beginning of a line, and what follows is read again.
func TestLongCounts(t *testing.T) {
	r := start(t, Listen, pushsource.Server{MaxMessage: 1000})
	r.dial().says(strings.Repeat("9", 20) + " <13>a\n<13>one\n" + "1500 <13>" + strings.Repeat("x", 1496) + "8 <13>twox<13>three\n")
	r.read(5)
	require.Equal(t, []string{"one", "twox", "three"}, r.ends())
	require.Len(t, r.bad.Values(), 2)
}

// A client whose TLS is none, or whose certificate is not known, is not let in.
func TestCertificates(t *testing.T) {
	server, authority := certificates(t)
	b, err := os.ReadFile(authority)
	require.NoError(t, err)
	known := x509.NewCertPool()
	known.AppendCertsFromPEM(b)
	server.ClientAuth, server.ClientCAs = tls.RequireAndVerifyClientCert, known
	r := start(t, Listen, pushsource.Server{TLS: server})

	r.dial().says("<13>plain\n").ends()
	stranger, _ := certificates(t)
	for _, certificates := range [][]tls.Certificate{nil, stranger.Certificates} {
		c, err := tls.Dial("tcp", r.addr.String(), &tls.Config{RootCAs: known, ServerName: "localhost", Certificates: certificates})
		if err == nil { // TLS 1.3 tells the client later
			_, _ = io.WriteString(c, "<13>stranger\n")
			_, err = io.Copy(io.Discard, c)
			c.Close()
		}
		require.Error(t, err)
	}
	until(t, func() bool { return r.src.Stats().Failed == 3 })

	c, err := tls.Dial("tcp", r.addr.String(), &tls.Config{RootCAs: known, ServerName: "localhost", Certificates: server.Certificates})
	require.NoError(t, err)
	_, err = io.WriteString(c, "9 <13>known")
	require.NoError(t, err)
	r.read(1)
	require.NoError(t, c.Close())
	require.Equal(t, []string{"known"}, r.ends())
}
