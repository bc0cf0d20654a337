package sealed

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// Rosters tell of each piece of state, by name, which one it is: its salt, which no other piece has. Each
// manifest is sealed together with one. A piece that was put there from another life of the store, with the right name
// and sealed with the right keys, is found out by it.
type rosters struct {
	writes bool                       // the store is locked, and manifests will be written
	known  map[string]salt            // of all that is there, by name: what the next manifest has
	of     map[string]map[string]salt // of manifests that were read, by their names
}

type salt [saltSize]byte

func newRosters() rosters {
	return rosters{known: map[string]salt{}, of: map[string]map[string]salt{}}
}

// wrote notes a piece that this life of the store has written.
func (r *rosters) wrote(name string, s salt) { r.known[name] = s }

func (r *rosters) removed(name string) {
	delete(r.known, name)
	delete(r.of, name)
}

// listed forgets what manifests tell that are not there any more: another process may have
// removed them.
func (r *rosters) listed(names []string) {
	maps.DeleteFunc(r.of, func(manifest string, _ map[string]salt) bool { return !slices.Contains(names, manifest) })
}

// encode returns the roster for a manifest: how many there are, and for each the length of the
// name, the name, and the salt.
func (r *rosters) encode() []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(r.known)))
	for _, name := range slices.Sorted(maps.Keys(r.known)) {
		b = append(b, byte(len(name)))
		b = append(b, name...)
		s := r.known[name]
		b = append(b, s[:]...)
	}
	return b
}

// read takes the roster from what a manifest was sealed with, and returns the rest.
func (r *rosters) read(manifest string, b []byte) ([]byte, error) {
	roster, rest, ok := decodeRoster(b)
	if !ok {
		return nil, fmt.Errorf("%w: its roster ends in the middle", checkpoint.ErrDamaged)
	}
	r.of[manifest] = roster
	for name, s := range roster {
		if _, ok := r.known[name]; !ok && r.writes {
			r.known[name] = s
		}
	}
	return rest, nil
}

func decodeRoster(b []byte) (roster map[string]salt, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.LittleEndian.Uint32(b)
	b = b[4:]
	roster = map[string]salt{}
	for range n {
		if len(b) == 0 || len(b) < 1+int(b[0])+saltSize {
			return nil, nil, false
		}
		name := string(b[1 : 1+int(b[0])])
		roster[name] = salt(b[1+len(name):])
		b = b[1+len(name)+saltSize:]
	}
	return roster, bytes.Clone(b), true
}

// check reports a piece that is not the one that manifests tell of. A piece of which there is
// no manifest yet is read as it is.
func (r *rosters) check(name string, s salt) error {
	told := false
	for manifest, roster := range r.of {
		want, ok := roster[name]
		if ok && want != s {
			return fmt.Errorf("%w: it is not the file of which %s was made, but another one of this name", checkpoint.ErrDamaged, manifest)
		}
		told = told || ok
	}
	if !told && len(r.of) > 0 && r.known[name] != s {
		return fmt.Errorf("%w: no manifest was made of it", checkpoint.ErrDamaged)
	}
	return nil
}

func isGone(err error) bool { return errors.Is(err, fs.ErrNotExist) }
