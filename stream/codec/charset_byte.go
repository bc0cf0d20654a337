package codec

import (
	"encoding/binary"
	"unicode/utf8"
)

// windows1252 are the characters of the bytes from 0x80 on that are not those of
// Latin-1.
var windows1252 = [32]rune{
	0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
	0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
}

// appendText appends b, which is in a charset of bytes, in UTF-8.
func (c Charset) appendText(dst, b []byte) []byte {
	if c == UTF8 {
		for len(b) > 0 {
			r, size := utf8.DecodeRune(b)
			dst = utf8.AppendRune(dst, r)
			b = b[size:]
		}
		return dst
	}
	for _, x := range b {
		r := rune(x)
		if c == Windows1252 && x >= 0x80 && x < 0xA0 {
			r = windows1252[x-0x80]
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// byteOf returns the byte of a character in a charset of bytes.
func (c Charset) byteOf(r rune) (byte, bool) {
	if c == Windows1252 && (r >= 0x80 && r < 0xA0 || r > 0xFF) {
		for i, w := range windows1252 {
			if w == r {
				return byte(0x80 + i), true
			}
		}
		return 0, false
	}
	return byte(r), r <= 0xFF
}

func isASCII(b []byte) bool {
	const high = 0x8080808080808080
	for ; len(b) >= 8; b = b[8:] {
		if binary.LittleEndian.Uint64(b)&high != 0 {
			return false
		}
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
