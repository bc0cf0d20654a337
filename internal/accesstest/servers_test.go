package accesstest

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/beatssource"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/syslogsource"
	"github.com/freshet-go/freshet/source/tcpsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/certs"
	"github.com/freshet-go/freshet/stream/codec"
)

type record struct {
	Message string `json:"message" fluent:"message"`
}

// A server is one under way.
type server struct {
	t     *testing.T
	addr  net.Addr
	stats func() pushsource.Stats
	stop  context.CancelFunc
	done  chan error
	once  sync.Once
}

// serve runs a source.
func serve[T any](t *testing.T, s pushsource.Server, listen func(pushsource.Server) *pushsource.Source[T], opts ...stream.RunOption) *server {
	t.Helper()
	bound := make(chan net.Addr, 1)
	s.Addr, s.Bound = "127.0.0.1:0", func(a net.Addr) { bound <- a }
	src := listen(s)
	ctx, stop := context.WithCancel(context.Background())
	r := &server{t: t, stats: src.Stats, stop: stop, done: make(chan error, 1)}
	p := stream.New("access")
	p.From(src, stream.SkipFailures()).To(sink.Discard[T]())
	go func() { r.done <- p.Run(ctx, append(opts, stream.Shards(1))...) }()
	select {
	case r.addr = <-bound:
	case err := <-r.done:
		t.Fatal(err)
	}
	t.Cleanup(r.ends)
	return r
}

// ends stops it, once.
func (r *server) ends() {
	r.once.Do(func() {
		r.stop()
		require.ErrorIs(r.t, <-r.done, context.Canceled)
	})
}

func (r *server) until(what string, f func(pushsource.Stats) bool) {
	r.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !f(r.stats()); time.Sleep(time.Millisecond) {
		require.True(r.t, time.Now().Before(deadline), "%s: %+v", what, r.stats())
	}
}

func beat() string {
	payload := `{"message":"hello"}`
	b := binary.BigEndian.AppendUint32([]byte("2W"), 1)
	b = binary.BigEndian.AppendUint32(append(b, "2J"...), 1)
	b = binary.BigEndian.AppendUint32(b, uint32(len(payload)))
	return string(b) + payload
}

func forwarded() string {
	b := msgp.AppendString(msgp.AppendArrayHeader(nil, 3), "tag")
	b = msgp.AppendMapHeader(msgp.AppendInt(b, 1), 1)
	return string(msgp.AppendString(msgp.AppendString(b, "message"), "hello"))
}

// The servers, and what a client says that is one event.
var servers = map[string]struct {
	serve func(*testing.T, pushsource.Server, ...stream.RunOption) *server
	says  string
}{
	"fluentsource.Listen": {func(t *testing.T, s pushsource.Server, opts ...stream.RunOption) *server {
		return serve(t, s, func(s pushsource.Server) *pushsource.Source[record] { return fluentsource.Listen[record](s) }, opts...)
	}, forwarded()},
	"beatssource.Listen": {func(t *testing.T, s pushsource.Server, opts ...stream.RunOption) *server {
		return serve(t, s, func(s pushsource.Server) *pushsource.Source[record] {
			return beatssource.Listen(s, codec.Message(codec.JSON[record]()))
		}, opts...)
	}, beat()},
	"tcpsource.Listen": {func(t *testing.T, s pushsource.Server, opts ...stream.RunOption) *server {
		return serve(t, s, func(s pushsource.Server) *pushsource.Source[string] { return tcpsource.Listen(s, codec.Lines()) }, opts...)
	}, "hello\n"},
	"syslogsource.Listen": {func(t *testing.T, s pushsource.Server, opts ...stream.RunOption) *server {
		return serve(t, s, func(s pushsource.Server) *pushsource.Source[syslogsource.Message] { return syslogsource.Listen(s) }, opts...)
	}, "<13>hello\n"},
	"syslogsource.ListenRELP": {func(t *testing.T, s pushsource.Server, opts ...stream.RunOption) *server {
		return serve(t, s, func(s pushsource.Server) *pushsource.Source[syslogsource.Message] { return syslogsource.ListenRELP(s) }, opts...)
	}, "1 open 31 relp_version=0\ncommands=syslog\n\n2 syslog 9 <13>hello\n"},
}

