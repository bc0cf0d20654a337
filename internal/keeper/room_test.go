package keeper

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// large makes a checkpoint of n bytes of state.
func large(k *Keeper, n int) (*Manifest, error) {
	m := &Manifest{ID: k.Begin(), Groups: 128}
	pieces, err := k.Write(m.ID, 0, 1, []Blob{{Group: 3, Data: bytes.Repeat([]byte("x"), n)}})
	if err == nil {
		m.Operators = []Operator{{Name: "a", Pieces: pieces}}
		err = k.Commit(m)
	}
	if err != nil {
		k.GiveUp(m.ID)
	}
	return m, err
}

func ids(k *Keeper) (all []int64) {
	for _, m := range k.List() {
		all = append(all, m.ID)
	}
	return all
}

// A store of 9 MB with checkpoints of 2.3 MB and, for a while, 2.5 MB and then
// nearly 9 MB of other files: there are fewer checkpoints then, and none at last, and
// when the others have gone all is as it was.
func TestFullStore(t *testing.T) {
	disk := newFailing(1)
	disk.space = 9_000_000
	others := func(n int) { disk.names["others"] = &content{now: make([]byte, n)} }
	k := open(t, &dir{path: "d", files: disk})
	for range 5 {
		_, err := large(k, 2_300_000)
		require.NoError(t, err)
	}
	require.Equal(t, []int64{5, 4, 3}, ids(k))
	others(2_500_000)
	_, err := large(k, 2_300_000)
	require.NoError(t, err)
	require.Equal(t, []int64{6, 5}, ids(k))
	others(6_000_000)
	for range 3 {
		_, err = large(k, 2_300_000)
		require.ErrorIs(t, err, syscall.ENOSPC)
		require.Equal(t, []int64{6}, ids(k), "the newest stays")
		names, err := k.store.List()
		require.NoError(t, err)
		require.Equal(t, []string{"manifest-000000000006", "others", "state-000000000006-0000"}, names)
	}
	others(0)
	for range 3 {
		_, err = large(k, 2_300_000)
		require.NoError(t, err)
	}
	require.Len(t, ids(k), 3)
	snap, err := k.Latest()
	require.NoError(t, err)
	require.Len(t, snap.Piece(snap.Manifest.Operators[0].Pieces[0]), 2_300_000)
}

// Savepoints make no room, nor does what the next checkpoint builds on.
func TestFullStoreKeepsSavepoints(t *testing.T) {
	disk := newFailing(1)
	k := open(t, &dir{path: "d", files: disk})
	var last *Manifest
	for i := range 5 {
		m, err := take(k, last, []string{"", "second", ""}[min(i, 2)])
		require.NoError(t, err)
		last = m
	}
	disk.space = 1
	_, err := take(k, last, "")
	require.ErrorIs(t, err, syscall.ENOSPC)
	k.GiveUp(k.last)
	require.Equal(t, []int64{5, 2}, ids(k))
	disk.space = 0
	m, err := take(k, last, "")
	require.NoError(t, err)
	for _, id := range []int64{2, 5, m.ID} {
		snap, err := k.At(id)
		require.NoError(t, err)
		check(t, snap)
	}
}

// What a checkpoint that was given up has written goes at once, or when the store
// is opened again, also where one that is older cannot be read.
func TestGivenUpGoes(t *testing.T) {
	disk := newFailing(1)
	store := &dir{path: "d", files: disk}
	names := func() []string {
		all, err := store.List()
		require.NoError(t, err)
		return slices.DeleteFunc(all, func(name string) bool { return !strings.Contains(name, "3") })
	}
	k := open(t, store)
	last, err := take(k, nil, "")
	require.NoError(t, err)
	last, err = take(k, last, "")
	require.NoError(t, err)

	half := func() {
		_, err := k.Write(k.Begin(), 0, 1, []Blob{{Data: []byte("half of a checkpoint")}})
		require.NoError(t, err)
	}
	half()
	require.Len(t, names(), 1)
	k.GiveUp(3)
	require.Empty(t, names())

	half() // and the process is killed
	require.NoError(t, store.Write("passed-000000000003", []byte("of no checkpoint")))
	require.NoError(t, k.Close())
	disk.names["d/manifest-000000000001"].now[50] ^= 1
	k = open(t, store)
	require.Empty(t, names())
	all, err := store.List()
	require.NoError(t, err)
	require.NotContains(t, all, "state-000000000004-0000")
	require.Contains(t, all, "state-000000000001-0000", "nobody knows what the damaged manifest names")
	snap, err := k.Latest()
	require.NoError(t, err)
	require.Equal(t, last.ID, snap.Manifest.ID)
	check(t, snap)
}

// A temporary file that could not be removed is removed with the next write.
func TestTemporaryFileGoes(t *testing.T) {
	disk := newFailing(1)
	away := &awayFiles{failing: disk}
	store := &dir{path: "d", files: away}
	away.down = true
	require.Error(t, store.Write("state-1", []byte("a")))
	require.Len(t, disk.names, 1)
	away.down = false
	require.NoError(t, store.Write("state-2", []byte("a")))
	require.Len(t, disk.names, 1)
}

// awayFiles makes files, and can do nothing more while it is down.
type awayFiles struct {
	*failing
	down bool
}

var errAway = errors.New("the disk is away")

func (f *awayFiles) rename(from, to string) error {
	if f.down {
		return errAway
	}
	return f.failing.rename(from, to)
}

func (f *awayFiles) remove(path string) error {
	if f.down {
		return errAway
	}
	return f.failing.remove(path)
}
