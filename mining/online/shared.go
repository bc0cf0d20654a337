package online

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/freshet-go/freshet/mining"
)

// shared is what an instance of PerShard remembers beside its model, where models of that type merge: what all instances have in common, and what it has
// learnt alone. Without it a model that was handed to three instances would be merged three times when they become two.
type shared struct {
	count  int    // how many instances there were when this was saved; 0: not known
	base   []byte // the model that all began with: of a release, or merged. Nil: they began with nothing, and what an instance has learnt is its model
	learnt uint64 // how many events base is of, since its version
	since  model  // what was learnt beside base. Nil if base is, as in an instance that is the only one
	saved  []byte // since, of a cell that is not open yet

	others []cell // those of other instances, between their reading and merge
}

// sharedFormat is the first byte of a cell with shared.
const sharedFormat = 2

// merging returns how a model takes in what another one has learnt, and nil if models of type M do not merge.
func merging[M mining.Saved]() func(into, from mining.Saved) {
	if _, ok := any(*new(M)).(interface{ Merge(M) }); !ok {
		return nil
	}
	return func(into, from mining.Saved) { any(into).(interface{ Merge(M) }).Merge(from.(M)) }
}

// gather keeps the cells of several instances for merge.
func gather(a, b cell) cell {
	if a.shared == nil {
		a.shared = new(shared) // of a version that knew nothing of it
	}
	a.shared.others = append(a.shared.others, b)
	return a
}

// merge opens a cell that was restored in one of count instances. If there were others, it has
// what all have learnt together: of the latest version, as what was learnt of one that a release has replaced was lost with it.
func (c *cell) merge(count int, build func() model, take func(into, from mining.Saved)) (err error) {
	if c.shared == nil {
		c.shared = new(shared)
	}
	all := append([]cell{*c}, c.shared.others...)
	if len(all) == 1 && c.shared.count == count {
		if err := c.open(build); err != nil || c.shared.base == nil {
			return err
		}
		c.shared.since, err = restored(c.shared.saved, build)
		c.shared.saved = nil
		return err
	}
	best := all[0]
	for _, o := range all[1:] {
		best = richer(best, o)
	}
	whole, learnt, err := together(all, best.version, build, take)
	if err != nil {
		return err
	}
	if whole == nil { // they have not begun with the same: each instance goes on with the one that had learnt most
		if err := best.open(build); err != nil {
			return err
		}
		whole, learnt = best.model, best.learnt
	}
	*c = cell{model: whole, version: best.version, learnt: learnt, shared: &shared{count: count}}
	if count == 1 {
		return nil // no other instance has the same
	}
	c.shared.learnt, c.shared.since = learnt, build()
	c.shared.base, err = whole.AppendBinary(nil)
	return err
}

// together returns the model that has learnt what the cells of a version have, and from how many events. It is nil if they began with
// different models.
func together(all []cell, version uint64, build func() model, take func(into, from mining.Saved)) (whole model, learnt uint64, err error) {
	defer func() {
		if p := recover(); p != nil {
			whole, err = nil, fmt.Errorf("online: the models of %d instances cannot be merged for another number of instances: %v: go on with as many instances as before, or with models of the same options", len(all), p)
		}
	}()
	var first *shared
	for _, o := range all {
		if o.version != version {
			continue
		}
		s := o.shared
		if s == nil {
			s = new(shared)
		}
		saved := s.saved
		if s.base == nil {
			saved = o.saved
		}
		part, err := restored(saved, build)
		if err != nil {
			return nil, 0, err
		}
		if first == nil && s.base == nil {
			first, whole, learnt = s, part, o.learnt
			continue
		}
		if first == nil {
			if whole, err = restored(s.base, build); err != nil {
				return nil, 0, err
			}
			first, learnt = s, s.learnt
		}
		if !bytes.Equal(first.base, s.base) || first.learnt != s.learnt {
			return nil, 0, nil
		}
		take(whole.bare(), part.bare())
		learnt += o.learnt - s.learnt
	}
	return whole, learnt, nil
}

func restored(saved []byte, build func() model) (model, error) {
	m := build()
	return m, m.UnmarshalBinary(saved)
}

// appendShared appends the cell, with what it shares.
func (c *cell) appendShared(b []byte) (_ []byte, err error) {
	s := c.shared
	since, saved := s.saved, c.saved
	if s.since != nil {
		if since, err = s.since.AppendBinary(nil); err != nil {
			return b, err
		}
	}
	if c.model != nil {
		if saved, err = c.model.AppendBinary(nil); err != nil {
			return b, err
		}
	}
	b = append(b, sharedFormat)
	for _, n := range []uint64{c.version, c.learnt, uint64(s.count), s.learnt, uint64(len(s.base)), uint64(len(since))} {
		b = binary.AppendUvarint(b, n)
	}
	b = append(append(b, s.base...), since...)
	return append(b, saved...), nil
}

// readShared reads what appendShared appended, all but the models.
func (c *cell) readShared(data []byte) error {
	read := cell{shared: new(shared)}
	var count, base, since uint64
	rest, err := readUvarints(data[1:], &read.version, &read.learnt, &count, &read.shared.learnt, &base, &since)
	if err != nil || base > uint64(len(rest)) || since > uint64(len(rest))-base || count > 1<<30 || read.learnt < read.shared.learnt {
		return errCounts
	}
	rest = bytes.Clone(rest)
	read.shared.count = int(count)
	if base > 0 {
		read.shared.base, read.shared.saved = rest[:base:base], rest[base:base+since]
	}
	read.saved = rest[base+since:]
	*c = read
	return nil
}