// Every function Listen of a package below source is in the table; datagrams have no TLS, and pushsource's own test.
func TestServersAreAll(t *testing.T) {
	files, err := filepath.Glob("../../source/*/*.go")
	require.NoError(t, err)
	found := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(text)) {
			f, ok := strings.CutPrefix(line, "func Listen")
			if !ok || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(f, "UDP") {
				continue
			}
			end := strings.IndexAny(f, "[(")
			require.Contains(t, servers, filepath.Base(filepath.Dir(name))+".Listen"+f[:end])
			found++
		}
	}
	require.Equal(t, len(servers), found)
}

var later = time.Now().Add(time.Hour)

// files writes what one side has.
func files(t *testing.T, a *servertest.Authority, own tls.Certificate, crl string) *certs.Files {
	t.Helper()
	p := certs.Paths{Revoked: crl}
	p.Certificate, p.Key = a.Write(own)
	p.Authorities, _ = a.Write(a.Certificate())
	f, err := certs.Open(p)
	require.NoError(t, err)
	return f
}

// sends has a client with a certificate say what is an event, and waits until the server hangs up or has it.
func sends(t *testing.T, r *server, conf *tls.Config, says string) {
	t.Helper()
	before := r.stats()
	c, err := net.Dial("tcp", r.addr.String())
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	var w io.Writer = c
	if conf != nil {
		s := tls.Client(c, conf)
		if s.Handshake() != nil {
			w = io.Discard
		} else {
			w = s
		}
	}
	_, _ = io.WriteString(w, says) // it may have hung up
	r.until("the client is let in or not", func(s pushsource.Stats) bool { return s.Events > before.Events || s.Failed > before.Failed })
}

// Whoever has no certificate, or one that is wrong in whatever way, is refused by every server before an event of theirs is read, and counted;
// others get through beside them, and those who are revoked while the server runs do not any more.
func TestCertificatesOfClients(t *testing.T) {
	for name, of := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shop, other := servertest.NewAuthority(t), servertest.NewAuthority(t)
			good, lost := shop.Signs("good", later), shop.Signs("lost", later)
			crl := filepath.Join(t.TempDir(), "crl")
			require.NoError(t, os.WriteFile(crl, shop.Revokes(later, lost), 0o600))
			own := files(t, shop, shop.Signs("server", later), crl)
			r := of.serve(t, pushsource.Server{TLS: own.Server(), Handshake: 5 * time.Second, FrameTimeout: 5 * time.Second})
			with := func(certificates ...tls.Certificate) *tls.Config {
				return &tls.Config{RootCAs: shop.Pool(), ServerName: "127.0.0.1", Certificates: certificates}
			}
			sends(t, r, with(good), of.says)
			require.EqualValues(t, 1, r.stats().Events, "%+v", r.stats())
			gone := func() int64 { // one of RELP who goes without a word has failed
				r.until("it has gone", func(s pushsource.Stats) bool { return s.Clients == 0 })
				return r.stats().Failed
			}
			failed := gone()
			old := with(good)
			old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
			for what, conf := range map[string]*tls.Config{
				"no TLS": nil, "no certificate": with(), "expired": with(shop.Signs("x", time.Now().Add(-time.Hour))),
				"another's": with(other.Signs("x", later)), "self-signed": with(other.SelfSigned()), "revoked": with(lost), "TLS 1.1": old,
			} {
				sends(t, r, conf, of.says)
				failed++
				require.EqualValues(t, 1, r.stats().Events, what)
				require.Equal(t, failed, r.stats().Failed, what)
			}
			sends(t, r, with(good), of.says)
			require.EqualValues(t, 2, r.stats().Events)
			gone()
			require.NoError(t, os.WriteFile(crl+".new", shop.Revokes(later, good), 0o600))
			require.NoError(t, os.Rename(crl+".new", crl))
			for deadline := time.Now().Add(20 * time.Second); ; { // files are looked at once a second
				require.True(t, time.Now().Before(deadline))
				before := r.stats().Events
				sends(t, r, with(good), of.says)
				gone()
				if r.stats().Events == before {
					break
				}
			}
		})
	}
}

