package stream

import (
	"reflect"

	"github.com/freshet-go/freshet/internal/equal"
)

// sameAs returns what says whether two values of a type are equal, as a Table has it.
func sameAs[V any]() equal.Test { return equal.Of(reflect.TypeFor[V]()) }

// plain reports whether values of a type refer to nothing, so that memory which has them keeps nothing alive.
func plain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			if !plain(t.Field(i).Type) {
				return false
			}
		}
		return true
	case reflect.Array:
		return t.Len() == 0 || plain(t.Elem())
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return true
	}
	return false
}

// plainRows reports whether changes of a table, and their keys, refer to nothing.
func plainRows[K comparable, V any]() bool {
	return plain(reflect.TypeFor[K]()) && plain(reflect.TypeFor[V]())
}
