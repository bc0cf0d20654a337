package sealed

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// piece seals a payload under a name, and returns what is on disk.
func piece(t testing.TB, keys Keys, pipeline, name string, payload []byte) []byte {
	t.Helper()
	inside := checkpoint.Memory()
	require.NoError(t, Store(inside, pipeline, keys).Write(name, payload))
	b, err := inside.Read(name)
	require.NoError(t, err)
	return b
}

// opened returns what a store says of a piece that an attacker has put there.
func opened(t testing.TB, keys Keys, pipeline, name string, b []byte) ([]byte, error) {
	t.Helper()
	inside := checkpoint.Memory()
	require.NoError(t, inside.Write(name, b))
	return Store(inside, pipeline, keys).Read(name)
}

const some = "state-000000000003-0001"

// refused checks that an altered piece is not opened, and that the error is one of those that
// a run acts upon.
func refused(t testing.TB, b []byte, what string, args ...any) {
	t.Helper()
	got, err := opened(t, ring(t, 1, 2), "orders", some, b)
	what = fmt.Sprintf(what, args...)
	require.Error(t, err, what)
	require.Nil(t, got, what)
	if !errors.Is(err, checkpoint.ErrDamaged) && !errors.Is(err, checkpoint.ErrSealed) && !errors.Is(err, checkpoint.ErrVersion) {
		require.Fail(t, err.Error(), what)
	}
}

// Every bit of a piece counts, also where the checksum of the header is made right again.
func TestEveryBit(t *testing.T) {
	whole := piece(t, ring(t, 1), "orders", some, []byte("Mrs Miller, 12 Mill Lane"))
	h, err := parseHeader(whole)
	require.NoError(t, err)
	sum := len(h.raw) - 4
	for i := range whole {
		for bit := range 8 {
			b := bytes.Clone(whole)
			b[i] ^= 1 << bit
			refused(t, b, "bit %d of byte %d", bit, i)
			if i < sum {
				if n := headerSize(b) - tinkSize - 4; n+4 <= len(b) { // where that header would have its checksum
					binary.LittleEndian.PutUint32(b[n:], crc32.Checksum(b[:n], castagnoli))
				}
				refused(t, b, "bit %d of byte %d, with its checksum", bit, i)
			}
		}
	}
	for n := range whole {
		refused(t, whole[:n], "cut to %d bytes", n)
	}
	refused(t, append(bytes.Clone(whole), 0), "a byte more")
	refused(t, append(bytes.Clone(whole), whole...), "twice")
	got, err := opened(t, ring(t, 1), "orders", some, whole)
	require.NoError(t, err)
	require.Equal(t, "Mrs Miller, 12 Mill Lane", string(got))
}

// Rot in the header is damage, for which an older checkpoint is taken, and no lack of a key.
func TestRotIsDamage(t *testing.T) {
	whole := piece(t, ring(t, 1), "orders", some, []byte("x"))
	for i := range whole[len(magic):] {
		b := bytes.Clone(whole)
		b[len(magic)+i] ^= 4
		_, err := opened(t, ring(t, 1), "orders", some, b)
		require.ErrorIs(t, err, checkpoint.ErrDamaged, "byte %d", i)
	}
}

// A later version is said to be one, and no older checkpoint is taken for it.
func TestLaterVersion(t *testing.T) {
	b := piece(t, ring(t, 1), "orders", some, []byte("x"))
	b[8]++
	n := headerSize(b) - tinkSize - 4
	binary.LittleEndian.PutUint32(b[n:], crc32.Checksum(b[:n], castagnoli))
	_, err := opened(t, ring(t, 1), "orders", some, b)
	require.ErrorIs(t, err, checkpoint.ErrVersion)
}

// Segments cannot be left out, repeated, reordered, cut off, or taken from elsewhere.
func TestSegments(t *testing.T) {
	payload := noise(firstPlain + 3*laterPlain + 100)
	whole, other := piece(t, ring(t, 1), "orders", some, payload), piece(t, ring(t, 1), "orders", some, payload)
	h, err := parseHeader(whole)
	require.NoError(t, err)
	split := func(b []byte) (all [][]byte) {
		body := b[h.size:]
		all = append(all, body[:segmentSize-tinkSize])
		for body = body[segmentSize-tinkSize:]; len(body) > 0; body = body[min(segmentSize, len(body)):] {
			all = append(all, body[:min(segmentSize, len(body))])
		}
		return all
	}
	segments, foreign := split(whole), split(other)
	require.Len(t, segments, 5)
	joined := func(all ...[]byte) []byte { return append(bytes.Clone(whole[:h.size]), slices.Concat(all...)...) }
	got, err := opened(t, ring(t, 1), "orders", some, joined(segments...))
	require.NoError(t, err)
	require.True(t, bytes.Equal(payload, got))
	for i := range segments {
		refused(t, joined(segments[:i]...), "cut before segment %d", i)
		refused(t, joined(slices.Delete(slices.Clone(segments), i, i+1)...), "without segment %d", i)
		refused(t, joined(slices.Insert(slices.Clone(segments), i, segments[i])...), "segment %d twice", i)
		mixed := slices.Clone(segments)
		mixed[i] = foreign[i]
		refused(t, joined(mixed...), "segment %d of another piece", i)
		for k := range i {
			swapped := slices.Clone(segments)
			swapped[i], swapped[k] = swapped[k], swapped[i]
			refused(t, joined(swapped...), "segments %d and %d swapped", k, i)
		}
	}
}

