package table

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// FuzzTable holds a table against a Go map. The hashes collide, as a key's is
// made of few bits: in the index, in the tags, or altogether. Of few keys many are
// there when they are deleted.
func FuzzTable(f *testing.F) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 1))
		data := make([]byte, 20+r.IntN(3000))
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(byte(seed), data)
	}
	f.Fuzz(func(t *testing.T, kind byte, data []byte) {
		hash := func(k uint16) uint64 {
			h := uint64(k) * 0x9E3779B97F4A7C15
			switch kind % 4 {
			case 1:
				return h & 7 // all in a few places of the index, tags alike
			case 2:
				return h &^ 0xFFFF // one place, tags differ
			case 3:
				return 42
			}
			return h
		}
		var table Table[uint16, int]
		want := map[uint16]int{}
		for i := 0; i+2 < len(data); i += 3 {
			k := (uint16(data[i+1])<<8 | uint16(data[i+2])) % [...]uint16{700, 90, 20}[kind/4%3]
			switch op := data[i] % 16; {
			case op < 9:
				v, fresh := table.At(hash(k), k)
				_, known := want[k]
				require.Equal(t, !known, fresh)
				require.Equal(t, want[k], *v)
				*v = i + 1
				want[k] = i + 1
			case op < 14:
				table.Delete(hash(k), k)
				delete(want, k)
			case op == 14:
				v := table.Find(hash(k), k)
				if n, known := want[k]; known {
					require.Equal(t, n, *v)
				} else {
					require.Nil(t, v)
				}
			case data[i+1] < 8:
				table.Reset()
				clear(want)
			}
		}
		require.Equal(t, len(want), table.Len())
		for k, n := range want {
			v := table.Find(hash(k), k)
			require.NotNil(t, v, "what is there is found")
			require.Equal(t, n, *v)
		}
		var hashes []uint64
		for i, e := range table.Entries() {
			require.Equal(t, want[e.Key], e.Val)
			require.Equal(t, hash(e.Key), table.Hashes()[i])
			hashes = append(hashes, hash(e.Key))
		}
		// A slot of Probe is the key's entry, or that of a key whose hash looks
		// alike; for a key that is not there it is 0 or such a one.
		slots := make([]uint32, len(hashes))
		table.Probe(hashes, nil, slots)
		var odd []int32
		for i, s := range slots {
			require.NotZero(t, s)
			if kind%4 == 0 {
				require.EqualValues(t, i+1, s)
			}
			if i%2 == 1 {
				odd = append(odd, int32(i))
			}
		}
		some := make([]uint32, len(hashes))
		table.Probe(hashes, odd, some)
		for i, s := range slots {
			if i%2 == 0 {
				s = 0 // nobody has asked for it
			}
			require.Equal(t, s, some[i])
		}
	})
}

func TestEntriesKeepTheOrderOfInsertion(t *testing.T) {
	var table Table[int, int]
	for i := range 10_000 {
		*must(table.At(uint64(i)*0x9E3779B97F4A7C15, i)) = i
	}
	for i, e := range table.Entries() {
		require.Equal(t, i, e.Key)
		require.Equal(t, i, e.Val)
	}
}

func must(v *int, _ bool) *int { return v }

func TestResetGivesMemoryBack(t *testing.T) {
	var table Table[int, int]
	for i := range 100_000 {
		table.At(uint64(i)*0x9E3779B97F4A7C15, i)
	}
	table.Reset()
	require.NotEmpty(t, table.x.words, "what was in use once will be again")
	table.At(1, 1)
	table.Reset()
	require.Empty(t, table.x.words, "one key does not need the memory of many")
	v, fresh := table.At(1, 1)
	require.True(t, fresh)
	require.Zero(t, *v)
}

