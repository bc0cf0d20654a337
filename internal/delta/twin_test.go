package delta

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// A twin makes patches by the words of Maker, slowly: it compares byte by byte, tries
// each distance, and makes its index of blocks anew.
type twin struct {
	old, now, patch []byte
	last, inserts   int
	blocks          map[uint64]int // by hash, which block of old is the first
	vain, rest      int
}

func (x *twin) make(limit int) []byte {
	x.patch = binary.AppendUvarint(nil, uint64(len(x.now)))
	x.blocks = map[uint64]int{}
	for b := range len(x.old) / 16 {
		if h := x.hash(x.old[16*b:]); x.blocks[h] == 0 {
			x.blocks[h] = b + 1
		}
	}
	i, j := 0, 0
	for j < len(x.now) {
		n := x.common(i, j)
		if n >= 8 || n > 0 && j+n == len(x.now) {
			x.copy(i, j, n)
			i, j = i+n, j+n
		}
		if len(x.patch)+j-x.inserts > limit {
			return nil
		}
		if j < len(x.now) {
			i, j = x.next(i, j)
		}
	}
	if x.inserts < len(x.now) {
		x.insert(len(x.now))
	}
	if len(x.patch) > limit || len(x.now) > 2*len(x.old)+len(x.patch) {
		return nil
	}
	return x.patch
}

// hash is one of as many as there are places for two blocks each.
func (x *twin) hash(b []byte) uint64 {
	first, second := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	h := (first*0x9E37_79B9_7F4A_7C15 ^ bits.RotateLeft64(second*0xC2B2_AE3D_27D4_EB4F, 31)) * 0x9E37_79B9_7F4A_7C15
	places := 1
	for places <= len(x.old)/16*2+1 {
		places *= 2
	}
	return h / (1 << 63 / uint64(places) * 2)
}

// common is how many bytes are the same from i and from j on.
func (x *twin) common(i, j int) (n int) {
	for i+n < len(x.old) && j+n < len(x.now) && x.old[i+n] == x.now[j+n] {
		n++
	}
	return n
}

func (x *twin) copy(i, j, n int) {
	for i > 0 && j > x.inserts && x.old[i-1] == x.now[j-1] {
		i, j, n = i-1, j-1, n+1
	}
	due := x.last + j - x.inserts
	x.insert(j)
	x.patch = binary.AppendVarint(x.patch, int64(i-due))
	x.patch = binary.AppendUvarint(x.patch, uint64(n))
	x.last, x.inserts = i+n, j+n
}

func (x *twin) insert(end int) {
	x.patch = binary.AppendUvarint(x.patch, uint64(end-x.inserts))
	x.patch = append(x.patch, x.now[x.inserts:end]...)
}

func (x *twin) next(i, j int) (int, int) {
	toI, toJ, most := 0, 0, 0
	for k := 1; k <= 128 && most == 0; k++ {
		if i+k+8 <= len(x.old) && j+k+8 <= len(x.now) && x.common(i+k, j+k) >= 8 {
			toI, toJ, most = i+k, j+k, min(512, x.common(i+k, j+k))
		}
	}
	switch {
	case most > 0 && x.rest > 0:
		x.rest--
	case most < 512:
		end := j + 128
		if most > 0 {
			end = min(end, toJ+most+16)
		}
		x.vain++
		for at := j; at < end && at+16 <= len(x.now) && most < 512; at++ {
			b := x.blocks[x.hash(x.now[at:])]
			from := 16 * (b - 1)
			if b == 0 || from-at == i-j {
				continue
			}
			if n := min(512, x.common(from, at)); n > most+16 {
				toI, toJ, most, x.vain = from, at, n, 0
			}
		}
		x.rest = min(x.vain, 16)
	}
	if most > 0 {
		return toI, toJ
	}
	return i + 128, min(j+128, len(x.now))
}

// Make finds what its twin does, and no patch where that finds none, whatever the
// limit.
func TestMakeAsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	var m Maker
	hold := func(old, now []byte) {
		t.Helper()
		want := (&twin{old: old, now: now}).make(2*len(now) + 100)
		require.Equal(t, want, m.Make(old, now, 2*len(now)+100))
		for _, limit := range []int{len(want), len(want) - 1, len(want) / 2, rng.IntN(len(now) + 20)} {
			require.Equal(t, (&twin{old: old, now: now}).make(limit), m.Make(old, now, limit), "%d of %d", limit, len(want))
		}
		if want != nil {
			got, err := Apply(nil, old, want)
			require.NoError(t, err)
			require.True(t, bytes.Equal(now, got))
		}
	}
	for range 60 {
		all := records(rng, 10+rng.IntN(400), []int{0, 3, 40, 600}[rng.IntN(4)])
		n := len(all) / 3
		old := encode(all)
		now := encode(change(rng, all, rng.IntN(n), rng.IntN(2)*rng.IntN(n), rng.IntN(2)*rng.IntN(n), rng.IntN(2)*rng.IntN(n)))
		hold(old, now)
	}
	for range 1000 { // short bytes of few letters: all borders are met
		some := func(n int) []byte {
			b := make([]byte, rng.IntN(n))
			for i := range b {
				b[i] = "aab"[rng.IntN(3)]
			}
			return b
		}
		old := some(300)
		now := some(40)
		for range rng.IntN(4) {
			from := rng.IntN(len(old) + 1)
			now = append(now, old[from:from+rng.IntN(len(old)-from+1)]...)
			now = append(now, some(1+rng.IntN(20))...)
		}
		hold(old, now)
	}
	for k := range 300 { // matches about as long as one that is long enough
		old := encode(records(rng, 30, 0))
		now := bytes.Clone(old[k%200:])
		now[min(len(now)-1, k)] ^= 1
		hold(old, now)
	}
	for k := range 300 { // copies of copies, up to as many as a patch may make
		old := encode(records(rng, 2, 0))
		now := append(bytes.Repeat(old, 2), old[:min(k%60, len(old))]...)
		for i := range k / 60 {
			now[5+9*i] ^= 0xff
		}
		hold(old, now)
	}
}
