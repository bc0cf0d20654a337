package kafkasink_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/sink/kafkasink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A job of another engine may have transactions, with checkpoints or without, unless it is a batch, in which the committer is opened when writers have ended.
func TestBatchCommits(t *testing.T) {
	for name, c := range map[string]struct {
		config door.Config
		wants  int
	}{
		"with checkpoints":    {door.Config{Checkpoints: true}, 0},
		"without checkpoints": {door.Config{}, 0},
		"batch":               {door.Config{Bounded: true}, 1},
	} {
		p := stream.New("orders")
		p.From(source.Slice([]string{"a"}), stream.Name("letters")).
			To(kafkasink.ExactlyOnce(kafkasink.Topic[string]([]kgo.Opt{}, "orders", kafkasink.Values(codec.Message(codec.JSON[string]())))), stream.Name("topic"))
		c.config.Shards, c.config.Batch = 2, 10
		plan, err := door.Describe(t.Context(), p, c.config)
		require.NoError(t, err, name)
		n := 0
		for _, l := range plan.Local {
			if l.Operator == "topic" {
				n++
				require.True(t, l.Commits)
				require.Contains(t, l.Why, "those of the writers that have ended before it is opened")
			}
		}
		require.Equal(t, c.wants, n, name)
	}
}