// Who is of no network that is let in, or has too many connections, is hung up on before a byte is read, by every server.
func TestAddresses(t *testing.T) {
	for name, of := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := of.serve(t, pushsource.Server{Networks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
			hungUp(t, r.addr, of.says)
			require.EqualValues(t, 1, r.stats().Refused)
			require.Zero(t, r.stats().Accepted+r.stats().Events)

			r = of.serve(t, pushsource.Server{MaxPerAddr: 1})
			c, err := net.Dial("tcp", r.addr.String())
			require.NoError(t, err)
			defer c.Close()
			r.until("one is there", func(s pushsource.Stats) bool { return s.Clients == 1 })
			hungUp(t, r.addr, of.says)
			require.EqualValues(t, 1, r.stats().Refused)
			_, err = io.WriteString(c, of.says)
			require.NoError(t, err)
			r.until("the first goes on", func(s pushsource.Stats) bool { return s.Events == 1 })
		})
	}
}

// What a client sends is in no log of a run with Redact, whatever is wrong with it, and no line of theirs can forge one.
func TestSecretsOfClients(t *testing.T) {
	const secret = "Lovelace-4111"
	for name, of := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var log bytes.Buffer
			handler := slog.NewTextHandler(writer(func(b []byte) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				return log.Write(b)
			}), &slog.HandlerOptions{Level: slog.LevelDebug})
			says := []string{
				secret + "\ntime=2026-11-29 level=INFO msg=forged\n" + secret, "\x93\xa3tag" + secret + "\n", "2W\x00\x00\x00\x012J\x00\x00\x00\x01\x00\x00\x00\x0d" + secret,
				"1 " + secret + " 3 abc\n", "<13>1 " + secret + "\n", "1 open 13 " + secret + "\n", strings.Repeat(secret, 100),
			}
			r := of.serve(t, pushsource.Server{FrameTimeout: time.Second}, stream.Logger(slog.New(handler)), stream.Redact(func(string) string { return "[redacted]" }))
			for _, text := range says {
				c, err := net.Dial("tcp", r.addr.String())
				require.NoError(t, err)
				_, _ = io.WriteString(c, text)
				c.Close()
			}
			r.until("all have gone", func(s pushsource.Stats) bool { return s.Accepted == int64(len(says)) && s.Clients == 0 })
			r.ends()
			mu.Lock()
			defer mu.Unlock()
			require.NotContains(t, log.String(), secret)
			require.NotContains(t, log.String(), "\ntime=2026-11-29 level=INFO msg=forged")
			if name != "tcpsource.Listen" && name != "syslogsource.Listen" { // to which any line is one
				require.Contains(t, log.String(), "clients have failed")
			}
		})
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

func hungUp(t *testing.T, addr net.Addr, says string) {
	t.Helper()
	c, err := net.Dial("tcp", addr.String())
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.SetDeadline(time.Now().Add(20*time.Second)))
	_, _ = io.WriteString(c, says)
	_, err = io.Copy(io.Discard, c)
	if err != nil {
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
	}
}

// TLS 1.2 is the least also where a function of the caller's says otherwise for a client.
func TestFloorOfTLS(t *testing.T) {
	shop := servertest.NewAuthority(t)
	lower := &tls.Config{MinVersion: tls.VersionTLS10, Certificates: []tls.Certificate{shop.Signs("server", later)}}
	of := servers["tcpsource.Listen"]
	r := of.serve(t, pushsource.Server{TLS: &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return lower, nil }}})
	old := &tls.Config{RootCAs: shop.Pool(), ServerName: "127.0.0.1", MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	sends(t, r, old, of.says)
	require.Zero(t, r.stats().Events)
	require.EqualValues(t, 1, r.stats().Failed)
	old.MaxVersion = tls.VersionTLS12
	sends(t, r, old, of.says)
	require.EqualValues(t, 1, r.stats().Events)
}
