package sqldb

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"fmt"
	"reflect"
	"time"
	"unsafe"
)

// converts reports whether a type says itself how it stands in a column.
func converts(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[sql.Scanner]()) || p.Implements(reflect.TypeFor[driver.Valuer]()) ||
		p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// ownCell is that of a type with methods of its own: Scan and Value, as sql.NullString
// and decimals have, or UnmarshalText and MarshalText. For what is missing, what the type is made of counts.
func ownCell(t reflect.Type, zone *time.Location) (cell, error) {
	p := reflect.PointerTo(t)
	c, _ := cellOfKind(t, zone) // none, of a struct
	c.kind, c.text, c.parse = t.String(), nil, nil
	switch {
	case p.Implements(reflect.TypeFor[sql.Scanner]()):
		c.scan = func(p unsafe.Pointer, src any) error {
			if b, ok := src.([]byte); ok {
				src = append([]byte{}, b...) // it may be kept
			}
			return reflect.NewAt(t, p).Interface().(sql.Scanner).Scan(src)
		}
	case p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		c.scan = func(p unsafe.Pointer, src any) error {
			s, err := toString(src)
			if err != nil {
				return err
			}
			return reflect.NewAt(t, p).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s))
		}
	}
	kinds := c.put
	c.put = func(b []byte, p unsafe.Pointer) ([]byte, error) {
		a, err := c.arg(p)
		return AppendArgument(b, a), err
	}
	switch {
	case p.Implements(reflect.TypeFor[driver.Valuer]()):
		c.arg = func(p unsafe.Pointer) (any, error) {
			return driver.DefaultParameterConverter.ConvertValue(reflect.NewAt(t, p).Interface().(driver.Valuer))
		}
	case p.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		c.arg = func(p unsafe.Pointer) (any, error) {
			b, err := reflect.NewAt(t, p).Interface().(encoding.TextMarshaler).MarshalText()
			return string(b), err
		}
	case kinds != nil:
		c.put = kinds
	}
	if c.scan == nil {
		c.scan = func(unsafe.Pointer, any) error { return fmt.Errorf("%v has neither Scan nor UnmarshalText", t) }
	}
	if c.arg == nil {
		c.arg = func(unsafe.Pointer) (any, error) { return nil, fmt.Errorf("%v has neither Value nor MarshalText", t) }
	}
	return c, nil
}
