package codec

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
)

// JSON is the format of JSON lines: each line is one JSON value, read and
// written by [encoding/json/v2] under opts. Blank lines hold no value. It is
// [Splittable].
//
// Each value starts from the zero T, so nothing of one record shows up in the
// next. Values are written on one line, whatever opts say about indentation.
// Errors are those of encoding/json/v2.
//
// It costs what [json.Unmarshal] and [json.MarshalWrite] cost: which types
// decode, and how fast, is their matter.
func JSON[T any](opts ...json.Options) Format[T] {
	return jsonFormat[T]{json.JoinOptions(append(opts[:len(opts):len(opts)], jsontext.Multiline(false))...)}
}

type jsonFormat[T any] struct{ opts json.Options }

func (f jsonFormat[T]) NewDecoder() Decoder[T] { return jsonDecoder[T](f) }
func (f jsonFormat[T]) NewEncoder() Encoder[T] { return &jsonEncoder[T]{opts: f.opts} }
func (jsonFormat[T]) Splittable() bool         { return true }

type jsonDecoder[T any] struct{ opts json.Options }

func (jsonDecoder[T]) Split(data []byte, atEOF bool) (int, []byte, error) {
	return splitLine(data, atEOF)
}

func (d jsonDecoder[T]) Decode(record []byte, v *T) error {
	if isBlank(record) {
		return ErrSkip
	}
	var zero T
	*v = zero
	return json.Unmarshal(record, v, d.opts)
}

// isBlank looks no further than the first byte of nearly every record.
func isBlank(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}

type jsonEncoder[T any] struct {
	opts json.Options
	out  appendWriter
	v    T // here, so that handing its address to json allocates nothing
}

func (e *jsonEncoder[T]) Append(dst []byte, v T) ([]byte, error) {
	e.out.b, e.v = dst, v
	err := json.MarshalWrite(&e.out, &e.v, e.opts)
	out := e.out.b
	var zero T
	e.out.b, e.v = nil, zero
	if err != nil {
		return dst, err
	}
	return append(out, '\n'), nil
}

type appendWriter struct{ b []byte }

func (w *appendWriter) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}
