package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProgram(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // the second time there are keys, checkpoints and a log
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), &out, dir))
		require.Contains(t, out.String(), "is copied and read whole")
		require.Contains(t, out.String(), "0 words are on disk in the clear, and 0 files are for others to read")
		require.Contains(t, out.String(), "entries, each signed and in its place")
	}
	results, err := filepath.Glob(filepath.Join(dir, "results", "*.jsonl"))
	require.NoError(t, err)
	require.NotEmpty(t, results)

	// Without its keys it says so, and does not begin anew.
	require.NoError(t, os.Rename(filepath.Join(dir, "keys"), filepath.Join(dir, "lost")))
	err = run(t.Context(), new(bytes.Buffer), dir)
	require.ErrorContains(t, err, "there is no key")
}
