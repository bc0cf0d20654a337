package table

import (
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keyhash"
)

// colliding returns n keys whose cells begin in one group of a table of any size up
// to 4096 cells.
func colliding(n int) (keys []uint64) {
	for k := uint64(1); len(keys) < n; k++ {
		if keyhash.Integer(k)&0xFFC == 0xFFC { // the last group: probing goes on at the first
			keys = append(keys, k)
		}
	}
	return keys
}

// sumsTwin is what Sums are held against.
type sumsTwin struct {
	order []uint64
	sums  map[uint64]uint64
	n     map[uint64]int64
}

func (w *sumsTwin) add(key, term uint64, n int64) {
	if _, has := w.sums[key]; !has {
		w.order = append(w.order, key)
	}
	w.sums[key] += term
	w.n[key] += n
}

func (w *sumsTwin) reset() { *w = sumsTwin{sums: map[uint64]uint64{}, n: map[uint64]int64{}} }

func (w *sumsTwin) require(t *testing.T, s *Sums, counted bool) {
	t.Helper()
	require.Equal(t, len(w.order), s.Len())
	var all []Sum
	some := make([]Sum, 7)
	for at := 0; at < s.Len(); {
		n := s.Copy(some, at)
		require.Positive(t, n)
		all = append(all, some[:n]...)
		at += n
	}
	hashes := make([]uint64, 7)
	for at, got := range all { // comparing by == first, as it is done for many
		key := w.order[at]
		want := Sum{Hash: keyhash.Integer(key), Key: key, Sum: w.sums[key]}
		if counted {
			want.Count = w.n[key]
		}
		hash, k, sum := s.At(at)
		if at%len(hashes) == 0 {
			s.Hashes(hashes[:min(len(hashes), len(all)-at)], at)
		}
		if hashes[at%len(hashes)] != hash {
			require.Equal(t, hash, hashes[at%len(hashes)])
		}
		if again := (Sum{hash, *k, *sum, want.Count}); got != want || again != want {
			require.Equal(t, [2]Sum{want, want}, [2]Sum{got, again})
		}
	}
}

// Sums are held against a map: of keys that collide or do not, the key 0 among them, of
// all rows and of some, in batches of any length, moved to a table and back, and
// emptied.
func TestSums(t *testing.T) {
	hostile := colliding(900)
	for seed := range uint64(24) {
		r := rand.New(rand.NewPCG(seed, 3))
		many := [...]int{3, 40, 900}[seed%3]
		keyOf := func(k int) uint64 {
			switch seed / 3 % 4 {
			case 0:
				return uint64(k)
			case 1:
				return uint64(k - 1) // MaxUint64 is among them
			case 2:
				return hostile[k]
			default:
				return uint64(k) << 40
			}
		}
		counted := seed%2 == 0
		var s Sums
		var want sumsTwin
		want.reset()
		for range 20 {
			var hashes, keys, terms []uint64
			var rows []int32
			for i := range r.IntN([...]int{3, 3 * chunk}[r.IntN(2)]) {
				k := keyOf(r.IntN(many))
				hashes, keys, terms = append(hashes, keyhash.Integer(k)), append(keys, k), append(terms, r.Uint64())
				if r.IntN(2) == 0 {
					rows = append(rows, int32(i))
				}
			}
			if r.IntN(2) == 0 {
				rows = nil
			}
			s.AddUp(hashes, keys, rows, terms, counted)
			for _, row := range rows {
				want.add(keys[row], terms[row], 1)
			}
			if rows == nil {
				for i, k := range keys {
					want.add(k, terms[i], 1)
				}
			}
			want.require(t, &s, counted)
			switch k := keyOf(r.IntN(many)); r.IntN(6) {
			case 0:
				n := int64(0)
				if counted {
					n = 1 + r.Int64N(1000)
				}
				s.Add(keyhash.Integer(k), k, 5, n)
				want.add(k, 5, n)
			case 1:
				var table Table[uint64, uint64]
				var counts []int64
				s.Settle(unsafe.Pointer(&table), &counts)
				require.Zero(t, s.Len())
				require.Len(t, want.order, table.Len())
				for i, e := range table.Entries() {
					key := want.order[i]
					if e != (Entry[uint64, uint64]{key, want.sums[key]}) || table.Place(keyhash.Integer(key), key) != i || counted && counts[i] != want.n[key] {
						require.Fail(t, "moved wrongly", "key %d, entry %v at %d", key, e, i)
					}
				}
				s.Unsettle(unsafe.Pointer(&table), &counts)
				require.Zero(t, table.Len())
				require.Empty(t, counts)
			case 2:
				s.Reset()
				want.reset()
			}
			want.require(t, &s, counted)
		}
	}
}

