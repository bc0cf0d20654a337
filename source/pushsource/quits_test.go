package pushsource_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

var errBroken = errors.New("broken")

// ways are how a function ends other than by returning.
var ways = map[string]func(){
	"panic":  func() { panic(errBroken) },
	"nil":    func() { panic(nil) },
	"Goexit": runtime.Goexit,
}

// Whichever function of a protocol panics or ends its goroutine, the run ends with an error that
// names the operator and the partition. Other clients are hung up on, and nothing hangs.
func TestFunctionsThatQuit(t *testing.T) {
	for way, quit := range ways {
		for name, wrap := range map[string]func(*pushsource.Protocol[string]){
			"Serve": func(p *pushsource.Protocol[string]) {
				serve := p.Serve
				p.Serve = func(c *pushsource.Conn[string]) error {
					c.Ready()
					if b, err := c.Reader().Peek(3); err != nil || string(b) == "bad" {
						quit()
					}
					return serve(c)
				}
			},
			"Ack": func(p *pushsource.Protocol[string]) {
				ack := p.Ack
				p.Ack = func(c *pushsource.Conn[string], dst []byte, parcel *pushsource.Parcel[string]) []byte {
					if parcel.ID == "bad" {
						quit()
					}
					return ack(c, dst, parcel)
				}
			},
			"Waiting": func(p *pushsource.Protocol[string]) {
				p.KeepAlive = time.Millisecond
				p.Waiting = func(*pushsource.Conn[string], []byte, *pushsource.Parcel[string]) []byte {
					quit()
					return nil
				}
			},
			"Packet": func(p *pushsource.Protocol[string]) {
				p.Serve, p.Ack = nil, nil
				p.Packet = func(c *pushsource.Conn[string], b []byte) error {
					quit()
					return nil
				}
			},
		} {
			for _, saved := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/checkpoints=%v", way, name, saved), func(t *testing.T) {
					protocol := words()
					protocol.Waiting = nil
					wrap(&protocol)
					opts := []stream.RunOption{stream.Shards(2)}
					if saved {
						opts = append(opts, stream.Checkpoints(checkpoint.Memory(), 20*time.Millisecond))
					}
					err := quits(t, protocol, name == "Packet", opts)
					var at *stream.OperatorError
					require.ErrorAs(t, err, &at)
					require.Equal(t, "from clients", at.Operator)
					require.Equal(t, "words", at.Position)
					if way == "Goexit" {
						var exit *stream.GoexitError
						require.ErrorAs(t, err, &exit)
						require.Contains(t, string(exit.Stack), "Goexit")
						return
					}
					var panicked *stream.PanicError
					require.ErrorAs(t, err, &panicked)
					if way == "panic" {
						require.ErrorIs(t, err, errBroken)
					}
				})
			}
		}
	}
}

// quits returns the error of a run of which a client sends what the protocol quits on.
func quits(t *testing.T, protocol pushsource.Protocol[string], packets bool, opts []stream.RunOption) error {
	bound := make(chan net.Addr, 1)
	src := pushsource.New(pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) { bound <- a }}, protocol)
	p := stream.New("quits")
	p.From(src, stream.Name("from clients")).To(sink.Discard[string]())
	done := make(chan error, 1)
	go func() { done <- p.Run(context.Background(), opts...) }()
	addr := listening(t, bound, done)
	last := dial(t, addr)
	if !packets {
		dial(t, addr).says("good " + strings.Repeat("a ", 100))
	}
	line := "bad b\n"
	for begun := time.Now(); time.Since(begun) < 30*time.Second; line = "- b\n" { // more than one, as what is acknowledged at once does not wait
		_, _ = io.WriteString(last, line) // the run may have ended by then
		select {
		case err := <-done:
			return err
		case <-time.After(5 * time.Millisecond):
		}
	}
	t.Fatal("the run does not end")
	return nil
}
