package table

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// AddUp is held against a Go map: of keys whose hashes collide or do not, of all
// rows and of some, in batches of any length, between insertions and deletions.
func TestAddUp(t *testing.T) {
	t.Run("integers", func(t *testing.T) { addsUp(t, func(k int) int32 { return int32(k) }) })
	t.Run("texts", func(t *testing.T) { addsUp(t, func(k int) string { return fmt.Sprint("customer-", k) }) })
	t.Run("structs", func(t *testing.T) {
		addsUp(t, func(k int) struct {
			shop byte
			at   int64
		} {
			return struct {
				shop byte
				at   int64
			}{byte(k), int64(k / 3)}
		})
	})
}

func addsUp[K comparable](t *testing.T, keyOf func(int) K) {
	for seed := range uint64(36) {
		r := rand.New(rand.NewPCG(seed, 2))
		hash := func(k int) uint64 {
			switch h := uint64(k) * 0x9E3779B97F4A7C15; seed % 4 {
			case 0:
				return h & 7
			case 1:
				return h &^ 0xFFFF
			case 2:
				return 42
			default:
				return h
			}
		}
		many := [...]int{3, 40, 700}[seed%3]
		var sums Table[K, uint64]
		var counts []int64
		want, events := map[K]uint64{}, map[K]int64{}
		for range 20 {
			var keys []K
			var hashes, terms []uint64
			var rows []int32
			for i := range r.IntN(3 * chunk) {
				k := r.IntN(many)
				keys, hashes, terms = append(keys, keyOf(k)), append(hashes, hash(k)), append(terms, r.Uint64())
				if r.IntN(2) == 0 {
					rows = append(rows, int32(i))
				}
			}
			if seed%2 == 0 || len(rows) == 0 {
				rows = nil
			}
			AddUp(&sums, hashes, keys, rows, terms, &counts)
			for i, k := range keys {
				if rows == nil || slices.Contains(rows, int32(i)) {
					want[k] += terms[i]
					events[k]++
				}
			}
			for i, e := range sums.Entries() {
				if want[e.Key] != e.Val || events[e.Key] != counts[i] { // without require, as it is done for many
					require.Fail(t, "another sum", "of %v", e.Key)
				}
			}
			require.Len(t, want, sums.Len())
			if r.IntN(4) == 0 && sums.Len() > 0 {
				at := r.IntN(sums.Len())
				k := sums.Entries()[at].Key
				sums.DeleteAt(at)
				counts[at] = counts[len(counts)-1]
				counts = counts[:len(counts)-1]
				delete(want, k)
				delete(events, k)
			}
		}
	}
}

func TestAddUpOfNothing(t *testing.T) {
	var sums Table[int, uint64]
	AddUp(&sums, nil, nil, nil, nil, nil)
	require.Zero(t, sums.Len())
}
