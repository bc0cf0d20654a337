package keeper

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/delta"
	"github.com/freshet-go/freshet/internal/sample"
)

// take makes a checkpoint of three operators: the state of one is all new, of
// the second one group of two is as it was in the checkpoint before, and the third
// is a patch, mostly.
func take(k *Keeper, before *Manifest, savepoint string) (*Manifest, error) {
	id := k.Begin()
	m := &Manifest{ID: id, Run: "run", Taken: time.Unix(1e9, 0).UTC(), Savepoint: savepoint, Groups: 128, Shards: 2}
	m.Sources = []Source{{Operator: "orders", Partition: "a", Offset: fmt.Sprint(id * 100)}}
	first, err := k.Write(id, 0, 1, []Blob{{Group: 3, Data: text(id, 3)}, {Group: Whole, Instance: 1, Data: text(id, Whole)}})
	if err != nil {
		return nil, err
	}
	third := Piece{Group: 5}
	data := text(id, 5)
	if before != nil && len(before.Operators[2].Pieces[0].Patches) < 2 {
		third = before.Operators[2].Pieces[0]
		data = new(delta.Maker).Make(text(before.ID, 5), data, len(data))
	}
	group := 10 + int(id%100)
	rest, err := k.Write(id, 1, 1, []Blob{{Group: group, Data: text(id, group)}, {Group: 5, Data: data}})
	if err != nil {
		return nil, err
	}
	second := rest[:1:1]
	if before != nil {
		second = append(second, before.Operators[1].Pieces[0])
	}
	if third.Size == 0 {
		third = rest[1]
	} else {
		third.Patches = append(slices.Clip(third.Patches), rest[1].Place())
	}
	m.Operators = []Operator{{Name: "a", Pieces: first}, {Name: "b", Pieces: second}, {Name: "c", Pieces: []Piece{third}}}
	return m, k.Commit(m)
}

func text(id int64, group int) []byte {
	return bytes.Repeat(fmt.Appendf(nil, "state of %d in checkpoint %d. ", group, id), 20)
}

// check requires that a checkpoint holds what take put into it.
func check(t *testing.T, snap *Snapshot) {
	t.Helper()
	m := snap.Manifest
	require.Equal(t, fmt.Sprint(m.ID*100), m.Sources[0].Offset)
	require.Equal(t, uint16(1), snap.Codec)
	for _, o := range m.Operators {
		for _, p := range o.Pieces {
			from, ok := idOf(p.File)
			require.True(t, ok)
			if o.Name == "c" {
				from = m.ID
			}
			require.Equal(t, string(text(from, p.Group)), string(snap.Piece(p)))
		}
	}
}

func open(t *testing.T, store Store, opts ...Option) *Keeper {
	t.Helper()
	k, err := Open(store, "shop", opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = k.Close() })
	return k
}

func TestKeeper(t *testing.T) {
	store := Dir(filepath.Join(t.TempDir(), "checkpoints"))
	k := open(t, store, Keep(2))
	snap, err := k.Latest()
	require.NoError(t, err)
	require.Nil(t, snap, "nothing has ever been")

	var last *Manifest
	for i := range 5 {
		name := ""
		if i == 1 {
			name = "before the sale"
		}
		last, err = take(k, last, name)
		require.NoError(t, err)
	}
	var ids []int64
	for _, m := range k.List() {
		ids = append(ids, m.ID)
	}
	require.Equal(t, []int64{5, 4, 2}, ids, "two, and the savepoint")
	snap, err = k.Latest()
	require.NoError(t, err)
	require.Equal(t, int64(5), snap.Manifest.ID)
	check(t, snap)
	snap, err = k.Savepoint("before the sale")
	require.NoError(t, err)
	require.Equal(t, int64(2), snap.Manifest.ID)
	check(t, snap)
	_, err = k.Savepoint("never")
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorIs(t, err, ErrNoSavepoint)
	require.EqualError(t, err, `checkpoint: no savepoint "never": the store has "before the sale" (checkpoint 2)`)
	require.NoError(t, k.Close())

	// Another process goes on.
	k = open(t, store, Keep(2))
	snap, err = k.Latest()
	require.NoError(t, err)
	check(t, snap)
	require.Equal(t, int64(6), k.Begin())

	all, err := Inspect(store)
	require.NoError(t, err)
	require.Len(t, all, 3)
	require.Equal(t, all[0], snap.Manifest)
	require.NoError(t, k.Remove(2))
	names, err := store.List()
	require.NoError(t, err)
	for _, name := range names {
		id, _ := idOf(name)
		require.GreaterOrEqual(t, id, int64(3), "nothing of the savepoint is left: %v", names)
	}
}

