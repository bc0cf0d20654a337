// Package keyhash hashes keys the same way in every process.
//
// A key's hash decides its key group, and a key group's state may be restored
// by another process, so the hash may depend on nothing but the key's value:
// no seed, no address. The price is that a sender who chooses keys can make
// them collide; tables built on it stay correct then, and become slow.
package keyhash

import (
	"encoding"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"reflect"
	"time"
	"unsafe"
)

// Of returns the hash function of K. It fails for a key type whose values
// have no meaning outside this process (pointers, channels) or no fixed shape
// (interfaces), and names the field that is to blame.
func Of[K comparable]() (func(K) uint64, error) {
	t := reflect.TypeFor[K]()
	switch {
	case t.Kind() == reflect.String:
		return func(k K) uint64 { return text(*(*string)(unsafe.Pointer(&k))) }, nil
	case Whole[K]():
		return func(k K) uint64 { return mix(*(*uint64)(unsafe.Pointer(&k))) }, nil
	}
	parts, err := plan(t, 0, t.String(), nil)
	if err != nil {
		return nil, err
	}
	return func(k K) uint64 {
		p := unsafe.Pointer(&k)
		h := uint64(seed)
		for i := range parts {
			h = mul(h^parts[i].hash(unsafe.Add(p, parts[i].offset)), m2)
		}
		return mix(h)
	}, nil
}

// Whole reports whether a K is an integer of 64 bits.
func Whole[K any]() bool {
	t := reflect.TypeFor[K]()
	switch t.Kind() {
	case reflect.Int64, reflect.Uint64, reflect.Int, reflect.Uint, reflect.Uintptr:
		return t.Size() == 8
	}
	return false
}

// Integer returns the hash of a key that is an integer of 64 bits.
func Integer(k uint64) uint64 { return mix(k) }

// Floats reports whether a K holds floating-point numbers, and so may not be
// equal to itself.
func Floats[K comparable]() bool { return floats(reflect.TypeFor[K]()) }

func floats(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return true
	case reflect.Array:
		return t.Len() > 0 && floats(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if floats(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}

// A Hasher hashes many keys: those at the given rows, all where rows is nil,
// each into its place in out.
type Hasher[K comparable] func(keys []K, rows []int32, out []uint64)

// Batch returns the Hasher of K, on the terms of Of.
func Batch[K comparable]() (Hasher[K], error) {
	hash, err := Of[K]()
	if err != nil {
		return nil, err
	}
	t := reflect.TypeFor[K]()
	switch {
	case t.Size() == 0:
		only := hash(*new(K))
		return func(keys []K, rows []int32, out []uint64) {
			for i := range out[:len(keys)] {
				out[i] = only
			}
		}, nil
	case Whole[K]():
		return func(keys []K, rows []int32, out []uint64) {
			each(unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(keys))), len(keys)), rows, out)
		}, nil
	case t.Kind() == reflect.String:
		return func(keys []K, rows []int32, out []uint64) {
			texts(unsafe.Slice((*string)(unsafe.Pointer(unsafe.SliceData(keys))), len(keys)), rows, out)
		}, nil
	}
	return func(keys []K, rows []int32, out []uint64) {
		if rows == nil {
			for i, k := range keys {
				out[i] = hash(k)
			}
			return
		}
		for _, i := range rows {
			out[i] = hash(keys[i])
		}
	}, nil
}

func each(keys []uint64, rows []int32, out []uint64) {
	out = out[:len(keys)]
	if rows == nil {
		for i, k := range keys {
			out[i] = mix(k)
		}
		return
	}
	for _, i := range rows {
		out[i] = mix(keys[i])
	}
}

func texts(keys []string, rows []int32, out []uint64) {
	out = out[:len(keys)]
	if rows == nil {
		for i, k := range keys {
			out[i] = text(k)
		}
		return
	}
	for _, i := range rows {
		out[i] = text(keys[i])
	}
}

// Group returns the key group of a hash, one of n, a power of two.
func Group(h uint64, n int) int { return int(h >> (64 - bits.TrailingZeros(uint(n)))) }

// A part is one scalar inside a key.
type part struct {
	offset uintptr
	hash   func(unsafe.Pointer) uint64
}

