package kafkasource

import (
	"bytes"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/stream/codec"
)

// A Decoding says how a record becomes a value: [Values], [Messages] or [Func].
type Decoding[T any] struct{ newDecoder func() decode[T] }

// A decode is used by one reader.
type decode[T any] func(r *kgo.Record, v *T) error

// ErrTombstone is why a record without a value is rejected by [Values].
var ErrTombstone = errors.New("kafkasource: the record has no value, as it deletes what was there under its key: Messages tells of such records")

// Values decodes the values of records. One without a value, a tombstone, is rejected with ErrTombstone. It panics if c is nil.
func Values[T any](c codec.Codec[T]) Decoding[T] {
	if c == nil {
		panic("kafkasource: Values: the Codec is nil")
	}
	return Decoding[T]{func() decode[T] {
		return func(r *kgo.Record, v *T) error {
			if r.Value == nil {
				return ErrTombstone
			}
			return c.Decode(r.Value, v)
		}
	}}
}

// A Message is a record whose value is decoded.
type Message[T any] struct {
	Topic     string
	Partition int32
	Offset    int64
	Time      time.Time // the record's timestamp, in UTC; zero if it has none
	Key       []byte    // nil if it has none
	Headers   []Header
	Deleted   bool // it has no value, which deletes what was there under its key
	Value     T    // zero if Deleted
}

// A Header is one of a record.
type Header struct {
	Name  string
	Value []byte
}

// Messages decodes the values of records, and tells the rest of them too. It panics if c is nil.
func Messages[T any](c codec.Codec[T]) Decoding[Message[T]] {
	if c == nil {
		panic("kafkasource: Messages: the Codec is nil")
	}
	return Decoding[Message[T]]{func() decode[Message[T]] {
		return func(r *kgo.Record, m *Message[T]) error {
			m.Topic, m.Partition, m.Offset = r.Topic, r.Partition, r.Offset
			m.Key, m.Deleted = bytes.Clone(r.Key), r.Value == nil
			if r.Timestamp.UnixMilli() >= 0 {
				m.Time = r.Timestamp.UTC()
			}
			for _, h := range r.Headers { // copied, as all of them lie in the memory of a whole fetch
				m.Headers = append(m.Headers, Header{h.Key, bytes.Clone(h.Value)})
			}
			if m.Deleted {
				return nil
			}
			return c.Decode(r.Value, &m.Value)
		}
	}}
}

// Func has f make the value of a record. It is called by several goroutines at once, must not change the record, and must not keep it, nor its bytes: they lie in the
// memory of a whole fetch. An error rejects the record, and codec.ErrSkip passes over it. It panics if f is nil.
func Func[T any](f func(r *kgo.Record, v *T) error) Decoding[T] {
	if f == nil {
		panic("kafkasource: Func: the function is nil")
	}
	return Decoding[T]{func() decode[T] { return f }}
}
