package keyhash

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// each hashes keys one at a time and all at once: the two must agree, equal
// keys must have equal hashes, and the others different ones.
func requireHashes[K comparable](t *testing.T, keys ...K) {
	t.Helper()
	one, err := Of[K]()
	require.NoError(t, err)
	batch, err := Batch[K]()
	require.NoError(t, err)
	hashes := make([]uint64, len(keys))
	batch(keys, nil, hashes)
	for i, a := range keys {
		require.Equal(t, one(a), hashes[i], "%v", a)
		for j, b := range keys {
			require.Equal(t, a == b, hashes[i] == hashes[j], "%v and %v", a, b)
		}
	}
}

type product struct {
	Shop string
	ID   int32
	Kind [2]uint8
	gift bool
}

func TestHashes(t *testing.T) {
	requireHashes(t, 0, 1, -1, math.MaxInt, math.MinInt, 1)
	requireHashes[int8](t, 0, 1, -1, 127)
	requireHashes[uint16](t, 0, 1, 65535)
	requireHashes(t, "", "a", "b", "ab", "ba", "a", "a\x00", "a longer string than sixteen bytes", "a longer string than sixteen byteS")
	requireHashes(t, true, false, true)
	requireHashes(t, 0.0, math.Copysign(0, -1), 1.5, math.Inf(1), math.Inf(-1))
	requireHashes(t, complex(1, 2), complex(2, 1))
	requireHashes(t, product{"a", 1, [2]uint8{1, 2}, false}, product{"a", 1, [2]uint8{2, 1}, false}, product{"a", 1, [2]uint8{1, 2}, true}, product{"b", 1, [2]uint8{1, 2}, false})
	requireHashes(t, [2]string{"ab", "c"}, [2]string{"a", "bc"})
	requireHashes(t, time.Duration(1), time.Duration(2))
}

func TestKeysWithoutAHash(t *testing.T) {
	_, err := Of[*int]()
	require.Error(t, err)
	_, err = Batch[struct{ C chan int }]()
	require.Error(t, err)
	_, err = Batch[any]()
	require.Error(t, err)
	_, err = Of[struct {
		A int
		B int `binary:"-"`
	}]()
	require.ErrorContains(t, err, "no checkpoint would have it")
}

// Groups have about as many keys each, for keys that come in rows.
func TestGroupsAreEven(t *testing.T) {
	hash, err := Of[int64]()
	require.NoError(t, err)
	const keys, groups = 128_000, 128
	var counts [groups]int
	for k := range int64(keys) {
		counts[Group(hash(k*8), groups)]++
	}
	for _, n := range counts {
		require.InDelta(t, keys/groups, n, 200)
	}
}

// Saved state is found again by these: they must never change.
func TestHashesNeverChange(t *testing.T) {
	ints, _ := Of[int64]()
	texts, _ := Of[string]()
	require.Equal(t, [3]uint64{ints(0), ints(1), texts("order-42")}, golden)
}

var golden = [3]uint64{0xa5506ff52926ac13, 0x4290390c274813c9, 0x43bac01fb4c3830a}
