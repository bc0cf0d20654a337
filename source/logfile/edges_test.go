package logfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

func temp(t testing.TB) string { return filepath.Join(t.TempDir(), "a.log") }

// A file keeps its identity while it grows from nothing, wherever a run stops and goes on.
func TestShortFileGrows(t *testing.T) {
	path := temp(t)
	create(t, path)
	d := drive(t, path, codec.Lines())
	d.start()
	for n := range 60 {
		d.scan()
		d.read(-1)
		if n%2 == 0 {
			d.restart()
		}
		write(t, path, lines(n, 1))
	}
	d.settle()
	require.Equal(t, lineList(0, 60), d.got[path])
	require.False(t, d.logged("WARN"), d.log.String())
}

// Several rotations, some of them compressed, come about while no run is on.
func TestDowntime(t *testing.T) {
	for _, compressed := range []int{0, 1, 3, 5} { // of the five
		t.Run(fmt.Sprint("compressed=", compressed), func(t *testing.T) {
			path := temp(t)
			write(t, path, lines(0, 500))
			d := drive(t, path, codec.Lines())
			d.room = 100
			d.start()
			d.read(2)
			d.checkpoint()
			d.stop()
			for n := range 5 {
				shift(t, path, n)
				move(t, path, path+".1")
				write(t, path, lines(500*(n+1), 500))
			}
			for n := range compressed {
				compress(t, fmt.Sprint(path, ".", 5-n))
			}
			d.start()
			d.settle()
			require.Equal(t, lineList(0, 3000), d.got[path])
			require.False(t, d.logged("WARN"), d.log.String())
		})
	}
}

// Files begin with the same header, which is longer than a head.
func TestSameHeaders(t *testing.T) {
	header := strings.Repeat("# the same in each file\n", 60)
	path := temp(t)
	d := drive(t, path, codec.Lines())
	var want []string
	file := func(n int) {
		write(t, path, header+lines(100*n, 100))
		want = append(append(want, strings.Split(strings.TrimSuffix(header, "\n"), "\n")...), lineList(100*n, 100)...)
	}
	file(0)
	d.start()
	d.scan()
	d.read(-1)
	d.checkpoint()
	d.stop()
	for n := range 4 {
		shift(t, path, n)
		move(t, path, path+".1")
		if n < 2 {
			compress(t, path+".1")
		}
		file(n + 1)
	}
	d.start()
	d.settle()
	require.Equal(t, want, d.got[path])
}

// The inode of a file that was removed is given to the next one.
func TestInodeGivenAgain(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 100))
	d := drive(t, path, codec.Lines())
	d.start()
	d.read(-1)
	d.checkpoint()
	d.stop() // no file is open
	before, err := os.Stat(path)
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	write(t, path, lines(1000, 300))
	after, err := os.Stat(path)
	require.NoError(t, err)
	if inodeOf(before) != inodeOf(after) {
		t.Log("the file system has given another inode")
	}
	d.start()
	d.settle()
	require.Equal(t, append(lineList(0, 100), lineList(1000, 300)...), d.got[path])
	require.True(t, d.logged("gone before it was read to its end"), d.log.String())
}

// A file is truncated and has grown again beyond the place by the next look. There is no copy.
func TestTruncatedAndGrownAgain(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 100))
	d := drive(t, path, codec.Lines())
	d.start()
	d.read(-1)
	d.scan()
	require.NoError(t, os.Truncate(path, 0))
	write(t, path, lines(500, 300))
	d.settle()
	require.Equal(t, append(lineList(0, 100), lineList(500, 300)...), d.got[path])
}

// The path is a link that is led to another file.
func TestLinkLedElsewhere(t *testing.T) {
	path := temp(t)
	dir := filepath.Dir(path)
	write(t, filepath.Join(dir, "first"), lines(0, 100))
	write(t, filepath.Join(dir, "second"), lines(200, 100))
	require.NoError(t, os.Symlink("first", path))
	d := drive(t, path, codec.Lines())
	d.start()
	d.read(-1)
	write(t, filepath.Join(dir, "first"), lines(100, 100))
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Symlink("second", path))
	d.scan()
	d.read(-1)
	d.settle()
	require.Equal(t, lineList(0, 300), d.got[path])
}

// Files with dates are written to, and a link leads to the one of today: they are files of the log,
// each read once.
func TestLinkToDatedFiles(t *testing.T) {
	path := temp(t)
	dir := filepath.Dir(path)
	d := drive(t, filepath.Join(dir, "*.log"), codec.Lines())
	for day := range 5 {
		name := fmt.Sprintf("a-2026112%d.log", day)
		write(t, filepath.Join(dir, name), lines(100*day, 100))
		_ = os.Remove(path) // there is none at first
		require.NoError(t, os.Symlink(name, path))
		if day == 0 {
			d.start()
		}
		if day != 2 {
			d.settle()
		}
	}
	d.settle()
	require.Len(t, d.readers, 1)
	require.Equal(t, lineList(0, 500), d.got[path])
}

