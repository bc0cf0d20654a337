package codec

import (
	"encoding/binary"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

type charsetEncoder[T any] struct {
	charset Charset
	format  Format[T]
	enc     Encoder[T]
	begun   bool // whether a record has been written
	text    []byte
}

func (e *charsetEncoder[T]) Append(dst []byte, v T) (_ []byte, err error) {
	if !e.begun {
		e.enc = e.format.NewEncoder() // a header may have failed with the first record
	}
	if e.text, err = e.enc.Append(e.text[:0], v); err != nil {
		return dst, err
	}
	out := dst
	if e.charset == UTF16 && !e.begun {
		out = binary.LittleEndian.AppendUint16(out, byteOrderRune)
	}
	for b := e.text; len(b) > 0; {
		r, size := utf8.DecodeRune(b)
		switch {
		case e.charset == UTF8:
			out = utf8.AppendRune(out, r)
		case e.charset >= UTF16LE:
			out = e.appendWide(out, r)
		case r == utf8.RuneError && size == 1:
			return dst, fmt.Errorf("codec: %q is not UTF-8, and so cannot be written in %v", b[:1], e.charset)
		default:
			c, ok := e.charset.byteOf(r)
			if !ok {
				return dst, fmt.Errorf("codec: %v has no %q (%U)", e.charset, r, r)
			}
			out = append(out, c)
		}
		b = b[size:]
	}
	e.begun = true
	return out, nil
}

func (e *charsetEncoder[T]) appendWide(dst []byte, r rune) []byte {
	var order binary.AppendByteOrder = binary.LittleEndian
	if e.charset == UTF16BE {
		order = binary.BigEndian
	}
	if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
		return order.AppendUint16(order.AppendUint16(dst, uint16(high)), uint16(low))
	}
	return order.AppendUint16(dst, uint16(r))
}
