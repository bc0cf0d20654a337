package keeper

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who removes the file of the lock lets a second process in. The first one
// notices before it writes a manifest.
func TestLockIsLost(t *testing.T) {
	for name, remove := range map[string]func(string) error{
		"removed":  os.Remove,
		"replaced": func(path string) error { return os.Rename(path, path+".old") },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store")
			k := open(t, Dir(path))
			first, err := take(k, nil, "")
			require.NoError(t, err)
			id := k.Begin()
			pieces, err := k.Write(id, 0, 1, []Blob{{Group: 3, Data: []byte("state")}})
			require.NoError(t, err)
			require.NoError(t, remove(filepath.Join(path, lockName)))
			second := open(t, Dir(path))
			err = k.Commit(&Manifest{ID: id, Groups: 128, Operators: []Operator{{Name: "a", Pieces: pieces}}})
			require.ErrorIs(t, err, ErrLockLost)
			require.ErrorContains(t, err, filepath.Join(path, lockName))
			snap, err := second.Latest()
			require.NoError(t, err)
			require.Equal(t, first.ID, snap.Manifest.ID)
			_, err = take(second, first, "")
			require.NoError(t, err)
			require.NoError(t, k.Close())
			_, err = take(second, first, "")
			require.NoError(t, err, "the lock of the second one is its own")
		})
	}
}

// A store that is away is none whose lock is lost, and is not made again.
func TestStoreIsAway(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	store := Dir(path)
	k := open(t, store)
	last, err := take(k, nil, "")
	require.NoError(t, err)
	require.NoError(t, os.Rename(path, path+".away"))
	_, err = take(k, last, "")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NotErrorIs(t, err, ErrLockLost)
	k.GiveUp(k.last)
	require.NoError(t, k.Close())
	_, err = Open(store, "shop")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoDirExists(t, path)
	require.NoError(t, os.Rename(path+".away", path))
	k = open(t, store)
	require.Equal(t, last.ID, k.Newest())
	_, err = take(k, last, "")
	require.NoError(t, err)
}

// A link in the place of the lock is not followed: it would have a file locked, or made, that somebody else has chosen.
func TestLockIsNoLink(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // where links take rights that nobody has
	}
	at := t.TempDir()
	path := filepath.Join(at, "store")
	require.NoError(t, os.Mkdir(path, 0o700))
	for name, to := range map[string]string{"there": filepath.Join(at, "there"), "not there": filepath.Join(at, "made")} {
		if name == "there" {
			require.NoError(t, os.WriteFile(to, nil, 0o600))
		}
		require.NoError(t, os.Symlink(to, filepath.Join(path, lockName)))
		_, err := Open(Dir(path), "shop")
		require.Error(t, err, name)
		require.NoError(t, os.Remove(filepath.Join(path, lockName)))
	}
	require.NoFileExists(t, filepath.Join(at, "made"))
}
