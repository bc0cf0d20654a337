package parquetsource_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"runtime"
	"slices"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/parquetsource"
)

// A bomb is a codec that puts other data in the place of a page's.
type bomb struct {
	compress.Codec
	of func(plain []byte) []byte
}

func (b bomb) Encode(dst, src []byte) ([]byte, error) { return append(dst[:0], b.of(src)...), nil }

// zeros is a frame of Zstd of so many blocks of 128 KiB, four bytes each, that says how long it is or does not.
func zeros(blocks int, says bool) []byte {
	b := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3} // no length, and a window of 128 KiB
	if says {
		b = binary.LittleEndian.AppendUint64([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xe0}, uint64(blocks)<<17)
	}
	for i := range blocks {
		head := 1<<17<<3 | 1<<1
		if i == blocks-1 {
			head |= 1
		}
		b = append(b, byte(head), byte(head>>8), byte(head>>16), 0)
	}
	return b
}

// A page makes no more than it says, whatever its data is: what expands without an end is refused before memory is taken for it.
func TestBombs(t *testing.T) {
	const large = 32 << 20
	var zipped, brotlied bytes.Buffer
	z := gzip.NewWriter(&zipped)
	for range large >> 20 {
		_, err := z.Write(make([]byte, 1<<20))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	require.NoError(t, gzip.NewWriter(&zipped).Close()) // whose length is what the last four bytes say
	w := brotli.NewWriterLevel(&brotlied, 1)
	for range large >> 20 {
		_, err := w.Write(make([]byte, 1<<20))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	encoder, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	first := func(b []byte) []byte { return encoder.EncodeAll(b, nil) }

	for name, b := range map[string]bomb{
		"zstd without a length":  {&parquet.Zstd, func([]byte) []byte { return zeros(large>>17, false) }},
		"zstd, the second frame": {&parquet.Zstd, func(p []byte) []byte { return append(first(p), zeros(large>>17, true)...) }},
		"zstd, many frames":      {&parquet.Zstd, func(p []byte) []byte { return append(first(p), bytes.Repeat(zeros(1, true), large>>17)...) }},
		"zstd behind one to skip": {&parquet.Zstd, func([]byte) []byte {
			return append([]byte{0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 'x'}, zeros(large>>17, false)...)
		}},
		"gzip of two members":       {&parquet.Gzip, func([]byte) []byte { return zipped.Bytes() }},
		"brotli":                    {&parquet.Brotli, func([]byte) []byte { return brotlied.Bytes() }},
		"snappy that says too much": {&parquet.Snappy, func([]byte) []byte { return binary.AppendUvarint(nil, large) }},
	} {
		for _, version := range []int{1, 2} {
			lake := files(map[string][]byte{"x": encode(t, orders(0, 90), 30, parquet.Compression(b), parquet.DataPageVersion(version))})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := readAll(t, parquetsource.Files[order](lake, "*", parquetsource.MaxPage(1<<20)), nil)
			runtime.ReadMemStats(&after)
			require.Error(t, err, name)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(large/2), "%s, version %d: %v", name, version, err)
		}
	}
}

// What other writers make is read, also where it is decompressed once more to see how much it is.
func TestFramesOfOthers(t *testing.T) {
	streamed := func(plain []byte) []byte { // blocks of a few bytes, and no length
		var b bytes.Buffer
		w, err := zstd.NewWriter(&b)
		require.NoError(t, err)
		for part := range slices.Chunk(plain, 16) {
			_, err = w.Write(part)
			require.NoError(t, err)
			require.NoError(t, w.Flush())
		}
		require.NoError(t, w.Close())
		return b.Bytes()
	}
	for name, codec := range map[string]compress.Codec{"streamed": bomb{&parquet.Zstd, streamed}, "zstd": &parquet.Zstd, "gzip": &parquet.Gzip, "brotli": &parquet.Brotli} {
		lake := files(map[string][]byte{"x": encode(t, orders(0, 900), 300, parquet.Compression(codec))})
		for _, most := range []int64{1 << 20, 20_000} {
			got, err := readAll(t, parquetsource.Files[order](lake, "*", parquetsource.MaxPage(most)), nil)
			require.NoError(t, err, name)
			require.ElementsMatch(t, orders(0, 900), flatten(got), name)
		}
	}
}
