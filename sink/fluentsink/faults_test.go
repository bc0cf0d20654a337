package fluentsink_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forwardtest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/fluentsink"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// scripted is a server that deals with its nth connection, from 0, as f says.
func scripted(t *testing.T, f func(n int, c net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				f(n, c)
			}()
		}
	}()
	return l.Addr().String()
}

// pass has a connection go on to another server.
func pass(c net.Conn, addr string) {
	to, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer to.Close()
	go func() {
		io.Copy(to, c)
		to.Close()
	}()
	io.Copy(c, to)
}

func ack(id string) []byte {
	return msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(nil, 1), "ack"), id)
}

// TestHalfDeadServers has the first connections go wrong, and the next go through: nothing is lost,
// and what was taken, and its acknowledgement lost, is not taken twice.
func TestHalfDeadServers(t *testing.T) {
	for name, wrong := range map[string]func(c net.Conn, addr string){
		"hangs up at once":     func(net.Conn, string) {},
		"hangs up in a chunk":  func(c net.Conn, _ string) { io.ReadFull(c, make([]byte, 20)) },
		"never acknowledges":   func(c net.Conn, _ string) { io.Copy(io.Discard, c) },
		"acknowledges another": func(c net.Conn, _ string) { c.Read(make([]byte, 1)); c.Write(ack("another")); io.Copy(io.Discard, c) },
		"says something else":  func(c net.Conn, _ string) { c.Write([]byte("HTTP/1.1 400 Bad Request\r\n")); io.Copy(io.Discard, c) },
		"says too much": func(c net.Conn, _ string) {
			c.Write(append([]byte{0xda, 0xff, 0xff}, make([]byte, 1<<16)...))
			io.Copy(io.Discard, c)
		},
		"nests": func(c net.Conn, _ string) { c.Write(bytes.Repeat([]byte{0x91}, 1<<13)); io.Copy(io.Discard, c) },
		"loses acknowledgements": func(c net.Conn, addr string) {
			to, err := net.Dial("tcp", addr)
			if err != nil {
				return
			}
			defer to.Close()
			go io.Copy(to, c)
			to.Read(make([]byte, 1)) // it has taken a chunk, and says so
		},
	} {
		t.Run(name, func(t *testing.T) {
			good := serve[sale](t, pushsource.Server{})
			var conns atomic.Int64
			addr := scripted(t, func(n int, c net.Conn) {
				conns.Add(1)
				if n < 2 {
					wrong(c, good.Addr)
				} else {
					pass(c, good.Addr)
				}
			})
			var log bytes.Buffer
			p := stream.New("forward")
			var want []sale
			for _, e := range sales(1000) {
				want = append(want, e.Value)
			}
			p.From(given(want)).To(fluentsink.New[sale](addr, "t", fluentsink.AckTimeout(2*time.Second), fluentsink.InFlight(3)))
			require.NoError(t, p.Run(t.Context(), stream.BatchSize(100), stream.Logger(slog.New(slog.NewTextHandler(&log, nil)))))
			good.End()
			assert.ElementsMatch(t, want, good.Got.Values())
			assert.EqualValues(t, 3, conns.Load())
			assert.Contains(t, log.String(), "it is tried again")
			assert.Contains(t, log.String(), addr)
		})
	}
}

// TestGivesUp has nothing work: the error names the server and how long it was tried.
func TestGivesUp(t *testing.T) {
	addr := scripted(t, func(_ int, c net.Conn) { io.Copy(io.Discard, c) })
	err := forward(t, fluentsink.New[sale](addr, "t", fluentsink.AckTimeout(50*time.Millisecond), fluentsink.Retry(300*time.Millisecond)), sale{})
	var failed *sink.WriteError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "fluentd at "+addr, failed.Sink)
	assert.ErrorContains(t, err, "1 chunks are not acknowledged: no acknowledgement")
	assert.ErrorContains(t, err, "tried for ")
}

// TestRefused: a wrong key is not tried again, and the error does not tell it.
func TestRefused(t *testing.T) {
	s := serve[sale](t, pushsource.Server{}, fluentsource.SharedKey("secret"), fluentsource.User("ann", "pw"))
	for says, opts := range map[string][]fluentsink.Option{
		`"shared_key mismatch"`:          {fluentsink.SharedKey("guess-1"), fluentsink.User("ann", "pw")},
		`"username/password mismatch"`:   {fluentsink.SharedKey("secret"), fluentsink.User("ann", "guess-2")},
		`"username/password mismatch" `:  {fluentsink.SharedKey("secret"), fluentsink.User("guess-3", "pw")},
		`"username/password mismatch" (`: {fluentsink.SharedKey("secret")},
		"it wants a shared key":          nil,
	} {
		start := time.Now()
		err := forward(t, fluentsink.New[sale](s.Addr, "t", opts...), sale{})
		require.ErrorContains(t, err, "the server refuses")
		assert.ErrorContains(t, err, says)
		assert.ErrorContains(t, err, s.Addr)
		assert.NotContains(t, err.Error(), "secret")
		assert.NotContains(t, err.Error(), "guess")
		assert.Less(t, time.Since(start), 5*time.Second)
	}
	s.End()
	assert.Empty(t, s.Got.Values())
	assert.GreaterOrEqual(t, s.Source.Stats().Failed, int64(4))
}

