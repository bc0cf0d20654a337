package stream

import (
	"encoding/binary"
	"reflect"
	"unsafe"
)

// A zeroTest tells whether a value is the zero value of its type. It is the
// bytes of the value that have to be 0: all but padding, blank fields and the
// addresses of empty strings. It takes the time of one comparison for most
// values, which a reflect.Value does not.
type zeroTest []byteRange

type byteRange struct{ at, size uintptr }

func zeroTestOf(t reflect.Type) (z zeroTest) { return z.with(t, 0) }

// with adds the bytes of a value of type t that lies at an offset.
func (z zeroTest) with(t reflect.Type, at uintptr) zeroTest {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); f.Name != "_" {
				z = z.with(f.Type, at+f.Offset)
			}
		}
		return z
	case reflect.Array:
		for i := range t.Len() {
			z = z.with(t.Elem(), at+uintptr(i)*t.Elem().Size())
		}
		return z
	case reflect.String: // an address and a length
		word := unsafe.Sizeof(uintptr(0))
		return z.add(at+word, word)
	case reflect.Slice, reflect.Interface: // zero where the first word is
		return z.add(at, unsafe.Sizeof(uintptr(0)))
	}
	return z.add(at, t.Size())
}

func (z zeroTest) add(at, size uintptr) zeroTest {
	if n := len(z); n > 0 && z[n-1].at+z[n-1].size == at {
		z[n-1].size += size
		return z
	}
	return append(z, byteRange{at, size})
}

// holds reports whether the value at p is zero.
func (z zeroTest) holds(p unsafe.Pointer) bool {
	for _, r := range z {
		b := unsafe.Slice((*byte)(unsafe.Add(p, r.at)), r.size)
		for ; len(b) >= 8; b = b[8:] {
			if binary.LittleEndian.Uint64(b) != 0 {
				return false
			}
		}
		for _, x := range b {
			if x != 0 {
				return false
			}
		}
	}
	return true
}
