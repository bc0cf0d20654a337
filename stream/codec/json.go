package codec

import (
	"bytes"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"unsafe"

	"github.com/freshet-go/freshet/internal/jsonplan"
)

// JSON is the format of JSON lines: each line is one JSON value, read and
// written by [encoding/json/v2] under opts. Blank lines hold no value, and a
// byte order mark before a value is ignored. It is [Splittable] and [Textual].
//
// Each value starts from the zero T, so nothing of one record shows up in the
// next. A line that is null is an error, unless T can hold null: a pointer, map,
// slice or interface, a type with UnmarshalJSON or UnmarshalJSONFrom, or one of
// [json.WithUnmarshalers]. Values are written on one line, whatever opts say
// about indentation. Errors are those of encoding/json/v2.
//
// JSON is UTF-8. In a string that is not, each byte that does not belong is
// written as \xHH, and a backslash before an xHH that was there as \x5c: the
// bytes "caf\xe9" become the JSON string "caf\\xe9", and can be had back from
// it by who knows that the string was none: one that is UTF-8 is written as it is, also where it has a text such as \xe9. With the option jsontext.AllowInvalidUTF8(true) such a byte is written as
// U+FFFD, and is lost; with AllowInvalidUTF8(false) such a value is an error. A
// line that is not UTF-8 is an error when it is read, unless
// AllowInvalidUTF8(true) reads the byte as U+FFFD; half a surrogate pair (\ud800) is one, too. Lines that others have a hand in, such as
// logs with what clients have sent, want that option, and jsontext.AllowDuplicateNames(true), by which the last of several members of one name counts. What a type's own MarshalJSON
// or MarshalText writes has to be UTF-8.
//
// Writing costs what [json.MarshalWrite] does. So does reading, but for structs and pointers to structs where no opts are given but these two: their records are read by a
// plan of the type, in about a fifth of the time and with the same result, where they hold bools, numbers, strings, times in UTC, null,
// pointers and slices of these, and such structs. Fields of other types, and values of an unusual form, are read by encoding/json/v2
// one by one, so that a type's own UnmarshalJSON or UnmarshalText may be called twice for a record that has to be read again: an error, an escape in a name, many names in a value that nobody wants. All that is wrong
// is for encoding/json/v2 alone, and so are structs whose tags ask for more than a name, or which hold a type with UnmarshalJSONFrom. Strings
// that recur are not allocated anew.
//
// JSON panics, with the path of the offending field, if no value of a type that
// T is made of can be read or written under opts: a channel, function or complex
// number, a struct whose tags contradict each other, and a [time.Duration], which
// has no form in JSON that is agreed on. One of these options gives it one:
//
//	codec.JSON[T](jsonv1.FormatDurationAsNano(true)) // of encoding/json: nanoseconds, as Go has always written it
//	codec.JSON[T](json.WithMarshalers(…), json.WithUnmarshalers(…)) // any other
//
// It panics if an option is nil.
func JSON[T any](opts ...json.Options) Format[T] {
	return &jsonFormat[T]{newJSONText(reflect.TypeFor[T](), opts)}
}

type jsonFormat[T any] struct{ text *jsonText }

func (f *jsonFormat[T]) NewDecoder() Decoder[T] {
	return &jsonDecoder[T]{text: f.text, fast: f.text.reader()}
}
func (f *jsonFormat[T]) NewEncoder() Encoder[T] { return &jsonEncoder[T]{text: f.text} }
func (*jsonFormat[T]) Splittable() bool         { return true }
func (*jsonFormat[T]) Textual() bool            { return true }

type jsonDecoder[T any] struct {
	text *jsonText
	fast *jsonplan.Reader // nil if records are for encoding/json/v2 alone
}

func (*jsonDecoder[T]) Split(data []byte, atEOF bool) (int, []byte, error) {
	return splitLine(data, atEOF)
}

func (d *jsonDecoder[T]) Decode(record []byte, v *T) error {
	record = bytes.TrimPrefix(record, byteOrderMark)
	if isBlank(record) {
		return ErrSkip
	}
	*v = *new(T)
	if d.fast != nil {
		if d.fast.Read(record, unsafe.Pointer(v)) {
			return nil
		}
		*v = *new(T)
	}
	return d.text.decode(record, v)
}

