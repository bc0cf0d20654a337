package shred_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/shred"
)

func keysOf(t testing.TB, k shred.Keeper, create bool, persons ...string) []shred.Found {
	t.Helper()
	all, err := k.Keys(t.Context(), persons, create)
	require.NoError(t, err)
	require.Len(t, all, len(persons))
	return all
}

// What a file was given is there when it is opened again, with other keys, too.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "persons")
	f, err := shred.OpenFile(path, ring(t, 1))
	require.NoError(t, err)
	require.Equal(t, make([]shred.Found, 2), keysOf(t, f, false, "ada", "grace"))
	made := keysOf(t, f, true, "ada", "grace")
	require.Len(t, made[0].Key, 32)
	require.NotEqual(t, made[0].Key, made[1].Key)
	ada := bytes.Clone(made[0].Key)
	require.Equal(t, ada, keysOf(t, f, true, "ada")[0].Key)
	_, err = shred.OpenFile(path, ring(t, 1))
	require.ErrorContains(t, err, "in use")
	require.NoError(t, f.Close())
	_, err = f.Keys(t.Context(), []string{"ada"}, true)
	require.ErrorContains(t, err, "closed")
	require.Error(t, f.Forget(t.Context(), "ada"))
	require.NoError(t, f.Close())

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, part := range [][]byte{[]byte("ada"), ada, []byte(hex.EncodeToString(ada))} {
		require.False(t, bytes.Contains(before, part))
	}

	f, err = shred.OpenFile(path, ring(t, 2, 1)) // a rotation: it is written anew
	require.NoError(t, err)
	require.Equal(t, ada, keysOf(t, f, true, "ada")[0].Key)
	require.NoError(t, f.Close())
	_, err = shred.OpenFile(path, ring(t, 1))
	require.ErrorIs(t, err, checkpoint.ErrSealed)
	f, err = shred.OpenFile(path, ring(t, 2))
	require.NoError(t, err)
	require.Equal(t, ada, keysOf(t, f, false, "ada")[0].Key)

	require.NoError(t, f.Forget(t.Context(), "ada", "never seen"))
	for range 2 {
		require.Equal(t, []shred.Found{{Forgotten: true}, {Forgotten: true}}, keysOf(t, f, true, "ada", "never seen"))
		require.False(t, keysOf(t, f, false, "grace")[0].Forgotten)
		require.NotNil(t, keysOf(t, f, true, "new")[0].Key)
		require.NoError(t, f.Close())
		f, err = shred.OpenFile(path, ring(t, 2))
		require.NoError(t, err)
	}
	require.NoError(t, f.Close())
	names, err := filepath.Glob(path + "*")
	require.NoError(t, err)
	require.Equal(t, []string{path, path + ".lock"}, names, "nothing is left beside it")
}

// What a process that was killed has left of a record is cut off; everything else that differs is found.
func TestFileAttacks(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "persons")
	f, err := shred.OpenFile(path, ring(t, 1))
	require.NoError(t, err)
	want := keysOf(t, f, true, "ada", "grace", "cleo")
	require.NoError(t, f.Close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	const record = 93
	opened := func(b []byte) (*shred.File, error) {
		require.NoError(t, os.WriteFile(path, b, 0o600))
		return shred.OpenFile(path, ring(t, 1))
	}
	for n := range whole {
		f, err := opened(whole[:n])
		if n < len(whole)-3*record {
			require.ErrorIs(t, err, checkpoint.ErrDamaged, n)
			continue
		}
		require.NoError(t, err, n)
		left := (n - (len(whole) - 3*record)) / record // what was not durable, nobody has been given
		require.Equal(t, append(append([]shred.Found{}, want[:left]...), make([]shred.Found, 3-left)...), keysOf(t, f, false, "ada", "grace", "cleo"), n)
		keysOf(t, f, true, "more")
		require.NoError(t, f.Close())
		f, err = shred.OpenFile(path, ring(t, 1))
		require.NoError(t, err, n)
		require.NotNil(t, keysOf(t, f, false, "more")[0].Key)
		require.NoError(t, f.Close())
	}
	for i := range whole {
		for _, bit := range []byte{1, 128} {
			b := bytes.Clone(whole)
			b[i] ^= bit
			_, err := opened(b)
			require.Error(t, err, i)
			require.True(t, errors.Is(err, checkpoint.ErrDamaged) || errors.Is(err, checkpoint.ErrSealed), "byte %d: %v", i, err)
		}
	}
	at := func(i int) []byte { return whole[len(whole)-(3-i)*record:][:record] }
	head := whole[:len(whole)-3*record]
	for what, records := range map[string][][]byte{
		"swapped": {at(1), at(0), at(2)}, "left out": {at(0), at(2)}, "twice": {at(0), at(0), at(1)},
	} {
		_, err := opened(append(bytes.Clone(head), bytes.Join(records, nil)...))
		require.ErrorIs(t, err, checkpoint.ErrDamaged, what)
	}
	_, err = opened([]byte("something else that is no file of persons"))
	require.ErrorIs(t, err, checkpoint.ErrDamaged)

	require.NoError(t, os.Rename(path, filepath.Join(dir, "elsewhere")))
	require.NoError(t, os.Symlink(filepath.Join(dir, "elsewhere"), path))
	_, err = shred.OpenFile(path, ring(t, 1))
	require.Error(t, err, "a link is not followed")
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "victim"), []byte("x"), 0o600))
	require.NoError(t, os.Symlink(filepath.Join(dir, "victim"), path+".new"))
	f, err = shred.OpenFile(path, ring(t, 1))
	require.NoError(t, err, "nor one where the file is written")
	require.NoError(t, f.Close())
	victim, err := os.ReadFile(filepath.Join(dir, "victim"))
	require.NoError(t, err)
	require.Equal(t, "x", string(victim))
	_, err = shred.OpenFile(filepath.Join(dir, "none", "persons"), ring(t, 1))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Panics(t, func() { _, _ = shred.OpenFile("", ring(t, 1)) })
	require.Panics(t, func() { _, _ = shred.OpenFile(path, nil) })
}