// TestSecrets: both ends ask for what they know each time, so that it can change while they run; what is refused is asked for once more.
func TestSecrets(t *testing.T) {
	var mu sync.Mutex
	key, users := "one", map[string]string{"ann": "pw"}
	s := serve[sale](t, pushsource.Server{}, fluentsource.Secrets(func() (string, map[string]string) {
		mu.Lock()
		defer mu.Unlock()
		return key, users
	}))
	change := func(k string, u map[string]string) {
		mu.Lock()
		defer mu.Unlock()
		key, users = k, u
	}
	asked := 0
	give := func(all ...fluentsink.Secret) fluentsink.Option {
		asked = 0
		return fluentsink.Secrets(func(context.Context) (fluentsink.Secret, error) {
			asked++
			return all[min(asked, len(all))-1], nil
		})
	}
	right := fluentsink.Secret{SharedKey: "one", User: "ann", Password: "pw"}
	require.NoError(t, forward(t, fluentsink.New[sale](s.Addr, "t", give(right)), sale{ID: 1}))
	require.Equal(t, 1, asked)
	change("two", nil)
	err := forward(t, fluentsink.New[sale](s.Addr, "t", give(right)), sale{ID: 2})
	require.ErrorContains(t, err, "the server refuses")
	require.NotContains(t, err.Error(), "pw")
	require.Equal(t, 2, asked)
	require.NoError(t, forward(t, fluentsink.New[sale](s.Addr, "t", give(right, fluentsink.Secret{SharedKey: "two"})), sale{ID: 3}), "the second is the new one")
	change("", nil)
	require.ErrorContains(t, forward(t, fluentsink.New[sale](s.Addr, "t", give(fluentsink.Secret{})), sale{ID: 4}), "the server refuses")
	change("two", nil)
	asked = 0
	require.NoError(t, forward(t, fluentsink.New[sale](s.Addr, "t", fluentsink.Secrets(func(context.Context) (fluentsink.Secret, error) {
		if asked++; asked < 3 {
			return fluentsink.Secret{}, errors.New("the key server is away")
		}
		return fluentsink.Secret{SharedKey: "two"}, nil
	})), sale{ID: 5}))
	require.Equal(t, 3, asked)
	require.Equal(t, "a secret a secret", fmt.Sprintf("%v %+v", right, right))
	require.Panics(t, func() { fluentsink.Secrets(nil) })
	require.Panics(t, func() { fluentsource.Secrets(nil) })
	require.Equal(t, []sale{{ID: 1}, {ID: 3}, {ID: 5}}, s.End())
}

// TestUnprovenServer is one that lets everybody in, and does not know the key.
func TestUnprovenServer(t *testing.T) {
	addr := scripted(t, func(_ int, c net.Conn) {
		helo := msgp.AppendString(msgp.AppendArrayHeader(nil, 2), "HELO")
		helo = msgp.AppendBytes(msgp.AppendString(msgp.AppendMapHeader(helo, 1), "nonce"), []byte("n"))
		c.Write(helo)
		c.Read(make([]byte, 1000))
		pong := msgp.AppendBool(msgp.AppendString(msgp.AppendArrayHeader(nil, 5), "PONG"), true)
		for _, s := range []string{"", "evil", "digest"} {
			pong = msgp.AppendString(pong, s)
		}
		c.Write(pong)
		io.Copy(io.Discard, c)
	})
	err := forward(t, fluentsink.New[sale](addr, "t", fluentsink.SharedKey("secret")), sale{})
	require.ErrorContains(t, err, "refuses to show that it knows the shared key")
	// And one without security never says HELO.
	s := serve[sale](t, pushsource.Server{})
	err = forward(t, fluentsink.New[sale](s.Addr, "t", fluentsink.SharedKey("secret"), fluentsink.ConnectTimeout(time.Second), fluentsink.Retry(0)), sale{})
	require.ErrorContains(t, err, "it has not said HELO in 1s: is there a <security>")
}

// TestMirror is a server that does not know the key, and shows the client's own proof.
func TestMirror(t *testing.T) {
	heard := make(chan int64, 10)
	addr := scripted(t, func(_ int, c net.Conn) {
		helo := msgp.AppendString(msgp.AppendArrayHeader(nil, 2), "HELO")
		helo = msgp.AppendBytes(msgp.AppendString(msgp.AppendMapHeader(helo, 1), "nonce"), []byte("n"))
		c.Write(helo)
		b := make([]byte, 1000)
		n, _ := c.Read(b)
		v, _, err := msgp.ReadIntfBytes(b[:n])
		if !assert.NoError(t, err) {
			return
		}
		ping := v.([]any)
		pong := msgp.AppendBool(msgp.AppendString(msgp.AppendArrayHeader(nil, 5), "PONG"), true)
		for _, s := range []any{"", ping[1], ping[3]} {
			pong = msgp.AppendString(pong, s.(string))
		}
		c.Write(pong)
		more, _ := io.Copy(io.Discard, c)
		heard <- more
	})
	err := forward(t, fluentsink.New[sale](addr, "t", fluentsink.SharedKey("secret"), fluentsink.Retry(0)), sale{})
	require.ErrorContains(t, err, "refuses to show that it knows the shared key")
	require.Zero(t, <-heard, "it was given events")
}