func TestOneProcessAtATime(t *testing.T) {
	path := t.TempDir()
	k := open(t, Dir(path))
	_, err := Open(Dir(path), "shop")
	require.ErrorIs(t, err, ErrLocked)
	require.ErrorContains(t, err, path)

	// The same from another process: this test, run by itself.
	child := exec.Command(os.Args[0], "-test.run", "^TestLockChild$")
	child.Env = append(os.Environ(), "FRESHET_LOCK_TEST="+path)
	out, err := child.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), ErrLocked.Error())

	require.NoError(t, k.Close())
	require.NoError(t, open(t, Dir(path)).Close())
}

func TestLockChild(t *testing.T) {
	path := os.Getenv("FRESHET_LOCK_TEST")
	if path == "" {
		return // it is the other process of TestOneProcessAtATime
	}
	_, err := Open(Dir(path), "shop")
	fmt.Println(err)
}

func TestStoreOfAnotherPipeline(t *testing.T) {
	store := Dir(t.TempDir())
	k := open(t, store)
	_, err := take(k, nil, "")
	require.NoError(t, err)
	require.NoError(t, k.Close())
	_, err = Open(store, "bank")
	require.ErrorContains(t, err, `the store is not of this pipeline: it is of pipeline "shop", not of "bank"`)
	require.NoError(t, open(t, store).Close(), "the lock is free again")
}

// A bit that flips in any place of any file is found out, and the run goes on
// from the checkpoint before.
func TestFlippedBits(t *testing.T) {
	path := t.TempDir()
	k := open(t, Dir(path))
	_, err := take(k, nil, "")
	require.NoError(t, err)
	_, err = take(k, nil, "")
	require.NoError(t, err)
	require.NoError(t, k.Close())
	names, err := Dir(path).List()
	require.NoError(t, err)
	flipped := 0
	for _, name := range names {
		if !strings.Contains(name, "000002") {
			continue
		}
		file := filepath.Join(path, name)
		whole, err := os.ReadFile(file)
		require.NoError(t, err)
		for at := 0; at < len(whole); at += 1 + at/7 {
			damaged := bytes.Clone(whole)
			damaged[at] ^= 1 << (at % 8)
			require.NoError(t, os.WriteFile(file, damaged, 0o600))
			var log bytes.Buffer
			k := open(t, Dir(path), Logger(slog.New(slog.NewTextHandler(&log, nil))))
			snap, err := k.Latest()
			require.NoError(t, err)
			require.Equal(t, int64(1), snap.Manifest.ID, "%s at %d", name, at)
			check(t, snap)
			require.Contains(t, log.String(), "going on from an older checkpoint")
			require.NoError(t, k.Close())
			flipped++
		}
		require.NoError(t, os.WriteFile(file, whole, 0o600))
	}
	require.Greater(t, flipped, 50)
}

// Where there are checkpoints and none can be read, nobody begins anew.
func TestNothingReadable(t *testing.T) {
	path := t.TempDir()
	k := open(t, Dir(path))
	_, err := take(k, nil, "")
	require.NoError(t, err)
	_, err = take(k, nil, "")
	require.NoError(t, err)
	require.NoError(t, k.Close())
	require.NoError(t, os.Truncate(filepath.Join(path, "manifest-000000000001"), 30))
	require.NoError(t, os.Remove(filepath.Join(path, "state-000000000002-0001")))
	k = open(t, Dir(path))
	_, err = k.Latest()
	var unreadable *UnreadableError
	require.ErrorAs(t, err, &unreadable)
	require.False(t, unreadable.Damaged, "the file may be there again later")
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.ErrorContains(t, err, path)
	require.NoError(t, k.Close())
	_, err = Inspect(Dir(path))
	require.ErrorIs(t, err, ErrDamaged)
}

