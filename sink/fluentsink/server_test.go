package fluentsink_test

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/fluentsource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// A server is a pipeline under way that collects what is forwarded to it.
type server[T any] struct {
	t    testing.TB
	addr string
	got  *sink.Collector[T]
	src  *pushsource.Source[T]
	stop context.CancelFunc
	done chan error
}

func serve[T any](t testing.TB, s pushsource.Server, opts ...fluentsource.Option) *server[T] {
	t.Helper()
	bound := make(chan net.Addr, 1)
	s.Bound = func(a net.Addr) { bound <- a }
	if s.Addr == "" {
		s.Addr = "127.0.0.1:0"
	}
	if s.AckWithin == 0 {
		s.AckWithin = 1 // at once
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &server[T]{t: t, got: sink.Collect[T](), src: fluentsource.Listen[T](s, opts...), stop: stop, done: make(chan error, 1)}
	p := stream.New("collect")
	p.From(r.src).To(r.got)
	go func() { r.done <- p.Run(ctx) }()
	select {
	case a := <-bound:
		r.addr = a.String()
	case err := <-r.done:
		require.NoError(t, err, "the run has ended")
	}
	t.Cleanup(r.ends)
	return r
}

// ends stops the server and waits for it.
func (r *server[T]) ends() {
	r.stop()
	if r.done != nil {
		err := <-r.done
		r.done = nil
		require.ErrorIs(r.t, err, context.Canceled)
	}
}

// forward runs a pipeline that forwards events.
func forward[T any](t testing.TB, to stream.Sink[T], events ...T) error {
	t.Helper()
	p := stream.New("forward")
	p.From(given[T](events)).To(to)
	return p.Run(t.Context())
}
