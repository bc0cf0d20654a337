package lifecycle_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// Statistics show how far each partition has been read, whether the watermark waits
// for it, and those that are there at the moment.
func TestPartitionStats(t *testing.T) { synctest.Test(t, partitionStats) }

func partitionStats(t *testing.T) {
	a, b := newShelf("a", 5, 25), newShelf("b")
	p := stream.New("seen")
	now := func() []stream.PartitionStats { return p.Stats().Operators[0].Partitions }
	p.From(shelves{first: []*shelf{a, b}, watch: func(ctx context.Context, parts *parts) error {
		time.Sleep(time.Second)
		at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
		assert.Equal(t, []stream.PartitionStats{{Name: "a", Offset: "2", Events: 2, Watermark: at(25)}, {Name: "b", Offset: "0"}}, now())
		time.Sleep(10 * time.Second)
		assert.True(t, now()[1].Idle)
		b.put(30)
		a.end()
		parts.Ready()
		time.Sleep(2 * time.Second)
		assert.NoError(t, parts.Add(ctx, newShelf("c")))
		synctest.Wait() // until it has been read
		assert.Equal(t, []stream.PartitionStats{
			{Name: "a", Offset: "2", Events: 2, Watermark: at(25), Ended: true}, {Name: "b", Offset: "1", Events: 1, Watermark: at(30)}, {Name: "c", Offset: "0"},
		}, now())
		assert.NoError(t, parts.Remove(ctx, "c"))
		assert.Len(t, now(), 2)
		b.end()
		parts.Ready()
		return nil
	}}).EventTime(millis, stream.Idle(5*time.Second)).To(sink.Discard[int64]())
	require.Nil(t, p.Stats().Operators)
	require.NoError(t, p.Run(t.Context(), stream.Shards(2)))
	require.Len(t, now(), 2)
}

// Edges count what moves to other shards, and how long it had to wait.
func TestEdgeStats(t *testing.T) { synctest.Test(t, edgeStats) }

func edgeStats(t *testing.T) {
	p := stream.New("edges")
	in := p.From(source.Generate(1000, func(i int64) int64 { return i }), stream.Name("numbers"))
	slow := in.KeyBy(func(i int64) int64 { return i % 10 }, stream.Name("tens")).
		Process(func(c *stream.KeyContext[int64, none, int64], i int64) error {
			time.Sleep(time.Millisecond)
			c.Emit(i)
			return nil
		}, nil, stream.Name("slow"))
	sums := in.EventTime(millis).KeyBy(func(i int64) int64 { return i % 10 }).
		Window(window.Tumbling(time.Second)).Count(stream.Name("count")).
		Map(func(p stream.Pane[int64, int64]) int64 { return p.Value })
	slow.Merge(sums, stream.Name("both")).To(sink.Discard[int64](), stream.Name("out"))
	require.NoError(t, p.Run(t.Context(), stream.Shards(2), stream.BatchSize(10)))
	found := map[string]stream.EdgeStats{}
	for _, e := range p.Stats().Edges {
		found[e.From+" "+e.To] = e
		assert.Zero(t, e.Queued)
		assert.Positive(t, e.Capacity)
		assert.LessOrEqual(t, e.Batches, e.Events)
	}
	assert.Len(t, found, 4)
	e := found["tens slow"]
	assert.EqualValues(t, 1000, e.Events)
	assert.GreaterOrEqual(t, e.Batches, int64(100))
	assert.Greater(t, e.Blocked, 100*time.Millisecond)
	e = found["window count"]
	assert.Less(t, e.Events, int64(1000), "they are added up before")
	assert.Positive(t, e.Events)
	assert.EqualValues(t, 1000, found["slow both"].Events)
	assert.Equal(t, 0, found["slow both"].Input)
	assert.Equal(t, 1, found["map both"].Input)

	alone := stream.New("alone")
	alone.From(source.Slice([]int{1})).To(sink.Discard[int]())
	require.NoError(t, alone.Run(t.Context()))
	assert.Empty(t, alone.Stats().Edges, "nothing moves")
}

// The latency of a sink is a histogram, whose quantiles are those of all instances.
func TestLatencyBuckets(t *testing.T) { synctest.Test(t, latencyBuckets) }

func latencyBuckets(t *testing.T) {
	p := stream.New("latency")
	p.From(source.Generate(100, func(i int64) int64 { return i })).
		Map(func(i int64) int64 { time.Sleep(time.Millisecond); return i }).
		To(sink.Discard[int64](), stream.Name("out"))
	require.NoError(t, p.Run(t.Context(), stream.Shards(1), stream.BatchSize(10)))
	s, ok := p.Stats().Operator("out")
	require.True(t, ok)
	require.EqualValues(t, 100, s.Latency.Count())
	var sum int64
	last := time.Duration(0)
	for most, n := range s.Latency.Buckets() {
		assert.Greater(t, most, last)
		last = most
		sum += n
	}
	assert.EqualValues(t, 100, sum)
	assert.Equal(t, s.Latency.Max, last)
	assert.InEpsilon(t, 10*time.Millisecond, s.Latency.P50, 0.125)
	s, _ = p.Stats().Operator("map")
	assert.Zero(t, s.Latency.Count())
	assert.Zero(t, s.Latency.Max)
}

// The bytes of an operator's state are those of the last checkpoint, and all of them
// together those of the checkpoint.
func TestStateBytes(t *testing.T) {
	p := stream.New("bytes")
	keyed := p.From(source.Generate(1000, func(i int64) int64 { return i }), stream.Name("numbers")).KeyBy(func(i int64) int64 { return i })
	keyed.Process(func(c *stream.KeyContext[int64, int64, int64], i int64) error {
		*c.State() = i
		return nil
	}, nil, stream.Name("all")).To(sink.Discard[int64]())
	require.NoError(t, p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Hour)))
	s := p.Stats()
	var sum int64
	for _, o := range s.Operators {
		sum += o.StateBytes
		if o.Name == "all" {
			assert.Greater(t, o.StateBytes, int64(4000))
		}
	}
	assert.Equal(t, s.Checkpoints.Bytes, sum)
}
