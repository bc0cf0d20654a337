package table

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who looks at one part after another, while entries come and go, finds each that is there all the time once, and none twice.
func TestParts(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 5))
		var x Table[int, int]
		crowd := uint64(1) // of how many hashes one is given
		if r.IntN(3) == 0 {
			crowd = 64
		}
		hash := func(k int) uint64 { return uint64(k) * 0x9e3779b97f4a7c15 >> 3 / crowd }
		keys := 1 + r.IntN(3000)
		for k := range r.IntN(keys) {
			x.At(hash(k), k)
		}
		stays, found := map[int]bool{}, map[int]int{}
		for _, e := range x.Entries() {
			stays[e.Key] = true
		}
		size := 1 + r.IntN(200)
		of := x.Parts(size)
		require.LessOrEqual(t, of.Len()*size, 2*max(x.Len(), size))
		for part := range of.Len() {
			x.Part(of, part, func(at int) {
				found[x.Entries()[at].Key]++
			})
			for range r.IntN(2 + 4*keys/of.Len()) {
				k := r.IntN(keys)
				if r.IntN(3) > 0 {
					x.At(hash(k), k)
				} else {
					x.Delete(hash(k), k)
					delete(stays, k)
				}
			}
			if r.IntN(1000) == 0 {
				x.Reset()
				clear(stays)
			}
		}
		for k := range stays {
			require.Equal(t, 1, found[k], "seed %d: the key %d of %d, in %d parts", seed, k, len(stays), of.Len())
		}
		for k, n := range found {
			require.Equal(t, 1, n, "seed %d: the key %d, in %d parts", seed, k, of.Len())
		}
	}
}

// All parts together cost about one look at each word of the index, however many there are.
func TestPartsCost(t *testing.T) {
	var x Table[int, int]
	for k := range 100_000 {
		x.At(uint64(k)*0x9e3779b97f4a7c15, k)
	}
	for _, size := range []int{200_000, 50_000, 4096, 100} {
		of := x.Parts(size)
		looked, most, found := 0, 0, 0
		for part := range of.Len() {
			n := 0
			looked += x.x.part(of, part, func(int) { n++ })
			most, found = max(most, n), found+n
		}
		require.Equal(t, 100_000, found)
		require.GreaterOrEqual(t, looked, min(found, len(x.x.words)))
		require.LessOrEqual(t, looked, len(x.x.words)*3/2, "in %d parts", of.Len())
		require.LessOrEqual(t, most, 2*size, "in %d parts", of.Len())
	}
	require.LessOrEqual(t, x.Parts(1).Len(), len(x.x.words)/bucket)
	var few Table[int, int]
	for k := range 6 { // of 16 words, and would be 8 parts if one could be smaller than a bucket
		few.At(uint64(k)*0x9e3779b97f4a7c15, k)
	}
	require.Equal(t, 4, few.Parts(1).Len())
	var none Table[int, int]
	require.Equal(t, 1, none.Parts(10).Len())
	none.Part(none.Parts(10), 0, func(int) { t.Fatal("it is empty") })
	none.Part(Parts{}, 0, func(int) { t.Fatal("it is empty") })
}

// Of a table that was emptied, and has begun anew in less memory, each entry is in one part.
func TestPartsOfATableThatHasBegunAnew(t *testing.T) {
	var x Table[int, int]
	hash := func(k int) uint64 { return uint64(k) * 0x9e3779b97f4a7c15 >> 3 }
	for k := range 5000 {
		x.At(hash(k), k)
	}
	of := x.Parts(50)
	x.Reset()
	x.Reset()
	for k := range 300 {
		x.At(hash(k), k)
	}
	require.Less(t, len(x.x.words), int(of.words))
	found, most := map[int]int{}, 0
	for part := range of.Len() {
		n := 0
		x.Part(of, part, func(at int) { found[at]++; n++ })
		most = max(most, n)
	}
	require.Len(t, found, 300)
	for at, n := range found {
		require.Equal(t, 1, n, "at %d", at)
	}
	require.Less(t, most, 30)
}