// A file that this version's twin has written, in Python, is read by all later ones.
func TestFileFormatStays(t *testing.T) {
	const whole = "" +
		"6672657368657420706572736f6e7320310100623c00090909090909090909090909c60d25cccc3204c37d56484dacdf87159bc57cf8369d36e4355a" +
		"324bec55fdff5c035b76182923fb68b8cb95621be7730000000000000000000000005b7139cde62f5da32891a0a063c39696e4e98d9a0b1d48c754f5" +
		"bb0a9a82e21286cdb95ea6fc250f9c84f5966542386472bdbf735ab9b185d262ee72bcde98b51ab736d155148cd23758865845a04e673f0101010101" +
		"01010101010101a4e998944cf2342087bd8dbe8507f171b2859a6ae722822745ba8c17e87f855180c25db7fc9189ec9e4e61e7ec6224897d4d02d694" +
		"cd97d6756a4957638fad0b7bec2ca85a4bf2496d004ac847ba682bf30202020202020202020202026b793872d67c57b4ff2880117aa5ea11fb073db1" +
		"60aa40ff314dfd6666c8c18f858319bb3800468afbbea7368386e85c7b2b3900c2b7d87f4c9960b1da65895776ab1d79eb00d6743ce051c79f7dbc70" +
		"80"
	b, err := hex.DecodeString(whole)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "persons")
	require.NoError(t, os.WriteFile(path, b, 0o600))
	f := inFile(t, path)
	require.Equal(t, []shred.Found{{Key: bytes.Repeat([]byte{4}, 32)}, {Forgotten: true}, {}}, keysOf(t, f, false, "ada", "grace", "cleo"))
}

// Many ask at once, and are given the same.
func TestFileAtOnce(t *testing.T) {
	f := inFile(t, filepath.Join(t.TempDir(), "persons"))
	var all [8][]shred.Found
	var wg sync.WaitGroup
	for w := range all {
		wg.Go(func() {
			for i := range 20 {
				found, err := f.Keys(t.Context(), []string{fmt.Sprint(i), fmt.Sprint(i + 1)}, true)
				if err != nil {
					t.Error(err)
					return
				}
				all[w] = append(all[w], found...)
			}
		})
	}
	wg.Wait()
	for _, found := range all {
		require.Equal(t, all[0], found)
	}
}

// FuzzFile opens whatever is in a file: it is an error, or a keeper that works.
func FuzzFile(f *testing.F) {
	path := filepath.Join(f.TempDir(), "persons")
	k, err := shred.OpenFile(path, ring(f, 1))
	require.NoError(f, err)
	keysOf(f, k, true, "ada")
	require.NoError(f, k.Close())
	whole, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add([]byte("freshet persons 1\xff\xff"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "persons")
		require.NoError(t, os.WriteFile(path, b, 0o600))
		k, err := shred.OpenFile(path, ring(t, 1))
		if err != nil {
			return
		}
		require.NotNil(t, keysOf(t, k, true, "grace")[0].Key)
		require.NoError(t, k.Close())
	})
}

// Who writes to the disk cannot have somebody not be forgotten any more by cutting off the end: what the file had when somebody was forgotten has to be
// there. What came later and was not durable, need not.
func TestForgottenCannotBeCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "persons")
	f, err := shred.OpenFile(path, ring(t, 1))
	require.NoError(t, err)
	keysOf(t, f, true, "ada", "grace")
	require.NoError(t, f.Forget(t.Context(), "ada", "cleo"))
	forgotten, err := os.ReadFile(path)
	require.NoError(t, err)
	keysOf(t, f, true, "later")
	require.NoError(t, f.Close())
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	const record = 93
	for n := len(whole) - 1; n > len(whole)-5*record; n-- {
		require.NoError(t, os.WriteFile(path, whole[:n], 0o600))
		f, err := shred.OpenFile(path, ring(t, 1))
		if n < len(forgotten) {
			require.ErrorIs(t, err, checkpoint.ErrDamaged, n)
			continue
		}
		require.NoError(t, err, n)
		found := keysOf(t, f, false, "ada", "cleo", "later")
		require.Equal(t, []shred.Found{{Forgotten: true}, {Forgotten: true}, {}}, found)
		require.NoError(t, f.Close())
	}
}
