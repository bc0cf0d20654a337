package logfile

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// given is what all partitions have given.
func given(d *driver[string]) (all []string) {
	for _, got := range d.got {
		all = append(all, got...)
	}
	return all
}

// A log that is renamed to a name that matches, and that no rotator gives, is not read again: not while the run goes on, not by one that
// goes on from its checkpoint, and not when it is rotated again.
func TestRenamedToWhatMatches(t *testing.T) {
	for _, restarts := range []bool{false, true} {
		t.Run(fmt.Sprint("restarts=", restarts), func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.log")
			write(t, path, lines(0, 100))
			d := drive(t, filepath.Join(dir, "*.log"), codec.Lines())
			d.start()
			d.read(-1)
			again := func() {
				if restarts {
					d.restart()
				}
			}
			write(t, path, lines(100, 50)) // read under the name that it has then
			for n, name := range []string{"a-11-28.log", "a_old.log", "out__2026-11-28_00-00-00.log"} {
				again()
				move(t, path, filepath.Join(dir, name))
				if n < 2 {
					write(t, path, lines(150+100*n, 100))
				}
				again()
				d.scan()
				d.read(-1)
				again()
				d.settle()
			}
			again()
			d.settle()
			require.ElementsMatch(t, lineList(0, 350), given(d))
			require.Equal(t, lineList(0, 350), d.got[path])
			require.False(t, d.logged("WARN"), d.log.String())

			// What is written to them by and by is read, as lines of theirs.
			write(t, filepath.Join(dir, "a_old.log"), lines(350, 1))
			write(t, filepath.Join(dir, "out__2026-11-28_00-00-00.log"), lines(351, 1))
			again()
			d.settle()
			require.ElementsMatch(t, lineList(0, 352), given(d))
		})
	}
}

// Inodes are given to new files: only one that holds what was read is the old log.
func TestOtherFileOfTheSameInode(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.log")
	write(t, path, lines(0, 100))
	d := drive(t, filepath.Join(dir, "*.log"), codec.Lines())
	d.start()
	d.settle()
	d.checkpoint()
	d.stop()
	require.NoError(t, os.Truncate(path, 0)) // what a new file with its inode would be
	write(t, path, lines(500, 100))
	move(t, path, filepath.Join(dir, "b.log"))
	d.start()
	d.settle()
	require.Equal(t, lineList(500, 100), d.got[filepath.Join(dir, "b.log")])
}

// The log was renamed to a name that does not even match, while no run was on.
func TestRenamedMeanwhile(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 100))
	d := drive(t, path, codec.Lines())
	d.start()
	d.read(-1)
	d.checkpoint()
	d.stop()
	write(t, path, lines(100, 100))
	move(t, path, path+".tmp") // as logrotate's renamecopy does, before it copies
	write(t, path, lines(200, 50))
	d.start()
	d.settle()
	require.Equal(t, lineList(0, 250), d.got[path])
	require.False(t, d.logged("WARN"), d.log.String())
}

// A link and the file it leads to, or two names of one file, are one log.
func TestLinkAndTarget(t *testing.T) {
	for name, link := range map[string]func(old, new string) error{"symbolic": os.Symlink, "hard": os.Link} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			target := filepath.Join(dir, "pods/x/0.log")
			for _, d := range []string{"pods/x", "containers"} {
				require.NoError(t, os.MkdirAll(filepath.Join(dir, d), 0o755))
			}
			write(t, target, lines(0, 10))
			require.NoError(t, link(target, filepath.Join(dir, "containers/x.log")))
			d := drive(t, filepath.Join(dir, "**/*.log"), codec.Lines())
			d.start()
			d.settle()
			require.Len(t, d.got, 1)
			require.Equal(t, lineList(0, 10), given(d))

			if name == "symbolic" {
				move(t, target, target+".20261128-101010")
			}
			write(t, target, lines(10, 10))
			d.settle()
			d.restart()
			d.settle()
			require.ElementsMatch(t, lineList(0, 20), given(d))
		})
	}
}

// A link leads to a file that is rotated where it stands, while no run is on and while there is one.
func TestLinkToRotated(t *testing.T) {
	for _, ext := range []string{"", ".gz"} {
		t.Run(ext, func(t *testing.T) {
			dir := t.TempDir()
			path, target := filepath.Join(dir, "x.log"), filepath.Join(dir, "pods/0.log")
			require.NoError(t, os.Mkdir(filepath.Dir(target), 0o755))
			write(t, target, lines(0, 100))
			require.NoError(t, os.Symlink("pods/0.log", path))
			rotate := func(n int) {
				rotated := fmt.Sprintf("%s.2026112%d-101010", target, n)
				move(t, target, rotated)
				if ext != "" {
					compress(t, rotated)
				}
			}
			d := drive(t, filepath.Join(dir, "*.log"), codec.Lines())
			d.start()
			d.read(-1)
			d.checkpoint()
			d.stop()
			write(t, target, lines(100, 100))
			rotate(1)
			write(t, target, lines(200, 100))
			rotate(2)
			d.start() // nothing is where the link leads
			d.settle()
			write(t, target, lines(300, 100))
			d.settle()
			require.Equal(t, lineList(0, 400), d.got[path])
			require.False(t, d.logged("WARN"), d.log.String())
		})
	}
}

// What is written to a file that was left for the next is not read, and logged with how much it is.
func TestLateLinesAreLogged(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 100))
	d := drive(t, path, codec.Lines())
	d.start()
	d.read(-1)
	move(t, path, path+".1")
	write(t, path, lines(100, 100))
	d.settle()
	require.False(t, d.logged("WARN"), d.log.String())
	write(t, path+".1", lines(200, 1))
	d.advance(time.Minute)
	d.settle()
	require.Contains(t, d.log.String(), fmt.Sprintf("path=%s.1 bytes=%d", path, len(lines(200, 1))))
	d.log.Reset()
	d.advance(time.Minute)
	d.settle()
	require.False(t, d.logged("WARN"), d.log.String())
	write(t, path+".1", lines(201, 2))
	d.advance(time.Minute)
	d.settle()
	require.Contains(t, d.log.String(), fmt.Sprintf("bytes=%d", len(lines(201, 2))))
	require.Equal(t, lineList(0, 200), d.got[path])
}
