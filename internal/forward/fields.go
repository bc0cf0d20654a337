// Package forward is what both ends of Fluentd's Forward protocol share: the tags of a
// struct's fields, times, and the proofs of the handshake.
package forward

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// What is no key of the record has a tag of its own.
const (
	Tag      = "@tag"
	Time     = "@time"
	Metadata = "@metadata"
	Rest     = "@rest"
)

// A Field is a field of a struct with a tag "fluent".
type Field struct {
	Name   string   // "Kubernetes.Pod"
	Path   []string // "kubernetes", "pod_name"; or one of the special tags alone
	Type   reflect.Type
	Tags   reflect.StructTag
	Offset uintptr // in the struct that Fields was asked for
}

// Key is the field's path as its tag has it.
func (f *Field) Key() string { return strings.Join(f.Path, ".") }

// Fields returns the tagged fields of the struct type t. Those of embedded structs, and of
// structs that are fields with a tag, are among them. Whole is false for a struct inside a
// record, which has neither tag nor time.
func Fields(t reflect.Type, whole bool) ([]Field, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%v is not a struct", t)
	}
	w := walk{whole: whole}
	if err := w.fieldsOf(t, "", nil, 0); err != nil {
		return nil, err
	}
	if len(w.fields) == 0 {
		return nil, fmt.Errorf("%v has no field with a tag fluent", t)
	}
	return w.fields, w.disjoint()
}

type walk struct {
	whole  bool
	fields []Field
}

func (w *walk) fieldsOf(t reflect.Type, name string, path []string, base uintptr) error {
	for f := range t.Fields() {
		tag, tagged := f.Tag.Lookup("fluent")
		full := name + f.Name
		switch {
		case !tagged && f.Anonymous && IsRecord(f.Type):
			if err := w.fieldsOf(f.Type, name, path, base+f.Offset); err != nil {
				return err
			}
			continue
		case !tagged || tag == "-":
			continue
		case !f.IsExported():
			return fmt.Errorf("field %s has a tag fluent but is not exported", full)
		}
		keys := strings.Split(tag, ".")
		if isSpecial(tag) {
			if err := w.special(tag, f.Type, full, path); err != nil {
				return err
			}
			keys = []string{tag}
		} else if slices.Contains(keys, "") {
			return fmt.Errorf("field %s: the tag fluent:%q has an empty key", full, tag)
		} else if slices.ContainsFunc(keys, isSpecial) { // offsets of special fields are trusted to be of their type
			return fmt.Errorf("field %s: the tag fluent:%q has a special name in a path", full, tag)
		}
		keys = slices.Concat(path, keys)
		if IsRecord(f.Type) && tag != Metadata {
			n := len(w.fields)
			if err := w.fieldsOf(f.Type, full+".", keys, base+f.Offset); err != nil {
				return err
			}
			if len(w.fields) == n {
				return fmt.Errorf("field %s: %v has no field with a tag fluent", full, f.Type)
			}
			continue
		}
		w.fields = append(w.fields, Field{full, keys, f.Type, f.Tag, base + f.Offset})
	}
	return nil
}

func isSpecial(tag string) bool {
	return tag == Tag || tag == Time || tag == Metadata || tag == Rest
}

func (w *walk) special(tag string, t reflect.Type, name string, path []string) error {
	switch {
	case tag != Rest && (len(path) > 0 || !w.whole):
		return fmt.Errorf("field %s: %s belongs to an event, and this struct is a part of its record", name, tag)
	case tag == Tag && t.Kind() != reflect.String:
		return fmt.Errorf("field %s: %s is for a string, and not for %v", name, tag, t)
	case tag == Time && t != reflect.TypeFor[time.Time]():
		return fmt.Errorf("field %s: %s is for a time.Time, and not for %v", name, tag, t)
	case tag == Rest && t != reflect.TypeFor[map[string]any]():
		return fmt.Errorf("field %s: %s is for a map[string]any, and not for %v", name, tag, t)
	}
	return nil
}

// disjoint returns an error if two fields want the same, or one a part of what another has.
func (w *walk) disjoint() error {
	for i, f := range w.fields {
		for _, g := range w.fields[:i] {
			n := min(len(f.Path), len(g.Path))
			if !slices.Equal(f.Path[:n], g.Path[:n]) {
				continue
			}
			short := f
			if len(g.Path) == n {
				short = g
			}
			return fmt.Errorf("the fields %s and %s both want %q", g.Name, f.Name, short.Key())
		}
	}
	return nil
}

// IsRecord reports whether t is a struct whose fields are keys of a map.
func IsRecord(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]() && !IsText(t)
}

// IsText reports whether t reads itself from text.
func IsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// ErrDuration is the error of a tag `unit` that is none.
var ErrDuration = errors.New(`want unit:"s", "ms", "us" or "ns"`)

// Unit returns what a number of a time.Duration counts, or 0 if no tag says so.
func Unit(tags reflect.StructTag) (time.Duration, error) {
	unit, ok := tags.Lookup("unit")
	if !ok {
		return 0, nil
	}
	switch unit {
	case "s":
		return time.Second, nil
	case "ms":
		return time.Millisecond, nil
	case "us":
		return time.Microsecond, nil
	case "ns":
		return time.Nanosecond, nil
	}
	return 0, ErrDuration
}
