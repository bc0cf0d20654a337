package pushsource_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// until waits until something holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(deadline), what)
	}
}

// A run that is told to stop while its sink is slow reads what clients have delivered: what is in the
// queue, and what waits for room in it. It is in the results and in the last checkpoint.
func TestStopDrains(t *testing.T) {
	for name, opts := range map[string][]stream.RunOption{
		"without checkpoints": nil,
		"checkpoints":         {stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Hour)},
	} {
		for _, acks := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/acks=%v", name, acks), func(t *testing.T) {
				protocol := words()
				if !acks {
					protocol.Ack = nil
				}
				stalled, open := make(chan struct{}, 1), make(chan struct{})
				ctx, stop := context.WithCancel(context.Background())
				defer stop()
				bound := make(chan net.Addr, 1)
				src := pushsource.New(pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) { bound <- a }}, protocol)
				got := sink.Collect[string]()
				p := stream.New("words")
				p.From(src).TryMap(func(_ context.Context, w string) (string, error) {
					select {
					case stalled <- struct{}{}:
					default:
					}
					<-open
					return w, nil
				}).To(got)
				done := make(chan error, 1)
				go func() { done <- p.Run(ctx, opts...) }()
				addr := listening(t, bound, done)
				const clients, parcels = 20, 100
				for n := range clients {
					c := dial(t, addr)
					var all strings.Builder
					for i := range parcels {
						fmt.Fprintf(&all, "- %d-%d-a %d-%d-b\n", n, i, n, i)
					}
					c.says(strings.TrimSuffix(all.String(), "\n"))
				}
				<-stalled
				until(t, "the queue is full", func() bool { return src.Stats().Received >= 65 })
				received := src.Stats().Received
				stop()
				close(open)
				require.ErrorIs(t, <-done, context.Canceled)
				s := src.Stats()
				require.GreaterOrEqual(t, s.Received, received)
				require.Less(t, s.Received, int64(clients*parcels), "no new ones are taken")
				require.Equal(t, s.Received, s.Parcels)
				require.Len(t, got.Values(), int(2*s.Received))
				last := map[string]int{}
				for _, w := range got.Values() { // of each client all there are, in their order
					var n, i int
					var half rune
					_, err := fmt.Sscanf(w, "%d-%d-%c", &n, &i, &half)
					require.NoError(t, err)
					client := fmt.Sprintf("%d%c", n, half)
					require.Equal(t, last[client], i, w)
					last[client]++
				}
				if acks {
					require.Equal(t, s.Parcels, s.Acked)
				}
			})
		}
	}
}

// A source that was drained goes on in the next run.
func TestDrainedGoesOn(t *testing.T) {
	store := stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Hour)
	for n := range 3 {
		r := start(t, pushsource.Server{AckWithin: time.Millisecond}, store)
		c := dial(t, r.addr)
		c.says(fmt.Sprintf("x%d w%d", n, n))
		require.Equal(t, fmt.Sprintf("ok x%d 1", n), c.hears())
		require.Equal(t, []string{fmt.Sprintf("w%d", n)}, r.ends())
	}
}

// A client that is in the middle of a message, and one whose decoder does not come to an end, hold up no stop for
// longer than StopTimeout.
func TestDrainIsBounded(t *testing.T) {
	stuck := make(chan struct{})
	protocol := words()
	protocol.Ack = nil
	serve := protocol.Serve
	protocol.Serve = func(c *pushsource.Conn[string]) error {
		<-stuck
		return serve(c)
	}
	r := startWith(t, pushsource.Server{}, protocol, stream.StopTimeout(50*time.Millisecond))
	dial(t, r.addr).says("- a")
	until(t, "it is let in", func() bool { return r.src.Stats().Clients == 1 })
	time.AfterFunc(200*time.Millisecond, func() { close(stuck) }) // Close waits for it, as before
	r.stop()
	require.ErrorIs(t, <-r.done, context.Canceled)
}

// Neither a client that reads no answers nor one whose decoder does not come to an end costs the last checkpoint.
func TestDrainSavesWhatOthersDelivered(t *testing.T) {
	t.Parallel() // it waits
	for name, stuck := range map[string]bool{"reads no answers": false, "decodes for ever": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begun, released := make(chan struct{}), make(chan struct{})
			bound := make(chan net.Addr, 1)
			src := pushsource.New(pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) { bound <- a }}, pushsource.Protocol[int]{
				Name: "chatty",
				Serve: func(c *pushsource.Conn[int]) error {
					c.Ready()
					answer := bytes.Repeat([]byte("500 this command is not known\n"), 1000)
					for {
						if err := c.Next(); err != nil {
							return err
						}
						if _, err := c.Reader().ReadByte(); err != nil {
							return err
						}
						if stuck {
							close(begun)
							<-released
						}
						if _, err := c.Write(answer); err != nil {
							return err
						}
					}
				},
			})
			store := checkpoint.Memory()
			p := stream.New("chatty")
			p.From(src).To(sink.Discard[int]())
			ctx, stop := context.WithCancel(context.Background())
			defer stop()
			done := make(chan error, 1)
			go func() {
				done <- p.Run(ctx, stream.Checkpoints(store, time.Hour), stream.StopTimeout(8*time.Second))
			}()
			c, err := net.Dial("tcp", listening(t, bound, done).String())
			require.NoError(t, err)
			defer c.Close()
			if stuck {
				_, err = c.Write([]byte("x"))
				require.NoError(t, err)
				<-begun
			} else { // until both sides' buffers are full
				require.NoError(t, c.SetWriteDeadline(time.Now().Add(time.Second)))
				for err == nil {
					_, err = c.Write(make([]byte, 64<<10))
				}
			}
			stop()
			until(t, "it is saved", func() bool {
				all, err := checkpoint.Inspect(store)
				require.NoError(t, err)
				if len(all) == 0 {
					select {
					case err := <-done:
						require.Fail(t, "the run has ended without it", "%v", err)
					default:
					}
				}
				return len(all) > 0
			})
			close(released)
			require.ErrorIs(t, <-done, context.Canceled)
		})
	}
}
