package syslogsource

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
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

// A thousand hostile clients at once, of each kind some, do not take more memory than is stated, and keep no good client
// from being heard.
func TestThousandHostile(t *testing.T) {
	const (
		clients = 1000
		memory  = 16 << 20
		each    = 64 << 10 // a connection's buffer, names that recur, stacks; and what the test has for it
	)
	limits := pushsource.Server{MaxClients: clients + 10, Memory: memory, FrameTimeout: time.Second, AckWithin: time.Millisecond}
	var got [2]counting
	runs := []*run{startInto(t, Listen, limits, &got[0], sink.Discard[stream.Failed[[]byte]]()), startInto(t, ListenRELP, limits, &got[1], sink.Discard[stream.Failed[[]byte]]())}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)

	large := strings.Repeat("x", 200_000)
	var names strings.Builder
	for i := range 100 {
		fmt.Fprintf(&names, "<13>Nov 28 20:14:15 host%d%s app%d: x\n", i, large[:50], i)
	}
	var kinds [][]byte
	for _, kind := range []string{
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
		kinds = append(kinds, []byte(kind))
	}
	var hostile sync.WaitGroup
	var conns []net.Conn
	for i := range clients {
		c, err := net.Dial("tcp", runs[i%2].addr.String())
		require.NoError(t, err)
		conns = append(conns, c)
		hostile.Go(func() {
			_ = c.SetDeadline(time.Now().Add(1500 * time.Millisecond))
			_, _ = c.Write(kinds[i/2%len(kinds)])
			_, _ = io.Copy(io.Discard, c)
		})
	}
	good := []*client{runs[0].dial(), runs[1].open()}
	var most uint64
	for i := range 30 {
		good[0].says(fmt.Sprintf("<14>good %d\n", i))
		good[1].says(command(i+2, "syslog", fmt.Sprintf("<14>good %d", i)))
		good[1].hears(answer(i + 2))
		time.Sleep(20 * time.Millisecond)
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapInuse+now.StackInuse)
	}
	hostile.Wait()
	for _, c := range conns {
		c.Close()
	}
	for i := range got {
		until(t, func() bool { return got[i].good() == 30 })
	}
	taken := most - before.HeapInuse - before.StackInuse
	bound := uint64(2 * (2*memory + clients*each)) // of two servers; and twice, as the garbage of a heap may be as large as it is
	t.Logf("%d hostile clients: %d MiB more at most, of %d MiB; %+v, %+v", clients, taken>>20, bound>>20, runs[0].src.Stats(), runs[1].src.Stats())
	require.Less(t, taken, bound)
}
