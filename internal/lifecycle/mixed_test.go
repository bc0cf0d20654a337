package lifecycle_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// Who takes event times behind a Union of several sources that cannot be told apart is told
// that they count as one, and who takes them elsewhere is not.
func TestTimesBehindUnion(t *testing.T) {
	at := func(i int64) time.Time { return time.UnixMilli(i) }
	logOf := func(build func(a, b stream.Stream[int64]) stream.Stream[int64]) string {
		var log bytes.Buffer
		p := stream.New("union")
		a := p.From(source.Slice([]int64{1, 2}), stream.Name("a"))
		b := p.From(source.Slice([]int64{3, 4}), stream.Name("b"))
		build(a, b).To(sink.Discard[int64]())
		require.NoError(t, p.Run(t.Context(), stream.Shards(3), stream.Logger(slog.New(slog.NewTextHandler(&log, nil)))))
		return log.String()
	}
	own := func(*stream.OperatorContext) (stream.Processor[int64, int64], error) { return same{}, nil }
	behind := logOf(func(a, b stream.Stream[int64]) stream.Stream[int64] { return a.Apply(own).Merge(b).EventTime(at) })
	require.Equal(t, 1, bytes.Count([]byte(behind), []byte("of several sources, which count as one")), behind)
	require.Contains(t, behind, `sources="[a b]"`)
	require.NotContains(t, logOf(func(a, b stream.Stream[int64]) stream.Stream[int64] {
		return a.EventTime(at).Merge(b.EventTime(at))
	}), "count as one")
	require.NotContains(t, logOf(func(a, b stream.Stream[int64]) stream.Stream[int64] {
		return a.Merge(b).Filter(func(int64) bool { return true }).EventTime(at)
	}), "count as one")
	require.NotContains(t, logOf(func(a, b stream.Stream[int64]) stream.Stream[int64] {
		b.To(sink.Discard[int64]())
		return a.Merge(a).EventTime(at)
	}), "count as one")
}

// Wherever events cannot be told apart by their partitions, and there may be several, the log says that what is late depends
// on shards.
func TestTimesOfMixedPartitions(t *testing.T) {
	at := func(i int64) time.Time { return time.UnixMilli(i) }
	own := func(*stream.OperatorContext) (stream.Processor[int64, int64], error) { return same{}, nil }
	logOf := func(shards int, files []*shelf, build func(s stream.Stream[int64]) stream.Stream[int64]) int {
		var log bytes.Buffer
		p := stream.New("mixed")
		build(p.From(opens(func(*stream.SourceContext) (all []stream.Reader[int64]) {
			for _, f := range files {
				all = append(all, f)
			}
			return all
		}))).To(sink.Discard[int64]())
		require.NoError(t, p.Run(t.Context(), stream.Shards(shards), stream.Logger(slog.New(slog.NewTextHandler(&log, nil)))))
		return bytes.Count(log.Bytes(), []byte("each shard counts as one partition"))
	}
	one := func() []*shelf { return []*shelf{fullShelf("a", 1, 2)} }
	two := func() []*shelf { return []*shelf{fullShelf("a", 1, 2), fullShelf("b", 3)} }
	keyed := func(s stream.Stream[int64]) stream.Stream[int64] {
		return s.KeyBy(func(i int64) int64 { return i }).Running(window.Count[int64]()).
			Map(func(kv stream.KeyValue[int64, int64]) int64 { return kv.Key })
	}
	require.Equal(t, 1, logOf(2, one(), func(s stream.Stream[int64]) stream.Stream[int64] { return keyed(s).EventTime(at) }), "keyed")
	require.Equal(t, 1, logOf(2, one(), func(s stream.Stream[int64]) stream.Stream[int64] {
		k := s.EventTime(at).KeyBy(func(i int64) int64 { return i })
		return k.IntervalJoin(k, 0, 0, stream.Inner, func(m stream.Match[int64, int64]) int64 { return m.Left }).EventTime(at)
	}), "joined")
	require.Equal(t, 1, logOf(2, one(), func(s stream.Stream[int64]) stream.Stream[int64] { return s.Rebalance().EventTime(at) }), "rebalanced")
	require.Equal(t, 1, logOf(1, two(), func(s stream.Stream[int64]) stream.Stream[int64] { return s.Apply(own).EventTime(at) }), "an operator that says no partitions, in the stage of the source")
	require.Zero(t, logOf(1, one(), func(s stream.Stream[int64]) stream.Stream[int64] { return s.Apply(own).EventTime(at) }), "of one partition")
	require.Zero(t, logOf(3, two(), func(s stream.Stream[int64]) stream.Stream[int64] { return keyed(s.EventTime(at)) }), "next to the source")
}

// MaxDrift where nothing is read, and Idle for readers that promise nothing, do nothing, and the log says so.
func TestTimeOptionsThatDoNothing(t *testing.T) {
	at := func(i int64) time.Time { return time.UnixMilli(i) }
	var other stream.Stream[int64]
	logOf := func(src stream.Source[int64], idle []stream.Option, build func(s stream.Stream[int64]) stream.Stream[int64]) (text string) {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			p := stream.New("useless")
			other = p.From(source.Slice([]int64{3}), stream.Name("other"))
			build(p.From(src, idle...)).Merge(other.EventTime(at)).To(sink.Discard[int64]())
			require.NoError(t, p.Run(t.Context(), stream.Shards(2), stream.Logger(slog.New(slog.NewTextHandler(&log, nil)))))
			text = log.String()
		})
		return text
	}
	slice := source.Slice([]int64{1, 2})
	drift := stream.MaxDrift(time.Second)
	bounds := "MaxDrift bounds nothing"
	require.Contains(t, logOf(slice, nil, func(s stream.Stream[int64]) stream.Stream[int64] { return s.Rebalance().EventTime(at, drift) }), bounds)
	require.Contains(t, logOf(slice, nil, func(s stream.Stream[int64]) stream.Stream[int64] { return s.Merge(other).EventTime(at, drift) }), bounds)
	require.NotContains(t, logOf(slice, nil, func(s stream.Stream[int64]) stream.Stream[int64] { return s.EventTime(at, drift) }), bounds)

	asIs := func(s stream.Stream[int64]) stream.Stream[int64] { return s }
	waits := func(ctx context.Context, parts *parts) error {
		err := parts.Add(ctx, newShelf("a", 1))
		time.Sleep(time.Minute)
		return errors.Join(err, parts.Remove(ctx, "a"))
	}
	says := "a partition is idle that has promised no watermark"
	idle := []stream.Option{stream.Idle(time.Second)}
	require.Contains(t, logOf(shelves{watch: waits}, idle, asIs), says)
	require.NotContains(t, logOf(shelves{watch: waits}, nil, asIs), says)
	empty := func(ctx context.Context, parts *parts) error {
		err := parts.Add(ctx, newShelf("a"))
		time.Sleep(time.Minute)
		return errors.Join(err, parts.Remove(ctx, "a"))
	}
	require.NotContains(t, logOf(shelves{watch: empty}, idle, asIs), says, "of what gives nothing nobody knows")
}

// same is an operator that puts out what it takes.
type same struct{ stream.Stateless }

func (same) Process(in *stream.Batch[int64], out *stream.Emitter[int64]) error {
	for row, v := range in.All() {
		out.From(in, row, v)
	}
	return nil
}