func plan(t reflect.Type, at uintptr, path string, parts []part) ([]part, error) {
	add := func(f func(unsafe.Pointer) uint64) []part { return append(parts, part{at, f}) }
	switch t.Kind() {
	case reflect.String:
		return add(func(p unsafe.Pointer) uint64 { return text(*(*string)(p)) }), nil
	case reflect.Float32:
		return add(func(p unsafe.Pointer) uint64 { return float(float64(*(*float32)(p))) }), nil
	case reflect.Float64:
		return add(func(p unsafe.Pointer) uint64 { return float(*(*float64)(p)) }), nil
	case reflect.Complex64:
		return add(func(p unsafe.Pointer) uint64 {
			c := *(*complex64)(p)
			return mul(float(float64(real(c)))^seed, float(float64(imag(c)))^m2)
		}), nil
	case reflect.Complex128:
		return add(func(p unsafe.Pointer) uint64 {
			c := *(*complex128)(p)
			return mul(float(real(c))^seed, float(imag(c))^m2)
		}), nil
	case reflect.Bool, reflect.Int8, reflect.Uint8:
		return add(func(p unsafe.Pointer) uint64 { return mix(uint64(*(*uint8)(p))) }), nil
	case reflect.Int16, reflect.Uint16:
		return add(func(p unsafe.Pointer) uint64 { return mix(uint64(*(*uint16)(p))) }), nil
	case reflect.Int32, reflect.Uint32:
		return add(func(p unsafe.Pointer) uint64 { return mix(uint64(*(*uint32)(p))) }), nil
	case reflect.Int64, reflect.Uint64:
		return add(func(p unsafe.Pointer) uint64 { return mix(*(*uint64)(p)) }), nil
	case reflect.Int:
		return add(func(p unsafe.Pointer) uint64 { return mix(uint64(*(*int)(p))) }), nil
	case reflect.Uint, reflect.Uintptr:
		return add(func(p unsafe.Pointer) uint64 { return mix(uint64(*(*uint)(p))) }), nil
	case reflect.Array:
		var err error
		for i := range t.Len() {
			parts, err = plan(t.Elem(), at+uintptr(i)*t.Elem().Size(), fmt.Sprintf("%s[%d]", path, i), parts)
			if err != nil {
				return nil, err
			}
		}
		return parts, nil
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return nil, fmt.Errorf("%s is a time.Time, of which two of one instant may differ: take its UnixNano or a text", path)
		}
		var err error
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Name == "_" {
				continue // == does not look at blank fields either
			}
			if f.Tag.Get("binary") == "-" && !reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.BinaryAppender]()) {
				return nil, fmt.Errorf(`%s.%s is tagged binary:"-", so that no checkpoint would have it: leave it out of the key`, path, f.Name)
			}
			parts, err = plan(f.Type, at+f.Offset, path+"."+f.Name, parts)
			if err != nil {
				return nil, err
			}
		}
		return parts, nil
	}
	return nil, fmt.Errorf("%s is a %s, which has no hash that another process would agree on: take what it stands for", path, t.Kind())
}

// The mixing is that of wyhash (Wang Yi, public domain): a 64×64→128 bit
// multiplication whose halves are folded together.
const (
	seed = 0xa0761d6478bd642f
	m1   = 0xe7037ed1a0b428db
	m2   = 0x8ebc6af09c88c6e3
)

func mul(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

func mix(x uint64) uint64 { return mul(mul(x^seed, m1)^x, m2) }

// float gives the two zeros, which are equal keys, one hash.
func float(f float64) uint64 {
	if f == 0 {
		f = 0
	}
	return mix(math.Float64bits(f))
}

func text(s string) uint64 {
	n := uint64(len(s))
	h := uint64(seed)
	b := unsafe.Slice(unsafe.StringData(s), len(s))
	for len(b) > 16 {
		h = mul(binary.LittleEndian.Uint64(b)^m1, binary.LittleEndian.Uint64(b[8:])^h)
		b = b[16:]
	}
	var lo, hi uint64
	switch {
	case len(b) >= 8:
		lo, hi = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[len(b)-8:])
	case len(b) >= 4:
		lo, hi = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[len(b)-4:]))
	case len(b) > 0:
		lo = uint64(b[0])<<16 | uint64(b[len(b)/2])<<8 | uint64(b[len(b)-1])
	}
	return mul(m1^n, mul(lo^m1, hi^h))
}
