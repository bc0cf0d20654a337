package codec

import (
	"fmt"
	"reflect"
	"strings"
)

// Logfmt is the format of lines of pairs, as Heroku, logrus and the TextHandler
// of log/slog write them:
//
//	time=2015-05-17T10:05:03.25Z level=INFO msg="started \"web\"" port=80 tls
//
// Between pairs are spaces. A value goes on up to a space, or stands in quotes,
// where \" \\ \n \r \t \b \f \v \a \xHH, \uHHHH and \UHHHHHHHH are escapes. A key
// without "=" is true. Of pairs with one key the last counts. Keys that T does not
// know are passed over, and a field whose key is missing is zero. A line with none of
// T's keys, such as plain text between others, is an error. Blank lines hold
// no value, and a byte order mark is ignored.
//
// T is a struct; a key belongs to each exported field, those of embedded structs
// included, and fields are of the types that [CSV] has:
//
//	Time  time.Time     `logfmt:"time"`            // RFC 3339, or tagged with layout and zone
//	Level string        `logfmt:"level"`
//	Took  time.Duration `logfmt:"took,omitempty"`  // 0 is not written, and an empty value is 0
//	Port  *int          `logfmt:"port"`            // nil if it is missing or empty, and not written if nil
//	Host  string                                   // the key "Host"
//	note  string                                   // no key; nor has a field tagged `logfmt:"-"`
//
// A value that does not fit its field, the empty one for a number included, is a
// [*FieldError]. Bytes that are not UTF-8 are kept.
//
// The encoder writes the fields in their order, and in quotes what would not
// come back without. A value that has no pair to write is an error. The format is
// [Splittable] and [Textual].
//
// Logfmt panics as [CSV] does, and for a key with a space, "=" or a quote.
func Logfmt[T any]() Format[T] {
	t := reflect.TypeFor[T]()
	columns, err := csvColumns(t, "logfmt")
	for i := range columns {
		if strings.ContainsFunc(columns[i].name, func(r rune) bool { return r <= ' ' || r == '=' || r == '"' || r == 0xFEFF || r == 0xFFFD }) {
			err = fmt.Errorf("field %s: the key %q has a character that no key may have", columns[i].field, columns[i].name)
		}
	}
	if err != nil {
		panic(fmt.Errorf("codec: Logfmt of %v: %w", t, err))
	}
	return logfmtFormat[T]{columns}
}

type logfmtFormat[T any] struct{ columns []csvColumn }

func (f logfmtFormat[T]) NewDecoder() Decoder[T] {
	d := &logfmtDecoder[T]{columns: make(map[string]int), seen: make([]bool, len(f.columns))}
	for i := range f.columns {
		c := &f.columns[i]
		d.cells = append(d.cells, c.reader())
		d.columns[c.name] = i
	}
	return d
}

func (f logfmtFormat[T]) NewEncoder() Encoder[T] { return &logfmtEncoder[T]{columns: f.columns} }
func (logfmtFormat[T]) Splittable() bool         { return true }
func (logfmtFormat[T]) Textual() bool            { return true }
