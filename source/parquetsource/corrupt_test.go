package parquetsource_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/internal/sample"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/parquetsource"
	"github.com/freshet-go/freshet/stream"
)

// damaged returns a file whose second row group of three has a damaged page.
func damaged(t testing.TB) []byte {
	data := encode(t, orders(0, 90), 30)
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	meta := f.Metadata().RowGroups[1].Columns[2].MetaData
	for i := range meta.TotalCompressedSize - 40 {
		data[meta.DataPageOffset+40+i] ^= 0x55
	}
	return data
}

// Damage is an error that names file and row group, or what it concerns is passed over.
func TestDamaged(t *testing.T) {
	whole := encode(t, orders(100, 20), 10)
	lake := files(map[string][]byte{
		"a.parquet": damaged(t), "b.parquet": whole, "c.parquet": whole[:len(whole)-9],
		"d.parquet": nil, "e.parquet": []byte("PAR1PAR1"), "f.parquet": []byte(strings.Repeat("text\n", 100)),
	})
	_, err := readAll(t, parquetsource.Files[order](lake, "a.parquet"), nil)
	var read *source.ReadError
	require.ErrorAs(t, err, &read)
	assert.Equal(t, "a.parquet", read.Source)
	assert.Equal(t, "row group 1 row 0", read.Offset)
	assert.ErrorContains(t, err, `column "note"`)

	for _, name := range []string{"c", "d", "e", "f"} {
		_, err := readAll(t, parquetsource.Files[order](lake, name+".parquet"), nil)
		require.ErrorAs(t, err, &read, name)
		t.Log(err)
		assert.Equal(t, name+".parquet", read.Source)
		assert.Equal(t, "footer", read.Offset)
	}

	for _, opts := range [][]parquetsource.Option{nil, {parquetsource.SplitSize(1)}, {parquetsource.InOrder()}} {
		var mu sync.Mutex
		var told []string
		opts = append(opts, parquetsource.SkipCorrupt(func(e *source.ReadError) error {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, e.Source+" "+e.Offset)
			return nil
		}))
		got, err := readAll(t, parquetsource.Files[order](lake, "*.parquet", opts...), nil)
		require.NoError(t, err)
		want := append(append(orders(0, 30), orders(60, 30)...), orders(100, 20)...)
		assert.ElementsMatch(t, want, flatten(got))
		assert.ElementsMatch(t, []string{"a.parquet row group 1 row 0", "c.parquet footer", "d.parquet footer", "e.parquet footer", "f.parquet footer"}, told)
	}

	enough := errors.New("enough")
	_, err = readAll(t, parquetsource.Files[order](lake, "a.parquet", parquetsource.SkipCorrupt(func(*source.ReadError) error { return enough })), nil)
	assert.ErrorIs(t, err, enough)
}

// failing fails where it is read behind a byte.
type failing struct {
	fs.FS
	from int64
	err  error
}

func (f failing) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	return failingFile{file, f}, err
}

type failingFile struct {
	fs.File
	of failing
}

func (f failingFile) ReadAt(p []byte, at int64) (int, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	if end := at + int64(len(p)); end > f.of.from && end < info.Size()-2500 {
		return 0, f.of.err
	}
	return f.File.(io.ReaderAt).ReadAt(p, at)
}

func (f failingFile) ReadDir(n int) ([]fs.DirEntry, error) { return f.File.(fs.ReadDirFile).ReadDir(n) }

// A disk that fails is no damage, and nothing is passed over for it.
func TestFailingDisk(t *testing.T) {
	broken := errors.New("the disk is broken")
	lake := failing{files(map[string][]byte{"a.parquet": encode(t, orders(0, 60_000), 2000)}), 100, broken}
	_, err := readAll(t, parquetsource.Files[order](lake, "a.parquet", parquetsource.SkipCorrupt(func(*source.ReadError) error {
		t.Error("taken for damage")
		return nil
	})), nil)
	assert.ErrorIs(t, err, broken)
	assert.ErrorContains(t, err, "source: read a.parquet at ")
}

// Few bytes that claim a lot get no memory for it.
func TestClaims(t *testing.T) {
	data := encode(t, orders(0, 90), 30)
	footer := func(length uint32) []byte {
		b := bytes.Clone(data)
		binary.LittleEndian.PutUint32(b[len(b)-8:], length)
		return b
	}
	list := []byte("PAR1")
	list = append(list, 0x15, 4, 0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 7, 0) // a schema of 2^31 elements
	list = append(binary.LittleEndian.AppendUint32(list, 10), "PAR1"...)
	for name, b := range map[string][]byte{"long footer": footer(1 << 31), "whole file": footer(uint32(len(data) - 8)), "list": list, "no footer": footer(0)} {
		_, err := readAll(t, parquetsource.Files[order](files(map[string][]byte{"x": b}), "*"), nil)
		assert.Error(t, err, name)
	}
	_, err := readAll(t, parquetsource.Files[order](files(map[string][]byte{"x": data}), "*", parquetsource.MaxPage(100)), nil)
	assert.ErrorContains(t, err, "claims", "the footer")
}

