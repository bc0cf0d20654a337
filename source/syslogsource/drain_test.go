package syslogsource

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// A gate is a sink that takes nothing until it is open.
type gate struct {
	mu    sync.Mutex
	open  chan struct{}
	texts []string
}

func (g *gate) Open(*stream.SinkContext) (stream.Writer[Message], error) { return g, nil }

func (g *gate) Write(_ context.Context, b *stream.Batch[Message]) error {
	<-g.open
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range b.All() {
		g.texts = append(g.texts, m.Text)
	}
	return nil
}

func (g *gate) Flush(context.Context) error { return nil }
func (g *gate) Close() error                { return nil }

// What was received over protocols without acknowledgements before a run is told to stop is in its results, though it
// waits for the pipeline then: a client does not send it again.
func TestStopDrains(t *testing.T) {
	for name, l := range map[string]listen{"tcp": Listen, "udp": ListenUDP} {
		t.Run(name, func(t *testing.T) {
			g := &gate{open: make(chan struct{})}
			r := startInto(t, l, pushsource.Server{}, g, counted{})
			const clients, messages = 8, 20_000 // a parcel of TCP's has as many as its buffer
			var sending sync.WaitGroup
			defer sending.Wait()
			for n := range clients {
				c := r.dial()
				sending.Go(func() {
					for i := range messages {
						if _, err := fmt.Fprintf(c, "<14>1 2026-11-28T10:00:00Z host app - - - %d %d\n", n, i); err != nil {
							return // the run has ended
						}
					}
				})
			}
			until(t, func() bool { return r.src.Stats().Received > 64 })
			r.stop()
			close(g.open)
			err := <-r.done
			r.done <- err
			require.ErrorIs(t, err, context.Canceled)
			s := r.src.Stats()
			require.Equal(t, s.Received, s.Parcels)
			require.Zero(t, s.Rejected)
			require.Len(t, g.texts, int(s.Events))
			if name == "udp" {
				require.Equal(t, s.Received, s.Events, "each is a parcel")
			}
			next := map[string]int{} // of each client the first ones, without a gap
			for _, text := range g.texts {
				client, number, ok := strings.Cut(text, " ")
				require.True(t, ok)
				if s.Lost == 0 {
					require.Equal(t, fmt.Sprint(next[client]), number, "of client %s", client)
				}
				next[client]++
			}
		})
	}
}

// counted is a sink of failures that nobody looks at.
type counted struct{}

func (counted) Open(*stream.SinkContext) (stream.Writer[stream.Failed[[]byte]], error) {
	return counted{}, nil
}
func (counted) Write(context.Context, *stream.Batch[stream.Failed[[]byte]]) error { return nil }
func (counted) Flush(context.Context) error                                       { return nil }
func (counted) Close() error                                                      { return nil }
