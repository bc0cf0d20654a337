package lifecycle_test

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A leavers source has three partitions. While a stop drains a, b is removed, which has waited for c to be.
type leavers struct {
	busy     chan struct{} // c's Read waits for it
	draining chan struct{} // closed in Drain of a
	drains   chan struct{} // Drain of a waits for it
	misuse   atomic.Int64  // Reads of readers that were closed
	removed  atomic.Int64
}

func (l *leavers) Open(c *stream.SourceContext) ([]stream.Reader[int], error) {
	stream.Discover(c, func(ctx context.Context, parts *stream.Partitions[int]) error {
		var both sync.WaitGroup
		for _, name := range []string{"c", "b"} {
			both.Go(func() {
				if parts.Remove(context.Background(), name) == nil {
					l.removed.Add(1)
				}
			})
			time.Sleep(time.Millisecond)
		}
		<-l.draining
		close(l.busy)
		time.Sleep(time.Millisecond) // c is removed, and the task of a and b has been told about b
		close(l.drains)
		both.Wait()
		return nil
	})
	return []stream.Reader[int]{&leaver{leavers: l, name: "a"}, &leaver{leavers: l, name: "c"}, &leaver{leavers: l, name: "b"}}, nil
}

type leaver struct {
	*leavers
	name   string
	left   int // given only when it is drained
	drain  bool
	closed atomic.Bool
}

func (r *leaver) Partition() string { return r.name }
func (r *leaver) Offset() string    { return r.name }

func (r *leaver) Close() error {
	r.closed.Store(true)
	r.left++ // a race, unless this comes behind all Reads
	return nil
}

func (r *leaver) Drain() {
	r.drain, r.left = true, 30
	if r.name == "a" {
		close(r.draining)
		<-r.drains
	}
}

func (r *leaver) Read(_ context.Context, in *stream.Intake[int]) error {
	if r.closed.Load() {
		r.misuse.Add(1)
	}
	if !r.drain {
		if r.name == "c" {
			<-r.busy
		}
		return stream.ErrNothing
	}
	if r.left == 0 {
		return io.EOF
	}
	time.Sleep(5 * time.Millisecond)
	r.left--
	in.Append(1)
	return nil
}

// A partition that is removed while a stop drains is drained no more once its reader is closed.
func TestDrainOfOneThatLeaves(t *testing.T) {
	for name, opts := range map[string][]stream.RunOption{
		"without checkpoints": nil,
		"checkpoints":         {stream.Checkpoints(checkpoint.Memory(), time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &leavers{busy: make(chan struct{}), draining: make(chan struct{}), drains: make(chan struct{})}
				p := stream.New("leaving")
				out := sink.Collect[int]()
				p.From(l).To(out)
				ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer stop()
				require.ErrorIs(t, p.Run(ctx, append(opts, stream.StopTimeout(5*time.Second), stream.Shards(2))...), context.DeadlineExceeded)
				require.Zero(t, l.misuse.Load())
				require.EqualValues(t, 2, l.removed.Load())
				require.Len(t, out.Values(), 30, "of a")
			})
		})
	}
}
