package syslogsource

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// A listen is Listen, ListenUDP or ListenRELP.
type listen func(pushsource.Server, ...Option) *pushsource.Source[Message]

// A run is a pipeline under way that collects messages, and what is none.
type run struct {
	t    testing.TB
	addr net.Addr
	src  *pushsource.Source[Message]
	got  *sink.Collector[Message]
	bad  *sink.Collector[stream.Failed[[]byte]]
	stop context.CancelFunc
	done chan error
}

func start(t testing.TB, l listen, s pushsource.Server, opts ...stream.RunOption) *run {
	t.Helper()
	got, bad := sink.Collect[Message](), sink.Collect[stream.Failed[[]byte]]()
	r := startInto(t, l, s, got, bad, opts...)
	r.got, r.bad = got, bad
	return r
}

func startInto(t testing.TB, l listen, s pushsource.Server, to stream.Sink[Message], badTo stream.Sink[stream.Failed[[]byte]], opts ...stream.RunOption) *run {
	t.Helper()
	bound := make(chan net.Addr, 1)
	s.Bound = func(a net.Addr) { bound <- a }
	if s.Addr == "" {
		s.Addr = "127.0.0.1:0"
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &run{t: t, src: l(s), stop: stop, done: make(chan error, 1)}
	var bad stream.Failures[[]byte]
	p := stream.New("syslog")
	p.From(r.src, stream.Divert(&bad)).To(to)
	bad.Stream().To(badTo)
	go func() { r.done <- p.Run(ctx, opts...) }()
	select {
	case r.addr = <-bound:
	case err := <-r.done:
		require.NoError(t, err, "the run has ended")
	}
	t.Cleanup(func() {
		stop()
		select {
		case err := <-r.done:
			r.done <- err
		case <-time.After(20 * time.Second):
			t.Error("the run does not end")
		}
	})
	return r
}

// read waits until so many messages have been read, and what is none counts.
func (r *run) read(n int) {
	r.t.Helper()
	until(r.t, func() bool {
		s := r.src.Stats()
		return s.Events+s.Rejected >= int64(n)
	})
}

// ends stops the run and returns the texts of its messages.
func (r *run) ends() []string {
	r.t.Helper()
	r.stop()
	err := <-r.done
	r.done <- err
	require.ErrorIs(r.t, err, context.Canceled)
	var texts []string
	for _, m := range r.got.Values() {
		texts = append(texts, m.Text)
	}
	return texts
}

func until(t testing.TB, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "it takes longer than a minute")
	}
}

// A client is one of whom we hear.
type client struct {
	t testing.TB
	net.Conn
}

func (r *run) dial() *client {
	r.t.Helper()
	c, err := net.Dial(r.addr.Network(), r.addr.String())
	require.NoError(r.t, err)
	r.t.Cleanup(func() { c.Close() })
	return &client{r.t, c}
}

func (c *client) says(s string) *client {
	c.t.Helper()
	_, err := io.WriteString(c, s)
	require.NoError(c.t, err)
	return c
}

// hears waits for an answer.
func (c *client) hears(want string) {
	c.t.Helper()
	require.NoError(c.t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	got := make([]byte, len(want))
	n, err := io.ReadFull(c, got)
	require.Equal(c.t, want, string(got[:n]))
	require.NoError(c.t, err)
}

// ends waits until the server hangs up, and returns what it has said.
func (c *client) ends() string {
	c.t.Helper()
	require.NoError(c.t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	var heard strings.Builder
	_, err := io.Copy(&heard, c)
	if e, ok := err.(net.Error); ok {
		require.False(c.t, e.Timeout(), "the server does not hang up")
	}
	return heard.String()
}
