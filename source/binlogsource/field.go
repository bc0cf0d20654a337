package binlogsource

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unsafe"
)

// A field is one of T that a column goes to.
type field struct {
	name     string // of the field
	column   string
	optional bool
	typ      reflect.Type
	offset   uintptr        // in T
	zone     *time.Location // of dates without one; nil for UTC
}

// fieldsOf returns the fields of the struct type t, those of embedded structs included, that
// have a tag `sql:"column"`. Tags that package sqlsource knows are taken, too, so that a struct
// serves both: "key" behind the column, which the server knows by itself here, and zone.
func fieldsOf(t reflect.Type) (fields []field, err error) {
	if t.Kind() != reflect.Struct {
		return nil, errors.New("not a struct")
	}
	seen := map[string]string{}
	var walk func(t reflect.Type, base uintptr) error
	walk = func(t reflect.Type, base uintptr) error {
		for f := range t.Fields() {
			tag, tagged := f.Tag.Lookup("sql")
			column, options, _ := strings.Cut(tag, ",")
			switch {
			case !tagged && f.Anonymous && f.Type.Kind() == reflect.Struct:
				if err := walk(f.Type, base+f.Offset); err != nil {
					return err
				}
				continue
			case !tagged || tag == "-":
				continue
			case !f.IsExported():
				return fmt.Errorf("field %s has a tag sql but is not exported", f.Name)
			case column == "" || options != "" && options != "key":
				return fmt.Errorf("field %s: the tag sql:%q: want a column, and key at most", f.Name, tag)
			}
			missing, optional := f.Tag.Lookup("missing")
			if optional && missing != "zero" {
				return fmt.Errorf("field %s: the tag missing:%q: want zero", f.Name, missing)
			}
			var zone *time.Location
			if name, ok := f.Tag.Lookup("zone"); ok {
				var err error
				if zone, err = time.LoadLocation(name); err != nil {
					return fmt.Errorf("field %s: %w", f.Name, err)
				}
			}
			key := strings.ToLower(column) // names of columns know no case
			if other := seen[key]; other != "" {
				return fmt.Errorf("the fields %s and %s both want column %s", other, f.Name, column)
			}
			seen[key] = f.Name
			fields = append(fields, field{f.Name, column, optional, f.Type, base + f.Offset, zone})
		}
		return nil
	}
	if err := walk(t, 0); err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		return nil, errors.New("no field with a tag sql")
	}
	return fields, nil
}

// A setFunc puts a value into the field at p.
type setFunc func(p unsafe.Pointer, v *value) error
