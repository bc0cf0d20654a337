package codec

import (
	"bytes"
	"errors"
)

// Lines is the format of plain text: each line is a value, without its line
// end ("\n" or "\r\n"). A blank line is a value too, the empty string. Bytes
// that are not UTF-8 pass as they are. It is [Splittable] and [Textual]: a byte
// order mark at the start of a file belongs to no line, and one elsewhere to its
// line.
//
// Its encoder refuses a string that holds a '\n' or ends in '\r', which would
// not come back as it was.
func Lines() Format[string] {
	return lines[string]{func(b []byte) string { return string(b) }}
}

// RawLines is [Lines] with each line as a byte slice of its own, never nil.
func RawLines() Format[[]byte] {
	return lines[[]byte]{func(b []byte) []byte { return append([]byte{}, b...) }}
}

// lines is a format and its own decoder and encoder, for it has no state.
type lines[T string | []byte] struct{ clone func([]byte) T }

func (l lines[T]) NewDecoder() Decoder[T] { return l }
func (l lines[T]) NewEncoder() Encoder[T] { return l }
func (lines[T]) Splittable() bool         { return true }
func (lines[T]) Textual() bool            { return true }

func (lines[T]) Split(data []byte, atEOF bool) (int, []byte, error) {
	return splitLine(data, atEOF)
}

func (l lines[T]) Decode(record []byte, v *T) error {
	*v = l.clone(record)
	return nil
}

func (lines[T]) Append(dst []byte, v T) ([]byte, error) {
	out := append(dst, v...)
	line := out[len(dst):]
	if bytes.IndexByte(line, '\n') >= 0 || bytes.HasSuffix(line, []byte{'\r'}) {
		return dst, errNotALine
	}
	return append(out, '\n'), nil
}

// unchecked is the encoder for who knows by other means where a value ends.
func (lines[T]) unchecked() Encoder[T] { return text[T]{} }

type text[T string | []byte] struct{}

func (text[T]) Append(dst []byte, v T) ([]byte, error) { return append(append(dst, v...), '\n'), nil }

var errNotALine = errors.New("codec: a line may not hold a line feed or end in a carriage return")
