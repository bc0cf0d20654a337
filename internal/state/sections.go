package state

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
)

// Join makes one state of several, which Restoring.Parts takes apart again.
// It is made of their buffers: the parts are not used after it.
// It is an error if one has a buffer that is too long for a section.
func Join(parts []*Saving) (*Saving, error) {
	all := &Saving{Kept: len(parts) == 1 && parts[0].Kept} // of several a copy is made
	var wrong error
	sections := func(of func(*Saving) []byte) []byte {
		n := 0
		for _, p := range parts {
			n += len(of(p))
			wrong = cmp.Or(wrong, fits(len(of(p))))
		}
		if n == 0 || wrong != nil {
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
	return all, wrong
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

// A section is a part that nextSection can tell from the next: behind its
// length.
const sectionHead = 4

// longestSection is how long one is at most. The number behind it begins named sections, each of which is part of one.
const longestSection = named - 1

// fits returns an error if a buffer is too long for a section: its length would be another one.
func fits(n int) error {
	if uint64(n) > uint64(longestSection) {
		return fmt.Errorf("an operator holds %d bytes in one group of keys, and a checkpoint has room for %d", n, longestSection)
	}
	return nil
}

// Begin returns b with room for the head of a section.
func Begin(b *[]byte) *[]byte {
	if len(*b) == 0 {
		*b = append(*b, make([]byte, sectionHead)...)
	}
	return b
}

// section returns the section that a buffer is made to, which is empty or has begun.
func section(b []byte) []byte {
	b = *Begin(&b)
	if n := uint32(len(b) - sectionHead); binary.LittleEndian.Uint32(b) != n { // else it may be one that others read: see Encoding
		binary.LittleEndian.PutUint32(b, n)
	}
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
