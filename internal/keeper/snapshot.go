package keeper

import (
	"bytes"
	"fmt"

	"github.com/freshet-go/freshet/internal/delta"
)

// A Snapshot is a checkpoint that has been read, whole.
type Snapshot struct {
	Manifest *Manifest
	Codec    uint16 // the version of the codec that its state is encoded with
	files    map[string][]byte
	patched  map[Place][]byte // pieces that have patches, by the last one's place
}

// Piece returns the bytes of a piece of the manifest, with its patches
// applied. They must not be changed.
func (s *Snapshot) Piece(p Piece) []byte {
	if n := len(p.Patches); n > 0 {
		return s.patched[p.Patches[n-1]]
	}
	return s.at(p.Place())
}

func (s *Snapshot) at(p Place) []byte { return s.files[p.File][p.At : p.At+p.Size] }

// load reads a checkpoint with all that it names.
func load(s Store, id int64) (*Snapshot, error) {
	m, err := readManifest(s, id)
	if err != nil {
		return nil, err
	}
	return loadOperators(s, m, m.Operators)
}

// loadOperators reads what a checkpoint has of some of its operators.
func loadOperators(s Store, m *Manifest, all []Operator) (*Snapshot, error) {
	snap := &Snapshot{Manifest: m, files: map[string][]byte{}, patched: map[Place][]byte{}}
	var applier delta.Applier
	for _, o := range all {
		for _, p := range o.Pieces {
			if err := snap.load(s, p, &applier); err != nil {
				return nil, fmt.Errorf("state of %s %w", o.Name, err)
			}
		}
	}
	return snap, nil
}

// load reads a piece and applies its patches.
func (s *Snapshot) load(store Store, p Piece, applier *delta.Applier) error {
	var parts [][]byte
	for _, place := range append([]Place{p.Place()}, p.Patches...) {
		if err := s.read(store, place); err != nil {
			return fmt.Errorf("in %s: %w", place.File, err)
		}
		parts = append(parts, s.at(place))
	}
	if len(p.Patches) == 0 {
		return nil
	}
	state, err := applier.Apply(parts[0], parts[1:]...)
	if err != nil {
		return fmt.Errorf("in %s with %d patches: %w: %w", p.File, len(p.Patches), ErrDamaged, err)
	}
	s.patched[p.Patches[len(p.Patches)-1]] = bytes.Clone(state)
	return nil
}

// read reads the file of a place, unless it has been read.
func (s *Snapshot) read(store Store, p Place) error {
	payload, ok := s.files[p.File]
	if !ok {
		data, err := store.Read(p.File)
		if err != nil {
			return err
		}
		codec, whole, err := unseal(kindState, data)
		if err != nil {
			return err
		}
		if len(s.files) > 0 && codec != s.Codec {
			return fmt.Errorf("%w: codec version %d beside %d", ErrDamaged, codec, s.Codec)
		}
		s.Codec = codec
		s.files[p.File], payload = whole, whole
	}
	if p.At < 0 || p.Size < 0 || p.At > int64(len(payload)) || p.Size > int64(len(payload))-p.At {
		return fmt.Errorf("%w: no bytes %d to %d", ErrDamaged, p.At, p.At+p.Size)
	}
	return nil
}
