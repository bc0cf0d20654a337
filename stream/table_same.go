package stream

import (
	"reflect"
	"unsafe"

	"github.com/freshet-go/freshet/internal/equal"
)

// sameAs returns what says whether two values of a type are equal, as a Table has it.
func sameAs[V any]() func(a, b *V) bool {
	test := equal.Of(reflect.TypeFor[V]())
	return func(a, b *V) bool { return test(unsafe.Pointer(a), unsafe.Pointer(b)) }
}