// A format of the future is not read as if it were ours.
func TestNewerFormat(t *testing.T) {
	b := sealed(kindState, 1, []byte("state"))
	b[9]++
	sum := frameSum(b, b[headerSize:])
	b[20], b[21], b[22], b[23] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
	_, _, err := unseal(kindState, b)
	require.EqualError(t, err, "written by a later version: format version 3, and this program reads up to version 2")
	_, _, err = unseal(kindManifest, sealed(kindState, 1, nil))
	require.ErrorIs(t, err, ErrDamaged)
}

// Nor is it passed over for an older checkpoint.
func TestCheckpointOfLaterProgram(t *testing.T) {
	store := Memory()
	k := open(t, store)
	_, err := take(k, nil, "")
	require.NoError(t, err)
	require.NoError(t, k.Close())
	b, err := store.Read("manifest-000000000001")
	require.NoError(t, err)
	b = slices.Clone(b)
	b[9] = formatVersion + 1
	binary.LittleEndian.PutUint32(b[20:], frameSum(b, b[headerSize:]))
	require.NoError(t, store.Write("manifest-000000000002", b))
	_, err = Open(store, k.pipeline)
	require.ErrorIs(t, err, ErrVersion)
	require.ErrorContains(t, err, "checkpoint 2: ")
}

// Whatever call fails, and in whatever way: what has been committed can be
// read, whole, also after a crash, and no checkpoint is half of one.
func TestEveryFault(t *testing.T) {
	for how := range faults {
		t.Run(how.String(), func(t *testing.T) {
			fallbacks, plays := 0, 0
			seeds := sample.Of(t, 2, []uint64{0, 1, 2, 3})
			for _, seed := range seeds {
				for failAt, ended := 1, false; !ended; failAt++ {
					disk := newFailing(seed)
					disk.failAt, disk.how = failAt, how
					var committed int64
					committed, ended = play(t, disk)
					plays++
					after := disk.reboot()
					k, err := Open(&dir{path: "d", files: after}, "shop", Keep(2))
					require.NoError(t, err)
					snap, err := k.Latest()
					if how == lostSync && err != nil {
						var unreadable *UnreadableError
						require.ErrorAs(t, err, &unreadable, "a clear error, never silence")
						continue
					}
					require.NoError(t, err, "seed %d, call %d", seed, failAt)
					if committed > 0 {
						require.NotNil(t, snap, "seed %d, call %d: checkpoint %d is lost", seed, failAt, committed)
					}
					if snap != nil {
						check(t, snap)
						if snap.Manifest.ID < committed {
							require.Equal(t, lostSync, how, "seed %d, call %d: %d was committed, %d is left", seed, failAt, committed, snap.Manifest.ID)
							fallbacks++
						}
						_, err := take(k, snap.Manifest, "")
						require.NoError(t, err, "it goes on")
					}
				}
			}
			require.Greater(t, plays, 125*len(seeds))
			if how == lostSync {
				require.Positive(t, fallbacks, "a disk that lies is noticed")
			}
		})
	}
}

// play takes checkpoints until a call has failed, and one or two more if the
// machine is still up. It returns the id of the last that was committed and
// whether the failing call was never reached.
func play(t *testing.T, disk *failing) (committed int64, ended bool) {
	k, err := Open(&dir{path: "d", files: disk}, "shop", Keep(2))
	if err != nil {
		require.True(t, errors.Is(err, errCrash))
		return 0, false
	}
	var last *Manifest
	for range 6 {
		m, err := take(k, last, "")
		if err != nil {
			if disk.down {
				return committed, false
			}
			continue
		}
		committed, last = m.ID, m
		snap, err := k.Latest()
		if !disk.down {
			require.NoError(t, err)
			check(t, snap)
		}
	}
	return committed, disk.calls < disk.failAt
}