type jsonEncoder[T any] struct {
	text *jsonText
	out  appendWriter
	v    T // here, so that handing its address to json allocates nothing
}

func (e *jsonEncoder[T]) Append(dst []byte, v T) ([]byte, error) {
	e.v = v
	dst, err := e.text.append(&e.out, dst, &e.v)
	e.v = *new(T)
	return dst, err
}

// A jsonText is a JSON format but for its type.
type jsonText struct {
	of       reflect.Type
	opts     json.Options
	escaping json.Options   // nil if strings are not escaped
	null     bool           // whether of can hold null
	plan     *jsonplan.Plan // nil if records are for encoding/json/v2 alone
}

func newJSONText(of reflect.Type, opts []json.Options) *jsonText {
	for i, o := range opts {
		if o == nil {
			panicNilOption("JSON", i)
		}
	}
	all := json.JoinOptions(append(opts[:len(opts):len(opts)], jsontext.Multiline(false))...)
	if err := checkJSON(of, all); err != nil {
		panic(fmt.Errorf("codec: JSON of %v: %w", of, err))
	}
	t := &jsonText{of: of, opts: all, null: canHoldNull(of)}
	// What these allow is not for the plan, which leaves such records to encoding/json/v2.
	if !slices.ContainsFunc(opts, func(o json.Options) bool {
		return o != jsontext.AllowInvalidUTF8(true) && o != jsontext.AllowDuplicateNames(true)
	}) {
		t.plan = jsonplan.Of(of)
	}
	if _, set := json.GetOption(all, jsontext.AllowInvalidUTF8); !set {
		t.escaping = json.JoinOptions(all, escapeStrings(all))
	}
	return t
}

func (t *jsonText) reader() *jsonplan.Reader {
	if t.plan == nil {
		return nil
	}
	return t.plan.NewReader()
}

// decode reads a record into what v points to, a zero value.
func (t *jsonText) decode(record []byte, v any) error {
	if !t.null && isNull(record) {
		return t.decodeNull(v)
	}
	return json.Unmarshal(record, v, t.opts)
}

// decodeNull leaves null to the caller's own unmarshalers, and refuses it if they
// do not take it.
func (t *jsonText) decodeNull(v any) error {
	refuse := refuseNull
	if own, _ := json.GetOption(t.opts, json.WithUnmarshalers); own != nil {
		refuse = json.JoinUnmarshalers(own, refuse)
	}
	err := json.Unmarshal([]byte("null"), v, t.opts, json.WithUnmarshalers(refuse))
	if errors.Is(err, errNull) {
		return fmt.Errorf("null is no value of %v; where it is one, decode a *%[1]v", t.of)
	}
	return err
}

var (
	errNull    = errors.New("null")
	refuseNull = json.UnmarshalFromFunc(func(*jsontext.Decoder, any) error { return errNull })
)

// isBlank looks no further than the first byte of nearly every record.
func isBlank(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

func isNull(b []byte) bool {
	switch b[0] {
	case 'n', ' ', '\t', '\r', '\n':
		return string(bytes.Trim(b, " \t\r\n")) == "null"
	}
	return false
}

// append writes what v points to, as a line behind dst.
func (t *jsonText) append(out *appendWriter, dst []byte, v any) ([]byte, error) {
	out.b = dst
	err := json.MarshalWrite(out, v, t.opts)
	if err != nil && t.escaping != nil && isSyntactic(err) {
		out.b = dst
		err = json.MarshalWrite(out, v, t.escaping)
	}
	line := out.b
	out.b = nil
	if err != nil {
		return dst, err
	}
	return append(line, '\n'), nil
}

// isSyntactic reports whether the JSON that was to be written is none, as a
// string that is not UTF-8 is.
func isSyntactic(err error) bool {
	_, ok := errors.AsType[*jsontext.SyntacticError](err)
	return ok
}

type appendWriter struct{ b []byte }

func (w *appendWriter) Write(p []byte) (int, error) {
	w.b = append(w.b, p...)
	return len(p), nil
}
