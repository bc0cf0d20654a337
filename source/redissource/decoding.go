package redissource

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream/codec"
)

// A Decoding says how the fields of a stream entry or a hash become a value: see Tags and Field.
type Decoding[T any] struct{ newDecoder func() decoder[T] }

// A decoder is used by one reader.
type decoder[T any] interface {
	decode(v *T, pairs []redisio.Pair, at redisio.Place) error
	wants(name []byte) bool // whether the field has a part in the value
}

// Tags decodes into structs by tags: a field with the tag `redis:"name"` takes what stands under that
// name. Types are strings, bools, numbers, []byte, time.Duration ("1m30s"), time.Time, types with UnmarshalText and MarshalText, and
// pointers to these, which are nil where the field is missing; other fields are zero then. A time.Time stands as
// RFC 3339, or as a number with `redis:"at,unix"`, unixmilli, unixmicro or unixnano.
//
// The tag "@key" is the key of the stream or hash, "@id" the id of an entry, both for
// a string, and "@time" the time in that id, for a time.Time.
//
// It panics if T is no struct or its tags are wrong.
func Tags[T any]() Decoding[T] {
	f, err := redisio.FieldsOf(reflect.TypeFor[T]())
	if err != nil {
		panic("redissource: Tags: " + err.Error())
	}
	return Decoding[T]{func() decoder[T] { return tags[T]{f} }}
}

type tags[T any] struct{ *redisio.Fields }

func (d tags[T]) decode(v *T, pairs []redisio.Pair, at redisio.Place) error {
	return d.Decode(unsafe.Pointer(v), pairs, at)
}

func (d tags[T]) wants(name []byte) bool { return d.Wants(name) }

// Field decodes the value of one field by a codec; others are passed over. An entry without it is
// rejected. It panics if format wants a header.
func Field[T any](name string, format codec.Format[T]) Decoding[T] {
	headless("Field", format)
	return Decoding[T]{func() decoder[T] { return &oneField[T]{name, format.NewDecoder()} }}
}

type oneField[T any] struct {
	name string
	dec  codec.Decoder[T]
}

func (d *oneField[T]) decode(v *T, pairs []redisio.Pair, _ redisio.Place) error {
	for _, p := range pairs {
		if string(p.Name) == d.name {
			return d.dec.Decode(p.Value, v)
		}
	}
	return fmt.Errorf("redissource: there is no field %q", d.name)
}

func (d *oneField[T]) wants(name []byte) bool { return string(name) == d.name }

// headless panics if the values of a format cannot stand alone.
func headless[T any](what string, format codec.Format[T]) {
	if format == nil {
		panic("redissource: " + what + ": the Format is nil")
	}
	if codec.HasHeader(format) {
		panic("redissource: " + what + ": the format has a header, and each value stands alone")
	}
}
