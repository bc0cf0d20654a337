package fluentsource_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forwardtest"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
)

type count struct {
	N int `fluent:"n"`
}

func TestSource(t *testing.T) {
	var want []count
	for i := range 40 {
		want = append(want, count{i})
	}
	sourcetest.Suite[count]{
		Source: func(t testing.TB) stream.Source[count] {
			bound := make(chan net.Addr, 1)
			src := fluentsource.Listen[count](pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) { bound <- a }})
			go func() {
				c, err := net.Dial("tcp", (<-bound).String())
				if err != nil {
					return
				}
				defer c.Close()
				for i := 0; i < len(want); i += 10 {
					_, _ = c.Write(chunk("", want[i:i+10]...)) // the reader may have gone
				}
				_, _ = io.Copy(io.Discard, c) // until the source is closed
			}()
			return src
		},
		Want: want, Endless: true, Forgets: true, RealTime: true,
	}.Run(t)
}

// chunk builds a message in Forward mode. It has an id if that is not empty.
func chunk(id string, counts ...count) []byte {
	b := msgp.AppendString(msgp.AppendArrayHeader(nil, 3), "t")
	b = msgp.AppendArrayHeader(b, uint32(len(counts)))
	for _, c := range counts {
		b = msgp.AppendInt(msgp.AppendArrayHeader(b, 2), 1)
		b = msgp.AppendInt(msgp.AppendString(msgp.AppendMapHeader(b, 1), "n"), c.N)
	}
	if id == "" {
		return msgp.AppendMapHeader(b, 0)
	}
	return msgp.AppendString(msgp.AppendString(msgp.AppendMapHeader(b, 1), "chunk"), id)
}

// A peer is a client by hand.
type peer struct {
	t testing.TB
	net.Conn
	r *msgp.Reader
}

func dial(t testing.TB, addr string) *peer {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(10*time.Second)))
	return &peer{t, c, msgp.NewReader(c)}
}

func (p *peer) says(b []byte) {
	p.t.Helper()
	_, err := p.Write(b)
	require.NoError(p.t, err)
}

// hears returns what the server says next.
func (p *peer) hears() any {
	p.t.Helper()
	v, err := p.r.ReadIntf()
	require.NoError(p.t, err)
	return v
}

// ends waits until the server hangs up.
func (p *peer) ends() {
	p.t.Helper()
	_, err := io.Copy(io.Discard, p)
	if e, ok := err.(net.Error); ok {
		require.False(p.t, e.Timeout(), "the server does not hang up")
	}
}

// TestChunks: one that is sent again is acknowledged again, and given once; the server says
// nothing where none is asked for.
func TestChunks(t *testing.T) {
	r := forwardtest.Start[count](t, pushsource.Server{AckWithin: time.Millisecond}, nil)
	c := dial(t, r.Addr)
	c.says(chunk("a", count{1}, count{2}))
	require.Equal(t, map[string]any{"ack": "a"}, c.hears())
	d := dial(t, r.Addr)
	d.says(bytes.Join([][]byte{chunk("", count{3}), chunk("a", count{1}, count{2}), chunk("b", count{4}), chunk("empty")}, nil))
	require.Equal(t, map[string]any{"ack": "a"}, d.hears())
	require.Equal(t, map[string]any{"ack": "b"}, d.hears())
	require.Equal(t, map[string]any{"ack": "empty"}, d.hears())
	require.Equal(t, []count{{1}, {2}, {3}, {4}}, r.End())
	stats := r.Source.Stats()
	require.EqualValues(t, 1, stats.Repeated)
	require.Zero(t, stats.Failed)
}

