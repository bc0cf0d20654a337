package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// numbers are those of the file, and how they would look where something has put them together or apart.
var numbers = regexp.MustCompile(`(4111|5555|4000)[ -]?(1111|5555|0566)[ -]?(1111|5555|5566)`)

// The results are there, and in nothing that is written or put out is a number of a card, or a file that others may read.
func TestProgram(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // the second time there is nothing new
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), &out, "testdata/payments.jsonl", dir))
		require.Contains(t, out.String(), "************4444 was declined 3 times from 10:00 on\n")
		require.NotContains(t, out.String(), "1111 was declined", "the two that end alike are two")
		require.Regexp(t, `payments\.jsonl line 5 .*cannot be read: .*\[redacted\]`, out.String())
		require.Contains(t, out.String(), "entries, each signed and in its place")
		require.NotRegexp(t, numbers, out.String())
	}
	files := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		if path != dir {
			require.Zero(t, info.Mode().Perm()&0o077, path)
		}
		if d.IsDir() {
			return nil
		}
		files++
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NotRegexp(t, numbers, string(text), path)
		require.NotContains(t, string(text), "*4444", path) // without the star it would be in a signature by chance
		return nil
	}))
	require.Greater(t, files, 6)
	text, err := os.ReadFile("testdata/payments.jsonl")
	require.NoError(t, err)
	require.Len(t, numbers.FindAll(text, -1), 8, "the test would find them")

	// Another key of hashes makes other tokens; another of the results, none.
	require.NoError(t, os.WriteFile(filepath.Join(dir, "keys", "seal"), make([]byte, 32), 0o600))
	require.ErrorContains(t, run(t.Context(), new(bytes.Buffer), "testdata/payments.jsonl", dir), checkpoint.ErrSealed.Error(), "which is said, as it shows nothing")
}
