package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// asking is a source that notes what it is told of the run.
type asking struct {
	stream.Source[int]
	told *stream.SourceContext
}

func (a asking) Open(c *stream.SourceContext) ([]stream.Reader[int], error) {
	*a.told = *c
	return a.Source.Open(c)
}

// A source knows whether commits will come.
func TestSourceKnowsOfCheckpoints(t *testing.T) {
	for _, opts := range [][]stream.RunOption{nil, {stream.Checkpoints(checkpoint.Memory(), time.Hour)}} {
		p := stream.New("asking")
		var told stream.SourceContext
		p.From(asking{source.Slice([]int{1}), &told}).To(sink.Discard[int]())
		require.NoError(t, p.Run(t.Context(), opts...))
		require.Equal(t, len(opts) > 0, told.Checkpointed)
	}
}
