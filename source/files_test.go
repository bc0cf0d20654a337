package source_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/klauspost/compress/zstd"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	_ "github.com/freshet-go/freshet/stream/filesystem/zstdfiles"
)

// counted is a file system that knows how many of its files are open.
type counted struct {
	fs.FS
	open *atomic.Int64
}

func count(fsys fs.FS) counted { return counted{fsys, new(atomic.Int64)} }

func (c counted) inUse() int { return int(c.open.Load()) }

func (c counted) Open(name string) (fs.File, error) {
	f, err := c.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if _, dir := f.(fs.ReadDirFile); dir {
		return f, nil
	}
	c.open.Add(1)
	if all, ok := f.(seekable); ok {
		return countedFile{all, c.open}, nil
	}
	return countedStream{f, c.open}, nil
}

type seekable interface {
	fs.File
	Seek(int64, int) (int64, error)
}

type countedFile struct {
	seekable
	open *atomic.Int64
}

func (f countedFile) Close() error { f.open.Add(-1); return f.seekable.Close() }

type countedStream struct {
	fs.File
	open *atomic.Int64
}

func (f countedStream) Close() error { f.open.Add(-1); return f.File.Close() }

func gzipped(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(text))
	z.Close()
	return b.Bytes()
}

func zstandard(text string) []byte {
	z, _ := zstd.NewWriter(nil)
	defer z.Close()
	return z.EncodeAll([]byte(text), nil)
}

func numbered(from, to int) (lines []string) {
	for i := from; i < to; i++ {
		lines = append(lines, fmt.Sprintf("line %d %s", i, strings.Repeat("x", i%17)))
	}
	return lines
}

func TestFilesSuite(t *testing.T) {
	lines := numbered(0, 90)
	text := func(from, to int) string { return strings.Join(lines[from:to], "\n") + "\n" }
	fsys := count(fstest.MapFS{
		"a.log":       {Data: []byte(text(0, 30))},
		"b.log.gz":    {Data: append(gzipped(text(30, 40)), gzipped(text(40, 50))...)},
		"c.log.zst":   {Data: zstandard(text(50, 70))},
		"d.log":       {Data: nil},
		"e.log":       {Data: []byte(strings.TrimSuffix(text(70, 90), "\n"))},
		"other.txt":   {Data: []byte("no")},
		"dir.log/sub": {Data: []byte("no")},
	})
	for name, opts := range map[string][]source.FilesOption{
		"files":    nil,
		"splits":   {source.SplitSize(64)},
		"in order": {source.InOrder()},
	} {
		t.Run(name, func(t *testing.T) {
			sourcetest.Suite[string]{
				Source: func(testing.TB) stream.Source[string] {
					return source.Files(fsys, "*.log*", codec.Lines(), opts...)
				},
				Want: lines,
				Faulty: func(testing.TB) stream.Source[string] {
					bad := fstest.MapFS{"a.log": {Data: []byte("ok\n" + strings.Repeat("y", 50) + "\nfine\r\n")}, "b.log": {Data: []byte(strings.Repeat("z", 11))}}
					return source.Files(bad, "*.log", codec.Lines(), append(opts, source.MaxRecord(10))...)
				},
				FaultyWant: []string{"ok", "fine"},
				Faults:     []string{"a.log line 2 byte 3", "b.log line 1 byte 0"},
				Named: func(_ testing.TB, names []string) stream.Source[string] {
					named := loose{}
					for _, name := range names {
						named[name] = strings.Join(lines, "\r\n")
					}
					return source.Files(named, "*", codec.Lines(), opts...)
				},
				Changed: func(testing.TB) stream.Source[string] {
					others := fstest.MapFS{}
					for name, data := range map[string]string{"a.log": text(1, 31), "b.log.gz": text(10, 60), "c.log.zst": text(0, 90), "d.log": "", "e.log": text(0, 90)} {
						others[name] = &fstest.MapFile{Data: packed(name, data)}
					}
					return source.Files(others, "*.log*", codec.Lines(), opts...)
				},
				InUse: fsys.inUse,
			}.Run(t)
		})
	}
}

// packed returns text as a file of that name holds it.
func packed(name, text string) []byte {
	switch {
	case strings.HasSuffix(name, ".gz"):
		return gzipped(text)
	case strings.HasSuffix(name, ".zst"):
		return zstandard(text)
	}
	return []byte(text)
}

type row struct {
	ID   int
	Name string
}

func TestFilesHeader(t *testing.T) {
	var want []row
	text := "\r\nID,Name\r\n"
	for i := range 40 {
		want = append(want, row{i, fmt.Sprint("n\n", i)})
		text += fmt.Sprintf("%d,\"n\n%d\"\r\n", i, i)
	}
	fsys := count(fstest.MapFS{"a.csv": {Data: []byte(text)}, "b.csv.gz": {Data: gzipped(text)}, "c.csv": {Data: []byte("ID,Name\n")}})
	for name, opts := range map[string][]source.FilesOption{
		"files":    nil,
		"in order": {source.InOrder()},
	} {
		t.Run(name, func(t *testing.T) {
			sourcetest.Suite[row]{
				Source: func(testing.TB) stream.Source[row] {
					return source.Files(fsys, "*.csv*", codec.CSV[row](), opts...)
				},
				Want: append(want, want...),
				Faulty: func(testing.TB) stream.Source[row] {
					return source.Files(fstest.MapFS{"x.csv": {Data: []byte("Name,ID\na,1\nb,two\n\nc,3\n")}}, "*.csv", codec.CSV[row]())
				},
				FaultyWant: []row{{1, "a"}, {3, "c"}},
				Faults:     []string{"x.csv line 3 byte 12"},
				InUse:      fsys.inUse,
			}.Run(t)
		})
	}
}
