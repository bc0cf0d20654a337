package logfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// A log that waits at an unfinished or compressed end is read on when that is whole.
func TestHalfWrittenCompression(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 5000))
	compress(t, path)
	whole, err := os.ReadFile(path + ".gz")
	require.NoError(t, err)
	require.NoError(t, os.Remove(path+".gz"))
	require.NoError(t, os.WriteFile(path+".1.gz", whole[:len(whole)/2], 0o644))
	write(t, path, lines(5000, 10))
	d := drive(t, path, codec.Lines())
	d.start()
	d.scan()
	d.read(-1)
	require.NoError(t, os.WriteFile(path+".1.gz", whole, 0o644))
	d.settle()
	require.Equal(t, lineList(0, 5010), d.got[path])
	require.False(t, d.logged("ERROR"), d.log.String())
}

// A compressed file that stays damaged is passed over, and the log says so.
func TestDamagedCompression(t *testing.T) {
	for _, keep := range []int{0, 3, 500} {
		path := temp(t)
		write(t, path, lines(0, 50_000))
		compress(t, path)
		whole, err := os.ReadFile(path + ".gz")
		require.NoError(t, err)
		require.NoError(t, os.Remove(path+".gz"))
		require.NoError(t, os.WriteFile(path+".1.gz", whole[:keep], 0o644))
		write(t, path, lines(50_000, 10))
		d := drive(t, path, codec.Lines())
		d.start()
		d.settle()
		require.Equal(t, lineList(50_000, 10), d.got[path][len(d.got[path])-10:])
		require.True(t, d.logged("level=ERROR"), d.log.String())
	}
}

// What cannot be read is tried again, and logged once.
func TestNotReadable(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10))
	d := drive(t, path, codec.Lines())
	d.start()
	d.settle()
	write(t, path, lines(10, 10))
	move(t, path, path+".1")
	require.NoError(t, os.Symlink("a.log", path)) // a link to itself: root may read what is only not permitted
	d.settle()
	require.Equal(t, 1, strings.Count(d.log.String(), "a log file cannot be read"), d.log.String())
	require.NoError(t, os.Remove(path))
	write(t, path, lines(20, 10))
	d.settle()
	require.Equal(t, lineList(0, 30), d.got[path])
}

// More logs than may be open at once: each is closed and found again, also when it has been rotated meanwhile.
func TestManyLogs(t *testing.T) {
	const logs, most = 300, 5
	dir := t.TempDir()
	path := func(n int) string { return filepath.Join(dir, "host", fmt.Sprint(n%7), fmt.Sprintf("%d.log", n)) }
	d := drive(t, filepath.Join(dir, "**", "*.log"), codec.Lines(), OpenFiles(most))
	d.start()
	require.True(t, d.logged("no log yet"))
	for n := range logs {
		require.NoError(t, os.MkdirAll(filepath.Dir(path(n)), 0o755))
		write(t, path(n), lines(0, 10))
	}
	for round := range 3 {
		d.scan()
		d.read(-1)
		require.LessOrEqual(t, len(d.w.table.open), most)
		for n := range logs {
			if n%3 == round {
				move(t, path(n), path(n)+".1")
			}
			write(t, path(n), lines(10*(round+1), 10))
		}
		if round == 1 {
			d.restart()
		}
	}
	d.settle()
	require.Len(t, d.got, logs)
	for n := range logs {
		require.Equal(t, lineList(0, 40), d.got[path(n)], path(n))
	}
	require.False(t, d.logged("WARN"), d.log.String())
}
