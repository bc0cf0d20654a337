package source

import (
	"context"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A recordReader is a Reader of files that leaves their values to others. All of it is
// compiled once, and not for each type of values.
type recordReader interface {
	Partition() string
	Offset() string
	Locate(position int64) string
	Close() error

	// read is Read, into the batch that its values have.
	read(ctx context.Context) error
	into() values
}

// values are those that a recordReader gives: what they need of their type.
type values interface {
	room() int
	reject(record []byte, position int64, cause error)
	decoder() decoder // of one file
}

// A decoder is a codec.Decoder that puts values where they belong.
type decoder interface {
	Split(data []byte, atEOF bool) (advance int, record []byte, err error)
	// take puts the value of a record, and its place, into the batch.
	take(record []byte, position int64) error
	// pass only has a record decoded.
	pass(record []byte)
}

// A valueReader is a Reader of files. It embeds nothing, which would cost wrappers for
// each type.
type valueReader[T any] struct {
	records recordReader
	values  *valuesOf[T]
}

func (r *valueReader[T]) Partition() string            { return r.records.Partition() }
func (r *valueReader[T]) Offset() string               { return r.records.Offset() }
func (r *valueReader[T]) Locate(position int64) string { return r.records.Locate(position) }
func (r *valueReader[T]) Close() error                 { return r.records.Close() }

func (r *valueReader[T]) Read(ctx context.Context, in *stream.Intake[T]) error {
	r.values.in = in
	return r.records.read(ctx)
}

type valuesOf[T any] struct {
	format codec.Format[T]
	in     *stream.Intake[T]
}

func (v *valuesOf[T]) room() int { return v.in.Room() }

func (v *valuesOf[T]) reject(record []byte, position int64, cause error) {
	v.in.Reject(record, position, cause)
}

func (v *valuesOf[T]) decoder() decoder { return &decoderOf[T]{v.format.NewDecoder(), v} }

type decoderOf[T any] struct {
	of     codec.Decoder[T]
	values *valuesOf[T]
}

func (d *decoderOf[T]) Split(data []byte, atEOF bool) (advance int, record []byte, err error) {
	return d.of.Split(data, atEOF)
}

func (d *decoderOf[T]) take(record []byte, position int64) error {
	in := d.values.in
	if err := d.of.Decode(record, in.Next()); err != nil {
		in.Unread()
		return err
	}
	in.Mark(position)
	return nil
}

func (d *decoderOf[T]) pass(record []byte) {
	var v T
	_ = d.of.Decode(record, &v)
}