// An index is a power of two of words, of which three eighths are in use at
// most, and a word has as few bits as a slot can do with: the rest are the hash's.
func TestIndexIsNoLargerThanItHasToBe(t *testing.T) {
	var x Table[int, int]
	size := 16
	for n := 1; n <= 3000; n++ {
		x.At(uint64(n)*0x9E3779B97F4A7C15, n)
		for 8*n > 3*size {
			size *= 2
		}
		require.Len(t, x.x.words, size, "%d entries", n)
		most := uint32(size * 3 / 8)
		require.GreaterOrEqual(t, x.x.slotBits, most)
		require.Less(t, x.x.slotBits/2, most)
	}
}

// An index gives its memory back if it has more than a thousand words, and not
// one in 64 is in use.
func TestResetKeepsWhatIsInUse(t *testing.T) {
	for _, test := range []struct {
		words, entries int
		kept           bool
	}{{1024, 0, true}, {2048, 31, false}, {2048, 32, true}, {4096, 63, false}, {4096, 64, true}} {
		x := Index{words: make([]uint32, test.words), hashes: make([]uint64, test.entries)}
		require.Equal(t, test.kept, x.reset(), test)
		require.Empty(t, x.hashes)
		if test.kept {
			require.Len(t, x.words, test.words)
		} else {
			require.Empty(t, x.words)
		}
	}
}

// Probe finds all keys of a table that is larger than the nearest cache, in batches of any length.
func TestProbeOfMany(t *testing.T) {
	var x Table[int, int]
	hash := func(k int) uint64 { return uint64(k) * 0x9E3779B97F4A7C15 }
	const keys = 20_000
	for k := range keys {
		x.At(hash(k), k)
	}
	require.Greater(t, len(x.x.words), nearWords)
	r := rand.New(rand.NewPCG(3, 4))
	for _, n := range []int{0, 1, chunk - 1, chunk, chunk + 1, 1000} {
		var hashes []uint64
		var rows []int32
		var want, some []uint32
		for i := range n {
			k := r.IntN(2 * keys)
			slot, part := uint32(0), uint32(77)
			if k < keys {
				slot = uint32(k + 1)
			}
			if r.IntN(2) == 0 {
				rows, part = append(rows, int32(i)), slot
			}
			hashes, want, some = append(hashes, hash(k)), append(want, slot), append(some, part)
		}
		slots, of := make([]uint32, n), make([]uint32, n)
		for i := range of {
			of[i] = 77
		}
		x.Probe(hashes, nil, slots)
		if len(rows) > 0 {
			x.Probe(hashes, rows, of)
		}
		for i := range n {
			if want[i] > 0 {
				require.Equal(t, want[i], slots[i])
			} else if slots[i] > 0 { // another key's, whose hash looks alike
				require.Equal(t, tag(hashes[i])&^x.x.slotBits, tag(x.x.hashes[slots[i]-1])&^x.x.slotBits)
			}
			if some[i] == 77 || want[i] > 0 {
				require.Equal(t, some[i], of[i])
			}
		}
	}
}

// A table that holds nothing knows no key, and leaves no slot from before.
func TestProbeOfNothing(t *testing.T) {
	var x Table[int, int]
	slots := []uint32{3, 4}
	x.Probe([]uint64{1, 2}, nil, slots)
	require.Equal(t, []uint32{0, 0}, slots)
	require.Nil(t, x.Find(1, 1))
	require.Equal(t, -1, x.Place(1, 1))
	x.Delete(1, 1)
	require.Zero(t, x.Len())
}

// A bucket begins where four words do, and its match is the first word that carries the tag.
func TestMatch(t *testing.T) {
	require.EqualValues(t, 20, home(1<<35|55, 31))
	words := [bucket]uint32{0x11_01, 0x22_02, 0x33_03, 0x44_04}
	for i, want := range []uint32{0x11_00, 0x22_00, 0x33_00, 0x44_00} {
		require.Equal(t, words[i], match(unsafe.Pointer(&words), 0xFF, want))
	}
	require.Zero(t, match(unsafe.Pointer(&words), 0xFF, 0x55_00))
}
