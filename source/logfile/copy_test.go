package logfile

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// A copy ends before what was read, and before as much as a head has: it is known by what there is of it.
func TestCopyEndsInHead(t *testing.T) {
	for _, written := range []int{2, 10, 100} { // lines, which were read
		for _, copied := range []int{1, 60, 100} { // bytes
			path := temp(t)
			d := drive(t, path, codec.Lines())
			write(t, path, lines(0, written))
			d.start()
			d.scan()
			d.read(-1)
			require.NoError(t, os.WriteFile(path+".1", []byte(lines(0, written)[:copied]), 0o644))
			d.scan()
			d.read(-1)
			require.NoError(t, os.Truncate(path, 0))
			d.scan()
			d.read(-1)
			write(t, path, lines(written, 10))
			d.scan()
			d.read(-1)
			d.restart()
			compress(t, path+".1")
			d.settle()
			require.Equal(t, lineList(0, written+10), d.got[path])
			require.Empty(t, d.bad)
		}
	}
}

// A run begins when a copy was begun with, and is stopped before anything is in it: the copy is found
// when it is whole and compressed, though its inode has been given to another file, and its time is that at
// which logrotate began.
func TestBegunWithEmptyCopy(t *testing.T) {
	path := temp(t)
	d := drive(t, path, codec.Lines())
	write(t, path, lines(0, 100))
	began := time.Now().Add(-time.Minute)
	create(t, path+".1")
	d.start()
	d.read(-1)
	d.checkpoint()
	d.stop()
	write(t, path+".1", lines(0, 100))
	require.NoError(t, os.Truncate(path, 0))
	compress(t, path+".1")
	require.NoError(t, os.Chtimes(path+".1.gz", began, began))
	write(t, path, lines(100, 100))
	move(t, path+".1.gz", path+".2.gz")
	copyFile(t, path, path+".1")
	require.NoError(t, os.Truncate(path, 0))
	write(t, path, lines(200, 100))
	d.start()
	d.settle()
	require.Equal(t, lineList(0, 300), d.got[path])
	require.False(t, d.logged("WARN"), d.log.String())
}

// Of a file that was renamed only the first byte was seen, and nothing was given, when the run stopped. All files
// begin with it.
func TestStoppedInFirstLine(t *testing.T) {
	for _, seen := range []int{0, 1, 30} {
		path := temp(t)
		d := drive(t, path, codec.Lines())
		create(t, path)
		began := time.Now().Add(-time.Minute)
		write(t, path, lines(0, 10)[:seen])
		d.start()
		d.read(-1)
		d.checkpoint()
		d.stop()
		write(t, path, lines(0, 10)[seen:])
		for n := range 3 {
			shift(t, path, n)
			move(t, path, path+".1")
			compress(t, path+".1")
			require.NoError(t, os.Chtimes(path+".1.gz", began, began))
			write(t, path, lines(10*(n+1), 10))
		}
		d.start()
		d.settle()
		require.Equal(t, lineList(0, 40), d.got[path])
		require.False(t, d.logged("WARN"), d.log.String())
	}
}

// A copy may end before what was read, anywhere: its maker reads a page at a time, and what the
// writer writes meanwhile is in the log, is read there, and is truncated. None of it is
// given again, and what comes after it once, whatever has become of the copy by then.
func TestCopyEndsBefore(t *testing.T) {
	const missing = tailBytes + 100
	for _, compressed := range []bool{false, true} {
		for _, restarts := range []bool{false, true} {
			for _, by := range []int{1, 60, tailBytes - 1, tailBytes, tailBytes + 1, missing} {
				t.Run(fmt.Sprintf("compressed=%v/restarts=%v/by=%d", compressed, restarts, by), func(t *testing.T) {
					path := temp(t)
					d := drive(t, path, codec.Lines())
					write(t, path, lines(0, 100))
					d.start()
					d.scan()
					d.read(-1)
					text := lines(0, 100)
					require.NoError(t, os.WriteFile(path+".1", []byte(text[:len(text)-by]), 0o644))
					require.NoError(t, os.Truncate(path, 0))
					if compressed {
						compress(t, path+".1")
					}
					if restarts {
						d.restart()
					}
					write(t, path, lines(100, 10))
					d.settle()
					require.Equal(t, lineList(0, 110), d.got[path])
					require.Empty(t, d.bad)
					require.False(t, d.logged("WARN"), d.log.String())
				})
			}
		}
	}
}
