package pushsource_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Clients that take too long are hung up on, and others notice nothing.
func TestSlowClients(t *testing.T) {
	t.Parallel() // it waits
	greeting := words()
	serve := greeting.Serve
	greeting.Serve = func(c *pushsource.Conn[string]) error {
		if err := c.Next(); err != nil { // a byte is the handshake
			return err
		}
		if _, err := c.Reader().ReadByte(); err != nil {
			return err
		}
		return serve(c)
	}
	var log bytes.Buffer
	r := startWith(t, pushsource.Server{Handshake: time.Second, FrameTimeout: 500 * time.Millisecond, IdleTimeout: 5 * time.Second},
		greeting, stream.Logger(slog.New(slog.NewTextHandler(&log, nil))))
	mute, half, idle, good := dial(t, r.addr), dial(t, r.addr), dial(t, r.addr), dial(t, r.addr)
	io.WriteString(good, "!")
	idle.says("!1 a")
	require.Equal(t, "ok 1 1", idle.hears())
	io.WriteString(half, "!2 b")
	drip := make(chan struct{})
	go func() { // bytes that come slowly do not help
		for {
			select {
			case <-drip:
				return
			case <-time.After(50 * time.Millisecond):
				io.WriteString(half, "b")
			}
		}
	}()
	defer close(drip)
	for i := range 5 {
		good.says(fmt.Sprintf("g%d g", i))
		require.Equal(t, fmt.Sprintf("ok g%d %d", i, i+1), good.hears())
		if i == 0 {
			mute.ends()
			half.ends()
		}
	}
	idle.ends()
	r.ends()
	stats := r.src.Stats()
	require.EqualValues(t, 2, stats.Failed, "who is idle has done nothing wrong")
	require.Contains(t, log.String(), "it has not shown who it is in 1s")
	require.Equal(t, 2, strings.Count(log.String(), "clients have failed"), "once a minute, and at the end:\n%s", &log)
}

func TestMaxClients(t *testing.T) {
	r := start(t, pushsource.Server{MaxClients: 2})
	a, b := dial(t, r.addr), dial(t, r.addr)
	a.says("1 a")
	b.says("2 b")
	a.hears()
	b.hears()
	dial(t, r.addr).ends()
	a.Close()
	until(t, "one has gone", func() bool { return r.src.Stats().Clients <= 1 })
	c := dial(t, r.addr)
	c.says("3 c")
	c.hears()
	require.ElementsMatch(t, []string{"a", "b", "c"}, r.ends())
	require.EqualValues(t, 1, r.src.Stats().Refused)
}

func TestTooLarge(t *testing.T) {
	r := start(t, pushsource.Server{MaxMessage: 1 << 20, Memory: 4 << 20})
	c := dial(t, r.addr)
	go io.WriteString(c, "1 "+strings.Repeat("a", 2<<20))
	c.ends()
	c = dial(t, r.addr)
	go io.WriteString(c, "1 "+strings.Repeat("a ", 300<<10)+"\n") // what is made of it is
	c.ends()
	c = dial(t, r.addr)
	c.says("2 " + strings.Repeat("a", 1<<20-99))
	require.Equal(t, "ok 2 1", c.hears())
	require.Len(t, r.ends(), 1)
	require.EqualValues(t, 2, r.src.Stats().Failed)
}