// A piece is nowhere else what it is in its place.
func TestPlaces(t *testing.T) {
	keys := ring(t, 1, 2)
	whole := piece(t, keys, "orders", some, []byte("x"))
	for _, name := range []string{"state-000000000003-0002", "state-000000000004-0001", "passed-000000000003"} {
		_, err := opened(t, keys, "orders", name, whole)
		require.ErrorIs(t, err, checkpoint.ErrDamaged, name)
	}
	_, err := opened(t, keys, "orders", "manifest-000000000003", whole)
	require.ErrorIs(t, err, checkpoint.ErrDamaged)
	_, err = opened(t, keys, "returns", some, whole)
	require.ErrorIs(t, err, checkpoint.ErrSealed)
	// Where one ends and the next one begins is part of it.
	a, b := binding([]byte("h"), "ab", "c"), binding([]byte("h"), "a", "bc")
	require.NotEqual(t, a, b)
}

func TestWrongKeys(t *testing.T) {
	whole := piece(t, ring(t, 1), "orders", some, []byte("x"))
	_, err := opened(t, ring(t, 2), "orders", some, whole)
	require.ErrorIs(t, err, checkpoint.ErrSealed)
	require.ErrorContains(t, err, `there is no key "key-1"`)
	other, err := NewRing(Key{"key-1", secret(9)})
	require.NoError(t, err)
	_, err = opened(t, other, "orders", some, whole)
	require.ErrorIs(t, err, checkpoint.ErrSealed)
	require.ErrorContains(t, err, `key "key-1" is another one than the one of this name`)
	_, err = opened(t, ring(t, 1), "orders", some, []byte("FRESHET\nplain"))
	require.ErrorIs(t, err, checkpoint.ErrSealed)
	require.ErrorContains(t, err, "it is not sealed")
}

// The pieces of a checkpoint are those that it was made of: one of the same name and pipeline, sealed
// with the same keys when the store had been emptied once, is found out.
func TestAnotherLife(t *testing.T) {
	keys := ring(t, 1)
	live := func(state string) checkpoint.Store {
		inside := checkpoint.Memory()
		s := Store(inside, "orders", keys)
		unlock, err := s.Lock()
		require.NoError(t, err)
		defer unlock()
		require.NoError(t, s.Write(some, []byte(state)))
		require.NoError(t, s.Write("manifest-000000000003", []byte("of "+state)))
		return inside
	}
	first, second := live("first"), live("second")
	stolen, err := first.Read(some)
	require.NoError(t, err)
	require.NoError(t, second.Write(some, stolen))
	s := Store(second, "orders", keys)
	_, err = s.Read("manifest-000000000003")
	require.NoError(t, err)
	_, err = s.Read(some)
	require.ErrorIs(t, err, checkpoint.ErrDamaged)
	require.ErrorContains(t, err, "it is not the file of which manifest-000000000003 was made")

	// A later life knows the pieces of the one before, and its manifests say so.
	s = Store(first, "orders", keys)
	_, err = s.Lock()
	require.NoError(t, err)
	_, err = s.Read("manifest-000000000003")
	require.NoError(t, err)
	require.NoError(t, s.Write("manifest-000000000004", []byte("later")))
	require.NoError(t, s.Remove("manifest-000000000003"))
	s = Store(first, "orders", keys)
	_, err = s.Read("manifest-000000000004")
	require.NoError(t, err)
	got, err := s.Read(some)
	require.NoError(t, err)
	require.Equal(t, "first", string(got))
	// One of which no manifest tells is not taken.
	require.NoError(t, first.Write("state-000000000004-0001", piece(t, keys, "orders", "state-000000000004-0001", nil)))
	_, err = s.Read("state-000000000004-0001")
	require.ErrorIs(t, err, checkpoint.ErrDamaged)
}

func FuzzOpen(f *testing.F) {
	keys := ring(f, 1)
	for _, name := range []string{some, "manifest-000000000003"} {
		whole := piece(f, keys, "orders", name, []byte("payload"))
		f.Add(name, whole)
		f.Add(name, whole[:len(whole)-3])
		f.Add(name, whole[:20])
	}
	f.Add(some, []byte(magic+"\x01w\xff\xff\xff\xff"))
	f.Add("manifest-000000000003", []byte{})
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		inside := checkpoint.Memory()
		if inside.Write(name, b) != nil {
			return
		}
		got, err := Store(inside, "orders", keys).Read(name)
		if err == nil && string(got) != "payload" {
			t.Errorf("%q was opened, which nobody has sealed", got)
		}
	})
}

// What a manifest is sealed with is parsed: nothing in it makes that fail otherwise than with an error.
func FuzzRoster(f *testing.F) {
	r := newRosters()
	r.wrote("state-1", salt{1})
	r.wrote("state-2", salt{2})
	f.Add(append(r.encode(), "rest"...))
	f.Add([]byte{255, 255, 255, 255, 255})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		roster, rest, ok := decodeRoster(b)
		if !ok {
			return
		}
		again := newRosters()
		for name, s := range roster {
			again.wrote(name, s)
		}
		got, left, ok := decodeRoster(append(again.encode(), rest...))
		require.True(t, ok)
		require.Equal(t, roster, got)
		require.True(t, bytes.Equal(rest, left))
	})
}
