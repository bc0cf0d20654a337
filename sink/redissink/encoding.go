package redissink

import (
	"reflect"
	"unsafe"

	"github.com/freshet-go/freshet/internal/redisio"
	"github.com/freshet-go/freshet/stream/codec"
)

// An Encoding says how a value becomes the fields of a stream entry or a hash: see Tags and Field.
type Encoding[T any] struct{ newFields func() fields[T] }

// fields adds names and values to a command. Missing is called for each field that has none.
type fields[T any] func(c *commands, v *T, missing func(name string)) error

// Tags encodes structs by tags: a field with the tag `redis:"name"` stands under that name. Types are as
// package redissource reads them: strings, bools (1 and 0), numbers, []byte, time.Duration, time.Time, types with MarshalText and UnmarshalText, and pointers to these, of
// which those that are nil are left out of an entry, and deleted from a hash. The tags "@key", "@id" and "@time" are not written.
//
// It panics if T is no struct or its tags are wrong.
func Tags[T any]() Encoding[T] {
	f, err := redisio.FieldsOf(reflect.TypeFor[T]())
	if err != nil {
		panic("redissink: Tags: " + err.Error())
	}
	return Encoding[T]{func() fields[T] {
		return func(c *commands, v *T, missing func(string)) error {
			for i := range f.Len() {
				text, ends, list := c.mark()
				c.string(f.Name(i))
				to, present, err := f.AppendValue(c.text, unsafe.Pointer(v), i)
				if err != nil {
					return err
				}
				if !present {
					c.back(text, ends, list)
					c.list[len(c.list)-1].to = len(c.ends)
					missing(f.Name(i))
					continue
				}
				c.text = to
				c.done()
			}
			return nil
		}
	}}
}

// Field encodes the value by a codec as one field. It panics if format is nil or has a header.
func Field[T any](name string, format codec.Format[T]) Encoding[T] {
	headless("Field", format)
	return Encoding[T]{func() fields[T] {
		value := valueOf(format)
		return func(c *commands, v *T, _ func(string)) error {
			c.string(name)
			return value(c, *v)
		}
	}}
}

// valueOf returns what adds a value as an argument.
func valueOf[T any](format codec.Format[T]) func(c *commands, v T) error {
	enc := format.NewEncoder()
	return func(c *commands, v T) error {
		from := len(c.text)
		text, err := enc.Append(c.text, v)
		if err != nil {
			return err
		}
		if n := len(text); n > from && text[n-1] == '\n' { // which ends a record in a file
			text = text[:n-1]
		}
		c.text = text
		c.done()
		return nil
	}
}

// headless panics if the values of a format cannot stand alone.
func headless[T any](what string, format codec.Format[T]) {
	if format == nil {
		panic("redissink: " + what + ": the Format is nil")
	}
	if codec.HasHeader(format) {
		panic("redissink: " + what + ": the format has a header, and each value stands alone")
	}
}
