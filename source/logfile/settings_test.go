package logfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// A run goes on from a checkpoint of one with another pattern: logs that both match are read on, and those that match
// only now are read from the beginning, also with FromEnd.
func TestOffsetOfOtherPattern(t *testing.T) {
	for _, fromEnd := range []bool{false, true} {
		dir := t.TempDir()
		a, b := filepath.Join(dir, "a.log"), filepath.Join(dir, "b.log")
		write(t, a, lines(0, 10))
		write(t, b, lines(100, 10))
		d := drive(t, a, codec.Lines())
		d.start()
		d.settle()
		d.checkpoint()
		d.stop()
		write(t, a, lines(10, 10))
		d.pattern = filepath.Join(dir, "*.log")
		if fromEnd {
			d.opts = append(d.opts, FromEnd())
		}
		d.start()
		d.settle()
		require.Equal(t, lineList(0, 20), d.got[a])
		require.Equal(t, lineList(100, 10), d.got[b])
	}
}

// A log is known by its path as the pattern has it: by another path it is another log.
func TestOffsetOfOtherPath(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.log")
	write(t, path, lines(0, 10))
	d := drive(t, path, codec.Lines())
	d.start()
	d.settle()
	d.checkpoint()
	d.stop()
	other := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dir, other))
	d.pattern = filepath.Join(other, "a.log")
	d.start()
	d.settle()
	require.Equal(t, lineList(0, 10), d.got[path])
	require.Equal(t, lineList(0, 10), d.got[d.pattern])
}

// FromEnd says nothing to a run that goes on from a checkpoint, and a run without it goes on where one with it was.
func TestOffsetFromEnd(t *testing.T) {
	for _, first := range []bool{false, true} {
		path := temp(t)
		write(t, path, lines(0, 10))
		d := drive(t, path, codec.Lines())
		if first {
			d.opts = []Option{FromEnd()}
		}
		d.start()
		d.settle()
		d.checkpoint()
		d.stop()
		write(t, path, lines(10, 10))
		if d.opts = nil; !first {
			d.opts = []Option{FromEnd()}
		}
		d.start()
		d.settle()
		want := lineList(0, 20)
		if first {
			want = lineList(10, 10)
		}
		require.Equal(t, want, d.got[path])
	}
}

// With another MaxLine a run goes on at the same record, also where that was too long and its end had not been found.
func TestOffsetOfOtherMaxLine(t *testing.T) {
	for name, of := range map[string]struct{ before, after int }{"more": {1000, 10_000}, "less": {10_000, 1000}} {
		path := temp(t)
		long := strings.Repeat("x", 5000)
		write(t, path, lines(0, 10)+long[:4000])
		d := drive(t, path, codec.Lines(), MaxLine(of.before))
		d.start()
		d.settle()
		require.Equal(t, lineList(0, 10), d.got[path], name)
		d.checkpoint()
		d.stop()
		d.opts = []Option{MaxLine(of.after)}
		d.start()
		d.settle()
		write(t, path, long[4000:]+"\n"+lines(10, 10))
		d.settle()
		want := lineList(0, 10)
		if name == "more" {
			want = append(want, long)
			require.Empty(t, d.bad)
		} else {
			require.Len(t, d.bad, 1)
			require.Contains(t, d.bad[0], ErrTooLong.Error())
		}
		require.Equal(t, append(want, lineList(10, 10)...), d.got[path], name)
	}
}