// A thousand clients that send as much as they can and never end a message take no
// more than the server has for all, and others get through.
func TestThousandHostileClients(t *testing.T) {
	const clients, memory = 1000, 32 << 20
	r := start(t, pushsource.Server{
		MaxClients: clients + 1, MaxMessage: 1 << 20, Memory: memory, FrameTimeout: 500 * time.Millisecond, IdleTimeout: time.Minute,
	})
	debug.FreeOSMemory()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			junk := bytes.Repeat([]byte("x"), 16<<10)
			for {
				c, err := net.Dial("tcp", r.addr.String())
				for err == nil {
					select {
					case <-stop:
						c.Close()
						return
					default:
						_, err = c.Write(junk)
					}
				}
				if c != nil {
					c.Close()
				}
				select {
				case <-stop:
					return
				case <-time.After(50 * time.Millisecond):
				}
			}
		})
	}
	most := uint64(0)
	deadline := time.Now().Add(2 * time.Second)
	longest := deadline.Add(2 * time.Minute) // the clients of this test take whatever time there is: on a busy machine an answer comes late
	tries, sent := 0, 0
	for now := time.Now(); now.Before(deadline) || sent == 0 && now.Before(longest); now = time.Now() {
		c, err := net.Dial("tcp", r.addr.String())
		require.NoError(t, err)
		id := fmt.Sprintf("good%d", sent)
		io.WriteString(c, id+" w\n")
		tries++
		c.SetReadDeadline(longest)
		answers := bufio.NewScanner(c)
		for answers.Scan() { // "wait" is said on a busy machine, and is no promise
			if answers.Text() == "ok "+id+" 1" {
				sent++
				break
			}
		}
		c.Close()
		var now runtime.MemStats
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapInuse+now.StackInuse)
	}
	close(stop)
	got := r.ends()
	wg.Wait()
	// What the clients of this test take is in it, too: 16 KiB each.
	bound := before.HeapInuse + before.StackInuse + 2*(memory+clients*(64+16+24)<<10)
	t.Logf("%d of %d messages got through; at most %d MiB of %d", sent, tries, most>>20, bound>>20)
	require.Positive(t, sent)
	require.GreaterOrEqual(t, len(got), sent)
	require.Less(t, most, bound)
}

// certificates returns a server's configuration and one of a client, both signed by
// an authority that both trust.
func certificates(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	parsed, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	pair := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool},
		&tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: pool}
}

func TestTLS(t *testing.T) {
	server, ours := certificates(t)
	r := start(t, pushsource.Server{TLS: server, Handshake: time.Second})
	for _, bad := range []*tls.Config{
		{RootCAs: ours.RootCAs}, // without a certificate
		{RootCAs: ours.RootCAs, Certificates: ours.Certificates, MaxVersion: tls.VersionTLS11},
	} {
		c, err := tls.Dial("tcp", r.addr.String(), bad)
		if err == nil {
			_, err = c.Read(make([]byte, 1)) // in TLS 1.3 a client learns it late
			c.Close()
		}
		require.Error(t, err)
	}
	plain := dial(t, r.addr)
	plain.says("1 a")
	plain.ends()
	c, err := tls.Dial("tcp", r.addr.String(), ours)
	require.NoError(t, err)
	io.WriteString(c, "2 b\n")
	secured := &client{t, c, bufio.NewReader(c)}
	require.Equal(t, "ok 2 1", secured.hears())
	require.Equal(t, []string{"b"}, r.ends())
	_, err = secured.in.ReadByte()
	require.Equal(t, io.EOF, err, "the server says goodbye")
	require.EqualValues(t, 3, r.src.Stats().Failed)
}

// Parcels that were read and wait for a checkpoint that does not come take no more than a
// bound, whatever they hold, and whoever waits for room is told when it comes.
func TestPendingIsBounded(t *testing.T) {
	r := start(t, pushsource.Server{Memory: 4 << 20, AckWithin: time.Hour}, stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Hour))
	const clients = 20
	var wg sync.WaitGroup
	for i := range clients {
		c := dial(t, r.addr)
		wg.Go(func() {
			for k := range 1000 {
				if _, err := fmt.Fprintf(c, "id-%d-%d\n", i, k); err != nil {
					return
				}
			}
		})
	}
	const most = 4 << 20 / 4 / 512
	settled := int64(0)
	for still := 0; still < 20; still++ { // nothing more is read for a while
		time.Sleep(10 * time.Millisecond)
		if n := r.src.Stats().Parcels; n != settled {
			settled, still = n, 0
		}
	}
	require.Positive(t, settled)
	require.LessOrEqual(t, settled, int64(most))
	r.ends()
	wg.Wait()
}
