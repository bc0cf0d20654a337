package source_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A placed is an event, or a rejected record, and where it stands.
type placed struct {
	at   int64
	text string
	bad  bool
}

// readAll reads partitions one after the other and returns what they give.
func readAll(t testing.TB, src stream.Source[string], offsets map[string]string, room int, each func(stream.Reader[string])) (all []placed, err error) {
	readers, err := src.Open(&stream.SourceContext{Offsets: offsets})
	if err != nil {
		return nil, err
	}
	for _, r := range readers {
		for err = nil; err == nil; {
			if each != nil {
				each(r)
			}
			b := stream.NewIntake[string](room)
			err = r.Read(t.Context(), b)
			for row, v := range b.Batch().All() {
				all = append(all, placed{b.Position(row), v, false})
			}
			for _, bad := range b.Rejected() {
				assert.ErrorIs(t, bad.Err, source.ErrTooLong)
				all = append(all, placed{bad.Position, string(bad.Record), true})
			}
		}
		require.NoError(t, r.Close())
		if !errors.Is(err, io.EOF) {
			return all, err
		}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return int(a.at - b.at) })
	return all, nil
}

// lineOracle is what Files gives, straight from the definition.
func lineOracle(text string, most int) (all []placed) {
	at := 0
	if strings.HasPrefix(text, "\xef\xbb\xbf") {
		at = 3
	}
	for at < len(text) {
		line := text[at:]
		next := len(text)
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line, next = line[:i], at+i+1
		}
		line = strings.TrimSuffix(line, "\r")
		if len(line) > most {
			all = append(all, placed{int64(at), line[:min(most, 1024)], true})
		} else {
			all = append(all, placed{int64(at), line, false})
		}
		at = next
	}
	return all
}

// stingy gives each Read of a file only so many bytes, and may fail at one.
type stingy struct {
	fs.FS
	most   int
	failAt int // -1 for never
}

var errDisk = errors.New("disk failed")

func (s stingy) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if _, dir := f.(fs.ReadDirFile); dir {
		return f, nil
	}
	return &stingyFile{f.(seekable), s, 0}, nil
}

type stingyFile struct {
	seekable
	stingy stingy
	at     int
}

func (f *stingyFile) Seek(offset int64, whence int) (int64, error) {
	n, err := f.seekable.Seek(offset, whence)
	f.at = int(n)
	return n, err
}

func (f *stingyFile) Read(p []byte) (int, error) {
	p = p[:min(len(p), f.stingy.most)]
	if left := f.stingy.failAt - f.at; f.stingy.failAt >= 0 && len(p) >= left {
		n, _ := f.seekable.Read(p[:max(left, 0)])
		f.at += n
		return n, errDisk
	}
	n, err := f.seekable.Read(p)
	f.at += n
	return n, err
}

func FuzzFiles(f *testing.F) {
	f.Add("", 1, 1, 1, 10, 0)
	f.Add("a\nbb\r\n\nccc", 1, 1, 1, 10, 1)
	f.Add("\n\n\n", 2, 3, 1, 5, 2)
	f.Add(strings.Repeat("x", 40)+"\nshort\n"+strings.Repeat("y", 33), 7, 2, 2, 16, 1)
	f.Add(strings.Repeat("0123456789\r\n", 200), 100, 13, 5, 10, 77)
	f.Add("ends\r", 2, 1, 1, 4, 0)
	f.Add("\xef\xbb\xbfa\n\xef\xbb\xbfb\n", 1, 1, 1, 9, 0)
	f.Add("\xef\xbb\xbfa\nb\n", 2, 1, 1, 9, 1)
	f.Add("\xef\xbb\xbf", 2, 1, 1, 9, 1)
	f.Add(strings.Repeat("\r", 30)+"\n", 3, 1, 1, 5, 0)
	f.Fuzz(func(t *testing.T, text string, split, read, room, most, cut int) {
		if split <= 0 || read <= 0 || room <= 0 || most <= 0 || room > 1000 || len(text)/split > 500 {
			return
		}
		want := lineOracle(text, most)
		plain := stingy{fstest.MapFS{"f": {Data: []byte(text)}}, read, -1}
		packed := stingy{fstest.MapFS{"f.gz": {Data: gzipped(text)}}, read, -1}
		for name, src := range map[string]stream.Source[string]{
			"split":    source.Files(plain, "f", codec.Lines(), source.SplitSize(int64(split)), source.MaxRecord(most)),
			"whole":    source.Files(plain, "f", codec.Lines(), source.MaxRecord(most)),
			"packed":   source.Files(packed, "f.gz", codec.Lines(), source.MaxRecord(most)),
			"in order": source.Files(plain, "f", codec.Lines(), source.InOrder(), source.MaxRecord(most)),
		} {
			got, err := readAll(t, src, nil, room, nil)
			require.NoError(t, err, name)
			assert.Equal(t, want, got, name)

			// Stopped after cut reads, and read on from the offsets then.
			offsets := map[string]string{}
			var before []placed
			readers, err := src.Open(&stream.SourceContext{})
			require.NoError(t, err)
			for i, left := 0, cut; i < len(readers); i++ {
				for ; left > 0; left-- {
					b := stream.NewIntake[string](1)
					err := readers[i].Read(t.Context(), b)
					for row, v := range b.Batch().All() {
						before = append(before, placed{b.Position(row), v, false})
					}
					for _, bad := range b.Rejected() {
						before = append(before, placed{bad.Position, string(bad.Record), true})
					}
					if err != nil {
						break
					}
				}
				offsets[readers[i].Partition()] = readers[i].Offset()
				require.NoError(t, readers[i].Close())
			}
			after, err := readAll(t, src, offsets, room, nil)
			require.NoError(t, err, name)
			all := append(before, after...)
			slices.SortStableFunc(all, func(a, b placed) int { return int(a.at - b.at) })
			assert.Equal(t, want, all, "%s, resumed at %v", name, offsets)
		}
	})
}

