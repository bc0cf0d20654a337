package fluentsink

import (
	"encoding"
	"fmt"
	"reflect"
	"time"
	"unsafe"

	"github.com/tinylib/msgp/msgp"

	"github.com/freshet-go/freshet/internal/forward"
)

// compositeOf returns how a type is sent that is made of others.
func (c *compiler) compositeOf(t reflect.Type) (cell, error) {
	switch t.Kind() {
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return optionally(func(b []byte, p unsafe.Pointer) ([]byte, error) { return msgp.AppendBytes(b, *(*[]byte)(p)), nil }), nil
		}
		return c.slice(t)
	case reflect.Map:
		return c.mapOf(t)
	case reflect.Struct:
		return c.structOf(t)
	case reflect.Interface:
		if t.NumMethod() == 0 {
			return optionally(func(b []byte, p unsafe.Pointer) ([]byte, error) { return appendAny(b, *(*any)(p)) }), nil
		}
	}
	return cell{}, fmt.Errorf("a record cannot hold %v", t)
}

// optionally is a cell of what begins with a pointer, which may be nil.
func optionally(put func([]byte, unsafe.Pointer) ([]byte, error)) cell {
	return cell{put: put, optional: true}
}

// pointer sends what may be absent.
func (c *compiler) pointer(elem reflect.Type, tags reflect.StructTag) (cell, error) {
	if elem.Kind() == reflect.Pointer {
		return cell{}, fmt.Errorf("a record cannot hold *%v", elem)
	}
	inner, err := c.cellOf(elem, tags)
	if err != nil {
		return cell{}, err
	}
	return optionally(func(b []byte, p unsafe.Pointer) ([]byte, error) { return inner.orNil(b, *(*unsafe.Pointer)(p)) }), nil
}

// orNil appends what is at p, or nil.
func (c *cell) orNil(b []byte, p unsafe.Pointer) ([]byte, error) {
	if p == nil || c.absent(p) {
		return msgp.AppendNil(b), nil
	}
	return c.put(b, p)
}

func (c *compiler) slice(t reflect.Type) (cell, error) {
	inner, err := c.cellOf(t.Elem(), "")
	if err != nil {
		return cell{}, err
	}
	size := t.Elem().Size()
	return optionally(func(b []byte, p unsafe.Pointer) (_ []byte, err error) {
		s := reflect.NewAt(t, p).Elem()
		base := s.UnsafePointer()
		b = msgp.AppendArrayHeader(b, uint32(s.Len()))
		for i := range s.Len() {
			if b, err = inner.orNil(b, unsafe.Add(base, uintptr(i)*size)); err != nil {
				return b, err
			}
		}
		return b, nil
	}), nil
}

func (c *compiler) mapOf(t reflect.Type) (cell, error) {
	if t.Key().Kind() != reflect.String || forward.IsText(t.Key()) {
		return cell{}, fmt.Errorf("the keys of a record are strings, and not %v", t.Key())
	}
	inner, err := c.cellOf(t.Elem(), "")
	if err != nil {
		return cell{}, err
	}
	return optionally(func(b []byte, p unsafe.Pointer) (_ []byte, err error) {
		m := reflect.NewAt(t, p).Elem()
		b = msgp.AppendMapHeader(b, uint32(m.Len()))
		v := reflect.New(t.Elem())
		for it := m.MapRange(); it.Next(); {
			v.Elem().Set(it.Value())
			if b, err = inner.orNil(msgp.AppendString(b, it.Key().String()), v.UnsafePointer()); err != nil {
				return b, err
			}
		}
		return b, nil
	}), nil
}

// structOf sends a struct of its own: behind a pointer, or in a slice.
func (c *compiler) structOf(t reflect.Type) (cell, error) {
	l, ok := c.structs[t]
	if !ok {
		l = &level{}
		c.structs[t] = l // before its fields, which may lead to it again
		fields, err := forward.Fields(t, false)
		if err != nil {
			return cell{}, err
		}
		if err := c.fill(l, fields); err != nil {
			return cell{}, err
		}
	}
	return cell{put: l.append}, nil
}

const mostDepth = 1000 // a map may hold itself

// appendAny appends what a value of any type holds.
func appendAny(b []byte, v any) ([]byte, error) { return appendDeep(b, v, mostDepth) }

func appendDeep(b []byte, v any, depth int) (_ []byte, err error) {
	if depth == 0 {
		return b, fmt.Errorf("nested deeper than %d", mostDepth)
	}
	switch v := v.(type) {
	case map[string]any:
		b = msgp.AppendMapHeader(b, uint32(len(v)))
		for key, e := range v {
			if b, err = appendDeep(msgp.AppendString(b, key), e, depth-1); err != nil {
				return b, err
			}
		}
		return b, nil
	case []any:
		b = msgp.AppendArrayHeader(b, uint32(len(v)))
		for _, e := range v {
			if b, err = appendDeep(b, e, depth-1); err != nil {
				return b, err
			}
		}
		return b, nil
	case time.Time:
		return appendTime(b, v), nil
	case time.Duration:
		return msgp.AppendString(b, v.String()), nil
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		return msgp.AppendStringFromBytes(b, text), err
	}
	return msgp.AppendIntf(b, v)
}
