// Package keyorder orders keys by their values, the same way in every process: it decides
// between rows that are equal in all that the caller orders them by.
package keyorder

import (
	"cmp"
	"fmt"
	"reflect"
	"unsafe"
)

// An Order compares the keys at two addresses: it is negative where a comes before b, and zero where they are equal.
type Order func(a, b unsafe.Pointer) int

// Of returns the order of a type of keys: numbers by value, texts by their bytes, false before true, and arrays and structs
// part by part. It fails for what has no meaning outside this process: pointers, channels, interfaces.
func Of(t reflect.Type) (Order, error) {
	switch t.Kind() {
	case reflect.String:
		return of[string], nil
	case reflect.Bool, reflect.Uint8:
		return of[uint8], nil
	case reflect.Int:
		return of[int], nil
	case reflect.Int8:
		return of[int8], nil
	case reflect.Int16:
		return of[int16], nil
	case reflect.Int32:
		return of[int32], nil
	case reflect.Int64:
		return of[int64], nil
	case reflect.Uint:
		return of[uint], nil
	case reflect.Uint16:
		return of[uint16], nil
	case reflect.Uint32:
		return of[uint32], nil
	case reflect.Uint64:
		return of[uint64], nil
	case reflect.Uintptr:
		return of[uintptr], nil
	case reflect.Float32:
		return of[float32], nil
	case reflect.Float64:
		return of[float64], nil
	case reflect.Complex64:
		return parts{{0, of[float32]}, {4, of[float32]}}.compare, nil
	case reflect.Complex128:
		return parts{{0, of[float64]}, {8, of[float64]}}.compare, nil
	case reflect.Array:
		order, err := Of(t.Elem())
		all := make(parts, t.Len())
		for i := range all {
			all[i] = part{uintptr(i) * t.Elem().Size(), order}
		}
		return all.compare, err
	case reflect.Struct:
		var all parts
		for f := range t.Fields() {
			if f.Name == "_" {
				continue // == does not look at blank fields either
			}
			order, err := Of(f.Type)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.Name, err)
			}
			all = append(all, part{f.Offset, order})
		}
		return all.compare, nil
	}
	return nil, fmt.Errorf("a %v has no order that another process would agree on", t)
}

func of[T cmp.Ordered](a, b unsafe.Pointer) int { return cmp.Compare(*(*T)(a), *(*T)(b)) }

// A part is a field or an element with its order.
type part struct {
	at    uintptr
	order Order
}

type parts []part

func (all parts) compare(a, b unsafe.Pointer) int {
	for _, p := range all {
		if c := p.order(unsafe.Add(a, p.at), unsafe.Add(b, p.at)); c != 0 {
			return c
		}
	}
	return 0
}
