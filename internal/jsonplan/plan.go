// Package jsonplan reads JSON objects into structs by a plan that is made once from the type.
//
// A [Reader] takes the records in which nothing is wrong, and says of all others that they are not for it: encoding/json/v2 then reads
// the record from its beginning, so that results and errors are its own. Single values of an unusual shape, and those of types that have no
// place in a plan, are handed to encoding/json/v2 one by one.
//
// Why ours: sonic goes back to reflection where it does not know the version of Go, fastjson and simdjson-go build trees, and others take names
// in any case, and twice, as encoding/json did.
package jsonplan

import (
	"encoding"
	"encoding/json/v2"
	"reflect"
	"strings"
	"time"
)

// A Plan says where the members of an object go. It is immutable.
type Plan struct {
	root    field
	strings int // how many strings a reader has a trial for
	objects int // and how many kinds of objects it keeps the names of
}

// A field is a place for a value: a field of a struct, an element of a slice, or what a pointer points to.
type field struct {
	name   string
	offset uintptr
	kind   kind
	slot   int // of a string: its trial; of an object: its names
	typ    reflect.Type
	elem   *field  // of a pointer or a slice
	fields []field // of an object
}

// kind is what a value has to be to be read here.
type kind uint8

const (
	other kind = iota // left to encoding/json/v2
	boolean
	int64s
	int8s
	int16s
	int32s
	uint64s
	uint8s
	uint16s
	uint32s
	float32s
	float64s
	text
	timestamp
	object
	pointer
	list
)

var kinds = map[reflect.Kind]kind{
	reflect.Bool: boolean, reflect.String: text, reflect.Struct: object, reflect.Pointer: pointer, reflect.Slice: list,
	reflect.Int: int64s, reflect.Int64: int64s, reflect.Int8: int8s, reflect.Int16: int16s, reflect.Int32: int32s,
	reflect.Uint: uint64s, reflect.Uint64: uint64s, reflect.Uint8: uint8s, reflect.Uint16: uint16s, reflect.Uint32: uint32s,
	reflect.Float32: float32s, reflect.Float64: float64s,
}

const (
	longestName = 128
	mostNames   = 64 // of one kind of object
)

// Of returns the plan of a struct type or of a pointer to one, or nil if encoding/json/v2 has to read all its records: where tags ask for more than a
// name, where embedded fields hide each other, and where a type reads from a decoder itself, which could tell where it is.
func Of(t reflect.Type) *Plan {
	p := planner{open: make(map[reflect.Type]bool)}
	root := p.place(t)
	if root.kind == pointer {
		if root.elem.kind != object {
			return nil
		}
	} else if root.kind != object {
		return nil
	}
	if readsDecoder(t, make(map[reflect.Type]bool)) {
		return nil
	}
	return &Plan{root, p.strings, p.objects}
}

type planner struct {
	Plan
	open map[reflect.Type]bool // structs on the way down: one in itself is left to encoding/json/v2
}

// place returns the place of a value of type t.
func (p *planner) place(t reflect.Type) field {
	f := field{typ: t, kind: kinds[t.Kind()]}
	switch {
	case t == reflect.TypeFor[time.Time]():
		f.kind = timestamp
		return f
	case t == reflect.TypeFor[time.Duration](), t.Kind() != reflect.Pointer && readsItself(t):
		f.kind = other
		return f
	case f.kind == int64s && t.Size() == 4: // an int of 32 bits
		f.kind = int32s
	case f.kind == uint64s && t.Size() == 4:
		f.kind = uint32s
	}
	switch f.kind {
	case text:
		f.slot = p.strings
		p.strings++
	case object:
		if p.open[t] || !p.object(&f, t) {
			f.kind = other
		}
	case pointer, list:
		elem := p.place(t.Elem())
		if f.elem = &elem; elem.kind == other || f.kind == list && elem.kind == uint8s { // bytes are in base64
			f.kind = other
		}
	}
	return f
}

// object gives f the fields of a struct type. It reports false if something about them is unusual.
func (p *planner) object(f *field, t reflect.Type) bool {
	p.open[t] = true
	defer delete(p.open, t)
	f.slot = p.objects
	p.objects++
	if !p.members(f, t, 0) || len(f.fields) > mostNames/2 {
		return false
	}
	seen := make(map[string]bool)
	for i := range f.fields {
		if n := f.fields[i].name; seen[n] { // which of the two it is takes rules
			return false
		} else {
			seen[n] = true
		}
	}
	return true
}

func (p *planner) members(f *field, t reflect.Type, base uintptr) bool {
	for sf := range t.Fields() {
		tag, tagged := sf.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		for option := range strings.SplitSeq(options, ",") {
			if option != "" && option != "omitempty" && option != "omitzero" {
				return false
			}
		}
		switch {
		case tag == "-":
			continue
		case sf.Anonymous && !tagged && sf.Type.Kind() == reflect.Struct && !readsItself(sf.Type) && !p.open[sf.Type]:
			p.open[sf.Type] = true
			ok := p.members(f, sf.Type, base+sf.Offset)
			delete(p.open, sf.Type)
			if !ok {
				return false
			}
			continue
		case sf.Anonymous:
			return false
		case !sf.IsExported():
			continue
		case name == "":
			name = sf.Name
		}
		if strings.ContainsAny(name, "'\"\\`") || len(name) > longestName || !isText(name) {
			return false
		}
		x := p.place(sf.Type)
		x.name, x.offset = name, base+sf.Offset
		f.fields = append(f.fields, x)
	}
	return true
}

// isText reports whether a name stands in JSON as it is.
func isText(s string) bool {
	padded := append([]byte(s), `"`+padding...)
	end, escaped := scanString(padded, 0)
	return end == len(s) && !escaped
}

// readsItself reports whether t says itself how it is read.
func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t == reflect.TypeFor[time.Time]() || p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[json.UnmarshalerFrom]()) ||
		p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// readsDecoder reports whether a type within t is handed the decoder.
func readsDecoder(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.UnmarshalerFrom]()) {
		return t != reflect.TypeFor[time.Time]()
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return readsDecoder(t.Elem(), seen)
	case reflect.Map:
		return readsDecoder(t.Key(), seen) || readsDecoder(t.Elem(), seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if readsDecoder(f.Type, seen) {
				return true
			}
		}
	}
	return false
}
