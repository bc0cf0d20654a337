package hbaserest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/textcell"
)

// Fields is how the fields of a struct type stand in a row: each field with a tag `hbase:"family:qualifier"` in that column. It is
// made once for a type and is safe for concurrent use.
type Fields struct {
	fields   []field
	byColumn map[string]int
	maps     map[string]int // by family: those of "family:*"
	places   []field        // those of @row and @time
	versions bool
}

type field struct {
	column  string // "family:qualifier", "family:" of a map, "@row" or "@time"
	name    string // in the struct
	offset  uintptr
	kind    fieldKind
	pointer bool // it may be nil
	cell    textcell.Cell
	of      mapType // of a map
}

type fieldKind uint8

const (
	plainField fieldKind = iota
	timeField            // has the time of the newest cell
	listField            // has several versions
	mapField             // has the columns of a family
)

// FieldsOf compiles the tags of a struct type.
func FieldsOf(t reflect.Type) (*Fields, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%v is not a struct", t)
	}
	f := &Fields{byColumn: map[string]int{}, maps: map[string]int{}}
	if err := f.add(t, 0); err != nil {
		return nil, fmt.Errorf("%v: %w", t, err)
	}
	if len(f.fields)+len(f.places) == 0 {
		return nil, fmt.Errorf("%v has no field with a tag hbase", t)
	}
	return f, nil
}

// add adds the fields of t, which begins at base.
func (f *Fields) add(t reflect.Type, base uintptr) error {
	for sf := range t.Fields() {
		tag, tagged := sf.Tag.Lookup("hbase")
		column, option, _ := strings.Cut(tag, ",")
		switch {
		case !tagged && sf.Anonymous && sf.Type.Kind() == reflect.Struct && sf.Type != timeType:
			if err := f.add(sf.Type, base+sf.Offset); err != nil {
				return err
			}
			continue
		case !tagged || column == "-":
			continue
		case !sf.IsExported():
			return fmt.Errorf("field %s has a tag hbase but is not exported", sf.Name)
		}
		x := field{column: column, name: sf.Name, offset: base + sf.Offset}
		if err := f.addField(x, sf.Type, option); err != nil {
			return fmt.Errorf("field %s: %w", sf.Name, err)
		}
	}
	return nil
}

func (f *Fields) addField(x field, t reflect.Type, option string) (err error) {
	if strings.HasPrefix(x.column, "@") {
		return f.addPlace(x, t, option)
	}
	family, qualifier, ok := strings.Cut(x.column, ":")
	if !ok || family == "" || strings.ContainsAny(family, "/,*") {
		return fmt.Errorf("the tag %q is no column: want family:qualifier, family:* for a map, @row or @time", x.column)
	}
	if qualifier == "*" {
		if _, twice := f.maps[family]; twice {
			return fmt.Errorf("there are two maps of the family %q", family)
		}
		x.kind, x.column = mapField, family+":"
		if x.of, err = mapOf(t, option); err != nil {
			return err
		}
		f.maps[family] = len(f.fields)
		f.fields = append(f.fields, x)
		return nil
	}
	if _, twice := f.byColumn[x.column]; twice && option != "time" {
		return fmt.Errorf("there are two fields with the column %q", x.column)
	}
	switch option {
	case "time":
		if x.cell, err = millisCell(t); err != nil {
			return err
		}
		x.kind = timeField
		f.fields = append(f.fields, x)
		return nil
	case "versions", "versions bytes", "versions json":
		_, of, _ := strings.Cut(option, " ")
		x.kind, f.versions = listField, true
		x.cell, err = listCell(t, of)
	default:
		x.cell, err = cellOf(t, option)
		x.pointer = t.Kind() == reflect.Pointer
	}
	if err == nil {
		f.byColumn[x.column] = len(f.fields)
		f.fields = append(f.fields, x)
	}
	return err
}

func (f *Fields) addPlace(x field, t reflect.Type, option string) (err error) {
	switch x.column {
	case "@row":
		x.cell, err = cellOf(t, option)
	case "@time":
		x.kind = timeField
		if x.cell, err = millisCell(t); err == nil && option != "" {
			err = fmt.Errorf("@time has no options, and not %q", option)
		}
	default:
		err = fmt.Errorf("there is no %s; there are @row and @time", x.column)
	}
	for _, other := range f.places {
		if other.column == x.column {
			err = fmt.Errorf("there are two fields for %s", x.column)
		}
	}
	f.places = append(f.places, x)
	return err
}