// A key that comes again and again is counted beyond what 16 bits hold, and a sum wraps around.
func TestSumsWrapAround(t *testing.T) {
	var s Sums
	s.Add(keyhash.Integer(7), 7, math.MaxUint64, 70_000)
	s.AddUp([]uint64{keyhash.Integer(7)}, []uint64{7}, nil, []uint64{3}, true)
	some := make([]Sum, 1)
	require.Equal(t, 1, s.Copy(some, 0))
	require.Equal(t, Sum{keyhash.Integer(7), 7, 2, 70_001}, some[0])
}

// What is nearly empty after it was large gives its memory back, and is as good as new.
func TestSumsGiveMemoryBack(t *testing.T) {
	var s Sums
	for k := range uint64(5000) {
		s.Add(keyhash.Integer(k), k, k, 0)
	}
	s.Reset()
	require.NotEmpty(t, s.cells)
	s.Add(keyhash.Integer(0), 0, 1, 0)
	s.Reset()
	require.Empty(t, s.cells)
	s.AddUp(nil, nil, nil, nil, true)
	require.Zero(t, s.Len())
	s.Reset()
	s.Add(keyhash.Integer(0), 0, 1, 2)
	require.Equal(t, 1, s.Len())
}

// Sums have a cell more than twice as many as keys while they are few, and thirteen keys in sixteen cells where they are many:
// never more memory, and all are found wherever they lie.
func TestSumsGrow(t *testing.T) {
	var s Sums
	full := map[int]int{16: 8, 32: 16, 1 << 14: 1 << 13, manyCells: manyCells / 2, 2 * manyCells: 2 * manyCells / 16 * 13}
	for k := range uint64(60_000) {
		cells, keys := len(s.cells)-group, s.Len()
		s.Add(keyhash.Integer(k), k, k, 1)
		if most, ok := full[cells]; ok && (len(s.cells)-group != cells) != (keys == most) {
			require.Fail(t, "has grown at another number of keys, or has not", "%d cells, %d keys", cells, keys)
		}
	}
	all := s.Pairs([]Pair{{7, 7}})
	require.Equal(t, Pair{7, 7}, all[0])
	require.Len(t, all, 60_001)
	for k := range uint64(60_000) {
		sum, is := s.Get(keyhash.Integer(k), k)
		if hash, key, at := s.At(int(k)); !is || sum != k || hash != keyhash.Integer(k) || *key != k || *at != k || all[k+1] != (Pair{k, k}) {
			require.Fail(t, "another sum", "of %d", k)
		}
	}
	_, is := s.Get(keyhash.Integer(60_000), 60_000)
	require.False(t, is)
	_, is = new(Sums).Get(keyhash.Integer(0), 0)
	require.False(t, is)
}

// Keys of one group lie in it, and are looked for elsewhere only when it is full.
func TestSumsLieInTheirGroups(t *testing.T) {
	var s Sums
	var at, astray [chunk]uint32
	keys := colliding(5)
	for n, k := range keys {
		hashes := make([]uint64, n+1)
		for i, k := range keys[:n+1] {
			hashes[i] = keyhash.Integer(k)
		}
		s.Add(hashes[n], k, 1, 0)
		require.Equal(t, max(0, n+1-group), s.located(hashes, keys[:n+1], &at, &astray))
	}
	require.EqualValues(t, []uint32{12, 13, 14, 15, 0}, s.order, "of 16 cells")
	require.Nil(t, s.counts, "nothing has been counted")
	s.AddUp([]uint64{keyhash.Integer(7)}, []uint64{7}, []int32{}, []uint64{1}, true)
	require.Equal(t, 5, s.Len(), "no row was meant")
	s.Reset()
	s.Reset()
	require.Len(t, s.cells, 16+group, "what is small is kept")
}
