package lifecycle_test

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A holding source has numbers that it gives only when it is drained.
type holding struct {
	parts int
	held  int                     // in each partition
	drain func()                  // what Drain does, too
	read  func(left int) error    // what Read says behind the last of what is held
	opens func(map[string]string) // is told the offsets
	calls atomic.Int64            // of Drain
}

func (h *holding) Open(c *stream.SourceContext) (readers []stream.Reader[int], err error) {
	if h.opens != nil {
		h.opens(c.Offsets)
	}
	for n := range h.parts {
		readers = append(readers, &holder{holding: h, name: string(rune('a' + n)), left: h.held})
	}
	return readers, nil
}

type holder struct {
	*holding
	name    string
	left    int
	drained bool
}

func (r *holder) Partition() string { return r.name }
func (r *holder) Offset() string    { return string(rune('0' + r.left)) }
func (r *holder) Waits() bool       { return true }
func (r *holder) Close() error      { return nil }

func (r *holder) Drain() {
	r.calls.Add(1)
	r.drained = true
	if r.drain != nil {
		r.drain()
	}
}

func (r *holder) Read(ctx context.Context, in *stream.Intake[int]) error {
	if !r.drained {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.left == 0 {
		return r.read(0)
	}
	r.left--
	in.Append(r.left)
	return nil
}

// A run that is told to stop reads what its readers hold, once, into its results and its last checkpoint, and
// goes on with the partitions in a later run.
func TestStopDrains(t *testing.T) {
	for _, shards := range []int{1, 3} {
		for _, end := range []error{io.EOF, stream.ErrNothing} {
			synctest.Test(t, func(t *testing.T) {
				dir := checkpoint.Dir(t.TempDir())
				var offsets map[string]string
				for run := range 2 {
					h := &holding{parts: 4, held: 9, read: func(int) error { return end }, opens: func(at map[string]string) { offsets = at }}
					got := sink.Collect[int]()
					p := stream.New("holding")
					p.From(h).Rebalance().To(got)
					ctx, stop := context.WithTimeout(t.Context(), time.Minute)
					require.ErrorIs(t, p.Run(ctx, stream.Shards(shards), stream.Checkpoints(dir, time.Second)), context.DeadlineExceeded)
					stop()
					require.EqualValues(t, 4, h.calls.Load())
					require.Len(t, got.Values(), 4*9)
					if run == 1 {
						require.Equal(t, map[string]string{"a": "0", "b": "0", "c": "0", "d": "0"}, offsets)
					}
				}
			})
		}
	}
}

// A last checkpoint has the time of the stop: it is not given up because the run drains for longer than
// CheckpointTimeout.
func TestStopDrainsSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := checkpoint.Memory()
		for run := range 2 {
			var offsets map[string]string
			h := &holding{parts: 1, held: 9, opens: func(at map[string]string) { offsets = at }}
			h.read = func(int) error { time.Sleep(5 * time.Second); return io.EOF }
			p := stream.New("holding")
			p.From(h).To(sink.Discard[int]())
			ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
			defer stop()
			err := p.Run(ctx, stream.Checkpoints(store, time.Hour), stream.CheckpointTimeout(time.Second), stream.StopTimeout(20*time.Second))
			require.Equal(t, context.DeadlineExceeded, err)
			all, err := checkpoint.Inspect(store)
			require.NoError(t, err)
			require.NotEmpty(t, all)
			if run == 1 {
				require.Equal(t, map[string]string{"a": "0"}, offsets)
			}
		}
	})
}

// What goes wrong while a run drains is told as at any other time, and a reader that does not come to an end is
// left when StopTimeout is over.
func TestStopDrainsBadly(t *testing.T) {
	broken := errors.New("broken")
	for name, h := range map[string]*holding{
		"panics":     {drain: func() { panic(broken) }, read: func(int) error { return io.EOF }},
		"Read fails": {held: 3, read: func(int) error { return broken }},
		"endless":    {held: 3, read: func(int) error { return nil }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h.parts = 1
				p := stream.New("holding")
				p.From(h).To(sink.Discard[int]())
				ctx, stop := context.WithTimeout(context.Background(), time.Minute)
				defer stop()
				if name == "endless" {
					h.read = func(int) error { time.Sleep(time.Second); return nil }
				}
				began := time.Now()
				err := p.Run(ctx, stream.StopTimeout(10*time.Second))
				if name == "endless" {
					require.ErrorIs(t, err, context.DeadlineExceeded)
					require.ErrorContains(t, err, "had not come to rest")
					require.InDelta(t, 70, time.Since(began).Seconds(), 2)
					return
				}
				require.ErrorContains(t, err, "broken")
				require.ErrorContains(t, err, "a")
				var at *stream.OperatorError
				require.ErrorAs(t, err, &at)
				require.Equal(t, "a", at.Position)
			})
		})
	}
}
