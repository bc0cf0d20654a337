package doortest_test

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// An instance says how far its own partitions are, and not how far those of others were a checkpoint ago: however often a job is restored, the same events are late.
func TestFixedPartitionsAreLateAlike(t *testing.T) {
	late := func(shards int, cuts ...int) (got []string) {
		synctest.Test(t, func(t *testing.T) {
			out := sink.Collect[string]()
			o := doortest.Options{Config: door.Config{Shards: shards, Batch: 4, Checkpoints: true}}
			src := telling{partitions: 2, each: 20, strays: new(atomic.Int64)}
			start := func() *doortest.Job {
				job, err := doortest.Start(t.Context(), func() any {
					p := stream.New("telling")
					onTime, late := p.From[int](src, stream.Name("numbers")).EventTime(func(v int) time.Time {
						if v%1000 == 12 {
							return time.Unix(8, 0)
						}
						return time.Unix(int64(v%1000), 0)
					}, stream.Name("times")).SplitLate()
					onTime.To(sink.Discard[int]())
					late.Map(strconv.Itoa).To(out)
					return p
				}, o)
				require.NoError(t, err)
				return job
			}
			for _, secs := range cuts {
				job := start()
				time.Sleep(time.Duration(secs)*time.Second + 500*time.Millisecond)
				var err error
				o.From, err = job.Checkpoint(t.Context())
				require.NoError(t, err)
				job.Kill()
			}
			require.NoError(t, start().Wait(t.Context()))
			got = out.Values()
		})
		return got
	}
	for _, shards := range []int{1, 2} {
		require.ElementsMatch(t, []string{"12", "1012"}, late(shards), "%d shards", shards)
		require.ElementsMatch(t, []string{"12", "1012"}, late(shards, 5, 7), "%d shards, restored twice", shards)
	}
}

// ending is a source of which one partition ends long before the other, and whose function of Discover goes on behind both.
type ending struct{}

func (ending) FixedPartitions() string { return "" }

func (ending) Open(c *stream.SourceContext) (all []stream.Reader[int], err error) {
	var own []*endingReader
	for i, each := range []int{3, 30} {
		r := &endingReader{tellingReader{name: strconv.Itoa(i), first: i, each: each}}
		own, all = append(own, r), append(all, r)
	}
	stream.Discover(c, func(ctx context.Context, p *stream.Partitions[int]) error {
		for range 100 {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return ctx.Err()
			}
			for _, r := range own {
				if r.there.Load() < int64(r.each) {
					r.there.Add(1)
				}
			}
			p.Ready()
		}
		return nil
	})
	return all, nil
}

// An endingReader has numbers without times.
type endingReader struct{ tellingReader }

func (r *endingReader) Read(_ context.Context, in *stream.Intake[int]) error {
	for in.Room() > 0 && int64(r.next) < r.there.Load() {
		in.Append(r.first*1000 + r.next)
		r.next++
	}
	if r.next == r.each {
		return io.EOF
	}
	if in.Len() == 0 {
		return stream.ErrNothing
	}
	return nil
}

// A task whose partitions have ended holds up no window of those that are read.
func TestFixedPartitionsEnd(t *testing.T) {
	for _, shards := range []int{1, 2, 3} {
		synctest.Test(t, func(t *testing.T) {
			out := sink.Collect[string]()
			job, err := doortest.Start(t.Context(), func() any {
				p := stream.New("ending")
				p.From[int](ending{}, stream.Name("numbers")).
					EventTime(func(v int) time.Time { return time.Unix(int64(v%1000), 0) }, stream.Name("times")).
					KeyBy(func(int) int { return 0 }).Window(window.Tumbling(5 * time.Second)).Count().
					Map(func(x stream.Pane[int, int64]) string { return fmt.Sprint(x.Start.Unix(), ":", x.Value) }).To(out)
				return p
			}, doortest.Options{Config: door.Config{Shards: shards, Batch: 4}})
			require.NoError(t, err)
			time.Sleep(27500 * time.Millisecond)
			require.Equal(t, []string{"0:8", "5:5", "10:5", "15:5", "20:5"}, out.Values())
			require.NoError(t, job.Wait(t.Context()))
			require.Equal(t, []string{"0:8", "5:5", "10:5", "15:5", "20:5", "25:5"}, out.Values())
		})
	}
}
