package equal

import (
	"bytes"
	"reflect"
	"unsafe"
)

// referring makes the Test of a type of values that lie elsewhere. Only by these can a type
// hold itself.
func (m maker) referring(t reflect.Type) Test {
	if known, ok := m[t]; ok {
		return func(a, b unsafe.Pointer) bool { return (*known)(a, b) }
	}
	place := new(Test)
	m[t] = place
	elem := m.of(t.Elem())
	switch t.Kind() {
	case reflect.Slice:
		*place = slices(t.Elem(), elem)
	case reflect.Pointer:
		*place = func(a, b unsafe.Pointer) bool {
			p, q := *(*unsafe.Pointer)(a), *(*unsafe.Pointer)(b)
			return p == q || p != nil && q != nil && elem(p, q)
		}
	case reflect.Map:
		*place = maps(t, elem)
	}
	return *place
}

// header is how a slice lies in memory.
type header struct {
	data     unsafe.Pointer
	len, cap int
}

func slices(t reflect.Type, elem Test) Test {
	size, flat := t.Size(), plain(t)
	return func(a, b unsafe.Pointer) bool {
		x, y := (*header)(a), (*header)(b)
		switch {
		case x.len != y.len:
			return false
		case x.data == y.data:
			return true
		case flat:
			n := uintptr(x.len) * size
			return bytes.Equal(unsafe.Slice((*byte)(x.data), n), unsafe.Slice((*byte)(y.data), n))
		}
		return each(elem, x.data, y.data, size, x.len)
	}
}

// maps compares maps by their keys as Go does, and by their values as elem does. A map with
// a key that is not equal to itself equals no other.
func maps(t reflect.Type, elem Test) Test {
	return func(a, b unsafe.Pointer) bool {
		x, y := reflect.NewAt(t, a).Elem(), reflect.NewAt(t, b).Elem()
		if x.Len() != y.Len() {
			return false
		}
		if x.UnsafePointer() == y.UnsafePointer() {
			return true
		}
		// Values in a map have no address.
		v, w := reflect.New(t.Elem()), reflect.New(t.Elem())
		for all := x.MapRange(); all.Next(); {
			other := y.MapIndex(all.Key())
			if !other.IsValid() {
				return false
			}
			v.Elem().Set(all.Value())
			w.Elem().Set(other)
			if !elem(v.UnsafePointer(), w.UnsafePointer()) {
				return false
			}
		}
		return true
	}
}
