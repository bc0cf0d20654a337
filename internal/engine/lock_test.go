package engine

import (
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A run whose store may be another's by now shows nothing more, and ends.
func TestLockIsLost(t *testing.T) { synctest.Test(t, lockIsLost) }

func lockIsLost(t *testing.T) {
	dir := t.TempDir()
	p := newTallying(newTarget(), newTopic("a", 1))
	run := p.start(t, p.config(checkpoint.Dir(dir)))
	require.NoError(t, os.Remove(filepath.Join(dir, "lock")))
	_, err := p.plan.Savepoint(t.Context(), "")
	require.ErrorIs(t, err, checkpoint.ErrLockLost)
	err = <-run.err
	require.ErrorIs(t, err, checkpoint.ErrLockLost)
	require.ErrorContains(t, err, "stream: checkpoint 1: ")
	require.Empty(t, p.target.rows())
}
