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

// A cluster hears that transactions need their writers beside their committer, and in a job without checkpoints there are none.
func TestLocalCommits(t *testing.T) {
	for saves, wants := range map[bool]int{true: 1, false: 0} {
		p := stream.New("orders")
		p.From(source.Slice([]string{"a"}), stream.Name("letters")).
			To(kafkasink.ExactlyOnce(kafkasink.Topic[string]([]kgo.Opt{}, "orders", kafkasink.Values(codec.Message(codec.JSON[string]())))), stream.Name("topic"))
		plan, err := door.Describe(t.Context(), p, door.Config{Shards: 2, Batch: 10, Checkpoints: saves})
		require.NoError(t, err)
		n := 0
		for _, l := range plan.Local {
			if l.Operator == "topic" {
				n++
				require.Contains(t, l.Why, "its writers ask its committer in the same process")
			}
		}
		require.Equal(t, wants, n)
	}
}
