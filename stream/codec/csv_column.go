package codec

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// A csvColumn is a field of T and how it stands in a cell.
type csvColumn struct {
	name      string
	field     string // of T
	typ       reflect.Type
	offset    uintptr // of the field in T
	omitEmpty bool
	cellType
}

// reader returns a cell for one file.
func (c *csvColumn) reader() csvCell { return csvCell{c, c.newParse()} }

// csvColumns returns the columns of the struct type t in field order, by the
// tags with a key: CSV's, or those of another format with names for cells.
func csvColumns(t reflect.Type, key string) ([]csvColumn, error) {
	if t.Kind() != reflect.Struct {
		return nil, errors.New("not a struct")
	}
	var columns []csvColumn
	seen := make(map[string]bool)
	var walk func(t reflect.Type, base uintptr) error
	walk = func(t reflect.Type, base uintptr) error {
		for f := range t.Fields() {
			tag, tagged := f.Tag.Lookup(key)
			name, option, _ := strings.Cut(tag, ",")
			if name == "-" {
				continue
			}
			if f.Anonymous && !tagged && f.Type.Kind() == reflect.Struct && !isCell(f.Type) {
				if err := walk(f.Type, base+f.Offset); err != nil {
					return err
				}
				continue
			}
			if !f.IsExported() {
				if tagged {
					return fmt.Errorf("field %s has a %s tag but is not exported", f.Name, key)
				}
				continue
			}
			if option != "" && option != "omitempty" {
				return fmt.Errorf("field %s: unknown option %q", f.Name, option)
			}
			cell, err := cellOf(f.Type, f.Tag)
			if err == nil {
				err = timeTagged(f.Type, f.Tag)
			}
			if err != nil {
				return fmt.Errorf("field %s: %w", f.Name, err)
			}
			if name == "" {
				name = f.Name
			}
			if seen[name] {
				return fmt.Errorf("two fields for column %s", name)
			}
			seen[name] = true
			columns = append(columns, csvColumn{name, f.Name, f.Type, base + f.Offset, option != "", cell})
		}
		return nil
	}
	if err := walk(t, 0); err != nil {
		return nil, err
	}
	if len(columns) == 0 {
		return nil, errors.New("no exported field")
	}
	return columns, nil
}

// timeTagged returns an error for a tag that says how a time stands in a cell, where the field is a number or a text.
func timeTagged(t reflect.Type, tag reflect.StructTag) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return nil
	}
	for _, key := range []string{"layout", "zone"} {
		if _, ok := tag.Lookup(key); ok {
			return fmt.Errorf("the tag %s is for a time.Time, and the field is %v", key, t)
		}
	}
	return nil
}

// isCell reports whether one cell holds a whole t, though t is a struct.
func isCell(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Time]() || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// A parseFunc sets what p points to from the bytes of a cell. Where these do
// not fit it returns strconv.ErrSyntax or strconv.ErrRange.
type parseFunc func(p unsafe.Pointer, cell []byte) error

// A cellType is how a Go type stands in a cell. The functions get a pointer
// to a value of that type.
type cellType struct {
	kind     string           // as it reads in "is not an int"
	newParse func() parseFunc // for one file, since a parser may have a memory
	append   func(dst []byte, p unsafe.Pointer) ([]byte, error)
	isZero   func(p unsafe.Pointer) bool
}

