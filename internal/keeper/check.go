package keeper

import (
	"cmp"
	"fmt"
	"sort"
)

// What no run has ever written into a manifest, so that who reads one need not
// think of it.
const (
	// Each patch is longer than all that follow it, so there cannot be more.
	mostPatches = 64
	// Partitions that are new take the next index, and those that are gone leave
	// theirs. So they are no more than there have ever been, which fills a slice.
	mostIndex = 1<<16 - 3
	mostCount = 1 << 48 // what is left of 64 bits that hold an index as well
)

// check reports what is not possible in a manifest. Its checksum can be right all the
// same: it tells that these bytes were written, not by whom.
func (m *Manifest) check() error {
	if m.ID < 1 || m.Groups < 0 || m.Shards < 0 {
		return fmt.Errorf("checkpoint %d of %d groups and %d shards", m.ID, m.Groups, m.Shards)
	}
	return cmp.Or(m.checkSources(), m.checkOperators(), m.checkSinks())
}

func (m *Manifest) checkSources() error {
	partitions, indices := map[[2]string]bool{}, map[int]bool{}
	for _, s := range m.Sources {
		name := [2]string{s.Operator, s.Partition}
		switch {
		case partitions[name]:
			return fmt.Errorf("partition %q of %s is there twice", s.Partition, s.Operator)
		case s.Index < 0 || s.Index > mostIndex:
			return fmt.Errorf("partition %q of %s has index %d", s.Partition, s.Operator, s.Index)
		case indices[s.Index]:
			return fmt.Errorf("partition %q of %s has the index %d of another", s.Partition, s.Operator, s.Index)
		case s.Count > mostCount:
			return fmt.Errorf("partition %q of %s has given %d events", s.Partition, s.Operator, s.Count)
		}
		partitions[name], indices[s.Index] = true, true
	}
	return nil
}

// checkOperators also sees to it that no two pieces share bytes of a file: all of
// them together are no larger than the files.
func (m *Manifest) checkOperators() error {
	type key struct {
		operator        string
		group, instance int
	}
	operators, pieces := map[string]bool{}, map[key]bool{}
	var places []Place
	for _, o := range m.Operators {
		if operators[o.Name] {
			return fmt.Errorf("operator %s is there twice", o.Name)
		}
		operators[o.Name] = true
		if o.Keys < 0 {
			return fmt.Errorf("operator %s has %d keys", o.Name, o.Keys)
		}
		for _, p := range o.Pieces {
			k := key{o.Name, p.Group, p.Instance}
			switch {
			case p.Group != Whole && (p.Group < 0 || p.Group >= m.Groups):
				return fmt.Errorf("operator %s has state of group %d of %d", o.Name, p.Group, m.Groups)
			case p.Instance < 0 || p.Group != Whole && p.Instance != 0:
				return fmt.Errorf("operator %s has state of instance %d of group %d", o.Name, p.Instance, p.Group)
			case pieces[k]:
				return fmt.Errorf("operator %s has group %d of instance %d twice", o.Name, p.Group, p.Instance)
			case len(p.Patches) > mostPatches:
				return fmt.Errorf("operator %s has %d patches of group %d", o.Name, len(p.Patches), p.Group)
			}
			pieces[k] = true
			places = append(append(places, p.Place()), p.Patches...)
		}
	}
	return m.checkPlaces(places)
}

func (m *Manifest) checkPlaces(places []Place) error {
	files := map[string]bool{}
	for _, p := range places {
		if !files[p.File] {
			if id, err := stateID(p.File); err != nil {
				return err
			} else if id > m.ID {
				return fmt.Errorf("%s is of a later checkpoint", p.File)
			}
			files[p.File] = true
		}
		if p.At < 0 || p.Size < 0 || p.At > 1<<62 || p.Size > 1<<62 {
			return fmt.Errorf("%s has no bytes from %d, %d long", p.File, p.At, p.Size)
		}
	}
	sort.Slice(places, func(i, j int) bool {
		a, b := &places[i], &places[j]
		return a.File < b.File || a.File == b.File && a.At < b.At
	})
	for i := 1; i < len(places); i++ {
		if a, b := places[i-1], places[i]; a.File == b.File && a.At+a.Size > b.At {
			return fmt.Errorf("two pieces share bytes of %s from %d on", b.File, b.At)
		}
	}
	return nil
}

func (m *Manifest) checkSinks() error {
	sinks := map[string]bool{}
	for _, s := range m.Sinks {
		if sinks[s.Operator] || s.Committed < 0 || s.Committed >= m.ID {
			return fmt.Errorf("sink %s has shown checkpoint %d", s.Operator, s.Committed)
		}
		sinks[s.Operator] = true
	}
	return nil
}

// stateID returns the checkpoint that the file of a state is of.
func stateID(file string) (id int64, err error) {
	var part int64
	if _, err := fmt.Sscanf(file, stateScan, &id, &part); err != nil || fmt.Sprintf(stateName, id, part) != file {
		return 0, fmt.Errorf("checkpoint: %q is no file of state", file)
	}
	return id, nil
}
