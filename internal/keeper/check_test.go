package keeper

import (
	"bytes"
	"encoding/binary"
	"encoding/json/v2"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// stored returns the files of two checkpoints, of which the second has pieces of
// the first, and patches.
func stored(t testing.TB) (store Store, files map[string][]byte, second *Manifest) {
	store = Memory()
	k, err := Open(store, "shop")
	require.NoError(t, err)
	first, err := take(k, nil, "")
	require.NoError(t, err)
	second, err = take(k, first, "")
	require.NoError(t, err)
	require.NoError(t, k.Close())
	names, err := store.List()
	require.NoError(t, err)
	files = map[string][]byte{}
	for _, name := range names {
		files[name], err = store.Read(name)
		require.NoError(t, err)
	}
	return store, files, second
}

// A manifest whose checksum is right may still say what no run says. It is
// passed over like any that is damaged, and the error names the file.
func TestImpossibleManifests(t *testing.T) {
	for name, spoil := range map[string]func(*Manifest){
		"group of none":       func(m *Manifest) { m.Operators[0].Pieces[0].Group = 1000 },
		"negative group":      func(m *Manifest) { m.Operators[0].Pieces[0].Group = -7 },
		"instance":            func(m *Manifest) { m.Operators[0].Pieces[1].Instance = -1 },
		"instance of a group": func(m *Manifest) { m.Operators[0].Pieces[0].Instance = 1 },
		"offset":              func(m *Manifest) { m.Operators[0].Pieces[0].At = -1 },
		"size":                func(m *Manifest) { m.Operators[0].Pieces[0].Size = -1 },
		"large size":          func(m *Manifest) { m.Operators[0].Pieces[0].Size = 1 << 60 },
		"overflow":            func(m *Manifest) { m.Operators[0].Pieces[0].At, m.Operators[0].Pieces[0].Size = 1<<62, 1<<62 },
		"piece twice":         func(m *Manifest) { m.Operators[0].Pieces = append(m.Operators[0].Pieces, m.Operators[0].Pieces[0]) },
		"bytes twice":         func(m *Manifest) { p := m.Operators[0].Pieces[0]; p.Group++; m.Operators[0].Pieces[1] = p },
		"operator twice":      func(m *Manifest) { m.Operators[1].Name = m.Operators[0].Name },
		"keys":                func(m *Manifest) { m.Operators[0].Keys = -1 },
		"other file":          func(m *Manifest) { m.Operators[0].Pieces[0].File = "manifest-000000000001" },
		"path":                func(m *Manifest) { m.Operators[0].Pieces[0].File = "../state-000000000001-0000" },
		"later file":          func(m *Manifest) { m.Operators[0].Pieces[0].File = "state-000000000009-0000" },
		"groups":              func(m *Manifest) { m.Groups = -128 },
		"source index":        func(m *Manifest) { m.Sources[0].Index = -7 },
		"huge source index":   func(m *Manifest) { m.Sources[0].Index = 1 << 40 },
		"source count":        func(m *Manifest) { m.Sources[0].Count = 1 << 63 },
		"source twice":        func(m *Manifest) { m.Sources = append(m.Sources, m.Sources[0]) },
		"index twice":         func(m *Manifest) { s := m.Sources[0]; s.Partition = "b"; m.Sources = append(m.Sources, s) },
		"sink":                func(m *Manifest) { m.Sinks = []Sink{{"a", -1}} },
		"sink ahead":          func(m *Manifest) { m.Sinks = []Sink{{"a", 2}} },
		"sink twice":          func(m *Manifest) { m.Sinks = []Sink{{"a", 1}, {"a", 1}} },
		"patches": func(m *Manifest) {
			p := &m.Operators[2].Pieces[0]
			for i := range 100 {
				p.Patches = append(p.Patches, Place{p.File, int64(5000 + i), 1})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, _, m := stored(t)
			require.NoError(t, m.check())
			spoil(m)
			data, err := json.Marshal(m)
			require.NoError(t, err)
			require.NoError(t, store.Write("manifest-000000000002", sealed(kindManifest, 0, data)))
			k := open(t, store)
			snap, err := k.Latest()
			require.NoError(t, err)
			require.Equal(t, int64(1), snap.Manifest.ID)
			_, err = k.At(2)
			require.ErrorIs(t, err, ErrDamaged)
			require.ErrorContains(t, err, "000000000002")
		})
	}
}

// A manifest of two KB with patches that double what there is does not take
// gigabytes.
func TestPatchesThatDouble(t *testing.T) {
	store := Memory()
	k := open(t, store)
	id := k.Begin()
	blobs := []Blob{{Group: 1, Data: bytes.Repeat([]byte("x"), 1000)}}
	for size := 1000; len(blobs) < 40; size *= 2 {
		b := binary.AppendUvarint(nil, uint64(2*size))
		b = binary.AppendVarint(append(b, 0), 0)
		b = binary.AppendUvarint(b, uint64(size))
		b = binary.AppendVarint(append(b, 0), int64(-size))
		blobs = append(blobs, Blob{Group: len(blobs) + 1, Data: binary.AppendUvarint(b, uint64(size))})
	}
	pieces, err := k.Write(id, 0, 1, blobs)
	require.NoError(t, err)
	piece := pieces[0]
	for _, p := range pieces[1:] {
		piece.Patches = append(piece.Patches, p.Place())
	}
	require.NoError(t, k.Commit(&Manifest{ID: id, Groups: 128, Operators: []Operator{{Name: "a", Pieces: []Piece{piece}}}}))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = k.At(id)
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, "in state-000000000001-0000 with 39 patches")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(10<<20))
}

// Whatever stands in the files under a right checksum: a checkpoint can be
// read, or there is an error that names a file; nothing panics, and it takes no more memory
// than the files are large, a few times.
func FuzzChecksummed(f *testing.F) {
	_, files, _ := stored(f)
	f.Add("manifest-000000000001", 362, []byte("-"))
	for name := range files {
		for _, at := range []int{0, 40, 100, 300} {
			f.Add(name, at, []byte("-1"))
			f.Add(name, at, []byte("99999"))
			f.Add(name, at, []byte{0xff, 0xff, 0xff, 0x7f})
		}
	}
	f.Fuzz(func(t *testing.T, name string, at int, put []byte) {
		store, files, _ := stored(t)
		b, ok := files[name]
		if !ok || at < 0 || at >= len(b)-headerSize {
			return
		}
		copy(b[headerSize+at:], put)
		binary.LittleEndian.PutUint32(b[20:], frameSum(b, b[headerSize:]))
		require.NoError(t, store.Write(name, b))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		k, err := Open(store, "shop")
		if err != nil {
			require.ErrorIs(t, err, ErrOtherPipeline)
			return
		}
		defer k.Close()
		for id := int64(1); id <= 2; id++ {
			snap, err := k.At(id)
			if err != nil {
				require.Regexp(t, `(manifest|state)-`, err.Error())
				continue
			}
			for _, o := range snap.Manifest.Operators {
				for _, p := range o.Pieces {
					_ = fmt.Sprint(len(snap.Piece(p)))
				}
			}
		}
		runtime.ReadMemStats(&after)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20))
	})
}
