package delta

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestApplier(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 11))
	var m Maker
	var a Applier
	all := records(rng, 500, 3)
	was := [][]byte{encode(all)}
	var patches [][]byte
	for i := range 9 {
		all = change(rng, all, 5, i%3, i%2, i%4)
		was = append(was, encode(all))
		patches = append(patches, m.Make(was[i], was[i+1], 10_000))
	}
	for range 2 {
		for n := range was {
			got, err := a.Apply(was[0], patches[:n]...)
			require.NoError(t, err)
			require.True(t, bytes.Equal(was[n], got), n)
		}
	}
	_, err := a.Apply(was[0], patches[0], []byte{1})
	require.Error(t, err)
	got, err := a.Apply(was[3], patches[3])
	require.NoError(t, err)
	require.True(t, bytes.Equal(was[4], got))
}

// Apply appends where there is room, and takes no more than it needs where there
// is not.
func TestApplyMakesRoom(t *testing.T) {
	old := bytes.Repeat([]byte("old "), 100)
	now := append([]byte("new "), old...)
	patch := new(Maker).Make(old, now, 1000)
	for _, room := range []int{len(now) - 1, len(now), len(now) + 1} {
		b := make([]byte, 5, 5+room)
		got, err := Apply(b, old, patch)
		require.NoError(t, err)
		require.Equal(t, now, got[5:])
		require.Equal(t, room >= len(now), &got[0] == &b[0])
		require.Less(t, cap(got), len(got)+64)
	}
}

func TestNoPatch(t *testing.T) {
	old := bytes.Repeat([]byte("old "), 100)
	for name, patch := range map[string][]byte{
		"nothing":           {},
		"no length":         {0x80},
		"more than there":   binary.AppendUvarint(nil, math.MaxUint64),
		"one too many":      binary.AppendUvarint(nil, 803),
		"insert is short":   {5, 9, 'a'},
		"insert is long":    {2, 3, 'a', 'b', 'c'},
		"cut in a copy":     {5, 0, 0},
		"copy of nothing":   {5, 0, 0, 0},
		"in front of old":   {5, 0, 1, 5},
		"behind old":        append(binary.AppendVarint([]byte{5, 0}, 398), 5),
		"far behind":        append(binary.AppendVarint([]byte{5, 0}, math.MaxInt64), 5),
		"far in front":      append(binary.AppendVarint([]byte{5, 1, 'a'}, math.MinInt64), 4),
		"behind inserted":   append(binary.AppendVarint([]byte{5, 1, 'a'}, 400), 1),
		"behind copied":     append(binary.AppendVarint([]byte{5, 0, 0, 3, 0}, 398), 1),
		"copy is long":      {5, 0, 0, 6},
		"something behind":  {5, 0, 0, 5, 0},
		"something behind0": {0, 0},
	} {
		_, err := Apply(nil, old, patch)
		require.Error(t, err, name)
	}
}

// Whatever a patch is, it gives no more than there is in it and twice in the
// old bytes, or an error.
func FuzzApply(f *testing.F) {
	old := encode(records(rand.New(rand.NewPCG(8, 9)), 20, 0))
	for range 5 {
		f.Add(old, new(Maker).Make(old, append(old[100:200:200], old[50:]...), 1000))
	}
	f.Add(old, []byte{200, 1, 0, 0, 100, 0, 99, 100})
	f.Add([]byte("abc"), []byte{3, 0, 2, 1, 0, 3, 1, 0, 3, 1})
	f.Fuzz(func(t *testing.T, old, patch []byte) {
		got, err := Apply(nil, old, patch)
		if err == nil && len(got) > 2*len(old)+len(patch) {
			t.Fatal("too much")
		}
	})
}

// Patches of a few bytes that each double what there is are no way to ask for
// any number of bytes.
func TestPatchesThatDouble(t *testing.T) {
	old := []byte("some bytes")
	var patches [][]byte
	for size := len(old); len(patches) < 40; size *= 2 {
		p := binary.AppendUvarint(nil, uint64(2*size))
		p = binary.AppendUvarint(p, 0)
		p = binary.AppendVarint(p, 0)
		p = binary.AppendUvarint(p, uint64(size))
		p = binary.AppendUvarint(p, 0)
		p = binary.AppendVarint(p, int64(-size))
		p = binary.AppendUvarint(p, uint64(size))
		patches = append(patches, p)
	}
	b, err := new(Applier).Apply(old, patches[:3]...)
	require.NoError(t, err)
	require.Equal(t, bytes.Repeat(old, 8), b)
	allocated := testing.AllocsPerRun(1, func() {
		_, err = new(Applier).Apply(old, patches...)
	})
	require.ErrorIs(t, err, errPatch)
	require.Less(t, allocated, 40.0)
}

// As many bytes as there may be, and not one more.
func TestPatchesMayMakeSixteenTimesAsMuch(t *testing.T) {
	exact := false
	for x := 8; x < 200; x++ {
		old := bytes.Repeat([]byte{7}, x)
		patches, all := [][]byte(nil), x
		for size := x; size < 32*x; size *= 2 {
			p := binary.AppendUvarint(nil, uint64(2*size))
			p = binary.AppendUvarint(append(p, 0, 0), uint64(size))
			p = binary.AppendVarint(append(p, 0), int64(-size))
			patches = append(patches, binary.AppendUvarint(p, uint64(size)))
			all += len(patches[len(patches)-1])
		}
		b, err := new(Applier).Apply(old, patches...)
		require.Equal(t, 32*x > 16*all, err != nil, "%d bytes", x)
		if err == nil {
			require.Len(t, b, 32*x)
		}
		exact = exact || 32*x == 16*all
	}
	require.True(t, exact, "one is just as many")
}

// A patch makes what Apply makes of it, and nothing else.
func TestMakes(t *testing.T) {
	old := bytes.Repeat([]byte("some old bytes, "), 40)
	now := append(append([]byte("new "), old[:300]...), old[310:]...)
	patch := new(Maker).Make(old, now, len(now))
	require.True(t, makes(old, patch, now))
	require.False(t, makes(old, patch, now[:len(now)-1]))
	require.False(t, makes(old, patch, append(bytes.Clone(now), 0)))
	require.False(t, makes(old, patch[:len(patch)-1], now))
	require.False(t, makes(old, append(bytes.Clone(patch), 0), now))
	for i := range now {
		other := bytes.Clone(now)
		other[i]++
		require.False(t, makes(old, patch, other), i)
	}
}

func BenchmarkApply(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	all := records(rng, 8000, 0)
	old := encode(all)
	for _, changed := range []int{0, 80, 400} {
		b.Run(fmt.Sprintf("changed=%d%%", changed*100/8000), func(b *testing.B) {
			now := encode(change(rng, all, changed, 0, 0, 0))
			patch := new(Maker).Make(old, now, len(now))
			b.SetBytes(int64(len(now)))
			b.ReportAllocs()
			var to []byte
			for b.Loop() {
				to, _ = Apply(to[:0], old, patch)
			}
		})
	}
}
