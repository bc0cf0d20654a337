package stream

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
	save(*saving) error
	restore(*restoring) error
}

// A checker says whether a type can be encoded.
type checker interface {
	check() error
	types() reflect.Type // of the records that the state consists of; nil if nothing is known of them
}

// hold has h saved and restored with the task. Types that state is made of and
// that cannot be encoded are an error of runs with checkpoints, before anything
// has been read.
func (i *instance) hold(h holder, coder checker) {
	t := i.place.task
	if len(i.holders) == 0 {
		t.holding = append(t.holding, i)
	}
	i.holders = append(i.holders, h)
	if err := coder.check(); err != nil {
		i.unsavable(storable(coder.types(), err))
	}
	if rt := i.place.rt; rt.cut != nil && i.place.index == 0 {
		rt.holds(i.node, coder.types())
	}
}

// unsavable says why the operator cannot be part of a run with checkpoints.
func (i *instance) unsavable(cause error) {
	rt := i.place.rt
	if i.place.index == 0 {
		rt.unsaved = append(rt.unsaved, fmt.Errorf("stream: %s cannot be saved in a checkpoint: %w", i.node.name, cause))
	}
}

// save copies the state of all holders. The function that it returns encodes
// what can be encoded later; another goroutine may call it.
func (i *instance) save() (encode func() (*saving, error), err error) {
	parts := make([]*saving, len(i.holders))
	for k, h := range i.holders {
		parts[k] = &saving{}
		if err := h.save(parts[k]); err != nil {
			return nil, err
		}
		if parts[k].err != nil {
			return nil, parts[k].err
		}
	}
	return func() (*saving, error) {
		for _, p := range parts {
			err := guard0(func() error { // the types may encode themselves
				for _, encode := range p.later {
					encode()
				}
				return p.err
			})
			if err != nil {
				return nil, i.failure(fmt.Errorf("save the state: %w", err))
			}
		}
		return joined(parts), nil
	}, nil
}

// restore gives each holder its part of r.
func (i *instance) restore(r *restoring) error {
	parts, err := r.parts(len(i.holders))
	if err != nil {
		return err
	}
	if len(parts) > len(i.holders) {
		return fmt.Errorf("it has %d parts, and the operator %d: it is set to something else than it was; see DropState", len(parts), len(i.holders))
	}
	for k, h := range i.holders {
		if err := h.restore(parts[k]); err != nil {
			return err
		}
	}
	return nil
}

// joined makes one state of several, which restoring.parts takes apart again.
// It is made of their buffers: the parts are not used after it.
func joined(parts []*saving) *saving {
	all := &saving{}
	sections := func(of func(*saving) []byte) []byte {
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
	for g := range all.groups {
		all.groups[g] = sections(func(s *saving) []byte { return s.groups[g] })
	}
	all.whole = sections(func(s *saving) []byte { return s.whole })
	for _, p := range parts {
		all.keys = max(all.keys, p.keys)
	}
	return all
}

// parts returns the states that r consists of, least of them at least.
func (r *restoring) parts(least int) ([]*restoring, error) {
	var parts []*restoring
	part := func(k int) *restoring {
		for k >= len(parts) {
			parts = append(parts, &restoring{watermark: r.watermark, had: r.had})
		}
		return parts[k]
	}
	deal := func(all [][]byte, to func(*restoring) *[][]byte) error {
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
		deal(r.groups, func(r *restoring) *[][]byte { return &r.groups }),
		deal(r.whole, func(r *restoring) *[][]byte { return &r.whole }))
	for len(parts) < least {
		part(len(parts))
	}
	return parts, err
}

// saving is where an instance puts its state: what belongs to keys by group,
// and the rest, which belongs to the instance as a whole. A buffer that is not
// empty has room for the head of a section in front.
type saving struct {
	groups [keyGroups][]byte
	whole  []byte
	keys   int64
	later  []func() // encode what has been copied
	err    error    // of encoding
}

// group returns the buffer of the group that a key hash belongs to.
func (s *saving) group(hash uint64) *[]byte {
	return begun(&s.groups[keyhash.Group(hash, keyGroups)])
}

// rest returns the buffer of what belongs to no key.
func (s *saving) rest() *[]byte { return begun(&s.whole) }

// restoring is the state that an instance begins with: of the groups of its
// shard, and of every instance that had something as a whole.
type restoring struct {
	groups    [][]byte
	whole     [][]byte
	watermark Time                   // of the operator
	had       func(hash uint64) Time // the watermark of the instance that had a key; nil if all had one
}

// A section is a part that nextSection can tell from the next: behind its
// length.
const sectionHead = 4

// begun returns b with room for the head of a section.
func begun(b *[]byte) *[]byte {
	if len(*b) == 0 {
		*b = append(*b, make([]byte, sectionHead)...)
	}
	return b
}

// section returns the section that a buffer is made to, which is empty or has begun.
func section(b []byte) []byte {
	b = *begun(&b)
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
