package pushsource_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// pipes is a listener without a network: what is written waits until it is read.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) dial() net.Conn {
	ours, theirs := net.Pipe()
	p.conns <- theirs
	return ours
}

// piped starts a pipeline that collects words that come over pipes.
func piped(s pushsource.Server) (l *pipes, src *pushsource.Source[string], end func() error) {
	return pipedTo(s, sink.Collect[string]())
}

func pipedTo(s pushsource.Server, to stream.Sink[string]) (l *pipes, src *pushsource.Source[string], end func() error) {
	l = newPipes()
	s.Listen = func(context.Context, string, string) (net.Listener, error) { return l, nil }
	src = pushsource.New(s, words())
	p := stream.New("words")
	p.From(src).To(to)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	return l, src, func() error {
		stop()
		return <-ended
	}
}

// Clients that read no acknowledgement, and send on until no more may wait, are hung up on: they take up no
// connection and no memory of others, whatever there is too little of.
func TestDeafClients(t *testing.T) {
	for name, c := range map[string]struct {
		server pushsource.Server
		at     int // once
	}{
		"of one client": {pushsource.Server{Unacked: 2, Memory: 256 << 10}, 1},
		"of all":        {pushsource.Server{Memory: 256 << 10}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c.server.MaxClients = c.at
				l, src, end := piped(c.server)
				line := "- " + strings.Repeat("w", 90<<10) + "\n"
				if c.at > 1 {
					line = "- w\n" // many of them wait
				}
				const rounds = 5
				for range rounds {
					var all sync.WaitGroup
					for range c.at {
						c := l.dial()
						all.Go(func() {
							defer c.Close()
							for err := error(nil); err == nil; {
								_, err = io.WriteString(c, line)
							}
						})
					}
					all.Wait()
					time.Sleep(time.Second)
					require.Zero(t, src.Stats().Clients)
				}
				require.EqualValues(t, rounds*c.at, src.Stats().Accepted)
				require.EqualValues(t, rounds*c.at, src.Stats().Failed)

				good := l.dial()
				go io.WriteString(good, line)
				answers := bufio.NewScanner(good)
				for answers.Scan() && strings.HasPrefix(answers.Text(), "wait") {
				}
				assert.Contains(t, answers.Text(), "ok")
				require.NoError(t, good.Close())
				require.ErrorIs(t, end(), context.Canceled)
			})
		})
	}
}

// Nor does it hold up a stop, whether it is told goodbye or not.
func TestDeafClientIsNotWaitedFor(t *testing.T) {
	server, ours := certificates(t)
	now := time.Now() // that of a bubble is another
	server.Time, ours.Time = func() time.Time { return now }, func() time.Time { return now }
	ours.ServerName = "127.0.0.1"
	for name, secure := range map[string]bool{"plain": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s pushsource.Server
				if secure {
					s.TLS = server
				}
				l, src, end := piped(s)
				c := l.dial()
				defer c.Close()
				to := c
				if secure {
					to = tls.Client(c, ours)
				}
				_, err := io.WriteString(to, "- w\n")
				require.NoError(t, err)
				for src.Stats().Parcels == 0 {
					time.Sleep(time.Millisecond)
				}
				start := time.Now()
				require.ErrorIs(t, end(), context.Canceled)
				require.LessOrEqual(t, time.Since(start), 3*time.Second)
			})
		})
	}
}