func cellOf(t reflect.Type, tag reflect.StructTag) (cellType, error) {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return timeCell(tag)
	case t == reflect.TypeFor[time.Duration]():
		return durationCell(), nil
	case t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return textCell(t), nil
	}
	switch t.Kind() {
	case reflect.String:
		return stringCell(), nil
	case reflect.Bool:
		return boolCell(), nil
	case reflect.Int:
		return intCell[int]("an int"), nil
	case reflect.Int8:
		return intCell[int8]("an int8"), nil
	case reflect.Int16:
		return intCell[int16]("an int16"), nil
	case reflect.Int32:
		return intCell[int32]("an int32"), nil
	case reflect.Int64:
		return intCell[int64]("an int64"), nil
	case reflect.Uint:
		return uintCell[uint]("a uint"), nil
	case reflect.Uint8:
		return uintCell[uint8]("a uint8"), nil
	case reflect.Uint16:
		return uintCell[uint16]("a uint16"), nil
	case reflect.Uint32:
		return uintCell[uint32]("a uint32"), nil
	case reflect.Uint64:
		return uintCell[uint64]("a uint64"), nil
	case reflect.Float32:
		return floatCell[float32]("a float32", 32), nil
	case reflect.Float64:
		return floatCell[float64]("a float64", 64), nil
	case reflect.Pointer:
		if t.Elem().Kind() != reflect.Pointer {
			return pointerCell(t.Elem(), tag)
		}
	}
	return cellType{}, fmt.Errorf("no cell holds a %v", t)
}

// pointerCell is the cell of a pointer to elem: empty where it is nil.
func pointerCell(elem reflect.Type, tag reflect.StructTag) (cellType, error) {
	cell, err := cellOf(elem, tag)
	if err != nil {
		return cellType{}, err
	}
	return cellType{
		kind: cell.kind,
		newParse: func() parseFunc {
			parse := cell.newParse()
			return func(p unsafe.Pointer, b []byte) error {
				if len(b) == 0 {
					return nil
				}
				v := reflect.New(elem).UnsafePointer()
				*(*unsafe.Pointer)(p) = v
				return parse(v, b)
			}
		},
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			v := *(*unsafe.Pointer)(p)
			if v == nil {
				return dst, nil
			}
			return cell.append(dst, v)
		},
		isZero: func(p unsafe.Pointer) bool { return *(*unsafe.Pointer)(p) == nil },
	}, nil
}

// textCell is the cell of a type that reads and writes itself.
func textCell(t reflect.Type) cellType {
	return cellType{
		kind: "a " + t.String(),
		newParse: func() parseFunc {
			return func(p unsafe.Pointer, b []byte) error {
				return reflect.NewAt(t, p).Interface().(encoding.TextUnmarshaler).UnmarshalText(b)
			}
		},
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			switch v := reflect.NewAt(t, p).Interface().(type) {
			case encoding.TextAppender:
				return v.AppendText(dst)
			case encoding.TextMarshaler:
				b, err := v.MarshalText()
				return append(dst, b...), err
			}
			return nil, fmt.Errorf("%v has no MarshalText", t)
		},
		isZero: func(p unsafe.Pointer) bool { return reflect.NewAt(t, p).Elem().IsZero() },
	}
}

// timeCell parses a time once where many rows in a row have the same.
func timeCell(tag reflect.StructTag) (cellType, error) {
	layout, zone := time.RFC3339Nano, time.UTC
	if s, ok := tag.Lookup("layout"); ok {
		layout = s
	}
	if s, ok := tag.Lookup("zone"); ok {
		var err error
		if zone, err = time.LoadLocation(s); err != nil {
			return cellType{}, err
		}
	}
	return cellType{
		kind: "a time like " + strconv.Quote(layout),
		newParse: func() parseFunc {
			var last string
			var at time.Time
			return func(p unsafe.Pointer, b []byte) error {
				if last == "" || last != string(b) {
					t, err := time.ParseInLocation(layout, string(b), zone)
					if err != nil {
						return strconv.ErrSyntax
					}
					last, at = string(b), t.UTC()
				}
				*(*time.Time)(p) = at
				return nil
			}
		},
		append: func(dst []byte, p unsafe.Pointer) ([]byte, error) {
			at := (*time.Time)(p).In(zone)
			if y := at.Year(); y < 0 || y > 9999 {
				return dst, fmt.Errorf("the year %d cannot be read back", y)
			}
			return at.AppendFormat(dst, layout), nil
		},
		isZero: func(p unsafe.Pointer) bool { return (*time.Time)(p).IsZero() },
	}, nil
}
