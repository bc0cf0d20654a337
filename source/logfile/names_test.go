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

// Files that nobody can decompress are no logs, which is logged once.
func TestCompressedOtherwise(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10))
	for _, ext := range []string{".2.xz", ".3.xz", ".3.bz2", "-20261128.Z"} {
		write(t, path+ext, "\xfd7zXZ\nmore\n")
	}
	d := drive(t, path+"*", codec.Lines())
	d.start()
	d.settle()
	require.Equal(t, map[string][]string{path: lineList(0, 10)}, d.got)
	require.Equal(t, 3, strings.Count(d.log.String(), "WARN"), d.log.String())
}

// Whether a path is a rotated file is found out without asking each log about each other.
func TestRotatedIsAskedOnce(t *testing.T) {
	dir, old := t.TempDir(), t.TempDir()
	const logs = 300
	asked := 0
	for i := range logs {
		write(t, filepath.Join(dir, fmt.Sprintf("v%d.log", i)), "x\n")
	}
	d := drive(t, filepath.Join(dir, "*.log"), codec.Lines(), Rotated(func(path string) []string {
		asked++
		return []string{filepath.Join(old, filepath.Base(path)+".*")}
	}))
	d.start()
	require.LessOrEqual(t, asked, logs)
	require.Len(t, d.readers, logs)
}

// A rotated file whose pattern has a directory that is one.
func TestRotatedToDirectories(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "old-1"), 0o755))
	path := filepath.Join(dir, "a.log")
	write(t, path, lines(10, 10))
	write(t, filepath.Join(dir, "old-1", "a.log"), lines(0, 10))
	d := drive(t, filepath.Join(dir, "**/*.log"), codec.Lines(), Rotated(func(path string) []string {
		if strings.Contains(path, "old") {
			return nil
		}
		return []string{filepath.Join(filepath.Dir(path), "old-*", filepath.Base(path))}
	}))
	d.start()
	d.settle()
	require.Equal(t, map[string][]string{path: lineList(0, 20)}, d.got)
}

// A run that begins behind what is there, in the middle of a record of several lines, passes over the rest of that.
func TestFromEndOfMultiline(t *testing.T) {
	path := temp(t)
	write(t, path, "at 1\n in a\n")
	d := drive(t, path, codec.Multiline(func(line []byte) bool { return line[0] != ' ' }, codec.Lines()), FromEnd())
	d.start()
	d.read(-1)
	write(t, path, " in b\n in c\nat 2\n in d\nat 3\n")
	d.settle()
	write(t, path, " in e\nat 4\n")
	d.settle()
	require.Equal(t, []string{"at 2\n in d", "at 3", "at 4"}, d.got[path])
	require.Len(t, d.bad, 1, "it is the rest of what was given after FlushAfter")
	require.Contains(t, d.bad[0], "in e")
}

// A run that begins behind what is there, and cannot see it yet, does not begin in front of it.
func TestFromEndLater(t *testing.T) {
	path := temp(t)
	require.NoError(t, os.Symlink(path, path)) // what cannot be read
	d := drive(t, filepath.Join(filepath.Dir(path), "*.log"), codec.Lines(), FromEnd())
	d.start()
	d.read(-1)
	d.restart() // nor does one that goes on from its checkpoint
	d.read(-1)
	require.NoError(t, os.Remove(path))
	write(t, path, lines(0, 10))
	d.settle()
	d.restart()
	write(t, path, lines(10, 10))
	d.settle()
	require.Equal(t, lineList(10, 10), d.got[path])
}
