package hbaserest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/freshet-go/freshet/internal/textcell"
)

// cellOf returns how a type is written: as text, with the option bytes as HBase's Bytes.toBytes has it, or as JSON.
func cellOf(t reflect.Type, option string) (textcell.Cell, error) {
	switch option {
	case "bytes":
		return bytesCell(t)
	case "json":
		return jsonCell(t), nil
	}
	return textcell.Of(t, option)
}

func jsonCell(t reflect.Type) textcell.Cell {
	return textcell.Cell{Kind: "a " + t.String() + " in JSON", Parse: func(p unsafe.Pointer, b []byte) error {
		return json.Unmarshal(b, reflect.NewAt(t, p).Interface())
	}, Append: func(dst []byte, p unsafe.Pointer) ([]byte, bool, error) {
		b, err := json.Marshal(reflect.NewAt(t, p).Interface())
		return append(dst, b...), true, err
	}}
}

// bytesCell is that of numbers and bools as bytes, the highest first, and of times as milliseconds since 1970.
func bytesCell(t reflect.Type) (textcell.Cell, error) {
	if t.Kind() == reflect.Pointer && t.Elem().Kind() != reflect.Pointer {
		c, err := bytesCell(t.Elem())
		parse, add := c.Parse, c.Append
		c.Parse = func(p unsafe.Pointer, b []byte) error {
			to := reflect.New(t.Elem()).UnsafePointer()
			*(*unsafe.Pointer)(p) = to
			return parse(to, b)
		}
		c.Append = func(dst []byte, p unsafe.Pointer) ([]byte, bool, error) {
			if to := *(*unsafe.Pointer)(p); to != nil {
				return add(dst, to)
			}
			return dst, false, nil
		}
		return c, err
	}
	if t == timeType {
		return fixed(t, 8, func(p unsafe.Pointer, n uint64) { *(*time.Time)(p) = time.UnixMilli(int64(n)).UTC() },
			func(p unsafe.Pointer) uint64 { return uint64((*time.Time)(p).UnixMilli()) }), nil
	}
	size := int(t.Size())
	switch t.Kind() {
	case reflect.String:
		return textcell.Of(reflect.TypeFor[string](), "")
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return textcell.Of(reflect.TypeFor[[]byte](), "")
		}
	case reflect.Bool: // true is -1
		return fixed(t, 1, func(p unsafe.Pointer, n uint64) { *(*bool)(p) = n != 0 }, func(p unsafe.Pointer) uint64 {
			if *(*bool)(p) {
				return math.MaxUint8
			}
			return 0
		}), nil
	case reflect.Int8, reflect.Uint8:
		return fixed(t, size, func(p unsafe.Pointer, n uint64) { *(*uint8)(p) = uint8(n) }, func(p unsafe.Pointer) uint64 { return uint64(*(*uint8)(p)) }), nil
	case reflect.Int16, reflect.Uint16:
		return fixed(t, size, func(p unsafe.Pointer, n uint64) { *(*uint16)(p) = uint16(n) }, func(p unsafe.Pointer) uint64 { return uint64(*(*uint16)(p)) }), nil
	case reflect.Int32, reflect.Uint32, reflect.Float32:
		return fixed(t, size, func(p unsafe.Pointer, n uint64) { *(*uint32)(p) = uint32(n) }, func(p unsafe.Pointer) uint64 { return uint64(*(*uint32)(p)) }), nil
	case reflect.Int, reflect.Int64, reflect.Uint, reflect.Uint64, reflect.Float64:
		if size == 8 {
			return fixed(t, size, func(p unsafe.Pointer, n uint64) { *(*uint64)(p) = n }, func(p unsafe.Pointer) uint64 { return *(*uint64)(p) }), nil
		}
	}
	return textcell.Cell{}, fmt.Errorf("a %v has no place in bytes; take the option json, or none", t)
}

// fixed is a cell of so many bytes.
func fixed(t reflect.Type, size int, set func(p unsafe.Pointer, n uint64), get func(p unsafe.Pointer) uint64) textcell.Cell {
	return textcell.Cell{Kind: fmt.Sprintf("a %v in %d bytes", t, size), Parse: func(p unsafe.Pointer, b []byte) error {
		if len(b) != size {
			return errSize
		}
		var whole [8]byte
		copy(whole[8-size:], b)
		set(p, binary.BigEndian.Uint64(whole[:]))
		return nil
	}, Append: func(dst []byte, p unsafe.Pointer) ([]byte, bool, error) {
		var whole [8]byte
		binary.BigEndian.PutUint64(whole[:], get(p))
		return append(dst, whole[8-size:]...), true, nil
	}}
}

// millisCell is that of the time of a cell.
func millisCell(t reflect.Type) (textcell.Cell, error) {
	if t != timeType && t.Kind() != reflect.Int64 {
		return textcell.Cell{}, fmt.Errorf("the time of a cell is for a time.Time or an int64 of milliseconds, and not for %v", t)
	}
	return bytesCell(t)
}

