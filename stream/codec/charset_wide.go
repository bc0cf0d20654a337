package codec

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// A wideCharset is UTF-16.
type wideCharset[T any] struct {
	charset Charset
	format  Format[T]
}

func (c wideCharset[T]) Header() bool { return c.charset == UTF16 || HasHeader(c.format) }

func (c wideCharset[T]) NewEncoder() Encoder[T] {
	return &charsetEncoder[T]{charset: c.charset, format: c.format}
}

func (c wideCharset[T]) NewDecoder() Decoder[T] {
	d := &wideDecoder[T]{dec: c.format.NewDecoder(), known: c.charset != UTF16}
	if d.low, d.high = 0, 1; c.charset == UTF16BE {
		d.low, d.high = 1, 0
	}
	return d
}

type wideDecoder[T any] struct {
	dec       Decoder[T]
	known     bool // whether the order is, which the first bytes of a file tell
	splits    bool // Split has taken the mark off
	low, high int  // where the bytes of a character are
	text      []byte
}

const byteOrderRune = 0xFEFF

// unmarked returns how many bytes at the start of b are a byte order mark, by
// which it learns the order.
func (d *wideDecoder[T]) unmarked(b []byte) int {
	if !d.known && len(b) > 1 && b[0] == byteOrderRune>>8 && b[1] == byteOrderRune&0xFF {
		d.low, d.high = 1, 0
	}
	d.known = true
	if len(b) > 1 && d.unit(b) == byteOrderRune {
		return 2
	}
	return 0
}

// unit returns the 16 bits that b begins with.
func (d *wideDecoder[T]) unit(b []byte) rune { return rune(b[d.low]) | rune(b[d.high])<<8 }

func (d *wideDecoder[T]) Decode(record []byte, v *T) error {
	if !d.splits {
		record = record[d.unmarked(record):]
	}
	d.text = d.appendText(d.text[:0], record)
	return d.dec.Decode(d.text, v)
}

// Split gives the lines of data to the format in UTF-8, until it finds a record
// in them. It tries where they have doubled, for a record may be of many lines.
func (d *wideDecoder[T]) Split(data []byte, atEOF bool) (int, []byte, error) {
	if len(data) < 2 && !atEOF {
		return 0, nil, nil
	}
	mark := d.unmarked(data)
	d.splits = true
	d.text = d.text[:0]
	for at, tried := mark, 0; ; {
		end := d.lineEnd(data, at)
		last := end < 0
		if last && atEOF {
			end = len(data)
		}
		if end > at {
			d.text = d.appendText(d.text, data[at:end])
			at = end
		}
		if !last && len(d.text) < 2*tried || last && !atEOF && len(d.text) == tried {
			if last {
				return 0, nil, nil
			}
			continue
		}
		tried = len(d.text)
		n, record, err := d.dec.Split(d.text, last && atEOF)
		switch {
		case err != nil:
			return 0, nil, err
		case n > 0:
			n, end := mark+wideLen(d.text[:n]), mark+wideLen(d.text[:len(record)])
			n, end = min(n, len(data)), min(end, len(data)) // an odd byte is U+FFFD, too
			return n, data[mark:end:end], nil
		case last:
			return 0, nil, nil
		}
	}
}

// lineEnd returns where the line ends that begins at data[at], or -1.
func (d *wideDecoder[T]) lineEnd(data []byte, at int) int {
	for i := at; ; {
		n := bytes.IndexByte(data[i:], '\n')
		if n < 0 {
			return -1
		}
		i += n
		if k := i - (i-at)&1; k+1 < len(data) && d.unit(data[k:]) == '\n' {
			return k + 2
		}
		i++
	}
}

// Resync implements [Resyncer]: it finds the next line feed that is one.
func (d *wideDecoder[T]) Resync(data []byte) (advance int, found bool) {
	if end := d.lineEnd(data, 0); end > 0 {
		return end, true
	}
	return len(data) &^ 1, false
}

// appendText appends b in UTF-8.
func (d *wideDecoder[T]) appendText(dst, b []byte) []byte {
	low, high := d.low, d.high
	for ; len(b) > 1; b = b[2:] {
		r := rune(b[low]) | rune(b[high])<<8
		if r < utf8.RuneSelf {
			dst = append(dst, byte(r))
			continue
		}
		if utf16.IsSurrogate(r) {
			second := rune(utf8.RuneError)
			if len(b) > 3 {
				second = d.unit(b[2:])
			}
			if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
				b = b[2:]
			}
		}
		dst = utf8.AppendRune(dst, r)
	}
	if len(b) > 0 {
		dst = utf8.AppendRune(dst, utf8.RuneError)
	}
	return dst
}

// wideLen returns how many bytes of UTF-16 text is made of. Half a surrogate
// pair has two, as U+FFFD has.
func wideLen(text []byte) (n int) {
	for _, c := range text {
		switch {
		case c >= 0xF0:
			n += 4
		case utf8.RuneStart(c):
			n += 2
		}
	}
	return n
}
