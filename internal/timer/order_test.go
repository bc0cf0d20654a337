package timer

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Items of one time and seq come in the order in which they were pushed, also out of a queue
// that was made of what Each gives, whatever is pushed and popped between.
func TestOrderOfTheSame(t *testing.T) {
	type item struct {
		due int64
		seq uint64
		nth int
	}
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		spread := []int64{2, 50, 1 << 20, 1 << 40}[seed%4]
		var q Queue[int]
		var want []item
		now := int64(0)
		for nth := range 1500 {
			if r.IntN(3) == 0 && len(want) > 0 {
				slices.SortStableFunc(want, func(a, b item) int { return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.seq, b.seq)) })
				x := q.Pop()
				require.Equal(t, want[0], item{x.Due, x.Seq, x.Val})
				want = want[1:]
				if r.IntN(2) == 0 {
					now = x.Due
				}
			}
			if r.IntN(100) == 0 {
				var again Queue[int]
				q.Each(func(x Item[int]) { again.Push(x.Due, x.Seq, x.Val) })
				q = again
			}
			x := item{now + r.Int64N(spread), r.Uint64N(2), nth}
			if len(want) > 0 && r.IntN(2) == 0 { // as one that is there
				other := want[r.IntN(len(want))]
				x.due, x.seq = other.due, other.seq
			}
			want = append(want, x)
			q.Push(x.due, x.seq, x.nth)
		}
	}
}