func sealed(kind byte, codec uint16, payload []byte) []byte {
	return slices.Concat(seal(kind, codec, payload)...)
}

func FuzzUnseal(f *testing.F) {
	f.Add(sealed(kindManifest, 1, []byte("payload")))
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		codec, payload, err := unseal(kindManifest, b)
		if err == nil && b[9] == formatVersion && !bytes.Equal(sealed(kindManifest, codec, payload), b) {
			t.Fatal("it is no frame")
		}
	})
}

// What version 1 of the format has is read.
func TestOlderFormat(t *testing.T) {
	b := sealed(kindState, 1, []byte("state"))
	b[9] = 1
	sum := frameSum(b, b[headerSize:])
	b[20], b[21], b[22], b[23] = byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24)
	_, payload, err := unseal(kindState, b)
	require.NoError(t, err)
	require.Equal(t, "state", string(payload))
}

// A patch that does not apply makes the checkpoint unreadable, and the run
// goes on from the one before.
func TestPatchOfAnother(t *testing.T) {
	store := Memory()
	k := open(t, store)
	first, err := take(k, nil, "")
	require.NoError(t, err)
	second := *first
	second.ID = k.Begin()
	second.Operators = slices.Clone(first.Operators)
	c := first.Operators[2].Pieces[0]
	other, err := k.Write(second.ID, 0, 1, []Blob{{Data: []byte("no patch")}})
	require.NoError(t, err)
	c.Patches = []Place{other[0].Place()}
	second.Operators[2].Pieces = []Piece{c}
	require.NoError(t, k.Commit(&second))
	_, err = k.At(second.ID)
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, "state of c in state-000000000001-0001 with 1 patches")
	snap, err := k.Latest()
	require.NoError(t, err)
	require.Equal(t, first.ID, snap.Manifest.ID)
	check(t, snap)
}

func TestPlace(t *testing.T) {
	p := Place{"state-000000000017-0003", 45, 678}
	text, err := p.MarshalText()
	require.NoError(t, err)
	require.Equal(t, "17.3.45.678", string(text))
	var q Place
	require.NoError(t, q.UnmarshalText(text))
	require.Equal(t, p, q)
	for _, bad := range []string{"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.x", "1.2.3.-4", "1.2.3.99999999999999999999"} {
		require.Error(t, q.UnmarshalText([]byte(bad)), bad)
	}
	for _, bad := range []string{"", "state-17-3", "state-000000000017-0003x", "manifest-000000000017"} {
		_, err := Place{File: bad}.MarshalText()
		require.Error(t, err, bad)
	}
}

// What a run has gone past is not gone on from later, though it can be read
// again; a savepoint among it can be asked for.
func TestGoOn(t *testing.T) {
	store := Memory()
	k := open(t, store, Keep(2))
	for id := int64(1); id <= 4; id++ {
		m := &Manifest{ID: k.Begin()}
		if id == 3 {
			m.Savepoint = "three"
		}
		require.NoError(t, k.Commit(m))
	}
	require.NoError(t, k.GoOn(2))
	latest := func(want int64) {
		t.Helper()
		require.NoError(t, k.Close())
		k = open(t, store, Keep(2))
		snap, err := k.Latest()
		require.NoError(t, err)
		require.Equal(t, want, snap.Manifest.ID)
	}
	latest(2)
	snap, err := k.Savepoint("three")
	require.NoError(t, err)
	require.NoError(t, k.GoOn(snap.Manifest.ID))
	latest(3)
	require.NoError(t, k.GoOn(2))
	for range 2 {
		require.NoError(t, k.Commit(&Manifest{ID: k.Begin()}))
	}
	latest(6)
	names, err := store.List()
	require.NoError(t, err)
	require.Equal(t, []string{"manifest-000000000003", "manifest-000000000005", "manifest-000000000006", "passed-000000000003"}, names)
	require.NoError(t, k.Remove(3))
	names, err = store.List()
	require.NoError(t, err)
	require.Equal(t, []string{"manifest-000000000005", "manifest-000000000006"}, names)
}
