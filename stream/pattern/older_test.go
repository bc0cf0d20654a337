package pattern

import (
	"archive/zip"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

var older = flag.String("older", "", "write the checkpoints that TestOlderState goes on from to this file")

// What a program of version 1 of the layout has left when it was killed is gone on from, by any number of shards: partial matches, matches that are held back, and timers. Its
// checkpoints were written by the same test with -older, at commit 4c4d0cc.
func TestOlderState(t *testing.T) {
	const file = "testdata/version1.zip"
	dir := t.TempDir()
	if *older == "" {
		left, err := zip.OpenReader(file)
		require.NoError(t, err)
		defer left.Close()
		require.NoError(t, os.CopyFS(dir, left))
	}
	runs, before, behind := 0, 0, 0
	for seed := uint64(0); runs < 60; seed++ {
		rng := rand.New(rand.NewPCG(seed, 14))
		s, parts := randomSpec(rng), randomParts(rng, 70)
		if !s.valid() {
			continue
		}
		runs++
		with := setting{batch: 3, shards: []int{1, 1 + rng.IntN(3)}, only: 1}
		about := fmt.Sprintf("seed %d: %v over %v", seed, s.pattern(), parts)
		old := with
		old.store = checkpoint.Dir(filepath.Join(dir, fmt.Sprint(runs)))
		if *older != "" {
			matching(t, s, parts, old)
			continue
		}
		old.skip = 1
		whole, late := matching(t, s, parts, setting{batch: 3, shards: with.shards[:1]})
		matches, timeouts := matching(t, s, parts, with)
		more, laterOn := matching(t, s, parts, old)
		for k := range 3 {
			require.Equal(t, whole[k], append(matches[k], more[k]...), about)
			require.Equal(t, late[k], append(timeouts[k], laterOn[k]...), "timed out: %s", about)
			before, behind = before+len(matches[k]), behind+len(more[k])
		}
	}
	if *older != "" {
		to, err := os.Create(*older)
		require.NoError(t, err)
		w := zip.NewWriter(to)
		require.NoError(t, w.AddFS(os.DirFS(dir)))
		require.NoError(t, w.Close())
		require.NoError(t, to.Close())
		return
	}
	require.Greater(t, before, 100)
	require.Greater(t, behind, 100)
}
