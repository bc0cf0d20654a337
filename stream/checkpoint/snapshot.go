package checkpoint

import "fmt"

// A Snapshot is a checkpoint that has been read, whole.
type Snapshot struct {
	Manifest *Manifest
	Codec    uint16 // the version of the codec that its state is encoded with
	files    map[string][]byte
}

// Piece returns the bytes of a piece of the manifest. They must not be
// changed.
func (s *Snapshot) Piece(p Piece) []byte { return s.files[p.File][p.At : p.At+p.Size] }

// load reads a checkpoint with all that it names.
func load(s Store, id int64) (*Snapshot, error) {
	m, err := readManifest(s, id)
	if err != nil {
		return nil, err
	}
	snap := &Snapshot{Manifest: m, files: map[string][]byte{}}
	for _, o := range m.Operators {
		for _, p := range o.Pieces {
			if err := snap.read(s, p); err != nil {
				return nil, fmt.Errorf("state of %s in %s: %w", o.Name, p.File, err)
			}
		}
	}
	return snap, nil
}

func (s *Snapshot) read(store Store, p Piece) error {
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