func setMillis(c textcell.Cell, p unsafe.Pointer, at int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(at))
	_ = c.Parse(p, b[:]) // eight bytes always fit
}

// listCell is that of the values of a slice of versions: structs with a Time and a Value. Kind is the value's, and Parse appends a
// version without its time.
func listCell(t reflect.Type, option string) (textcell.Cell, error) {
	if t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct && t.Elem().NumField() == 2 {
		at, value := t.Elem().Field(0), t.Elem().Field(1)
		if at.Name == "Time" && at.Type == timeType && value.Name == "Value" {
			c, err := cellOf(value.Type, option)
			parse := c.Parse
			c.Parse = func(p unsafe.Pointer, b []byte) error {
				list := reflect.NewAt(t, p).Elem()
				list.Set(reflect.Append(list, reflect.Zero(t.Elem())))
				last := list.Index(list.Len() - 1)
				*last.Field(0).Addr().Interface().(*time.Time) = time.UnixMilli(int64(binary.BigEndian.Uint64(b))).UTC()
				return parse(last.Field(1).Addr().UnsafePointer(), b[8:])
			}
			return c, err
		}
	}
	return textcell.Cell{}, fmt.Errorf("versions are for a slice of hbasesource.Version, and not for %v", t)
}

// appendVersion appends a version to a list.
func appendVersion(c textcell.Cell, p unsafe.Pointer, of Cell) error {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(of.Value)), uint64(of.Time))
	return c.Parse(p, append(b, of.Value...))
}

// A mapType is a map of the qualifiers of a family.
type mapType struct {
	t    reflect.Type
	cell textcell.Cell
}

func mapOf(t reflect.Type, option string) (mapType, error) {
	if t.Kind() != reflect.Map || t.Key().Kind() != reflect.String {
		return mapType{}, fmt.Errorf("family:* is for a map of strings, and not for %v", t)
	}
	c, err := cellOf(t.Elem(), option)
	return mapType{t, c}, err
}

func (m mapType) put(p unsafe.Pointer, qualifier string, value []byte) error {
	v := reflect.New(m.t.Elem())
	if err := m.cell.Parse(v.UnsafePointer(), value); err != nil {
		return err
	}
	to := reflect.NewAt(m.t, p).Elem()
	if to.IsNil() {
		to.Set(reflect.MakeMap(m.t))
	}
	to.SetMapIndex(reflect.ValueOf(qualifier).Convert(m.t.Key()), v.Elem())
	return nil
}

// AppendCells appends the cells of the struct at p to dst, and their values to buf, which they are parts of. Missing is
// called for each column whose pointer is nil.
func (f *Fields) AppendCells(dst []Cell, buf []byte, p unsafe.Pointer, at int64, missing func(column []byte)) (_ []Cell, _ []byte, err error) {
	add := func(x *field, c textcell.Cell, column string, p unsafe.Pointer) error {
		from := len(buf)
		to, present, err := c.Append(buf, p)
		if err != nil {
			return fmt.Errorf("field %s: %w", x.name, err)
		}
		if !present {
			missing([]byte(column))
			return nil
		}
		buf = to
		dst = append(dst, Cell{Column: unsafe.Slice(unsafe.StringData(column), len(column)), Time: at, Value: buf[from:len(buf):len(buf)]})
		return nil
	}
	for i := range f.fields {
		x := &f.fields[i]
		switch x.kind {
		case plainField:
			err = add(x, x.cell, x.column, unsafe.Add(p, x.offset))
		case mapField:
			m := reflect.NewAt(x.of.t, unsafe.Add(p, x.offset)).Elem()
			byName := make(map[string]reflect.Value, m.Len())
			for _, k := range m.MapKeys() {
				byName[k.String()] = m.MapIndex(k)
			}
			for _, name := range slices.Sorted(maps.Keys(byName)) {
				v := reflect.New(x.of.t.Elem())
				v.Elem().Set(byName[name])
				if err = add(x, x.of.cell, x.column+name, v.UnsafePointer()); err != nil {
					break
				}
			}
		}
		if err != nil {
			return dst, buf, err
		}
	}
	return dst, buf, nil
}

// TimeOf returns the time of the field with the tag @time, where there is one and it is not zero.
func (f *Fields) TimeOf(p unsafe.Pointer) (at int64, ok bool) {
	for i := range f.places {
		x := &f.places[i]
		if x.kind != timeField {
			continue
		}
		if !strings.HasPrefix(x.cell.Kind, "a time.Time") {
			at = *(*int64)(unsafe.Add(p, x.offset))
			return at, at != 0
		}
		t := *(*time.Time)(unsafe.Add(p, x.offset))
		return t.UnixMilli(), !t.IsZero()
	}
	return 0, false
}
