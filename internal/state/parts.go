package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/freshet-go/freshet/internal/record"
)

// A Head names a part of a state, and says what it is made of: who restores it can
// tell whether it fits.
type Head struct {
	Name  string `binary:"1"`
	Kind  string `binary:"2"`
	Key   string `binary:"3"` // the layout of its keys; "" without
	Value string `binary:"4"` // the layout of its values; "" without
}

// Kinds of parts.
const (
	KindKeyed  = "state by key"
	KindValue  = "a value"
	KindTimers = "timers"
)

// HeadOf returns the head of a part. A type may be nil.
func HeadOf(name, kind string, key, value reflect.Type) Head {
	h := Head{Name: name, Kind: kind}
	if key != nil {
		h.Key, _ = record.Layout(key) // an error is one of the coder, too
	}
	if value != nil {
		h.Value, _ = record.Layout(value)
	}
	return h
}

// Reads returns an error unless what was written under the head was can be read as
// what h says.
func (h Head) Reads(was Head) error {
	switch {
	case h.Kind != was.Kind:
		return fmt.Errorf("it was %s, and is now %s", was.Kind, h.Kind)
	case h.Key != was.Key:
		return fmt.Errorf("it had keys of %s, and now has %s", was.Key, h.Key)
	}
	if err := record.Reads(h.Value, was.Value); err != nil {
		return fmt.Errorf("it held values of %s, and now holds %s (%w)", was.Value, h.Value, err)
	}
	return nil
}

// named begins a buffer of named sections. No section without a name is as long.
const named = ^uint32(0)

// JoinNamed puts parts into s, each under the name of its head. Restoring.Named takes
// them apart again. The parts are not used after it.
func JoinNamed(s *Saving, of []Head, parts []*Saving) error {
	if len(parts) == 0 {
		return nil
	}
	for g := range s.Groups {
		join(&s.Groups[g], of, parts, func(p *Saving) []byte { return p.Groups[g] })
	}
	head := make([]byte, 0, 64*len(of))
	for _, h := range of {
		if err := NewCoder[Head]().Put(&head, h); err != nil {
			return err
		}
	}
	begin(&s.Whole, len(head))
	appendNamed(&s.Whole, "", head)
	join(&s.Whole, of, parts, func(p *Saving) []byte { return p.Whole })
	for _, p := range parts {
		s.Keys = max(s.Keys, p.Keys)
	}
	return nil
}

// join appends what the parts have in one of their buffers.
func join(to *[]byte, of []Head, parts []*Saving, buffer func(*Saving) []byte) {
	n := 0
	for i, p := range parts {
		if b := buffer(p); len(b) > sectionHead {
			n += len(b) + len(of[i].Name) + binary.MaxVarintLen64
		}
	}
	if n == 0 {
		return
	}
	begin(to, n)
	for i, p := range parts {
		if b := buffer(p); len(b) > sectionHead {
			appendNamed(to, of[i].Name, b[sectionHead:])
		}
	}
}

// begin makes room for n bytes of named sections in a buffer.
func begin(b *[]byte, n int) {
	*b = slices.Grow(*b, n+2*sectionHead)
	if len(*Begin(b)) == sectionHead {
		*b = binary.LittleEndian.AppendUint32(*b, named)
	}
}

func appendNamed(b *[]byte, name string, data []byte) {
	at := len(*b)
	*b = binary.LittleEndian.AppendUint32(*b, 0)
	*b = binary.AppendUvarint(*b, uint64(len(name)))
	*b = append(append(*b, name...), data...)
	binary.LittleEndian.PutUint32((*b)[at:], uint32(len(*b)-at-sectionHead))
}

// Named are the parts of a state by their names.
type Named struct {
	Heads  []Head       // of all instances, each name once
	Places []*Restoring // see Restoring.Named
	parts  map[string]*Restoring
	from   *Restoring
}

// Part returns the part of a name, which may be empty.
func (n *Named) Part(name string) *Restoring {
	if n.parts[name] == nil {
		n.parts[name] = &Restoring{Watermark: n.from.Watermark, Had: n.from.Had}
	}
	return n.parts[name]
}

// Head returns the head of a part, if there is one.
func (n *Named) Head(name string) (Head, bool) {
	i := slices.IndexFunc(n.Heads, func(h Head) bool { return h.Name == name })
	if i < 0 {
		return Head{}, false
	}
	return n.Heads[i], true
}

// Named returns the parts that r consists of. Those that were written before they had
// names are Places, in the order in which they were put.
func (r *Restoring) Named() (*Named, error) {
	n := &Named{parts: map[string]*Restoring{}, from: r}
	var byPlace Restoring
	deal := func(all [][]byte, to func(*Restoring) *[][]byte) error {
		for _, b := range all {
			if len(b) < sectionHead || binary.LittleEndian.Uint32(b) != named {
				*to(&byPlace) = append(*to(&byPlace), b)
				continue
			}
			for b = b[sectionHead:]; len(b) > 0; {
				name, data, rest, err := nextNamed(b)
				if err != nil {
					return err
				}
				b = rest
				part := to(n.Part(name))
				*part = append(*part, data)
			}
		}
		return nil
	}
	groups := func(r *Restoring) *[][]byte { return &r.Groups }
	whole := func(r *Restoring) *[][]byte { return &r.Whole }
	if err := errors.Join(deal(r.Groups, groups), deal(r.Whole, whole)); err != nil {
		return nil, err
	}
	var err error
	byPlace.Watermark, byPlace.Had = r.Watermark, r.Had
	if n.Places, err = byPlace.Parts(0); err != nil {
		return nil, err
	}
	err = NewCoder[Head]().EachWhole(n.Part(""), func(h Head) {
		if _, there := n.Head(h.Name); !there {
			n.Heads = append(n.Heads, h)
		}
	})
	return n, err
}

// nextNamed takes a named section off b.
func nextNamed(b []byte) (name string, data, rest []byte, err error) {
	data, rest, err = nextSection(b)
	if err != nil {
		return "", nil, nil, err
	}
	n, size := binary.Uvarint(data)
	if size <= 0 || n > uint64(len(data)-size) {
		return "", nil, nil, errSection
	}
	return string(data[size : size+int(n)]), data[size+int(n):], rest, nil
}
