package lifecycle_test

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
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

// same is an operator that puts out what it takes.
type same struct{ stream.Stateless }

func (same) Process(in *stream.Batch[int64], out *stream.Emitter[int64]) error {
	for row, v := range in.All() {
		out.From(in, row, v)
	}
	return nil
}
