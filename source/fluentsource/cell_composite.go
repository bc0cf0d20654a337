package fluentsource

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/freshet-go/freshet/internal/forward"
)

// compositeOf returns what decodes a type that is made of others.
func (c *compiler) compositeOf(t reflect.Type) (cell, error) {
	switch t.Kind() {
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return readBytes, nil
		}
		return c.sliceCell(t)
	case reflect.Map:
		return c.mapCell(t)
	case reflect.Struct:
		return c.structCell(t)
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return readAnyInto, nil
		}
	}
	return nil, fmt.Errorf("no value of a record fits %v", t)
}

// pointerCell decodes what may be absent.
func (c *compiler) pointerCell(elem reflect.Type, tags reflect.StructTag) (cell, error) {
	if elem.Kind() == reflect.Pointer {
		return nil, fmt.Errorf("no value of a record fits *%v", elem)
	}
	inner, err := c.cellOf(elem, tags)
	if err != nil {
		return nil, err
	}
	size := int(elem.Size())
	return func(d *decoder, p unsafe.Pointer, b []byte, depth int) ([]byte, error) {
		if err := d.use(size); err != nil {
			return nil, err
		}
		to := reflect.New(elem).UnsafePointer()
		rest, err := inner(d, to, b, depth)
		if err == nil {
			*(*unsafe.Pointer)(p) = to
		}
		return rest, err
	}, nil
}

// sliceCell decodes an array.
func (c *compiler) sliceCell(t reflect.Type) (cell, error) {
	inner, err := c.cellOf(t.Elem(), "")
	if err != nil {
		return nil, err
	}
	size := t.Elem().Size()
	return func(d *decoder, p unsafe.Pointer, b []byte, depth int) ([]byte, error) {
		if !isArray(b[0]) {
			return nil, unfit(b, "an array", nil)
		}
		n, b, err := items(b, depth, 1)
		if err != nil {
			return nil, err
		}
		if err := d.use(n * int(size)); err != nil {
			return nil, err
		}
		s := reflect.MakeSlice(t, n, n)
		base := s.UnsafePointer()
		for i := range n {
			switch {
			case len(b) == 0:
				return nil, errShort
			case isNil(b):
				b = b[1:]
			default:
				if b, err = inner(d, unsafe.Add(base, uintptr(i)*size), b, depth-1); err != nil {
					return nil, err
				}
			}
		}
		reflect.NewAt(t, p).Elem().Set(s)
		return b, nil
	}, nil
}

// mapCell decodes a map with keys of text.
func (c *compiler) mapCell(t reflect.Type) (cell, error) {
	if t.Key().Kind() != reflect.String || forward.IsText(t.Key()) {
		return nil, fmt.Errorf("the keys of a record are strings, and not %v", t.Key())
	}
	if t == reflect.TypeFor[map[string]any]() {
		return func(d *decoder, p unsafe.Pointer, b []byte, depth int) ([]byte, error) {
			m, rest, err := readAnyMap(d, b, depth)
			if err == nil {
				*(*map[string]any)(p) = m
			}
			return rest, err
		}, nil
	}
	inner, err := c.cellOf(t.Elem(), "")
	if err != nil {
		return nil, err
	}
	entry := 2 * int(t.Key().Size()+t.Elem().Size()+1)
	return func(d *decoder, p unsafe.Pointer, b []byte, depth int) ([]byte, error) {
		n, b, err := mapHead(b, depth)
		if err != nil {
			return nil, err
		}
		if err := d.use(mapSize + n*entry); err != nil {
			return nil, err
		}
		m := reflect.MakeMapWithSize(t, n)
		key := reflect.New(t.Key()).Elem()
		for range n {
			text, after, err := mapKey(b)
			if err != nil {
				return nil, err
			}
			if err := d.use(len(text)); err != nil {
				return nil, err
			}
			value := reflect.New(t.Elem())
			if isNil(after) {
				b = after[1:]
			} else if b, err = inner(d, value.UnsafePointer(), after, depth-1); err != nil {
				return nil, err
			}
			key.SetString(d.strings.String(text))
			m.SetMapIndex(key, value.Elem())
		}
		reflect.NewAt(t, p).Elem().Set(m)
		return b, nil
	}, nil
}

// structCell decodes a map into a struct of its own: behind a pointer, or in a slice.
func (c *compiler) structCell(t reflect.Type) (cell, error) {
	l, ok := c.structs[t]
	if !ok {
		l = &level{}
		c.structs[t] = l // before its fields, which may lead to it again
		fields, err := forward.Fields(t, false)
		if err != nil {
			return nil, err
		}
		if err := c.fill(l, fields); err != nil {
			return nil, err
		}
	}
	return func(d *decoder, p unsafe.Pointer, b []byte, depth int) ([]byte, error) {
		return l.read(d, p, b, depth, nil)
	}, nil
}
