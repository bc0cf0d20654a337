package keeper

import (
	"io/fs"
	"testing"

	"github.com/stretchr/testify/require"
)

// A checkpoint is found while nobody has the store, and what it has of some operators is read without the others, with the store locked or not.
func TestElsewhere(t *testing.T) {
	store := Memory()
	snap, err := Find(store, "shop", "")
	require.NoError(t, err)
	require.Nil(t, snap)

	k := open(t, store)
	first, err := take(k, nil, "monday")
	require.NoError(t, err)
	last, err := take(k, first, "")
	require.NoError(t, err)
	_, err = Find(store, "shop", "")
	require.ErrorIs(t, err, ErrLocked)

	some, err := Part(store, "shop", last.ID, func(operator string) bool { return operator == "c" || operator == "orders" })
	require.NoError(t, err)
	require.Len(t, some.Manifest.Operators, 1)
	check(t, some)
	none, err := Part(store, "shop", last.ID, func(string) bool { return false })
	require.NoError(t, err)
	require.Empty(t, none.Manifest.Operators)
	require.Empty(t, none.Manifest.Sources)
	require.Empty(t, none.files)
	_, err = Part(store, "other", last.ID, func(string) bool { return true })
	require.ErrorIs(t, err, ErrOtherPipeline)
	_, err = Part(store, "shop", 77, func(string) bool { return true })
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, "checkpoint 77")

	require.NoError(t, k.Close())
	for savepoint, id := range map[string]int64{"": last.ID, "monday": first.ID} {
		snap, err := Find(store, "shop", savepoint)
		require.NoError(t, err)
		require.Equal(t, id, snap.Manifest.ID)
		check(t, snap)
	}
	_, err = Find(store, "shop", "tuesday")
	require.ErrorIs(t, err, ErrNoSavepoint)
	_, err = Find(store, "other", "")
	require.ErrorIs(t, err, ErrOtherPipeline)

	require.NoError(t, store.Remove(last.Operators[2].Pieces[0].File))
	_, err = Part(store, "shop", last.ID, func(operator string) bool { return operator == "c" })
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = Part(store, "shop", last.ID, func(operator string) bool { return operator == "none" })
	require.NoError(t, err)
}
