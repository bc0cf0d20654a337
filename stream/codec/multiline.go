package codec

import (
	"bytes"
	"errors"
	"fmt"
)

// Multiline is the format of records of several lines, such as log messages with
// stack traces: a record begins with a line that start says yes to, and goes on up
// to the next one. The record, line ends between its lines included, is then one of
// f, whose own idea of where records end does not matter:
//
//	codec.Multiline(regexp.MustCompile(`^\d{4}-\d\d-\d\d `).Match, codec.Lines())
//	codec.Multiline(func(line []byte) bool { return line[0] == '{' }, …) // start sees no empty line
//
// Start gets a line without its line end ("\n" or "\r\n"), never an empty one,
// and may not keep or change it. Any number of goroutines may call it at once.
//
// Lines in front of the first start are an error of Decode, and blank ones alone
// hold no value. A record of more than [MaxLines] or [MaxBytes] is an error, too: it
// ends with the line that is too many, and what follows up to the next start is
// rejected in pieces of the same size. So the memory for a record is bounded, each
// byte of it is in one rejected record, and the next start is a record again.
//
// The last record is whole where the next one begins or the file ends. A source
// that follows a file which grows waits for that. Positions are those of a record's
// first line. The format is [Textual], and not Splittable: a line in the middle of
// a file may belong to the record before it.
//
// The encoder writes what f writes, line feeds in a text included. It refuses a
// value that would not come back as one record.
//
// Multiline panics if start, f or an option is nil, and if f is not Textual or
// has a header.
func Multiline[T any](start func(line []byte) bool, f Format[T], opts ...MultilineOption) Format[T] {
	switch {
	case start == nil:
		panic("codec: Multiline: start is nil")
	case f == nil:
		panic("codec: Multiline: the Format is nil")
	case !IsText(f) || HasHeader(f):
		panic(fmt.Sprintf("codec: Multiline of %T: its records are no lines of text, or need a header", f))
	}
	c := multilineConfig{maxLines: 500, maxBytes: 1 << 20}
	for i, o := range opts {
		if o == nil {
			panicNilOption("Multiline", i)
		}
		o(&c)
	}
	return multiline[T]{c, start, f}
}

// A MultilineOption bounds the records of Multiline.
type MultilineOption func(*multilineConfig)

type multilineConfig struct{ maxLines, maxBytes int }

// MaxLines sets how many lines a record may have. The default is 500. It panics
// if n is not positive.
func MaxLines(n int) MultilineOption {
	if n <= 0 {
		panic(fmt.Sprintf("codec: MaxLines of %d", n))
	}
	return func(c *multilineConfig) { c.maxLines = n }
}

// MaxBytes sets how many bytes a record may have, with the line ends between its lines. The default
// is 1 MiB. A source may have a lower bound of its own. It panics if n is not
// positive.
func MaxBytes(n int) MultilineOption {
	if n <= 0 {
		panic(fmt.Sprintf("codec: MaxBytes of %d", n))
	}
	return func(c *multilineConfig) { c.maxBytes = n }
}

type multiline[T any] struct {
	multilineConfig
	start  func([]byte) bool
	format Format[T]
}

func (multiline[T]) Textual() bool { return true }

func (m multiline[T]) NewDecoder() Decoder[T] {
	return multilineDecoder[T]{m, m.format.NewDecoder()}
}

func (m multiline[T]) NewEncoder() Encoder[T] {
	e := &multilineEncoder[T]{m, m.format.NewEncoder()}
	if f, ok := m.format.(interface{ unchecked() Encoder[T] }); ok {
		e.enc = f.unchecked()
	}
	return e
}

// Split needs no memory, so that it finds the same from whichever record on.
func (m multiline[T]) Split(data []byte, atEOF bool) (advance int, record []byte, err error) {
	end := 0
	for lines := 1; ; lines++ {
		n, line, _ := splitLine(data[advance:], atEOF)
		if n == 0 {
			if !atEOF || advance == 0 {
				return 0, nil, nil
			}
			break
		}
		if lines > 1 && m.starts(line) {
			break
		}
		end = advance + len(line)
		advance += n
		if m.tooLong(lines, end) != nil {
			break
		}
	}
	return advance, data[:end:end], nil
}

func (m multiline[T]) starts(line []byte) bool { return len(line) > 0 && m.start(line) }

func (m multiline[T]) tooLong(lines, size int) error {
	switch {
	case lines > m.maxLines:
		return fmt.Errorf("a record of more than %d lines; codec.MaxLines allows more", m.maxLines)
	case size > m.maxBytes:
		return fmt.Errorf("a record of more than %d bytes; codec.MaxBytes allows more", m.maxBytes)
	}
	return nil
}

// check reports why record is none.
func (m multiline[T]) check(record []byte, size int) error {
	_, first, _ := splitLine(record, true)
	if !m.starts(first) {
		return fmt.Errorf("what stands before the first line that starts a record, or is left of one that was too long: %q", shorten(string(first), 100))
	}
	return m.tooLong(bytes.Count(record, []byte{'\n'})+1, size)
}

type multilineDecoder[T any] struct {
	multiline[T]
	dec Decoder[T]
}

func (d multilineDecoder[T]) Decode(record []byte, v *T) error {
	size := len(record) // as Split has it
	if record = bytes.TrimPrefix(record, byteOrderMark); isBlank(record) {
		return ErrSkip
	}
	if err := d.check(record, size); err != nil {
		return err
	}
	return d.dec.Decode(record, v)
}

type multilineEncoder[T any] struct {
	multiline[T]
	enc Encoder[T]
}

func (e *multilineEncoder[T]) Append(dst []byte, v T) ([]byte, error) {
	out, err := e.enc.Append(dst, v)
	if err != nil {
		return dst, err
	}
	made := out[len(dst):]
	n, record, _ := e.Split(made, true)
	if n != len(made) || len(record)+1 != n || isBlank(record) {
		return dst, errors.New("codec: the value would not come back as one record: one of its lines starts another, or it ends in a carriage return")
	}
	if err := e.check(record, len(record)); err != nil {
		return dst, fmt.Errorf("codec: the value would not come back: %w", err)
	}
	return out, nil
}
