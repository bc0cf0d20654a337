package redraw_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink/internal/redraw"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

// A file is for its owner alone, keeps the mode that somebody has given it, and is not written through a link
// that somebody has put where the next one is made.
func TestModes(t *testing.T) {
	dir := t.TempDir()
	path, victim := filepath.Join(dir, "chart.svg"), filepath.Join(dir, "victim")
	require.NoError(t, os.WriteFile(victim, []byte("mine"), 0o600))
	require.NoError(t, os.Symlink(victim, filepath.Join(dir, ".chart.svg.new")))
	draw := func([]int, int64) ([]byte, error) { return []byte("<svg/>"), nil }
	for _, mode := range []os.FileMode{0o600, 0o644} {
		p := stream.New("drawn")
		p.From(source.Slice([]int{1})).To(redraw.New(path, redraw.Config{Keep: 1}, draw))
		require.NoError(t, p.Run(t.Context()))
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm())
		require.NoError(t, os.Chmod(path, 0o644))
	}
	got, err := os.ReadFile(victim)
	require.NoError(t, err)
	require.Equal(t, "mine", string(got))
}
