package stream_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

type placed struct {
	At   int64 // milliseconds
	Part int
	N    int // in its partition
}

// Events come in the order of their times and places, whatever part of them has come in it already: most wait in a line, the others
// in a queue, and a run goes on with both.
func TestInOrderInLineAndQueue(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 9))
		// From in order, with ties, to all over the place; and now and then one that is far ahead, which the others come behind.
		spread := []int64{1, 1, 3, 40}[seed%4]
		parts := make([][]placed, 2)
		now := int64(-50)
		for range 200 + rng.IntN(200) {
			part := rng.IntN(2)
			at := now - rng.Int64N(spread)
			if rng.IntN(50) == 0 {
				at += 30
			}
			parts[part] = append(parts[part], placed{at, part, len(parts[part])})
			now += rng.Int64N(3)
		}
		var got []placed
		store := checkpoint.Memory()
		pushed := make([]int, len(parts))
		for life := range 3 {
			p := stream.New("in order")
			in := streamtest.NewInput[placed](len(parts))
			out := streamtest.Collect(p.From(in).
				EventTime(func(e placed) time.Time { return time.UnixMilli(e.At) }, stream.Disorder(100*time.Millisecond)).
				KeyBy(func(e placed) int { return e.N % 3 }).
				Process(func(c *stream.KeyContext[int, int, placed], e placed) error {
					c.Emit(e)
					return nil
				}, nil, stream.InOrder()))
			d := streamtest.Start(t, p, streamtest.BatchSize([]int{1, 7, 64}[rng.IntN(3)]), streamtest.Checkpoints(store))
			for i, part := range parts {
				in.PushTo(i, part[:pushed[i]]...) // the reader passes over what the checkpoint has
			}
			d.Settle()
			for life == 2 && pushed[0]+pushed[1] < len(parts[0])+len(parts[1]) || life < 2 && (pushed[0] < len(parts[0])*(life+1)/3) {
				i := rng.IntN(2)
				n := min(1+rng.IntN(20), len(parts[i])-pushed[i])
				in.PushTo(i, parts[i][pushed[i]:pushed[i]+n]...)
				pushed[i] += n
				d.Settle()
			}
			if life == 2 {
				in.End()
			} else {
				d.Checkpoint()
			}
			d.Settle()
			got = append(got, out.Take()...)
			if life < 2 {
				d.Kill()
			}
		}
		want := slices.Concat(parts...)
		slices.SortFunc(want, func(a, b placed) int {
			return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Part, b.Part), cmp.Compare(a.N, b.N))
		})
		require.Equal(t, want, got, "seed %d", seed)
	}
}
