package delta

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A record is one of a running sum, as a group of keys holds thousands.
type record struct {
	hash, key uint64
	sum       uint64
	note      []byte
}

func records(rng *rand.Rand, n, note int) []record {
	all := make([]record, n)
	for i := range all {
		all[i] = fresh(rng, note)
	}
	return all
}

func fresh(rng *rand.Rand, note int) record {
	return record{rng.Uint64(), rng.Uint64N(1_000_000), rng.Uint64N(1000), bytes.Repeat([]byte{'-'}, note)}
}

func encode(all []record) []byte {
	var b, r []byte
	for _, x := range all {
		r = binary.LittleEndian.AppendUint64(append(r[:0], 8), x.hash)
		r = binary.AppendUvarint(append(r, 16), x.key)
		r = binary.AppendUvarint(append(r, 24), x.sum)
		r = append(append(r, 32), x.note...)
		r = append(r, 40, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0)
		b = append(binary.AppendUvarint(b, uint64(len(r))), r...)
	}
	return b
}

// change changes a share of records, and removes some and adds others as a
// table does: the last one moves into the hole.
func change(rng *rand.Rand, all []record, changed, removed, inserted, added int) []record {
	all = slices.Clone(all)
	for range changed {
		all[rng.IntN(len(all))].sum += 1 + rng.Uint64N(300)
	}
	for range removed {
		i := rng.IntN(len(all))
		if rng.IntN(2) == 0 { // and the last one is of another group
			all = slices.Delete(all, i, i+1)
			continue
		}
		all[i] = all[len(all)-1]
		all = all[:len(all)-1]
	}
	for range inserted { // into a hole that another group has left
		all = slices.Insert(all, rng.IntN(len(all)), fresh(rng, len(all[0].note)))
	}
	for range added {
		all = append(all, fresh(rng, len(all[0].note)))
	}
	return all
}

// A patch is as long as what has changed, whatever has changed and however
// long records are.
func TestProportion(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var m Maker
	for _, note := range []int{0, 40, 300} {
		all := records(rng, 4000, note)
		old := encode(all)
		of := len(old) / len(all)
		for _, c := range [][4]int{
			{0, 0, 0, 0}, {1, 0, 0, 0}, {40, 0, 0, 0}, {400, 0, 0, 0},
			{0, 1, 0, 0}, {0, 0, 1, 0}, {0, 40, 0, 0}, {0, 0, 40, 0}, {0, 0, 0, 40}, {40, 40, 40, 40}, {200, 100, 100, 400},
		} {
			t.Run(fmt.Sprintf("%d bytes, %v", of, c), func(t *testing.T) {
				now := encode(change(rng, all, c[0], c[1], c[2], c[3]))
				patch := m.Make(old, now, len(now))
				require.NotNil(t, patch)
				got, err := Apply(nil, old, patch)
				require.NoError(t, err)
				require.True(t, bytes.Equal(now, got))
				most := 20 + 12*c[0] + (of+16)*c[1] + (of+16)*c[2] + (of+5)*c[3]
				require.LessOrEqual(t, len(patch), most)
				t.Logf("%d bytes, %d at most", len(patch), most)
			})
		}
	}
}

func TestLimit(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	var m Maker
	a, b := encode(records(rng, 1000, 0)), encode(records(rng, 1000, 0))
	require.Nil(t, m.Make(a, b, len(b)/2))
	patch := m.Make(a, b, 2*len(b))
	require.NotNil(t, patch)
	require.Nil(t, m.Make(a, b, len(patch)-1))
	require.Equal(t, patch, m.Make(a, b, len(patch)))
	require.Nil(t, m.Make(a[:50], bytes.Repeat(a[:50], 100), 1000), "copies of copies")
	got, err := Apply([]byte("before"), a, patch)
	require.NoError(t, err)
	require.Equal(t, "before"+string(b), string(got))
}