// Columns returns what a scan has to ask for: columns, and families where maps take all of one. A family has no colon behind it: that would be
// the column without a qualifier.
func (f *Fields) Columns() (columns [][]byte) {
	for _, x := range f.fields {
		family, _, _ := strings.Cut(x.column, ":")
		if _, whole := f.maps[family]; whole && x.kind != mapField {
			continue
		}
		c := []byte(x.column)
		if x.kind == mapField {
			c = []byte(family)
		}
		if !slices.ContainsFunc(columns, func(other []byte) bool { return bytes.Equal(c, other) }) {
			columns = append(columns, c)
		}
	}
	return columns
}

// Families returns the families of the columns, each once.
func (f *Fields) Families() (families [][]byte) {
	for _, x := range f.fields {
		family, _, _ := strings.Cut(x.column, ":")
		if c := []byte(family); !slices.ContainsFunc(families, func(other []byte) bool { return bytes.Equal(c, other) }) {
			families = append(families, c)
		}
	}
	return families
}

// Always returns the columns that each row is written with.
func (f *Fields) Always() (columns [][]byte) {
	for _, x := range f.fields {
		if x.kind == plainField && !x.pointer {
			columns = append(columns, []byte(x.column))
		}
	}
	return columns
}

// TakesVersions reports whether a field takes several versions of its column.
func (f *Fields) TakesVersions() bool { return f.versions }

// A FieldError is the error of a value that does not fit its field.
type FieldError struct {
	Field  string // of the struct
	Column string // "@row" of a row's key
	Value  string // cut short where it is long
	Err    error
	kind   string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("field %s: %s: %q is not %s: %v", e.Field, e.Column, e.Value, e.kind, e.Err)
}

// Unwrap returns e.Err.
func (e *FieldError) Unwrap() error { return e.Err }

func (x *field) failed(value []byte, err error) error {
	if len(value) > 60 {
		value = append(value[:60:60], "…"...)
	}
	return &FieldError{Field: x.name, Column: x.column, Value: string(value), Err: err, kind: x.cell.Kind}
}

// Decode fills the struct at p, which is zero, from a row, of which cells of one column stand together, the newest first. Cells
// without a field are passed over, and fields without a cell stay zero.
func (f *Fields) Decode(p unsafe.Pointer, key []byte, cells []Cell) error {
	newest := int64(0)
	for i, c := range cells {
		newest = max(newest, c.Time)
		older := i > 0 && bytes.Equal(cells[i-1].Column, c.Column)
		k, ok := i, true
		if k >= len(f.fields) || f.fields[k].kind != plainField || f.fields[k].column != string(c.Column) {
			k, ok = f.byColumn[string(c.Column)]
		}
		if ok {
			x := &f.fields[k]
			switch {
			case x.kind == listField:
				if err := appendVersion(x.cell, unsafe.Add(p, x.offset), c); err != nil {
					return x.failed(c.Value, err)
				}
			case !older:
				if err := x.cell.Parse(unsafe.Add(p, x.offset), c.Value); err != nil {
					return x.failed(c.Value, err)
				}
			}
		}
		if len(f.maps) > 0 && !older {
			family, qualifier, _ := bytes.Cut(c.Column, []byte(":"))
			if k, ok := f.maps[string(family)]; ok {
				x := &f.fields[k]
				if err := x.of.put(unsafe.Add(p, x.offset), string(qualifier), c.Value); err != nil {
					return x.failed(c.Value, err)
				}
			}
		}
	}
	for i := range f.fields {
		if x := &f.fields[i]; x.kind == timeField {
			for _, c := range cells {
				if string(c.Column) == x.column {
					setMillis(x.cell, unsafe.Add(p, x.offset), c.Time)
					break
				}
			}
		}
	}
	for i := range f.places {
		x := &f.places[i]
		if x.kind == timeField {
			setMillis(x.cell, unsafe.Add(p, x.offset), newest)
		} else if err := x.cell.Parse(unsafe.Add(p, x.offset), key); err != nil {
			return x.failed(key, err)
		}
	}
	return nil
}

var timeType = reflect.TypeFor[time.Time]()

var errSize = errors.New("it has another number of bytes")
