package codec

import (
	"reflect"
	"unsafe"

	"github.com/freshet-go/freshet/internal/record"
)

// Binary is a compact format for state and for files that only programs read.
// What it writes is a function of the value alone: maps are sorted.
//
// T may be of any kind but channel, function, interface, uintptr and
// unsafe.Pointer, and may be made of such kinds: it may be recursive, though
// its values may not have cycles nor go deeper than 10,000 pointers, slices
// and maps. A type whose pointer has AppendBinary or MarshalBinary and
// UnmarshalBinary is stored by these. A struct that has them only as they are
// of what is embedded in it is refused where it has other fields, which would
// be lost; but for unexported ones beside a type of its own package. A
// [time.Time] is an instant in
// nanoseconds, and decodes in UTC. A nil slice, map or pointer is not an empty
// one.
//
// All fields of a struct are stored, the unexported ones too: a state is what
// a struct hides. A field is known by its name, or by a number from 1 to
// 1,000,000 in its tag, which is shorter and survives renaming:
//
//	Count int       `binary:"1"`
//	Last  time.Time // known by its name
//	cache []int     `binary:"-"` // not stored
//
// So a struct may gain and lose fields: a field that the record lacks is zero,
// and what the record has beyond the struct is passed over. A field may change
// its size (an int32 made int64, and back if the value fits) and an array may
// become a slice; any other change of kind is an error where it shows. What is
// not stored is zero after decoding.
//
// A record is the length of what follows as a uvarint, and the value. It has
// no checksum: what guards a file against decay guards it as a whole. Hostile
// bytes are an error, never a panic, and make a decoder allocate no more than
// the size of one element, or of one map entry, for each byte of the record.
//
// The format is neither Splittable nor Headed, so encoded files may be
// concatenated.
//
// Binary panics with the path of the offending field if T cannot be stored;
// [TryBinary] returns that error.
func Binary[T any]() Format[T] {
	f, err := TryBinary[T]()
	if err != nil {
		panic(err)
	}
	return f
}

// TryBinary is [Binary] for a T that the caller did not choose. Its error
// names the path of the field that cannot be stored.
func TryBinary[T any]() (Format[T], error) {
	plan, err := record.PlanOf(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	return (*binaryFormat[T])(plan), nil
}

// A binaryFormat is a plan that knows of which type.
type binaryFormat[T any] record.Plan

func (f *binaryFormat[T]) NewDecoder() Decoder[T] {
	return &binaryDecoder[T]{(*record.Plan)(f).NewDecoder()}
}

func (f *binaryFormat[T]) NewEncoder() Encoder[T] {
	return &binaryEncoder[T]{enc: (*record.Plan)(f).NewEncoder()}
}

type binaryDecoder[T any] struct{ dec record.Decoder }

func (d *binaryDecoder[T]) Split(data []byte, atEOF bool) (advance int, rec []byte, err error) {
	return record.Split(data, atEOF)
}

func (d *binaryDecoder[T]) Decode(rec []byte, v *T) error {
	*v = *new(T)
	return d.dec.Decode(rec, unsafe.Pointer(v))
}

type binaryEncoder[T any] struct {
	enc record.Encoder
	v   T // here, so that taking its address allocates nothing
}

func (e *binaryEncoder[T]) Append(dst []byte, v T) ([]byte, error) {
	e.v = v
	dst, err := e.enc.Append(dst, unsafe.Pointer(&e.v))
	e.v = *new(T)
	return dst, err
}