// Every line is found once, and its number is right, whatever borders there
// are and from whatever offset reading goes on.
func TestFilesBordersAndLines(t *testing.T) {
	text := "a\n\nccc\r\ndddddddd\ne"
	for split := int64(1); split <= int64(len(text))+1; split++ {
		fsys := fstest.MapFS{"f": {Data: []byte(text)}}
		src := source.Files(fsys, "f", codec.Lines(), source.SplitSize(split))
		got, err := readAll(t, src, nil, 1, func(r stream.Reader[string]) {
			for i := range len(text) + 1 {
				line := 1 + strings.Count(text[:i], "\n")
				want := fmt.Sprintf("f line %d byte %d", line, i)
				assert.Equal(t, want, r.(interface{ Locate(int64) string }).Locate(int64(i)))
			}
		})
		require.NoError(t, err)
		assert.Equal(t, lineOracle(text, 100), got, "split %d", split)
	}
}

// A run may be given another split size than the one before.
func TestFilesSplitSizeChanges(t *testing.T) {
	text := strings.Join(numbered(0, 50), "\n")
	fsys := fstest.MapFS{"f": {Data: []byte(text)}}
	offsets := map[string]string{}
	first := source.Files(fsys, "f", codec.Lines(), source.SplitSize(100))
	var before []placed
	readers, err := first.Open(&stream.SourceContext{})
	require.NoError(t, err)
	for _, r := range readers {
		b := stream.NewIntake[string](2)
		_ = r.Read(t.Context(), b)
		for row, v := range b.Batch().All() {
			before = append(before, placed{b.Position(row), v, false})
		}
		offsets[r.Partition()] = r.Offset()
		r.Close()
	}
	fsys["g"] = &fstest.MapFile{Data: []byte("new\n")}
	second := source.Files(fsys, "?", codec.Lines(), source.SplitSize(33))
	after, err := readAll(t, second, offsets, 512, nil)
	require.NoError(t, err)
	i := slices.Index(after, placed{0, "new", false})
	require.GreaterOrEqual(t, i, 0)
	all := append(before, slices.Delete(after, i, i+1)...)
	slices.SortFunc(all, func(a, b placed) int { return int(a.at - b.at) })
	assert.Equal(t, lineOracle(text, 1000), all)

	delete(fsys, "f")
	_, err = second.Open(&stream.SourceContext{Offsets: maps.Clone(offsets)})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = source.Files(fsys, "?", codec.Lines(), source.AllowMissing()).Open(&stream.SourceContext{Offsets: offsets})
	require.NoError(t, err)
}

// A disk that fails at byte n fails the run there, and not before: what
// stands before it has been given.
func TestFilesFailingDisk(t *testing.T) {
	text := strings.Join(numbered(0, 9), "\n") + "\n"
	for n := range len(text) {
		fsys := stingy{fstest.MapFS{"f.log": {Data: []byte(text)}}, 10, n}
		got, err := readAll(t, source.Files(fsys, "f.log", codec.Lines()), nil, 512, nil)
		require.ErrorIs(t, err, errDisk)
		read := new(source.ReadError)
		require.ErrorAs(t, err, &read)
		assert.Equal(t, "f.log", read.Source)
		whole := text[:strings.LastIndexByte(text[:n], '\n')+1]
		assert.Equal(t, fmt.Sprintf("byte %d", len(whole)), read.Offset)
		assert.Equal(t, lineOracle(whole, 1000), got)
	}
}

// A compressed file that is cut short, wherever, is an error.
func TestFilesTruncated(t *testing.T) {
	text := strings.Join(numbered(0, 30), "\n") + "\n"
	for name, data := range map[string][]byte{"f.gz": gzipped(text), "f.zst": zstandard(text)} {
		for n := range len(data) {
			fsys := fstest.MapFS{name: {Data: data[:n]}}
			_, err := readAll(t, source.Files(fsys, name, codec.Lines()), nil, 512, nil)
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%s cut at %d", name, n)
			require.ErrorContains(t, err, "source: read "+name+" at byte ")
		}
	}
}

// A record that is too long takes no more memory than MaxRecord.
func TestFilesLongRecord(t *testing.T) {
	text := append(bytes.Repeat([]byte("x"), 8<<20), "\nend\n"...)
	src := source.Files(fstest.MapFS{"f": {Data: text}}, "f", codec.Lines(), source.MaxRecord(1<<10))
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			got, err := readAll(b, src, nil, 4, nil)
			require.NoError(b, err)
			require.Len(b, got, 2)
			require.Equal(b, placed{8<<20 + 1, "end", false}, got[1])
		}
	})
	assert.Less(t, result.AllocedBytesPerOp(), int64(64<<10))
}

func TestFilesShrunk(t *testing.T) {
	for name, data := range map[string][]byte{"f": []byte("abc\n"), "f.gz": gzipped("abc\n")} {
		src := source.Files(fstest.MapFS{name: {Data: data}}, name, codec.Lines())
		_, err := readAll(t, src, map[string]string{name: "5"}, 1, nil)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		assert.ErrorContains(t, err, "the file has only 4 bytes")
	}
}