// TestSignals: metrics and traces are passed over and acknowledged, which the log tells.
func TestSignals(t *testing.T) {
	var log bytes.Buffer
	r := forwardtest.Start[count](t, pushsource.Server{AckWithin: time.Millisecond}, nil, stream.Logger(slog.New(slog.NewTextHandler(&log, nil))))
	c := dial(t, r.Addr)
	for signal := range 3 {
		b := msgp.AppendString(msgp.AppendArrayHeader(nil, 3), "t")
		b = msgp.AppendBytes(b, msgp.AppendMapHeader(nil, 0))
		if signal == 0 {
			b = chunk("", count{7})
			b = b[:len(b)-1]
		}
		b = msgp.AppendInt(msgp.AppendString(msgp.AppendMapHeader(b, 2), "fluent_signal"), signal)
		c.says(msgp.AppendString(msgp.AppendString(b, "chunk"), fmt.Sprint(signal)))
		require.Equal(t, map[string]any{"ack": fmt.Sprint(signal)}, c.hears())
	}
	require.Equal(t, []count{{7}}, r.End())
	require.Contains(t, log.String(), `metrics under the tag \"t\"`)
	require.Contains(t, log.String(), `"failed.passed over"=1`)
	require.Zero(t, r.Source.Stats().Failed)
	r = forwardtest.Start[count](t, pushsource.Server{}, []fluentsource.Option{fluentsource.RefuseSignals()})
	c = dial(t, r.Addr)
	c.says(msgp.AppendInt(msgp.AppendString(msgp.AppendMapHeader([]byte{0x93, 0xa1, 't', 0x90}, 1), "fluent_signal"), 2))
	c.ends()
	r.End()
	require.EqualValues(t, 1, r.Source.Stats().Failed)
}

// TestHandshakeByHand has clients that do not do as they should: each is told why, and alone.
func TestHandshakeByHand(t *testing.T) {
	r := forwardtest.Start[count](t, pushsource.Server{AckWithin: time.Millisecond, Handshake: time.Second}, []fluentsource.Option{fluentsource.SharedKey("secret"), fluentsource.Hostname("us")})
	for name, answer := range map[string][]byte{
		"sends events":  chunk("a", count{1}),
		"too short":     msgp.AppendString(msgp.AppendArrayHeader(nil, 1), "PING"),
		"wrong":         ping("PING", "guess"),
		"is no PING":    ping("PONG", "guess"),
		"is no array":   {0x80},
		"a string bomb": {0x91, 0xdb, 0xff, 0xff, 0xff, 0xff},
		"a count bomb":  {0xdd, 0xff, 0xff, 0xff, 0xff},
		"a depth bomb":  bytes.Repeat([]byte{0x91}, 1000),
		"too long":      ping("PING", string(make([]byte, 10_000))),
		"nothing":       nil,
		"half":          ping("PING", "guess")[:10],
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, r.Addr)
			require.Equal(t, "HELO", c.hears().([]any)[0])
			c.says(answer)
			switch name {
			case "sends events", "too short", "wrong", "is no PING", "is no array":
				pong := c.hears().([]any)
				require.Equal(t, []any{"PONG", false}, pong[:2])
				require.NotEmpty(t, pong[2])
				require.Equal(t, []any{"", ""}, pong[3:])
			}
			c.ends()
		})
	}
	gone := dial(t, r.Addr) // a heartbeat by TCP
	gone.hears()
	gone.Close()
	require.Empty(t, r.End())
	require.EqualValues(t, 11, r.Source.Stats().Failed)
}

func ping(what, digest string) []byte {
	b := msgp.AppendArrayHeader(nil, 6)
	for _, s := range []string{what, "them", "salt", digest, "", ""} {
		b = msgp.AppendString(b, s)
	}
	return b
}

func TestServer(t *testing.T) {
	sourcetest.Server[count]{
		Source: func(_ testing.TB, bound func(net.Addr)) stream.Source[count] {
			return fluentsource.Listen[count](pushsource.Server{Addr: "127.0.0.1:0", Bound: bound, Memory: 1 << 20})
		},
		Event:   func(client, n int) count { return count{client*100_000_000 + n} },
		Message: func(client, n int, events []count) []byte { return chunk(fmt.Sprint(client, "-", n), events...) },
		Acknowledged: func(c net.Conn, _ int) error {
			_, err := msgp.NewReader(c).ReadIntf()
			return err
		},
		Known: true,
	}.Run(t)
}
