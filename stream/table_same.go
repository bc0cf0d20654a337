package stream

import (
	"reflect"

	"github.com/freshet-go/freshet/internal/equal"
)

// sameAs returns what says whether two values of a type are equal, as a Table has it.
func sameAs[V any]() equal.Test { return equal.Of(reflect.TypeFor[V]()) }
