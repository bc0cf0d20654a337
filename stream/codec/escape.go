package codec

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A byte that is no text stands in text as \xHH. So that it can be told from
// one, a backslash in front of an xHH that was there before stands as \x5c:
// from the text the bytes can be had back, by making a byte of each \xHH.

const hexDigits = "0123456789abcdef"

// appendText appends b as text: control characters, unless they are allowed,
// and bytes that are no UTF-8 escaped.
func appendText[B string | []byte](dst []byte, b B, controls bool) []byte {
	for i := 0; i < len(b); {
		c, size := b[i], 1
		switch {
		case c >= utf8.RuneSelf:
			if _, size = utf8.DecodeRuneInString(string(b[i:min(i+utf8.UTFMax, len(b))])); size == 1 {
				dst = appendHex(dst, c)
				break
			}
			dst = append(dst, b[i:i+size]...)
		case isControl(c) && !controls, c == '\\' && isHexEscape(b[i:]):
			dst = appendHex(dst, c)
		default:
			dst = append(dst, c)
		}
		i += size
	}
	return dst
}

// isClean reports whether appendText would append b as it is.
func isClean(b []byte) bool {
	for i, c := range b {
		if isControl(c) || c == '\\' && isHexEscape(b[i:]) {
			return false
		}
	}
	return utf8.Valid(b)
}

// isPlain reports whether b is printable ASCII without a backslash, eight bytes
// at a time: nearly every line of a log is.
func isPlain(b []byte) bool {
	if len(b) < 8 {
		for _, c := range b {
			if isControl(c) || c >= utf8.RuneSelf || c == '\\' {
				return false
			}
		}
		return true
	}
	odd := oddBytes(binary.LittleEndian.Uint64(b[len(b)-8:])) // those before may be among them
	for ; len(b) >= 32; b = b[32:] {
		odd |= oddBytes(binary.LittleEndian.Uint64(b)) | oddBytes(binary.LittleEndian.Uint64(b[8:])) |
			oddBytes(binary.LittleEndian.Uint64(b[16:])) | oddBytes(binary.LittleEndian.Uint64(b[24:]))
		if odd&highsWord != 0 {
			return false
		}
	}
	for ; len(b) >= 8; b = b[8:] {
		odd |= oddBytes(binary.LittleEndian.Uint64(b))
	}
	return odd&highsWord == 0
}

// oddBytes has the highest bit of a byte of x that is no printable ASCII, or a backslash, and maybe those of bytes above it,
// which carry and borrow from it. Where there is no such byte, it has none.
func oddBytes(x uint64) uint64 {
	return x | (x + onesWord) | (x - onesWord*' ') | ((x ^ onesWord*'\\') - onesWord)
}

// fromText returns the bytes that text stands for.
func fromText(text string) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if !isHexEscape(text[i:]) {
			out = append(out, text[i])
			continue
		}
		hi, _ := hexDigit(text[i+2])
		lo, _ := hexDigit(text[i+3])
		out = append(out, hi<<4|lo)
		i += 3
	}
	return string(out)
}

func isControl(c byte) bool { return c < ' ' || c == 0x7f }

// isHexEscape reports whether b begins with \xHH.
func isHexEscape[B string | []byte](b B) bool {
	if len(b) < 4 || b[0] != '\\' || b[1] != 'x' {
		return false
	}
	_, hi := hexDigit(b[2])
	_, lo := hexDigit(b[3])
	return hi && lo
}

func appendHex(dst []byte, c byte) []byte {
	return append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// appendUnescaped appends b without what Apache and nginx have done to it. A
// backslash that starts no escape of theirs stands for itself.
func appendUnescaped(dst, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			dst = append(dst, b[i])
			continue
		}
		if isHexEscape(b[i:]) {
			hi, _ := hexDigit(b[i+2])
			lo, _ := hexDigit(b[i+3])
			dst = append(dst, hi<<4|lo)
			i += 3
			continue
		}
		if n := bytes.IndexByte(escapeNames, b[i+1]); n >= 0 {
			dst = append(dst, escapeBytes[n])
			i++
			continue
		}
		dst = append(dst, '\\')
	}
	return dst
}

var (
	escapeNames = []byte(`"\bnrtvf`)
	escapeBytes = []byte("\"\\\b\n\r\t\v\f")
)

// appendUnescapedJSON appends b without the escapes of a JSON string. One that
// is none of JSON's stands for itself.
func appendUnescapedJSON(dst, b []byte) []byte {
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			dst = append(dst, b[i])
			continue
		}
		if b[i+1] == 'u' && i+6 <= len(b) {
			if r, err := strconv.ParseUint(string(b[i+2:i+6]), 16, 16); err == nil {
				dst = utf8.AppendRune(dst, rune(r))
				i += 5
				continue
			}
		}
		switch n := bytes.IndexByte(escapeNames, b[i+1]); {
		case n >= 0:
			dst = append(dst, escapeBytes[n])
		case b[i+1] == '/':
			dst = append(dst, '/')
		default:
			dst = append(dst, b[i], b[i+1])
		}
		i++
	}
	return dst
}
