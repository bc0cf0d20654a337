package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// onInstance gives the instance that an event has come to.
type onInstance struct{ c *stream.OperatorContext }

func (o onInstance) Process(in *stream.Batch[int], out *stream.Emitter[int]) error {
	for k := range in.Len() {
		out.From(in, k, o.c.Instance)
	}
	return nil
}

func (onInstance) Save(*stream.StateWriter) error    { return nil }
func (onInstance) Restore(*stream.StateReader) error { return nil }

// All shards work behind Rebalance however slowly events come: a batch that was sent because nothing else was there is one
// shard's turn, as a full one is.
func TestRebalanceTakesTurns(t *testing.T) {
	for _, trickle := range []int{1, 3, 4, 6} { // events at a time, of batches of 4
		p := stream.New("spread")
		in := streamtest.NewInput[int]()
		out := streamtest.Collect(p.From(in).Rebalance().Apply(func(c *stream.OperatorContext) (stream.Processor[int, int], error) {
			return onInstance{c}, nil
		}))
		d := streamtest.Start(t, p, streamtest.Shards(3), streamtest.BatchSize(4))
		for range 36 / trickle {
			in.Push(make([]int, trickle)...)
			d.Settle()
		}
		var came [3]int
		for _, instance := range out.Take() {
			came[instance]++
		}
		for instance, n := range came {
			require.InDelta(t, 12, n, 4, "%d at a time: instance %d", trickle, instance)
		}
		in.End()
		d.Settle()
	}
}
