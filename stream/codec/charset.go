package codec

import "fmt"

// A Charset is how characters stand in a file.
type Charset int

const (
	// UTF8 is what all formats read and write by themselves. As a Charset, it has
	// bytes that are not UTF-8 replaced by U+FFFD.
	UTF8 Charset = iota
	// Latin1 is ISO 8859-1: a byte is the character of its number.
	Latin1
	// Windows1252 is Latin1 with quotes, dashes and the euro sign in the place of 27
	// of its control characters. The bytes 81, 8D, 8F, 90 and 9D, which it leaves
	// undefined, stay the control characters of Latin1, as in browsers.
	Windows1252
	// UTF16LE and UTF16BE are UTF-16 with the low and the high byte first. Their
	// encoders write no byte order mark.
	UTF16LE
	UTF16BE
	// UTF16 is UTF-16 with a byte order mark at the start of a file; a file without
	// one is UTF16LE. Its encoder writes UTF16LE with the mark.
	UTF16
)

// String returns, for example, "UTF-16LE".
func (c Charset) String() string {
	names := [...]string{"UTF-8", "Latin-1", "Windows-1252", "UTF-16LE", "UTF-16BE", "UTF-16"}
	if c < 0 || int(c) >= len(names) {
		return fmt.Sprintf("Charset(%d)", int(c))
	}
	return names[c]
}

// Transcode is the format f of files in another charset: a record is found in
// the bytes of the file, and f gets it in UTF-8.
//
//	codec.Transcode(codec.Windows1252, codec.CSV[Order](codec.Comma(';')))
//
// No byte is an error. What is no character (half a surrogate pair, an odd byte
// at the end of UTF-16, any byte that does not belong in UTF-8) is U+FFFD. Offsets and
// the records of failures are those of the file, before it is read as UTF-8.
//
// The encoder refuses a value with a character that the charset lacks, or, but
// for UTF8 and UTF-16, with bytes that are not UTF-8.
//
// In UTF8, Latin1 and Windows1252 files are what f has them to be: [Splittable],
// [Headed], [Textual]. UTF-16 is none but Headed: a byte '\n' in it may be half of
// another character. So a source names places by byte (a line, where it names one
// behind a header, is a count of such bytes). Behind a record that is longer than it
// allows it may go on at the next line, as its decoders are [Resyncer]. A byte order mark in front of
// a record is dropped. Files in UTF16 are always Headed: their first bytes say how
// to read the rest.
//
// It costs a copy of each record, and in UTF-16 another to find its end.
//
// Transcode panics if the charset is none of these, if f is nil, and if f is not
// Textual.
func Transcode[T any](c Charset, f Format[T]) Format[T] {
	switch {
	case c < UTF8 || c > UTF16:
		panic(fmt.Sprintf("codec: Transcode: %v is not known", c))
	case f == nil:
		panic("codec: Transcode: the Format is nil")
	case !IsText(f):
		panic(fmt.Sprintf("codec: Transcode of %T: its records are no text", f))
	case c < UTF16LE:
		return byteCharset[T]{c, f}
	}
	return wideCharset[T]{c, f}
}

// A byteCharset has the line ends, quotes and commas where UTF-8 has them.
type byteCharset[T any] struct {
	charset Charset
	format  Format[T]
}

func (c byteCharset[T]) Splittable() bool { return CanSplit(c.format) }
func (c byteCharset[T]) Header() bool     { return HasHeader(c.format) }
func (byteCharset[T]) Textual() bool      { return true }

func (c byteCharset[T]) NewEncoder() Encoder[T] {
	return &charsetEncoder[T]{charset: c.charset, format: c.format}
}

func (c byteCharset[T]) NewDecoder() Decoder[T] {
	return &byteDecoder[T]{Decoder: c.format.NewDecoder(), charset: c.charset}
}

type byteDecoder[T any] struct {
	Decoder[T] // its Split finds the records
	charset    Charset
	text       []byte
}

func (d *byteDecoder[T]) Decode(record []byte, v *T) error {
	if isASCII(record) {
		return d.Decoder.Decode(record, v)
	}
	d.text = d.charset.appendText(d.text[:0], record)
	return d.Decoder.Decode(d.text, v)
}
