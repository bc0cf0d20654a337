package logfile

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/codec"
)

// A log that does not match any more is left alone.
func TestOffsetsOfOthers(t *testing.T) {
	path := temp(t)
	write(t, path, lines(0, 10))
	d := drive(t, path, codec.Lines())
	d.start()
	d.settle()
	d.checkpoint()
	d.stop()
	d.pattern = filepath.Join(filepath.Dir(path), "b*.log")
	d.start()
	require.Empty(t, d.readers)
	require.True(t, d.logged("does not match the pattern"))
}

// FuzzOffset has any text be an offset: it is refused, or says the same again.
func FuzzOffset(f *testing.F) {
	for _, s := range []string{
		"1 start", "1 end", "1 start base=7 before at=9 tail=4:11 file=7:8 head=4:12 mtime=-3",
		"1 base=5 line=-1152921504606846976 at=9 tail=4:11 file=7:8 head=4:12 mtime=-3 before at=0 tail=0:0 file=0:0 head=0:0 mtime=0", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePlace(s)
		if err != nil {
			return
		}
		again, err := parsePlace(p.String())
		require.NoError(t, err, "%q", p)
		require.Equal(t, p, again)
	})
}

func TestOffset(t *testing.T) {
	for _, s := range []string{"", "2 start", "1", "1 base=0 line=0 at=-1 tail=0:0 file=0:0 head=0:0 mtime=0", "1 start before nothing", "1 start base=-1", "1 start base=", "1 start base=1 2",
		"1 base=0 line=0 at=1 tail=2:0 file=0:0 head=0:0 mtime=0", "1 base=0 line=0 at=0 tail=0:0 file=0:0 head=5000:0 mtime=0"} {
		_, err := parsePlace(s)
		require.Error(t, err, s)
	}
	p := place{begun: true, base: 5, line: unknownLine, hasBefore: true}
	p.generation = generation{identity{inode{7, 8}, printOf([]byte("head")), -3}, 9, printOf([]byte("tail"))}
	p.before = p.generation
	for _, p := range []place{{}, p, {hasBefore: true, before: p.before}, {base: 7, hasBefore: true, before: p.before}, {begun: true}, {skips: true}} {
		got, err := parsePlace(p.String())
		require.NoError(t, err)
		require.Equal(t, p, got)
	}
}
