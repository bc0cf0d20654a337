package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"

	"github.com/freshet-go/freshet/internal/keyhash"
)

// stateCodec is the version of what holders write. It changes when a state
// that was written before can no longer be read.
const stateCodec = 1

// A holder is a part of an instance that has state. It is called by the
// task's goroutine: save behind a barrier, restore before the first event.
type holder interface {
	Save(*Saving) error
	Restore(*Restoring) error
}

// A Checker says whether a type can be encoded.
type Checker interface {
	Check() error
	Types() reflect.Type // of the records that the state consists of; nil if nothing is known of them
}

// Hold has h saved and restored with the task. Types that state is made of and
// that cannot be encoded are an error of runs with checkpoints, before anything
// has been read.
func (i *Instance) Hold(h holder, coder Checker) {
	t := i.Place.task
	if len(i.holders) == 0 {
		t.holding = append(t.holding, i)
	}
	i.holders = append(i.holders, h)
	if err := coder.Check(); err != nil {
		i.unsavable(storable(coder.Types(), err))
	}
	if rt := i.Place.Run; rt.cut != nil && i.Place.Index == 0 {
		rt.holds(i.Node, coder.Types())
	}
}

// unsavable says why the operator cannot be part of a run with checkpoints.
func (i *Instance) unsavable(cause error) {
	rt := i.Place.Run
	if i.Place.Index == 0 {
		rt.unsaved = append(rt.unsaved, fmt.Errorf("stream: %s cannot be saved in a checkpoint: %w", i.Node.Name, cause))
	}
}

// save copies the state of all holders. The function that it returns encodes
// what can be encoded later; another goroutine may call it.
func (i *Instance) save() (encode func() (*Saving, error), err error) {
	parts := make([]*Saving, len(i.holders))
	for k, h := range i.holders {
		parts[k] = &Saving{}
		if err := h.Save(parts[k]); err != nil {
			return nil, err
		}
		if parts[k].Err != nil {
			return nil, parts[k].Err
		}
	}
	return func() (*Saving, error) {
		for _, p := range parts {
			err := Apart(func() error { // the types may encode themselves
				for _, encode := range p.Later {
					encode()
				}
				return p.Err
			})
			if err != nil {
				return nil, i.Failure(fmt.Errorf("save the state: %w", err))
			}
		}
		return Joined(parts), nil
	}, nil
}

// restore gives each holder its part of r.
func (i *Instance) restore(r *Restoring) error {
	parts, err := r.Parts(len(i.holders))
	if err != nil {
		return err
	}
	if len(parts) > len(i.holders) {
		return fmt.Errorf("it has %d parts, and the operator %d: it is set to something else than it was; see DropState", len(parts), len(i.holders))
	}
	for k, h := range i.holders {
		if err := h.Restore(parts[k]); err != nil {
			return err
		}
	}
	return nil
}

// Joined makes one state of several, which restoring.parts takes apart again.
// It is made of their buffers: the parts are not used after it.
func Joined(parts []*Saving) *Saving {
	all := &Saving{}
	sections := func(of func(*Saving) []byte) []byte {
		n := 0
		for _, p := range parts {
			n += len(of(p))
		}
		if n == 0 {
			return nil
		}
		if len(parts) == 1 {
			return section(of(parts[0]))
		}
		b := make([]byte, 0, n+sectionHead*len(parts))
		for _, p := range parts {
			b = append(b, section(of(p))...)
		}
		return b
	}
	for g := range all.Groups {
		all.Groups[g] = sections(func(s *Saving) []byte { return s.Groups[g] })
	}
	all.Whole = sections(func(s *Saving) []byte { return s.Whole })
	for _, p := range parts {
		all.Keys = max(all.Keys, p.Keys)
	}
	return all
}

// Parts returns the states that r consists of, least of them at least.
func (r *Restoring) Parts(least int) ([]*Restoring, error) {
	var parts []*Restoring
	part := func(k int) *Restoring {
		for k >= len(parts) {
			parts = append(parts, &Restoring{Watermark: r.Watermark, Had: r.Had})
		}
		return parts[k]
	}
	deal := func(all [][]byte, to func(*Restoring) *[][]byte) error {
		for _, b := range all {
			for k := 0; len(b) > 0; k++ {
				section, rest, err := nextSection(b)
				if err != nil {
					return err
				}
				if b = rest; len(section) > 0 {
					to := to(part(k))
					*to = append(*to, section)
				}
			}
		}
		return nil
	}
	err := errors.Join(
		deal(r.Groups, func(r *Restoring) *[][]byte { return &r.Groups }),
		deal(r.Whole, func(r *Restoring) *[][]byte { return &r.Whole }))
	for len(parts) < least {
		part(len(parts))
	}
	return parts, err
}

// Saving is where an instance puts its state: what belongs to keys by group,
// and the rest, which belongs to the instance as a whole. A buffer that is not
// empty has room for the head of a section in front.
type Saving struct {
	Groups [KeyGroups][]byte
	Whole  []byte
	Keys   int64
	Later  []func() // encode what has been copied
	Err    error    // of encoding
}

// Group returns the buffer of the group that a key hash belongs to.
func (s *Saving) Group(hash uint64) *[]byte {
	return Begun(&s.Groups[keyhash.Group(hash, KeyGroups)])
}

// Rest returns the buffer of what belongs to no key.
func (s *Saving) Rest() *[]byte { return Begun(&s.Whole) }

// Restoring is the state that an instance begins with: of the groups of its
// shard, and of every instance that had something as a whole.
type Restoring struct {
	Groups    [][]byte
	Whole     [][]byte
	Watermark Time                   // of the operator
	Had       func(hash uint64) Time // the watermark of the instance that had a key; nil if all had one
}

// A section is a part that nextSection can tell from the next: behind its
// length.
const sectionHead = 4

// Begun returns b with room for the head of a section.
func Begun(b *[]byte) *[]byte {
	if len(*b) == 0 {
		*b = append(*b, make([]byte, sectionHead)...)
	}
	return b
}

// section returns the section that a buffer is made to, which is empty or has begun.
func section(b []byte) []byte {
	b = *Begun(&b)
	binary.LittleEndian.PutUint32(b, uint32(len(b)-sectionHead))
	return b
}

var errSection = errors.New("state is cut short")

// nextSection takes a section off b.
func nextSection(b []byte) (sec, rest []byte, err error) {
	if len(b) < sectionHead {
		return nil, nil, errSection
	}
	n := int(binary.LittleEndian.Uint32(b))
	if b = b[sectionHead:]; n > len(b) {
		return nil, nil, errSection
	}
	return b[:n], b[n:], nil
}
