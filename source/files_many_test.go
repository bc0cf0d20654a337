package source_test

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// watched is a file system that knows how many of its files were open at most.
type watched struct {
	counted
	most *atomic.Int64
}

func (w watched) Open(name string) (fs.File, error) {
	f, err := w.counted.Open(name)
	for n := w.open.Load(); n > w.most.Load(); {
		w.most.Store(n)
	}
	return f, err
}

// Three thousand files are read side by side, and few are open.
func TestFilesMany(t *testing.T) {
	var want []int
	files := fstest.MapFS{}
	for i := range 3_000 {
		text := ""
		for j := range 30 {
			want = append(want, i*100+j)
			text += fmt.Sprintln(i*100 + j)
		}
		if i%7 == 0 {
			text += "bad\n"
		}
		if i%10 == 0 {
			files[fmt.Sprintf("%04d.gz", i)] = &fstest.MapFile{Data: gzipped(text)}
		} else {
			files[fmt.Sprintf("%04d", i)] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	for name, fsys := range map[string]fs.FS{"seeks": files, "only reads on": unseekable{files}} {
		t.Run(name, func(t *testing.T) {
			fsys := watched{count(fsys), new(atomic.Int64)}
			readers, err := source.Files(fsys, "*", codec.JSON[int](), source.OpenFiles(100)).Open(&stream.SourceContext{})
			require.NoError(t, err)
			require.Len(t, readers, 3_000)
			var got []int
			bad := 0
			for ended := 0; ended < len(readers); { // one batch of each in turn
				for _, r := range readers {
					b := stream.NewIntake[int](7)
					err := r.Read(t.Context(), b)
					for _, v := range b.Batch().All() {
						got = append(got, v)
					}
					for _, failed := range b.Rejected() {
						require.Contains(t, r.(interface{ Locate(int64) string }).Locate(failed.Position), "line 31 byte")
						bad++
					}
					if err == io.EOF {
						ended++
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				if ended < len(readers) {
					ended = 0
				}
			}
			slices.Sort(got)
			require.Equal(t, want, got)
			require.Equal(t, (3_000+6)/7, bad)
			for _, r := range readers {
				require.NoError(t, r.Close())
			}
			require.Zero(t, fsys.inUse())
			require.LessOrEqual(t, fsys.most.Load(), int64(100))
		})
	}
}

// lengthy returns 40,000 numbers in lines, which is more than a buffer holds.
func lengthy(from int) string {
	var b strings.Builder
	for i := range 40_000 {
		fmt.Fprintln(&b, from+i)
	}
	return b.String()
}

// A file that was closed for others is read on where it was, while several
// goroutines read.
func TestFilesReopened(t *testing.T) {
	files := fstest.MapFS{}
	for i := range 8 {
		text := lengthy(i * 100_000)
		files[fmt.Sprint(i)] = &fstest.MapFile{Data: []byte(text)}
		files[fmt.Sprint(i, ".gz")] = &fstest.MapFile{Data: gzipped(text)}
	}
	for name, fsys := range map[string]fs.FS{"seeks": files, "only reads on": unseekable{files}} {
		t.Run(name, func(t *testing.T) {
			fsys := watched{count(fsys), new(atomic.Int64)}
			sum := &total{}
			p := stream.New("reopened")
			p.From(source.Files(fsys, "*", codec.JSON[int64](), source.OpenFiles(1))).To(sum)
			require.NoError(t, p.Run(t.Context(), stream.Shards(3)))
			var want int64
			for i := range int64(8) {
				want += 2 * (i*100_000*40_000 + 40_000*39_999/2)
			}
			require.Equal(t, want, sum.Load())
			require.Zero(t, fsys.inUse())
			require.LessOrEqual(t, fsys.most.Load(), int64(3))
		})
	}
}

// A file that is replaced while it is closed for others is noticed.
func TestFilesReplacedWhileRead(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".new"), []byte(text), 0o600))
		require.NoError(t, os.Rename(filepath.Join(dir, name+".new"), filepath.Join(dir, name)))
	}
	long := lengthy(0)
	write("a", long)
	write("b", long)
	readers, err := source.Files(os.DirFS(dir), "?", codec.Lines(), source.OpenFiles(1)).Open(&stream.SourceContext{})
	require.NoError(t, err)
	for _, r := range readers {
		require.NoError(t, r.Read(t.Context(), stream.NewIntake[string](10)))
	}
	write("a", long+long)
	for err = nil; err == nil; {
		err = readers[0].Read(t.Context(), stream.NewIntake[string](512))
	}
	require.ErrorIs(t, err, source.ErrReplaced)
	require.ErrorContains(t, err, "while it was read")
	for _, r := range readers {
		require.NoError(t, r.Close())
	}
}

// A file that is gone before it is opened is an error that names the directory,
// or passed over.
func TestFilesVanish(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		dir := t.TempDir()
		for _, name := range []string{"a", "b"} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("1\n2\n"), 0o600))
		}
		var opts []source.FilesOption
		if allowed {
			opts = append(opts, source.AllowMissing(), source.SplitSize(3))
		}
		readers, err := source.Files(os.DirFS(dir), "*", codec.Lines(), opts...).Open(&stream.SourceContext{})
		require.NoError(t, err)
		require.NoError(t, os.Remove(filepath.Join(dir, "a")))
		err = readers[0].Read(t.Context(), stream.NewIntake[string](512))
		if allowed {
			require.Equal(t, io.EOF, err)
		} else {
			require.ErrorIs(t, err, fs.ErrNotExist)
			require.ErrorContains(t, err, "source: read "+filepath.Join(dir, "a")+" at byte 0")
		}
		for _, r := range readers {
			require.NoError(t, r.Close())
		}
	}
}
