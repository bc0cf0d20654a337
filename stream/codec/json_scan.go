package codec

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// What follows scans JSON by the rules of encoding/json/v2 where it is usual, and gives up, with -1, where it is not: what is wrong with it, or
// whether anything is, is for that to say.

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// skipSpace returns where the white space ends that begins at i.
func skipSpace(b []byte, i int) int {
	if i < len(b) && b[i] > ' ' {
		return i
	}
	return skipSpaces(b, i)
}

func skipSpaces(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}

// scanString returns where the quote stands that closes the string whose text begins at i: of text without escapes. It looks at eight
// bytes at a time.
func scanString(b []byte, i int) int {
	from, high := i, uint64(0)
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		quote, escape := x^ones*'"', x^ones*'\\'
		// In each byte the highest bit, of a quote, a backslash and a control character. Behind the lowest such byte there may be others that are none.
		stop := ((quote-ones)&^quote | (escape-ones)&^escape | (x-ones*' ')&^x) & highs
		if stop == 0 {
			high |= x
			continue
		}
		n := bits.TrailingZeros64(stop) / 8
		high |= x & (1<<(8*n) - 1)
		i += n
		if b[i] != '"' || high&highs != 0 && !utf8.Valid(b[from:i]) {
			return -1
		}
		return i
	}
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			if high&highs != 0 && !utf8.Valid(b[from:i]) {
				return -1
			}
			return i
		case c < ' ' || c == '\\':
			return -1
		default:
			high |= uint64(c)
		}
	}
	return -1
}

// scanNumber returns where the number ends that begins at i, and whether it is an integer.
func scanNumber(b []byte, i int) (end int, whole bool) {
	if i < len(b) && b[i] == '-' {
		i++
	}
	switch {
	case i == len(b) || b[i]-'0' > 9:
		return -1, false
	case b[i] == '0':
		i++
	default:
		i = skipDigits(b, i)
	}
	whole = true
	if i < len(b) && b[i] == '.' {
		from := i + 1
		if i, whole = skipDigits(b, from), false; i == from {
			return -1, false
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		from := i
		if i, whole = skipDigits(b, i), false; i == from {
			return -1, false
		}
	}
	return i, whole
}

func skipDigits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

// hasAt reports whether text stands at i.
func hasAt(b []byte, i int, text string) bool {
	return i+len(text) <= len(b) && string(b[i:i+len(text)]) == text
}

// skipValue returns where the value ends that begins at i. Nobody wants it, but it has to be one.
func skipValue(b []byte, i, depth int) int {
	if i >= len(b) || depth > 32 {
		return -1
	}
	switch b[i] {
	case '"':
		if i = scanString(b, i+1); i < 0 {
			return -1
		}
		return i + 1
	case '{':
		return skipObject(b, i+1, depth)
	case '[':
		return skipArray(b, i+1, depth)
	case 't':
		if hasAt(b, i, "true") {
			return i + 4
		}
	case 'f':
		if hasAt(b, i, "false") {
			return i + 5
		}
	case 'n':
		if hasAt(b, i, "null") {
			return i + 4
		}
	default:
		end, _ := scanNumber(b, i)
		return end
	}
	return -1
}

func skipArray(b []byte, i, depth int) int {
	if i = skipSpace(b, i); i < len(b) && b[i] == ']' {
		return i + 1
	}
	for {
		if i = skipValue(b, skipSpace(b, i), depth+1); i < 0 {
			return -1
		}
		if i = skipSpace(b, i); i == len(b) {
			return -1
		}
		switch b[i] {
		case ']':
			return i + 1
		case ',':
			i++
		default:
			return -1
		}
	}
}

// skipObject skips an object of up to 16 names, none of which may come twice.
func skipObject(b []byte, i, depth int) int {
	var names [16][]byte
	n := 0
	if i = skipSpace(b, i); i < len(b) && b[i] == '}' {
		return i + 1
	}
	for ; n < len(names); n++ {
		if i = skipSpace(b, i); i == len(b) || b[i] != '"' {
			return -1
		}
		end := scanString(b, i+1)
		if end < 0 {
			return -1
		}
		names[n] = b[i+1 : end]
		for _, other := range names[:n] {
			if string(other) == string(names[n]) {
				return -1
			}
		}
		if i = skipSpace(b, end+1); i == len(b) || b[i] != ':' {
			return -1
		}
		if i = skipValue(b, skipSpace(b, i+1), depth+1); i < 0 {
			return -1
		}
		if i = skipSpace(b, i); i == len(b) {
			return -1
		}
		switch b[i] {
		case '}':
			return i + 1
		case ',':
			i++
		default:
			return -1
		}
	}
	return -1
}
