package sqldb

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unsafe"
)

// A Field is a field of a struct that stands for a column.
type Field struct {
	Name   string // of the struct
	Column string
	Key    bool
	Zoned  bool // a tag says the zone
	Type   reflect.Type
	offset uintptr
	zone   *time.Location
	cell
}

// A cell is how a Go type stands in a column. The functions get a pointer to a value of that
// type.
type cell struct {
	kind string // as it reads in "is no int64"
	scan func(p unsafe.Pointer, src any) error
	arg  func(p unsafe.Pointer) (any, error)
	put  func(b []byte, p unsafe.Pointer) ([]byte, error) // appends arg as AppendArgument does, without an interface

	// Of types that a key may have.
	text  func(p unsafe.Pointer) string
	parse func(text string) (any, error)
}

// Fields returns the fields of the struct type t, those of embedded structs included, that
// have a tag `sql:"column"` or `sql:"column,key"`.
func Fields(t reflect.Type) ([]Field, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%v is not a struct", t)
	}
	var fields []Field
	taken := map[string]string{}
	var walk func(t reflect.Type, base uintptr) error
	walk = func(t reflect.Type, base uintptr) error {
		for f := range t.Fields() {
			tag, tagged := f.Tag.Lookup("sql")
			column, option, _ := strings.Cut(tag, ",")
			if !tagged && f.Anonymous && f.Type.Kind() == reflect.Struct {
				if err := walk(f.Type, base+f.Offset); err != nil {
					return err
				}
				continue
			}
			if !tagged || tag == "-" {
				continue
			}
			x := Field{Name: f.Name, Column: column, Key: option == "key", Type: f.Type, offset: base + f.Offset, zone: time.UTC}
			var err error
			if zone, ok := f.Tag.Lookup("zone"); ok {
				x.Zoned = true
				x.zone, err = time.LoadLocation(zone)
			}
			switch {
			case err != nil:
			case !f.IsExported():
				err = errors.New("it has a tag sql but is not exported")
			case option != "" && option != "key":
				err = fmt.Errorf("unknown option %q", option)
			case CheckName(column) != nil:
				err = CheckName(column)
			case taken[column] != "":
				err = fmt.Errorf("column %s is that of field %s already", column, taken[column])
			default:
				x.cell, err = cellOf(f.Type, x.zone)
			}
			if err != nil {
				return fmt.Errorf("field %s: %w", f.Name, err)
			}
			taken[column] = f.Name
			fields = append(fields, x)
		}
		return nil
	}
	if err := walk(t, 0); err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		return nil, fmt.Errorf("%v has no field with a tag sql", t)
	}
	return fields, nil
}

// Columns returns the columns of fields.
func Columns(fields []Field) (names []string) {
	for _, f := range fields {
		names = append(names, f.Column)
	}
	return names
}

// Keys returns the fields that are keys.
func Keys(fields []Field) (keys []Field) {
	for _, f := range fields {
		if f.Key {
			keys = append(keys, f)
		}
	}
	return keys
}

// at returns where the field is of the struct that p points to.
func (f *Field) at(p unsafe.Pointer) unsafe.Pointer { return unsafe.Add(p, f.offset) }

// Arg returns the field of the struct that p points to as drivers take it: an int64, float64, bool, string,
// []byte, time.Time or nil, or a uint64 that is no int64.
func (f *Field) Arg(p unsafe.Pointer) (any, error) {
	a, err := f.arg(f.at(p))
	if err != nil {
		return nil, fmt.Errorf("field %s of column %s: %w", f.Name, f.Column, err)
	}
	return a, nil
}

// Put appends what AppendArgument does of Arg, without an allocation for it.
func (f *Field) Put(b []byte, p unsafe.Pointer) ([]byte, error) {
	b, err := f.put(b, f.at(p))
	if err != nil {
		return nil, fmt.Errorf("field %s of column %s: %w", f.Name, f.Column, err)
	}
	return b, nil
}

// IsKey reports whether rows may be read in the order of the field.
func (f *Field) IsKey() bool { return f.text != nil }

// Text returns the field of the struct that p points to, a key, as text.
func (f *Field) Text(p unsafe.Pointer) string { return f.text(f.at(p)) }

// Parse returns the argument that Text was made of.
func (f *Field) Parse(text string) (any, error) { return f.parse(text) }

// IsTime reports whether the field is a time.Time, or a pointer to one.
func (f *Field) IsTime() bool { return f.kind == timeKind }

// Zone returns the zone of texts that have none.
func (f *Field) Zone() *time.Location { return f.zone }

// Exact has the field take no clock that its zone leaves out, when it is put forward in spring: as a key that would stand for
// another.
func (f *Field) Exact() {
	scan, zone := f.scan, f.zone
	f.scan = func(p unsafe.Pointer, src any) error {
		if err := scan(p, src); err != nil {
			return err
		}
		if clock, err := toTime(src, time.UTC); !isTime(src) && err == nil {
			if at := (*time.Time)(p).In(zone); at.Hour() != clock.Hour() || at.Minute() != clock.Minute() {
				return fmt.Errorf("%v has no such time", zone)
			}
		}
		return nil
	}
}

func isTime(src any) bool { _, ok := src.(time.Time); return ok }
