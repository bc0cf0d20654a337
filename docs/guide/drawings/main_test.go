package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDrawings draws all pictures anew: those of the guide have to be the same.
func TestDrawings(t *testing.T) {
	for _, d := range all {
		p, err := d.draw()
		require.NoError(t, err, d.name)
		file := filepath.Join("..", "img", d.name+".svg")
		have, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(have), string(p.svg()), "%s differs: go generate ./docs/guide/drawings", file)
	}
	files, err := filepath.Glob(filepath.Join("..", "img", "*"))
	require.NoError(t, err)
	require.Len(t, files, len(all), "a file that nothing draws")
}
