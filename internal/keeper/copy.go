package keeper

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// copies is how often a copy is begun anew that a run has removed files under.
const copies = 5

// Copy is checkpoint.Copy. Keep is how many checkpoints the copy has.
func Copy(from, to Store, id int64, keep int) (m *Manifest, err error) {
	for range copies {
		if m, err = choose(from, id); err == nil {
			if err = copyOf(m, from, to, keep); err != nil {
				err = fmt.Errorf("checkpoint %d: copy it: %w", m.ID, err)
			}
		}
		if !errors.Is(err, fs.ErrNotExist) {
			break // else a run has removed it meanwhile
		}
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

// choose returns the manifest of a checkpoint, or for 0 of the one that a run would begin with.
func choose(s Store, id int64) (*Manifest, error) {
	names, err := s.List()
	if err != nil {
		return nil, err
	}
	var bad []error
	for _, there := range manifestsIn(names) {
		switch {
		case id != 0 && there != id:
			continue
		case id == 0 && slices.Contains(names, fmt.Sprintf(passedName, there)):
			continue
		}
		m, err := readManifest(s, there)
		if err == nil {
			return m, nil
		}
		bad = append(bad, fmt.Errorf("checkpoint %d: %w", there, err))
		if withheld(err) {
			break
		}
	}
	switch {
	case len(bad) > 0:
		return nil, errors.Join(bad...)
	case id != 0:
		return nil, fmt.Errorf("checkpoint %d: %w", id, fs.ErrNotExist)
	}
	return nil, fmt.Errorf("checkpoint: the store has none: %w", fs.ErrNotExist)
}

// copyOf copies what a manifest names, the manifest last, and reads the copy whole.
func copyOf(m *Manifest, from, to Store, keep int) (err error) {
	k, err := Open(to, m.Pipeline, Keep(keep))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, k.Close()) }()
	switch newest := k.Newest(); {
	case newest > m.ID:
		return fmt.Errorf("%w: the place of the copy has checkpoint %d, which is newer", errOtherLife, newest)
	case newest == m.ID:
		return k.same(m, from)
	}
	for _, name := range m.files() {
		if err := k.copyFile(name, kindState, from); err != nil {
			return err
		}
		k.files[name] = struct{}{}
	}
	if err := k.copyFile(fmt.Sprintf(manifestName, m.ID), kindManifest, from); err != nil {
		return err
	}
	if _, err := load(to, m.ID); err != nil {
		return fmt.Errorf("the copy cannot be read: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.last, k.kept[m.ID] = m.ID, m
	k.prune(m.ID)
	return nil
}

// errOtherLife says that a store has been emptied since it was copied, or is another one.
var errOtherLife = errors.New("it is a copy of another store, or of this one before it was emptied: use an empty place")

// same reports a checkpoint of this id that is another one.
func (k *Keeper) same(m *Manifest, from Store) error {
	name := fmt.Sprintf(manifestName, m.ID)
	is, err := from.Read(name)
	if err != nil {
		return err
	}
	was, err := k.store.Read(name)
	if err == nil && !bytes.Equal(is, was) {
		err = errOtherLife
	}
	if err == nil {
		_, err = load(k.store, m.ID)
	}
	return err
}

// copyFile copies a file that is whole, unless it is there.
func (k *Keeper) copyFile(name string, kind byte, from Store) error {
	data, err := from.Read(name)
	if err != nil {
		return err
	}
	if _, _, err := unseal(kind, data); err != nil {
		return fmt.Errorf("in %s: %w", name, err)
	}
	if _, there := k.files[name]; there {
		was, err := k.store.Read(name)
		if err != nil {
			return fmt.Errorf("in the copy: %v", err) // not fs.ErrNotExist: it would be begun anew
		}
		if !bytes.Equal(data, was) {
			return fmt.Errorf("%s: %w", name, errOtherLife)
		}
		return nil
	}
	return k.store.Write(name, data)
}

// files returns the files of state that a manifest names.
func (m *Manifest) files() []string {
	all := map[string]struct{}{}
	for _, o := range m.Operators {
		for _, p := range o.Pieces {
			all[p.File] = struct{}{}
			for _, patch := range p.Patches {
				all[patch.File] = struct{}{}
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Verify is checkpoint.Verify.
func Verify(s Store) ([]*Manifest, error) {
	all, err := Inspect(s)
	bad := []error{err}
	for _, m := range all {
		_, err := load(s, m.ID)
		if errors.Is(err, fs.ErrNotExist) {
			if _, e := readManifest(s, m.ID); errors.Is(e, fs.ErrNotExist) {
				continue // a run has removed it meanwhile
			}
		}
		if err != nil {
			bad = append(bad, fmt.Errorf("checkpoint %d: %w", m.ID, err))
		}
	}
	return all, errors.Join(bad...)
}
