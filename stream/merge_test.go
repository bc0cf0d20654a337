package stream_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// TestMergeOfFewerPartitionsThanShards has shards that nobody sends to: they
// must end as the others do. In the bubble, a run that hangs ends at once.
func TestMergeOfFewerPartitionsThanShards(t *testing.T) {
	for shards := 1; shards <= 4; shards++ {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			defer cancel()
			p := stream.New("test")
			out := sink.Collect[int]()
			stream.Union([]stream.Stream[int]{
				p.From(source.Slice([]int{1, 2})), p.From(source.Slice([]int{3})), p.From(source.Slice[int]()),
			}, stream.Name("all")).To(out)
			require.NoError(t, p.Run(ctx, stream.Shards(shards)))
			got := out.Values()
			slices.Sort(got)
			require.Equal(t, []int{1, 2, 3}, got)
		})
	}
}
