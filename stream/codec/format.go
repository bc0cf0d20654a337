package codec

import (
	"bytes"
	"errors"
)

// A Format says how values of type T stand in a file or a message. It is
// immutable and safe for concurrent use; what it makes is not.
//
// A Format may also be [Splittable], [Headed] or [Textual]; a source asks with
// [CanSplit], [HasHeader] and [IsText].
type Format[T any] interface {
	// NewDecoder returns a fresh decoder for one file or one split of a file.
	NewDecoder() Decoder[T]

	// NewEncoder returns a fresh encoder for one file.
	NewEncoder() Encoder[T]
}

// A Decoder turns the bytes of one file, or of one split of it, into values.
// It may remember what it has seen (a header, strings that recur), so it is
// for one goroutine at a time and its records must come in their order.
type Decoder[T any] interface {
	// Split finds the first record in data, as [bufio.SplitFunc] does: it
	// returns how many bytes to advance and the record's bytes without its
	// line end, as a part of data. An advance of 0 with a nil error means that
	// data holds no whole record: call again with more, or, where atEOF, stop.
	// An advance above 0 always comes with a record that is not nil, though
	// it may be empty.
	//
	// Where data ends inside a record and atEOF is true, a format whose
	// records cannot end there returns [io.ErrUnexpectedEOF], or, if it is
	// [Textual], may give the first lines alone for Decode to refuse. It finds
	// the same record whether atEOF is true or false, if it finds one with false.
	Split(data []byte, atEOF bool) (advance int, record []byte, err error)

	// Decode sets *v to the value in the record, whatever *v was before. It
	// returns [ErrSkip] for a record that holds no value: a header, a blank
	// line. It keeps no reference to record. After an error *v is unspecified
	// and the decoder is ready for the next record.
	Decode(record []byte, v *T) error
}

// An Encoder turns values into the bytes of one file.
type Encoder[T any] interface {
	// Append appends v as one whole record, its line end included, and
	// returns the extended buffer. The first record may bring a header with
	// it. On an error it returns dst as it was.
	Append(dst []byte, v T) ([]byte, error)
}

// A Resyncer is a [Decoder] of lines whose format is not [Textual], as its '\n' may be part of another character. It finds
// where a source goes on behind a record whose end it has given up to look for.
type Resyncer interface {
	// Resync looks for the next line in data, which begins where a record or a part of
	// one does. It returns how many bytes stand before that line, and true, or how many
	// of data surely belong to the line before it, and false.
	Resync(data []byte) (advance int, found bool)
}

// ErrSkip is what Decode returns for a record that holds no value. It is no
// failure: count the record if you like, and go on.
var ErrSkip = errors.New("codec: record holds no value")

// A Splittable format says whether a record can be found from anywhere in a
// file, namely just behind the next '\n'. A format without the method cannot.
type Splittable interface {
	Splittable() bool
}

// A Headed format says whether the first record of a file must be decoded
// before any other can be: whoever starts in the middle of a file decodes its
// first record first, which is the first that is not empty. A format without
// the method needs none.
type Headed interface {
	Header() bool
}

// A Textual format says whether its files are lines of text. A source then names
// places in them by line, passes over a byte order mark at the start of a file,
// and gives up a record whose end it cannot find at the next '\n', where it goes
// on. A format without the method says no.
type Textual interface {
	Textual() bool
}

// CanSplit reports whether f is [Splittable] and says so.
func CanSplit[T any](f Format[T]) bool {
	s, ok := f.(Splittable)
	return ok && s.Splittable()
}

// HasHeader reports whether f is [Headed] and says so.
func HasHeader[T any](f Format[T]) bool {
	h, ok := f.(Headed)
	return ok && h.Header()
}

// IsText reports whether f is [Textual] and says so.
func IsText[T any](f Format[T]) bool {
	t, ok := f.(Textual)
	return ok && t.Textual()
}

// splitLine is Split for formats whose records end at a '\n'. A '\r' before
// it belongs to the line end. The last line needs no line end.
func splitLine(data []byte, atEOF bool) (advance int, record []byte, err error) {
	end := bytes.IndexByte(data, '\n')
	if end >= 0 {
		advance = end + 1
	} else {
		if !atEOF || len(data) == 0 {
			return 0, nil, nil
		}
		end = len(data)
		advance = end
	}
	if end > 0 && data[end-1] == '\r' {
		end--
	}
	return advance, data[:end:end], nil
}
