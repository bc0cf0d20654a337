package engine

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/keeper"
)

// A run whose store may be another's by now shows nothing more, and ends.
func TestLockIsLost(t *testing.T) { synctest.Test(t, lockIsLost) }

func lockIsLost(t *testing.T) {
	for _, shown := range []int64{0, 9} { // 9 is what the other run has made
		dir, a := t.TempDir(), newTopic("a")
		p := newTallying(newTarget(), a)
		run := p.start(t, p.config(keeper.Dir(dir)))
		require.NoError(t, os.Remove(filepath.Join(dir, "lock")))
		p.target.newest = shown
		if shown == 0 {
			a.put(1)
			synctest.Wait()
		}
		_, err := p.plan.Savepoint(t.Context(), "")
		require.ErrorIs(t, err, keeper.ErrLockLost)
		rewind, ok := errors.AsType[*RewindError](err)
		require.Equal(t, shown > 0, ok)
		if ok { // which is what it looks like, and not why
			require.Equal(t, RewindError{Committed: 9}, *rewind)
			require.ErrorContains(t, err, "; so stream: write: ")
		}
		err = <-run.err
		require.ErrorIs(t, err, keeper.ErrLockLost)
		require.ErrorContains(t, err, "stream: checkpoint 1: ")
		require.Empty(t, p.target.rows())
	}
}
