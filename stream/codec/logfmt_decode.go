package codec

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

type logfmtDecoder[T any] struct {
	columns map[string]int
	cells   []csvCell
	seen    []bool // the cells of the record so far
	scratch []byte
}

func (d *logfmtDecoder[T]) Split(data []byte, atEOF bool) (int, []byte, error) {
	return splitLine(data, atEOF)
}

func (d *logfmtDecoder[T]) Decode(record []byte, v *T) error {
	length := len(record)
	rest := trimSpaces(bytes.TrimPrefix(record, byteOrderMark))
	if len(rest) == 0 {
		return ErrSkip
	}
	*v = *new(T)
	clear(d.seen)
	none := true
	for next := 0; len(rest) > 0; rest = trimSpaces(rest) {
		at := length - len(rest)
		key, value, behind, err := d.pair(rest)
		if err != nil {
			return fmt.Errorf("at byte %d: %w", at, err)
		}
		rest = behind
		// Most lines have their keys in the order of the fields.
		i, known := next, next < len(d.cells) && d.cells[next].column.name == string(key)
		if !known {
			if i, known = d.columns[string(key)]; !known {
				continue
			}
		}
		next, none = i+1, false
		if err := d.set(unsafe.Pointer(v), i, value); err != nil {
			c := d.cells[i].column
			return &FieldError{c.field, c.name, at, shorten(string(value), 100), err, c.kind}
		}
	}
	if none {
		return errNoPair
	}
	return nil
}

// errNoPair is the error of a line of which T knows no key, as one of plain text is: its value would be zero, and look like an event.
var errNoPair = errors.New("the line has none of the keys of the type: it is no logfmt, or of another kind")

func (d *logfmtDecoder[T]) set(v unsafe.Pointer, i int, value []byte) error {
	c := d.cells[i].column
	p := unsafe.Add(v, c.offset)
	if d.seen[i] {
		reflect.NewAt(c.typ, p).Elem().SetZero()
	}
	d.seen[i] = true
	if len(value) == 0 && c.omitEmpty {
		return nil
	}
	return d.cells[i].parse(p, value)
}

var bareTrue = []byte("true")

// pair cuts the first pair off b. The value is valid until the next call.
func (d *logfmtDecoder[T]) pair(b []byte) (key, value, rest []byte, err error) {
	end := 0
	for end < len(b) && b[end] > ' ' && b[end] != '=' {
		if b[end] == '"' {
			return nil, nil, nil, fmt.Errorf("a quote in the key %q", shorten(string(b), 50))
		}
		end++
	}
	key, rest = b[:end], b[end:]
	switch {
	case end == 0:
		return nil, nil, nil, fmt.Errorf("no key before %q", shorten(string(b), 50))
	case len(rest) == 0 || rest[0] != '=':
		return key, bareTrue, rest, nil
	}
	rest = rest[1:]
	if len(rest) == 0 || rest[0] != '"' {
		end = 0
		for end < len(rest) && rest[end] > ' ' {
			end++
		}
		return key, rest[:end], rest[end:], nil
	}
	rest = rest[1:]
	for end = 0; ; end++ {
		n := bytes.IndexByte(rest[end:], '"')
		if n < 0 {
			return nil, nil, nil, fmt.Errorf("the quote that opens the value of %q is not closed", shorten(string(key), 50))
		}
		if end += n; !isEscaped(rest[:end]) {
			break
		}
	}
	value, rest = rest[:end], rest[end+1:]
	if len(rest) > 0 && rest[0] > ' ' {
		return nil, nil, nil, fmt.Errorf("no space behind the quote that closes the value of %q", shorten(string(key), 50))
	}
	if bytes.IndexByte(value, '\\') >= 0 {
		d.scratch = appendUnquoted(d.scratch[:0], value)
		value = d.scratch
	}
	return key, value, rest, nil
}

// trimSpaces cuts off what may stand before a pair.
func trimSpaces(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	return b
}

// appendUnquoted appends what stands in quotes without the escapes of Go and
// JSON. A backslash that begins none stands for itself.
func appendUnquoted(dst, b []byte) []byte {
	for len(b) > 0 {
		n := bytes.IndexByte(b, '\\')
		if n < 0 || n+1 == len(b) {
			return append(dst, b...)
		}
		dst = append(dst, b[:n]...)
		b = b[n:]
		size := 2
		switch c := b[1]; c {
		case '"', '\\', '/', '\'':
			dst = append(dst, c)
		case 'a':
			dst = append(dst, '\a')
		case 'b', 'n', 'r', 't', 'v', 'f':
			dst = append(dst, escapeBytes[bytes.IndexByte(escapeNames, c)])
		case 'x':
			if isHexEscape(b) {
				hi, _ := hexDigit(b[2])
				lo, _ := hexDigit(b[3])
				dst, size = append(dst, hi<<4|lo), 4
				break
			}
			dst, size = append(dst, '\\'), 1
		case 'u', 'U':
			r, n := escapedRune(b)
			if n == 0 {
				dst, size = append(dst, '\\'), 1
				break
			}
			if low, m := escapedRune(b[n:]); m == 6 && n == 6 && utf16.IsSurrogate(r) {
				if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
					r, n = pair, n+m
				}
			}
			dst, size = utf8.AppendRune(dst, r), n
		default:
			dst, size = append(dst, '\\'), 1
		}
		b = b[size:]
	}
	return dst
}

// escapedRune reads the \uHHHH or \UHHHHHHHH that b begins with.
func escapedRune(b []byte) (r rune, size int) {
	switch {
	case len(b) >= 6 && b[0] == '\\' && b[1] == 'u':
		size = 6
	case len(b) >= 10 && b[0] == '\\' && b[1] == 'U':
		size = 10
	default:
		return 0, 0
	}
	n, err := strconv.ParseUint(string(b[2:size]), 16, 31)
	if err != nil {
		return 0, 0
	}
	return rune(n), size
}