// Whatever the bytes are, they are rows or an error, within bounds.
func FuzzFile(f *testing.F) {
	for _, opts := range [][]parquet.WriterOption{
		nil, {parquet.DataPageVersion(1)}, {parquet.Compression(&parquet.Snappy)}, {parquet.Compression(&parquet.Zstd), parquet.DataPageVersion(1)},
		{parquet.Compression(&parquet.Gzip)}, {parquet.Compression(&parquet.Brotli)}, {parquet.DefaultEncoding(&parquet.RLEDictionary)},
	} {
		f.Add(encode(f, scalarRows(40), 15, opts...), uint16(300), uint8(0x80), false)
		f.Add(encode(f, nestedRows(40), 15, opts...), uint16(70), uint8(0x01), true)
		f.Add(unsealed(f, encode(f, scalarRows(40), 15, opts...)), uint16(300), uint8(0x80), false)
		f.Add(unsealed(f, encode(f, nestedRows(40), 15, opts...)), uint16(70), uint8(0x01), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, at uint16, flip uint8, nested bool) {
		if len(data) > 1<<16 || nested && racing.On {
			return // long files are few; see TestFlipped
		}
		data = bytes.Clone(data)
		if len(data) > 0 {
			data[int(at)%len(data)] ^= flip
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if nested {
			play[nestedRow](t, data)
		} else {
			play[scalars](t, data)
		}
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > 512<<20 {
			t.Errorf("%d bytes were allocated for a file of %d", got, len(data))
		}
	})
}

// play reads a file until it ends or fails, and goes on behind what is damaged.
func play[T any](t *testing.T, data []byte) {
	lake := fstest.MapFS{"x": {Data: data}}
	src := parquetsource.Files[T](lake, "x", parquetsource.MaxPage(1<<20), parquetsource.Equal("id", 3),
		parquetsource.SkipCorrupt(func(*source.ReadError) error { return nil }), parquetsource.AllowMissing())
	if _, ok := any(*new(T)).(scalars); ok {
		src = parquetsource.Files[T](lake, "x", parquetsource.MaxPage(1<<20), parquetsource.AtLeast("i64", -1<<40), parquetsource.SkipCorrupt(func(*source.ReadError) error { return nil }))
	}
	readers, err := src.Open(&stream.SourceContext{Context: t.Context()})
	if err != nil {
		return
	}
	for _, r := range readers {
		for rows := 0; rows < 10_000; {
			in := stream.NewIntake[T](64)
			if err := r.Read(context.Background(), in); err != nil {
				break
			}
			rows += in.Len()
		}
		require.NoError(t, r.Close())
	}
}

// Bytes of a file are flipped in turn, which chance would not do: every 21st, others in each run, or each where FRESHET_LONG is set, and
// a fifth of that under the race detector.
//
// There nested rows are left out, too: Go checks pointers as well, and a slice that parquet-go makes of
// nothing ends the process; without the detector it is a panic, which becomes the error of the file. CI runs this test both ways.
func TestFlipped(t *testing.T) {
	first, step := sample.Part(t, 21)
	if racing.On {
		step *= 5
	}
	for _, opts := range [][]parquet.WriterOption{nil, {parquet.DataPageVersion(1), parquet.Compression(&parquet.Snappy)}} {
		scalar, nested := unsealed(t, encode(t, scalarRows(20), 15, opts...)), unsealed(t, encode(t, nestedRows(20), 15, opts...))
		for at := first; at < len(scalar); at += step {
			b := bytes.Clone(scalar)
			b[at] ^= 1 << (at % 8)
			play[scalars](t, b)
		}
		for at := first; at < len(nested) && !racing.On; at += step {
			b := bytes.Clone(nested)
			b[at] ^= 1 << (at % 8)
			play[nestedRow](t, b)
		}
	}
}

// What parquet-go decompresses to other bytes, without an error, is refused.
func TestLZ4(t *testing.T) {
	lake := files(map[string][]byte{"x": encode(t, orders(0, 90), 30, parquet.Compression(&parquet.Lz4Raw))})
	_, err := readAll(t, parquetsource.Files[order](lake, "*"), nil)
	assert.ErrorContains(t, err, `column "id" is compressed with LZ4_RAW`)
}

// A page of Zstd need not say how long it is: parquet-go decompresses it into the memory that it has for it all the same.
func TestZstdOfUnknownLength(t *testing.T) {
	for size := 1; size < 1<<20; size = size*2 + 37 {
		plain := make([]byte, size)
		rng := rand.New(rand.NewPCG(uint64(size), 1))
		for i := range plain {
			plain[i] = byte(rng.Uint32()) & 0x3f
		}
		var b bytes.Buffer
		w, err := zstd.NewWriter(&b)
		require.NoError(t, err)
		for part := range slices.Chunk(plain, 1000) { // as a stream
			_, err = w.Write(part)
			require.NoError(t, err)
		}
		require.NoError(t, w.Close())
		for _, room := range []int{size, size + 1, 2 * size} {
			dst := make([]byte, size, room)
			got, err := parquet.Zstd.Decode(dst, b.Bytes())
			require.NoError(t, err)
			require.Equal(t, plain, got)
			require.Equal(t, plain, dst, "%d bytes into %d", size, room)
		}
	}
}
