package doortest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
)

// telling is a source of several partitions that says when there is something to read: a number each second, of which the time is. It calls
// Discover, and does without partitions that come and go where it is told so.
type telling struct {
	partitions int
	each       int  // how many numbers a partition has
	fails      bool // in the middle
	empty      bool // it has no partition yet
	strays     *atomic.Int64
}

func (s telling) FixedPartitions() string {
	if s.partitions > 0 {
		return ""
	}
	return "its partitions come and go. Give it some"
}

func (s telling) Open(c *stream.SourceContext) (all []stream.Reader[int], err error) {
	var own []*tellingReader
	for i := range max(1, s.partitions) {
		r := &tellingReader{name: strconv.Itoa(i), first: i, each: s.each}
		if at, ok := c.Offsets[r.name]; ok {
			if r.next, err = strconv.Atoi(at); err != nil {
				return nil, err
			}
			r.there.Store(int64(r.next))
		}
		own, all = append(own, r), append(all, r)
	}
	if s.empty {
		all = nil
	}
	stream.Discover(c, func(ctx context.Context, p *stream.Partitions[int]) error {
		if c.Fixed && p.Add(ctx, &tellingReader{name: "more"}) != nil && p.Remove(ctx, "0") != nil {
			s.strays.Add(1)
		}
		for n := range s.each {
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return ctx.Err()
			}
			if s.fails && n == s.each/2 {
				return errors.New("no connection")
			}
			var names []string
			for _, r := range own {
				if !r.closed.Load() && r.there.Load() < int64(s.each) {
					r.there.Add(1)
					names = append(names, r.name)
				}
			}
			p.Ready(names...)
		}
		return nil
	})
	return all, nil
}

type tellingReader struct {
	name              string
	first, each, next int
	there             atomic.Int64
	closed            atomic.Bool
}

func (r *tellingReader) Read(_ context.Context, in *stream.Intake[int]) error {
	for in.Room() > 0 && int64(r.next) < r.there.Load() {
		in.AppendAt(r.first*1000+r.next, stream.Time(r.next)*stream.Time(time.Second))
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

func (r *tellingReader) Partition() string { return r.name }
func (r *tellingReader) Offset() string    { return strconv.Itoa(r.next) }
func (r *tellingReader) Close() error      { r.closed.Store(true); return nil }

// A source that waits by Discover runs in another engine, if it can do with the partitions that it has when it is opened: each is read by the instance that it was given
// to, whose sleep ends when the source says that there is something. Partitions neither come nor go then.
func TestFixedPartitions(t *testing.T) {
	var want []string
	for i := range 3 {
		for n := range 20 {
			want = append(want, fmt.Sprint(i*1000+n))
		}
	}
	slices.Sort(want)
	run := func(t *testing.T, src telling, o doortest.Options) (*doortest.Job, *sink.Collector[string], error) {
		out := sink.Collect[string]()
		job, err := doortest.Start(t.Context(), func() any {
			p := stream.New("telling")
			p.From[int](src, stream.Name("numbers")).Rebalance().Map(func(n int) string { return strconv.Itoa(n) }).To(out)
			return p
		}, o)
		return job, out, err
	}
	for _, shards := range []int{1, 2, 4} {
		synctest.Test(t, func(t *testing.T) {
			src := telling{partitions: 3, each: 20, strays: new(atomic.Int64)}
			o := doortest.Options{Config: door.Config{Shards: shards, Batch: 4, Checkpoints: true}}
			job, out, err := run(t, src, o)
			require.NoError(t, err)
			time.Sleep(7500 * time.Millisecond)
			o.From, err = job.Checkpoint(t.Context())
			require.NoError(t, err)
			saved := out.Values()
			require.Len(t, saved, 3*7, "what is there is read at once")
			time.Sleep(3 * time.Second)
			job.Kill()
			require.EqualValues(t, min(3, shards), src.strays.Load(), "each instance that reads is told that none comes")

			o.Shards = shards%4 + 1
			job, out, err = run(t, src, o)
			require.NoError(t, err)
			require.NoError(t, job.Wait(t.Context()))
			require.Equal(t, want, slices.Sorted(slices.Values(append(saved, out.Values()...))))
		})
	}
	synctest.Test(t, func(t *testing.T) {
		job, _, err := run(t, telling{partitions: 3, each: 20, fails: true, strays: new(atomic.Int64)}, doortest.Options{Config: door.Config{Shards: 2, Batch: 4, Checkpoints: true}})
		require.NoError(t, err)
		require.ErrorContains(t, job.Wait(t.Context()), "numbers: no connection")
	})
	synctest.Test(t, func(t *testing.T) { // an engine restarts a job by the plan that it has
		var log bytes.Buffer
		o := doortest.Options{Config: door.Config{Shards: 1, Batch: 4, Checkpoints: true, Logger: slog.New(slog.NewTextHandler(&log, nil))}}
		src := telling{partitions: 3, each: 20, strays: new(atomic.Int64)}
		job, _, err := run(t, src, o)
		require.NoError(t, err)
		time.Sleep(7500 * time.Millisecond)
		o.From, err = job.Checkpoint(t.Context())
		require.NoError(t, err)
		job.Kill()
		require.Zero(t, strings.Count(log.String(), "nobody reads it"))

		src.partitions = 4
		for _, from := range []*doortest.Checkpoint{nil, o.From} {
			log.Reset()
			job, out, err := run(t, src, doortest.Options{Config: o.Config, From: from, Plan: job.Plan()})
			require.NoError(t, err)
			require.NoError(t, job.Wait(t.Context()))
			require.Equal(t, 1, strings.Count(log.String(), "nobody reads it"))
			require.Regexp(t, "level=WARN.*operator=numbers partition=3\n", log.String(), "each start tells")
			require.NotContains(t, out.Values(), "3000")
		}

		src.partitions = 2
		_, _, err = run(t, src, o)
		require.ErrorContains(t, err, "numbers at 2: the job has read a part of it, and the source does not have it any more", "what it holds would be forgotten")
	})
	_, _, err := run(t, telling{each: 20, strays: new(atomic.Int64)}, doortest.Options{Config: door.Config{Shards: 2, Batch: 4, Checkpoints: true}})
	require.ErrorContains(t, err, "its partitions come and go. Give it some")
	_, _, err = run(t, telling{partitions: 1, empty: true}, doortest.Options{Config: door.Config{Shards: 2, Batch: 4, Checkpoints: true}})
	require.ErrorContains(t, err, "numbers cannot be run by another engine: it has no partition yet")
}
