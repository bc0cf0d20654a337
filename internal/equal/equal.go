// Package equal compares values of a type that is known by reflection, once, when the
// comparison is made, and not when values flow: a table asks of each row that was
// touched whether it has changed.
//
// Values are equal as data are: times of one instant are equal in any zone, as a
// checkpoint keeps the instant; a slice or a map of nothing equals none; numbers are equal
// that have the same bits, so NaN equals itself; what pointers point to is compared.
package equal

import (
	"bytes"
	"reflect"
	"time"
	"unsafe"
)

// A Test reports whether the values at two addresses are equal.
type Test func(a, b unsafe.Pointer) bool

// Of returns the Test of a type. Types that hold themselves are followed as deep as the
// values go.
func Of(t reflect.Type) Test { return maker{}.of(t) }

// A maker knows the types whose tests are being made: a type that holds itself finds the
// place where its test will be.
type maker map[reflect.Type]*Test

var timeType = reflect.TypeFor[time.Time]()

func (m maker) of(t reflect.Type) Test {
	switch t.Kind() {
	case reflect.Struct:
		if t == timeType {
			return func(a, b unsafe.Pointer) bool { return (*time.Time)(a).Equal(*(*time.Time)(b)) }
		}
		return m.structs(t)
	case reflect.String:
		return func(a, b unsafe.Pointer) bool { return *(*string)(a) == *(*string)(b) }
	case reflect.Array:
		return m.arrays(t)
	case reflect.Slice, reflect.Pointer, reflect.Map:
		return m.referring(t)
	case reflect.Interface, reflect.Func:
		return func(a, b unsafe.Pointer) bool {
			return reflect.DeepEqual(reflect.NewAt(t, a).Elem().Interface(), reflect.NewAt(t, b).Elem().Interface())
		}
	}
	return sameBytes(t.Size())
}

// sameBytes is the Test of what has no references and no padding.
func sameBytes(size uintptr) Test {
	if size == 8 {
		return func(a, b unsafe.Pointer) bool { return *(*uint64)(a) == *(*uint64)(b) }
	}
	if size%8 == 0 && size <= 64 { // a few words: sooner compared than called for
		return func(a, b unsafe.Pointer) bool {
			for i := uintptr(0); i < size; i += 8 {
				if *(*uint64)(unsafe.Add(a, i)) != *(*uint64)(unsafe.Add(b, i)) {
					return false
				}
			}
			return true
		}
	}
	return func(a, b unsafe.Pointer) bool {
		return bytes.Equal(unsafe.Slice((*byte)(a), size), unsafe.Slice((*byte)(b), size))
	}
}

// A part is some bytes of a struct with their Test, or nil where bytes are compared.
type part struct {
	at, size uintptr
	test     Test
}

// structs compares fields that lie side by side at once, where they are bytes. Fields
// without a name and padding have no say.
func (m maker) structs(t reflect.Type) Test {
	var parts []part
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case f.Name == "_" || f.Type.Size() == 0:
		case !plain(f.Type):
			parts = append(parts, part{f.Offset, f.Type.Size(), m.of(f.Type)})
		default:
			if n := len(parts) - 1; n >= 0 && parts[n].test == nil && parts[n].at+parts[n].size == f.Offset {
				parts[n].size += f.Type.Size()
				continue
			}
			parts = append(parts, part{at: f.Offset, size: f.Type.Size()})
		}
	}
	for i := range parts {
		if parts[i].test == nil {
			parts[i].test = sameBytes(parts[i].size)
		}
	}
	if len(parts) == 1 && parts[0].at == 0 {
		return parts[0].test
	}
	return func(a, b unsafe.Pointer) bool {
		for i := range parts {
			p := &parts[i]
			if !p.test(unsafe.Add(a, p.at), unsafe.Add(b, p.at)) {
				return false
			}
		}
		return true
	}
}

// plain reports whether values of a type are nothing but bytes that all count.
func plain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return true
	case reflect.Array:
		return plain(t.Elem())
	}
	return false
}

func (m maker) arrays(t reflect.Type) Test {
	if plain(t) {
		return sameBytes(t.Size())
	}
	test, size, n := m.of(t.Elem()), t.Elem().Size(), t.Len()
	return func(a, b unsafe.Pointer) bool { return each(test, a, b, size, n) }
}

func each(test Test, a, b unsafe.Pointer, size uintptr, n int) bool {
	for i := range uintptr(n) {
		if !test(unsafe.Add(a, i*size), unsafe.Add(b, i*size)) {
			return false
		}
	}
	return true
}