// What Make makes, Apply makes new of.
func FuzzMake(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 6))
	all := records(rng, 60, 3)
	f.Add([]byte(nil), []byte(nil))
	f.Add([]byte(nil), []byte("new"))
	f.Add([]byte("old"), []byte(nil))
	f.Add(bytes.Repeat([]byte{0}, 1000), bytes.Repeat([]byte{0}, 1500))
	for range 40 {
		f.Add(encode(all), encode(change(rng, all, rng.IntN(10), rng.IntN(5), rng.IntN(5), rng.IntN(5))))
	}
	var m Maker // what it keeps must not matter
	f.Fuzz(func(t *testing.T, old, now []byte) {
		limit := len(now)/2 + 16
		patch := m.Make(old, now, limit)
		if patch == nil {
			return
		}
		if len(patch) > limit {
			t.Fatalf("%d bytes", len(patch))
		}
		if again := new(Maker).Make(old, now, limit); !bytes.Equal(patch, again) {
			t.Fatal("what was made before matters")
		}
		got, err := Apply(nil, old, patch)
		if err != nil || !bytes.Equal(got, now) {
			t.Fatalf("%q to %q by %q: %q, %v", old, now, patch, got, err)
		}
	})
}

// Edits of a sequence of records, by the fuzzer's choice.
func FuzzEdits(f *testing.F) {
	f.Add(uint64(1), uint16(300), uint8(10), uint8(3), uint8(3), uint8(3))
	f.Add(uint64(2), uint16(3000), uint8(0), uint8(200), uint8(0), uint8(0))
	f.Add(uint64(3), uint16(2), uint8(1), uint8(0), uint8(1), uint8(1))
	f.Fuzz(func(t *testing.T, seed uint64, n uint16, changed, removed, inserted, added uint8) {
		rng := rand.New(rand.NewPCG(seed, 7))
		all := records(rng, int(removed)+2+int(n%5000), int(seed%50))
		old, now := encode(all), encode(change(rng, all, int(changed), int(removed), int(inserted), int(added)))
		patch := new(Maker).Make(old, now, 2*len(now)+32)
		if patch == nil && len(now) <= 2*len(old) {
			t.Fatal("no patch")
		}
		if patch == nil {
			return
		}
		got, err := Apply(nil, old, patch)
		if err != nil || !bytes.Equal(got, now) {
			t.Fatalf("%v", err)
		}
	})
}

func BenchmarkMake(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	all := records(rng, 8000, 0)
	old := encode(all)
	bench := func(name string, now []byte) {
		b.Run(name, func(b *testing.B) {
			var m Maker
			b.SetBytes(int64(len(now)))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = len(m.Make(old, now, len(now)/2))
			}
			b.ReportMetric(100*float64(n)/float64(len(now)), "%")
		})
	}
	for _, changed := range []float64{0, 0.1, 1, 5, 20, 100} {
		now := slices.Clone(all)
		for i := range now {
			if 100*rng.Float64() < changed {
				now[i].sum += 1 + rng.Uint64N(300)
			}
		}
		bench(fmt.Sprintf("changed=%v%%", changed), encode(now))
	}
	bench("removed=1%", encode(change(rng, all, 0, 80, 0, 0)))
	bench("inserted=1%", encode(change(rng, all, 0, 0, 80, 0)))
	bench("all=new", encode(records(rng, 8000, 0)))
}

// Bytes that grow by copies of themselves are written whole before nobody would read
// them.
func TestChainThatDoubles(t *testing.T) {
	var w Writer
	var c Chain
	b := bytes.Repeat([]byte("0123456789abcdef"), 64)
	var whole []byte
	var patches [][]byte
	for turn := range int64(12) {
		next, write := w.Next(c, turn, b, false)
		if n := next.Patches(); n > 0 {
			patches = append(patches[:n-1:n-1], write)
		} else {
			whole, patches = write, nil
		}
		got, err := new(Applier).Apply(whole, patches...)
		require.NoError(t, err)
		require.True(t, bytes.Equal(b, got))
		c, b = next, append(bytes.Clone(b), b...)
	}
}
