package panes

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keyhash"
)

// Cells that have added up are the same to all that is done with them as those that
// have put each term for itself, and their keys are in the same order.
func TestCellsAddUp(t *testing.T) {
	for seed := range uint64(90) {
		r := rand.New(rand.NewPCG(seed, 1))
		kind := &Kind[int64, int64]{Ops: Ops[int64]{
			New:   func() int64 { return 0 },
			Merge: func(a, b int64) int64 { return a + b },
			Sub:   func(a, b int64) int64 { return a - b },
		}, Counted: seed%2 == 0}
		kind.AddsUp()
		require.True(t, kind.whole)
		added, put, other := kind.table().(*Cells[int64, int64]), kind.table().(*Cells[int64, int64]), kind.table().(*Cells[int64, int64])
		hash := func(k int64) uint64 { return keyhash.Integer(uint64(k)) }
		many := int64([...]int{2, 9, 300}[seed%3])
		other.Put(hash(1), 1, 100, 1)
		for range 30 {
			k, v := r.Int64N(many)-1, r.Int64N(100)
			switch r.IntN(8) {
			case 0:
				added.Put(hash(k), k, v, 2)
				put.Put(hash(k), k, v, 2)
			case 1:
				if !kind.Counted {
					added.take(other, 0)
					put.take(other, 0)
				}
			case 2:
				if !kind.Counted {
					require.Equal(t, put.merge(other, 0), added.merge(other, 0))
				}
			case 3:
				require.Equal(t, put.find(other, 0), added.find(other, 0))
			case 4:
				if n := put.size(); n > 0 {
					at := r.IntN(n)
					*added.acc(at) += 7
					*put.acc(at) += 7
					added.sub(at, other, 0)
					put.sub(at, other, 0)
				}
			case 5:
				if n := put.size(); n > 0 && !kind.Counted {
					at := r.IntN(n)
					added.remove(at)
					put.remove(at)
				}
			case 6:
				if r.IntN(4) == 0 {
					added.reset()
					put.reset()
				}
			default:
				var hashes []uint64
				var keys, terms []int64
				for range r.IntN(40) {
					k, v := r.Int64N(many)-1, r.Int64()
					hashes, keys, terms = append(hashes, hash(k)), append(keys, k), append(terms, v)
					put.Put(hash(k), k, v, 1)
				}
				added.AddUp(hashes, keys, nil, terms)
			}
			want, got := heldBy(put), heldBy(added)
			if !slices.Equal(want, got) { // which is faster, as it is done for many
				require.Equal(t, want, got)
			}
			require.Equal(t, len(want), added.size())
			for at, x := range want {
				if added.hash(at) != x.hash || *added.acc(at) != x.acc {
					require.Fail(t, "another cell", "%d", at)
				}
			}
		}
	}
}

type heldCell struct {
	hash     uint64
	key, acc int64
	n        int64
}

func heldBy(c *Cells[int64, int64]) (all []heldCell) {
	c.Each(func(hash uint64, key, acc *int64, n int64) { all = append(all, heldCell{hash, *key, *acc, n}) })
	return all
}