// A log is removed, forgotten, and comes again.
func TestRemovedAndCreatedAgain(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10)+"an unfinished line")
	d := drive(t, path, codec.Lines())
	d.start()
	d.read(-1)
	require.NoError(t, os.Remove(path))
	d.settle()
	require.Empty(t, d.readers, "it is forgotten")
	require.Equal(t, append(lineList(0, 10), "an unfinished line"), d.got[path])
	write(t, path, lines(10, 10))
	d.settle()
	require.Equal(t, append(append(lineList(0, 10), "an unfinished line"), lineList(10, 10)...), d.got[path])

	// Between two looks nobody notices but by the file.
	require.NoError(t, os.Remove(path))
	write(t, path, lines(20, 10))
	d.settle()
	require.Equal(t, lineList(10, 20), d.got[path][11:])
	require.False(t, d.logged("WARN"), d.log.String())
}

// A log that has only rotated files is not forgotten, so they are not read again when it is back.
func TestRotatedFilesKeepTheLog(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10))
	d := drive(t, path+"*", codec.Lines())
	d.start()
	d.read(-1)
	move(t, path, path+".1")
	d.settle()
	d.restart()
	d.settle()
	require.Len(t, d.readers, 1)
	write(t, path, lines(10, 10))
	d.settle()
	require.Equal(t, lineList(0, 20), d.got[path])
	require.Len(t, d.got, 1)
}

func TestFromEnd(t *testing.T) {
	path := temp(t)
	write(t, path+".1", lines(0, 10))
	write(t, path, lines(10, 10)+"line 0000")
	d := drive(t, filepath.Join(filepath.Dir(path), "*.log"), codec.Lines(), FromEnd())
	d.start()
	d.settle()
	require.Empty(t, d.got)
	d.restart()
	write(t, path, strings.TrimPrefix(lines(20, 10), "line 0000"))
	later := filepath.Join(filepath.Dir(path), "b.log")
	write(t, later, lines(0, 5))
	d.settle()
	shift(t, path, 1)
	move(t, path, path+".1")
	write(t, path, lines(30, 10))
	d.settle()
	require.Equal(t, lineList(20, 20), d.got[path])
	require.Equal(t, lineList(0, 5), d.got[later], "it has appeared since")
	require.Empty(t, d.bad)
}

// A log is rotated twice within the moment that its writer takes to open the next one, as workers of nginx do
// that are busy: what they write to the first file is read all the same.
func TestRotatedTwiceBeforeWriterIsTold(t *testing.T) {
	path := temp(t)
	d := drive(t, path, codec.Lines())
	d.start()
	write(t, path, lines(0, 10))
	d.scan()
	d.read(-1)
	for range 2 {
		shift(t, path, 2)
		move(t, path, path+".1")
		create(t, path)
	}
	d.scan()
	d.read(-1)
	write(t, path+".2", lines(10, 10))
	write(t, path, lines(20, 10))
	d.scan()
	d.read(-1)
	d.settle()
	require.Equal(t, lineList(0, 30), d.got[path])
}

// The same where only one old file is kept, so that the one that the writer has open is removed: nothing is in the files
// that have come since, and nothing is lost by waiting.
func TestRemovedBeforeWriterIsTold(t *testing.T) {
	path := temp(t)
	d := drive(t, path, codec.Lines())
	d.virtual = time.Date(2010, 1, 2, 3, 4, 5, 0, time.UTC) // a clock that stands still, however busy the machine is
	d.start()
	create(t, path)
	writer, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	require.NoError(t, err)
	defer writer.Close()
	writes := func(text string) {
		_, err := writer.WriteString(text)
		require.NoError(t, err)
		d.scan()
		d.read(-1)
	}
	writes(lines(0, 10))
	for n := range 3 {
		move(t, path, path+".1") // and the one before is gone
		create(t, path)
		writes(lines(10+10*n, 10))
	}
	write(t, path, lines(40, 10)) // now it has been told
	d.settle()
	require.Equal(t, lineList(0, 50), d.got[path])
}

// Only one old file is kept, and the log is rotated each moment: what was removed is not waited for, so that the next one is opened
// before it is removed, too.
func TestOneOldFileIsKept(t *testing.T) {
	path := temp(t)
	d := drive(t, path, codec.Lines())
	d.start()
	for n := range 6 {
		write(t, path, lines(10*n, 10))
		d.scan()
		d.read(-1)
		move(t, path, path+".1") // and the one before is gone
		create(t, path)
		d.scan()
		d.read(-1)
	}
	d.settle()
	require.Equal(t, lineList(0, 60), d.got[path])
}
