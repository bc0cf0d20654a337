package codec

import (
	"errors"
	"fmt"
	"sync"
)

// A Codec turns values into messages and back: what stands in a record of a queue, in a
// field of Redis or in a column of a table. A message is one value, and has
// nothing around it that would tell it from a next one; for files there is
// [Format]. A Codec is immutable and safe for concurrent use. [Message] makes one of
// a Format; one of your own, for protobuf say, has these two methods.
type Codec[T any] interface {
	// Decode sets *v to the value in the message, whatever *v was before. It
	// keeps no reference to message. After an error *v is unspecified.
	Decode(message []byte, v *T) error

	// Append appends the message of v to dst, and returns the extended buffer. On an
	// error it returns dst as it was.
	Append(dst []byte, v T) ([]byte, error)
}

// errEmptyMessage is the error of a message that is no value by its format, which in a file
// would be passed over.
var errEmptyMessage = errors.New("codec: the message holds no value")

// Message returns a Codec whose messages are records of a format, without the line
// ends or lengths that they have in files. It panics if f is nil, or if its records
// need a header before them, as those of CSV do without [NoHeader]. A value that
// the format has no record for is an error here, too: a text with a line end for
// [Lines].
func Message[T any](f Format[T]) Codec[T] {
	if f == nil {
		panic("codec: Message: the Format is nil")
	}
	if HasHeader(f) {
		panic(fmt.Sprintf("codec: Message of %T: its records need a header, and a message has none: see NoHeader", f))
	}
	m := &message[T]{}
	m.pool.New = func() any { return &coding[T]{dec: f.NewDecoder(), enc: f.NewEncoder()} }
	return m
}

type message[T any] struct{ pool sync.Pool }

// A coding is what one goroutine works with.
type coding[T any] struct {
	dec Decoder[T]
	enc Encoder[T]
	buf []byte
}

func (m *message[T]) Decode(b []byte, v *T) error {
	c := m.pool.Get().(*coding[T])
	defer m.pool.Put(c)
	err := c.dec.Decode(b, v)
	if errors.Is(err, ErrSkip) {
		return errEmptyMessage
	}
	return err
}

func (m *message[T]) Append(dst []byte, v T) (_ []byte, err error) {
	c := m.pool.Get().(*coding[T])
	defer m.pool.Put(c)
	if c.buf, err = c.enc.Append(c.buf[:0], v); err != nil {
		return dst, err
	}
	n, record, err := c.dec.Split(c.buf, true)
	if err != nil {
		return dst, err
	}
	if n != len(c.buf) {
		return dst, fmt.Errorf("codec: the format has made %d bytes of a value of which the first record has %d", len(c.buf), n)
	}
	return append(dst, record...), nil
}
