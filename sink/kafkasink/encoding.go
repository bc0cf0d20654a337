package kafkasink

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/freshet-go/freshet/stream/codec"
)

// An Encoding says how an event becomes a record: [Values], [Keyed] or [Func].
type Encoding[T any] struct{ newEncode func() encode[T] }

// An encode fills a record. It appends to the arena what keys and values are made of, and returns that.
type encode[T any] func(r *kgo.Record, v T, arena []byte) ([]byte, error)

// Values writes records whose values are made by c, without keys. Their timestamps are the event times, or the time of writing where
// there are none. Brokers delete by timestamps: what happened longer ago than a topic's retention.ms is soon gone. It panics if c is nil.
func Values[T any](c codec.Codec[T]) Encoding[T] {
	if c == nil {
		panic("kafkasink: Values: the Codec is nil")
	}
	return Encoding[T]{func() encode[T] {
		return func(r *kgo.Record, v T, arena []byte) ([]byte, error) {
			return value(r, c, v, arena)
		}
	}}
}

// Keyed is Values with the key that key appends for the event: records of one key are in one partition. Key is called by several goroutines at
// once, and returns the extended slice. It panics if key or c is nil.
//
//	kafkasink.Keyed(func(dst []byte, o Order) []byte { return append(dst, o.Customer...) }, codec.Message(codec.JSON[Order]()))
func Keyed[T any](key func(dst []byte, v T) []byte, c codec.Codec[T]) Encoding[T] {
	if key == nil || c == nil {
		panic("kafkasink: Keyed: the function or the Codec is nil")
	}
	return Encoding[T]{func() encode[T] {
		return func(r *kgo.Record, v T, arena []byte) ([]byte, error) {
			from := len(arena)
			arena = key(arena, v)
			r.Key = arena[from:len(arena):len(arena)]
			return value(r, c, v, arena)
		}
	}}
}

func value[T any](r *kgo.Record, c codec.Codec[T], v T, arena []byte) ([]byte, error) {
	from := len(arena)
	arena, err := c.Append(arena, v)
	r.Value = arena[from:len(arena):len(arena)]
	return arena, err
}

// Func has f fill the record of an event: its value, where that is nil a tombstone, its key, headers, and with kgo.ManualPartitioner its partition. The topic and
// the timestamp are set already, and may be set anew. F is called by several goroutines at once. What the record holds must not be changed afterwards, and
// f must not keep the record, which is used again once it is acknowledged; nor must hooks and partitioners of the client. It panics if f is nil.
func Func[T any](f func(v T, r *kgo.Record) error) Encoding[T] {
	if f == nil {
		panic("kafkasink: Func: the function is nil")
	}
	return Encoding[T]{func() encode[T] {
		return func(r *kgo.Record, v T, arena []byte) ([]byte, error) { return arena, f(v, r) }
	}}
}