// TestCancel ends whatever the sink waits for.
func TestCancel(t *testing.T) {
	for name, sink := range map[string]func(t *testing.T) stream.Sink[sale]{
		"an acknowledgement": func(t *testing.T) stream.Sink[sale] {
			return fluentsink.New[sale](scripted(t, func(_ int, c net.Conn) { io.Copy(io.Discard, c) }), "t", fluentsink.AckTimeout(time.Hour))
		},
		"room to write": func(t *testing.T) stream.Sink[sale] {
			return fluentsink.New[sale](scripted(t, func(_ int, c net.Conn) { <-t.Context().Done() }), "t", fluentsink.AckTimeout(time.Hour), fluentsink.InFlight(1<<20))
		},
		"a handshake": func(t *testing.T) stream.Sink[sale] {
			return fluentsink.New[sale](scripted(t, func(_ int, c net.Conn) { io.Copy(io.Discard, c) }), "t", fluentsink.SharedKey("k"), fluentsink.ConnectTimeout(time.Hour))
		},
		"TLS": func(t *testing.T) stream.Sink[sale] {
			return fluentsink.New[sale](scripted(t, func(_ int, c net.Conn) { io.Copy(io.Discard, c) }), "t", fluentsink.TLS(&tls.Config{}), fluentsink.ConnectTimeout(time.Hour))
		},
		"a connection": func(t *testing.T) stream.Sink[sale] {
			return fluentsink.New[sale]("x:1", "t", fluentsink.ConnectTimeout(time.Hour), fluentsink.Dial(func(ctx context.Context) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}))
		},
		"the next try": func(t *testing.T) stream.Sink[sale] {
			return fluentsink.New[sale]("127.0.0.1:1", "t", fluentsink.Retry(time.Hour))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := sink(t).Open(&stream.SinkContext{Context: t.Context(), Count: 1})
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(100*time.Millisecond, cancel)
			for err == nil {
				in := stream.NewIntake[sale](1000)
				in.Append(make([]sale, 1000)...)
				if err = w.Write(ctx, in.Batch()); err == nil && name != "room to write" {
					err = w.Flush(ctx)
				}
			}
			require.ErrorIs(t, err, context.Canceled)
			require.NoError(t, w.Close())
		})
	}
}

// A goodbye is what TLS says when a connection is closed, for which it waits up to 5 s.
type goodbyes struct {
	net.Conn
	n atomic.Int64
}

func (g *goodbyes) SetWriteDeadline(t time.Time) error { // nobody else calls it
	g.n.Add(1)
	return g.Conn.SetWriteDeadline(t)
}

// TestCancelSaysNoGoodbye: a server that reads nothing would not hear it.
func TestCancelSaysNoGoodbye(t *testing.T) {
	theirs, ours := forwardtest.Certificate(t)
	secured := make(chan struct{})
	addr := scripted(t, func(_ int, c net.Conn) {
		assert.NoError(t, tls.Server(c, theirs).Handshake())
		close(secured)
		<-t.Context().Done()
	})
	var said goodbyes
	dial := func(ctx context.Context) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		said.Conn = c
		return &said, err
	}
	w, err := fluentsink.New[sale](addr, "t", fluentsink.Dial(dial), fluentsink.TLS(ours), fluentsink.AckTimeout(time.Hour)).Open(&stream.SinkContext{Context: t.Context(), Count: 1})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-secured
		cancel()
	}()
	for err == nil {
		in := stream.NewIntake[sale](1000)
		in.Append(make([]sale, 1000)...)
		err = w.Write(ctx, in.Batch())
	}
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, w.Close())
	require.Zero(t, said.n.Load())
}

// Nothing that prints or writes a Secret shows it.
func TestSecretIsNotShown(t *testing.T) {
	s := fluentsink.Secret{SharedKey: "hush", User: "ann", Password: "hush"}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("", "secret", s, "several", []fluentsink.Secret{s})
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "secret", s, "several", []fluentsink.Secret{s})
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&log, verb, []any{s, &s, struct{ In fluentsink.Secret }{s}, map[string]fluentsink.Secret{"": s}})
	}
	_, err := json.Marshal(s)
	require.Error(t, err)
	require.NotContains(t, log.String(), "hush")
	require.NotContains(t, log.String(), fmt.Sprintf("%x", "hush"))
}
