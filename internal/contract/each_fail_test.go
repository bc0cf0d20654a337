package contract_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// A failing operator has Fail deal with fives inside of Each.
type failing struct{ c *stream.OperatorContext }

func (f *failing) Process(in *stream.Batch[int], out *stream.Emitter[int]) error {
	return f.c.Each(in, func(row int) error {
		v := in.Value(row)
		if v == 5 {
			return f.c.Fail(in, row, errors.New("five"))
		}
		out.From(in, row, v)
		return nil
	})
}

// What Fail has dealt with inside of Each is counted once, and names its operator once.
func TestFailInsideEach(t *testing.T) {
	for _, skips := range []bool{false, true} {
		opts := []stream.Option{stream.Name("each")}
		if skips {
			opts = append(opts, stream.SkipFailures())
		}
		p := stream.New("p")
		out := sink.Collect[int]()
		p.From(source.Slice([]int{1, 5, 5, 4})).Apply(func(c *stream.OperatorContext) (stream.Processor[int, int], error) {
			return &failing{c}, nil
		}, opts...).To(out)
		err := p.Run(t.Context())
		s, _ := p.Stats().Operator("each")
		if skips {
			require.NoError(t, err)
			require.EqualValues(t, 2, s.Failed)
			require.Equal(t, []int{1, 4}, out.Values())
			continue
		}
		require.EqualError(t, err, "stream: each at slice 0 event 1: five")
		require.EqualValues(t, 1, s.Failed)
	}
}
