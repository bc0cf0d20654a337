package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unsafe"
)

// A struct is stored as its fields that are not zero, each behind its key, and
// a zero byte behind the last. A key is a uvarint of id<<3 | wire: for a
// numbered field one or two bytes, for a named one four.

type field struct {
	id      uint64
	name    string
	offset  uintptr
	plan    *Plan
	numbers int // how many fields in a row are numbers, from this one on
}

// Ids below namedFields are numbers from tags. Those of names lie in
// [namedFields, 2·namedFields), so that a key has four bytes.
const (
	maxFieldNumber = 1_000_000
	namedFields    = 1 << 24
)

func (m planner) structPlan(t reflect.Type, path string) (Plan, error) {
	var fields []field
	byID := make(map[uint64]int)
	for f := range t.Fields() {
		tag := f.Tag.Get("binary")
		if f.Name == "_" || tag == "-" {
			continue
		}
		path := path + "." + f.Name
		id, err := fieldID(f.Name, tag)
		if err != nil {
			return Plan{}, fmt.Errorf("%s: %w", path, err)
		}
		if i, ok := byID[id]; ok {
			return Plan{}, fmt.Errorf("%s: its number is also that of %s; tag one of them with another", path, fields[i].name)
		}
		plan, err := m.plan(f.Type, path)
		if err != nil {
			return Plan{}, err
		}
		byID[id] = len(fields)
		fields = append(fields, field{id: id, name: fieldName(t, f), offset: f.Offset, plan: plan})
	}
	s := &structFields{fields: fields, byID: byID, numbers: make([]number, len(fields))}
	for i := len(fields) - 1; i >= 0; i-- {
		if s.numbers[i] = numberOf(&fields[i]); s.numbers[i].load != 0 {
			fields[i].numbers = 1
			if i+1 < len(fields) {
				fields[i].numbers += fields[i+1].numbers
			}
		}
	}
	p := Plan{wire: wireStruct, write: s.write, read: s.read}
	if n := len(fields); n > 0 && n <= mostPlain && fields[0].numbers == n {
		p.plain = s.numbers
	}
	return p, nil
}

// fieldName names a field in errors. The types by which the library keeps values of others mean nothing to who has
// written those: their fields go by the types of what is in them.
func fieldName(t reflect.Type, f reflect.StructField) string {
	library := strings.TrimSuffix(reflect.TypeFor[Plan]().PkgPath(), "internal/record")
	keeps := t.PkgPath() == library+"stream" && t.Name()[0] >= 'a' || t.PkgPath() == library+"internal/panes"
	if keeps {
		return f.Type.String()
	}
	return t.String() + "." + f.Name
}

type structFields struct {
	fields  []field
	byID    map[uint64]int
	numbers []number // the fields that are, each in its place
}

func (s *structFields) write(w *writer, p unsafe.Pointer) error {
	for i := 0; i < len(s.fields); i++ {
		f := &s.fields[i]
		if n := f.numbers; n > 0 {
			w.b = appendNumbers(w.b, s.numbers[i:i+n], p)
			i += n - 1
			continue
		}
		at := unsafe.Add(p, f.offset)
		if f.plan.zero != nil && f.plan.zero(at) {
			continue
		}
		before := len(w.b)
		// Not made beforehand: a recursive plan has no wire until it is done.
		w.b = binary.AppendUvarint(w.b, f.id<<wireBits|uint64(f.plan.wire))
		if !f.plan.wire.boxed() {
			if err := f.plan.write(w, at); err != nil {
				return f.wrap(err)
			}
			continue
		}
		start := w.open()
		if err := f.plan.write(w, at); err != nil {
			return f.wrap(err)
		}
		if f.plan.wire == wireStruct && len(w.b) == start+1 {
			w.b = w.b[:before] // all its fields are zero
			continue
		}
		w.close(start)
	}
	w.b = append(w.b, 0)
	return nil
}

func (s *structFields) read(r *reader, p unsafe.Pointer) error {
	for next := 0; ; {
		if next < len(s.fields) {
			if n := s.fields[next].numbers; n > 0 {
				next += r.numbers(s.numbers[next:next+n], p)
			}
		}
		key, err := r.uvarint()
		if err != nil {
			return err
		}
		if key == 0 {
			return nil
		}
		id, stored := key>>wireBits, wire(key&(1<<wireBits-1))
		if id == 0 {
			return errors.New("no field has the number 0")
		}
		i, ok := s.find(id, next)
		if !ok {
			if err := stored.skip(r); err != nil {
				return err
			}
			continue
		}
		f := &s.fields[i]
		next = i + 1
		if stored != f.plan.wire {
			return f.wrap(fmt.Errorf("stored as %v, wanted as %v", stored, f.plan.wire))
		}
		if err := f.read(r, unsafe.Add(p, f.offset)); err != nil {
			return f.wrap(err)
		}
	}
}

// find looks behind the field found last first: a record mostly has the order
// of the struct.
func (s *structFields) find(id uint64, next int) (int, bool) {
	for i := next; i < len(s.fields); i++ {
		if s.fields[i].id == id {
			return i, true
		}
	}
	i, ok := s.byID[id]
	return i, ok
}

func (f *field) read(r *reader, p unsafe.Pointer) error {
	if !f.plan.wire.boxed() {
		return f.plan.read(r, p)
	}
	box, err := r.counted()
	if err != nil {
		return err
	}
	rest := r.b
	r.b = box
	if err := f.plan.read(r, p); err != nil {
		return err
	}
	if len(r.b) > 0 {
		return errTrailing
	}
	r.b = rest
	return nil
}

// A fieldError names the innermost field alone: a whole path would be as
// long as hostile input is deep.
type fieldError struct {
	field string
	err   error
}

func (e *fieldError) Error() string { return e.field + ": " + e.err.Error() }
func (e *fieldError) Unwrap() error { return e.err }

func (f *field) wrap(err error) error {
	if _, ok := err.(*fieldError); ok {
		return err
	}
	return &fieldError{f.name, err}
}

// boxed reports whether, in a struct, a length precedes a value that has none
// of its own.
func (w wire) boxed() bool { return w == wireStruct || w == wireOther }

func (w wire) String() string {
	return [...]string{"an unsigned integer", "an integer", "a bool", "a float32", "a float64", "a string", "a struct", "a list"}[w]
}

// skip passes over a field.
func (w wire) skip(r *reader) (err error) {
	switch w {
	case wireUint, wireInt:
		_, err = r.uvarint()
	case wireBool:
		_, err = r.bytes(1)
	case wireFixed32:
		_, err = r.bytes(4)
	case wireFixed64:
		_, err = r.bytes(8)
	default:
		_, err = r.counted()
	}
	return err
}

func fieldID(name, tag string) (uint64, error) {
	if tag != "" {
		n, err := strconv.ParseUint(tag, 10, 64)
		if err != nil || n == 0 || n > maxFieldNumber {
			return 0, fmt.Errorf("tag %q is not a number from 1 to %d", tag, maxFieldNumber)
		}
		return n, nil
	}
	// FNV-1a, folded to 24 bits as its authors advise. Part of the format.
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i])) * 16777619
	}
	return uint64(namedFields | (h>>24 ^ h&(namedFields-1))), nil
}
