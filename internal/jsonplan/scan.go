package jsonplan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// What follows scans JSON by the rules of encoding/json/v2, eight bytes at a time. Behind a record stands padding: its zero bytes end
// every scan, as they are no part of a value, and let words be loaded that begin in the record and end behind it.
const padding = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

func load(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

func skipSpace(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n' {
		i++
	}
	return i
}

// scanString returns where the quote stands that closes the string whose text begins at i, and whether there are escapes in it, or -1.
func scanString(b []byte, i int) (end int, escaped bool) {
	for at := i; ; at += 8 {
		x := load(b, at)
		// In each byte the highest bit, of a quote, a backslash, a control character and what is not ASCII. Behind the lowest such byte
		// there may be others that are none.
		if stop := (((x ^ ones*'"') - ones) | ((x ^ ones*'\\') - ones) | (x - ones*' ') | x) & highs; stop != 0 {
			at += bits.TrailingZeros64(stop) / 8
			if b[at] == '"' {
				return at, false
			}
			return scanText(b, i, at)
		}
	}
}

// scanText goes on with a string whose text begins at from at what is not plain.
func scanText(b []byte, from, i int) (end int, escaped bool) {
	high := uint64(0)
	for {
		x := load(b, i)
		quote, escape := x^ones*'"', x^ones*'\\'
		stop := ((quote-ones)&^quote | (escape-ones)&^escape | (x-ones*' ')&^x) & highs
		if stop == 0 {
			high |= x
			i += 8
			continue
		}
		n := bits.TrailingZeros64(stop) / 8
		high |= x & (1<<(8*n) - 1)
		switch i += n; b[i] {
		case '"':
			if high&highs != 0 && !utf8.Valid(b[from:i]) {
				return -1, false
			}
			return i, escaped
		case '\\':
			if n = escapeAt(b, i+1); n == 0 {
				return -1, false
			}
			escaped = true
			i += 1 + n
		default:
			return -1, false
		}
	}
}

// escapeAt returns how long the escape is whose backslash stands before i, or 0 if it is none, or one half of a pair.
func escapeAt(b []byte, i int) int {
	switch b[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		for _, c := range b[i+1 : i+5] {
			if c-'0' > 9 && c|' '-'a' > 5 {
				return 0
			}
		}
		if b[i+1]|' ' == 'd' && b[i+2] >= '8' {
			return 0
		}
		return 5
	}
	return 0
}

// nonDigits has the highest bit of each byte of x that is no digit, and perhaps of some behind the first of them.
func nonDigits(x uint64) uint64 {
	x ^= ones * '0'
	return (x + ones*(0x80-10) | x) & highs
}

func skipDigits(b []byte, i int) int {
	for {
		if stop := nonDigits(load(b, i)); stop != 0 {
			return i + bits.TrailingZeros64(stop)/8
		}
		i += 8
	}
}

// skipNumber returns where the number ends that begins at i, or -1.
func skipNumber(b []byte, i int) int {
	if b[i] == '-' {
		i++
	}
	if b[i] == '0' {
		i++
	} else {
		from := i
		if i = skipDigits(b, i); i == from {
			return -1
		}
	}
	if b[i] == '.' {
		from := i + 1
		if i = skipDigits(b, from); i == from {
			return -1
		}
	}
	if b[i]|' ' == 'e' {
		if i++; b[i] == '+' || b[i] == '-' {
			i++
		}
		from := i
		if i = skipDigits(b, i); i == from {
			return -1
		}
	}
	return i
}

const (
	wordTrue = 't' | 'r'<<8 | 'u'<<16 | 'e'<<24
	wordNull = 'n' | 'u'<<8 | 'l'<<16 | 'l'<<24
	wordFals = 'f' | 'a'<<8 | 'l'<<16 | 's'<<24
)

func hasWord(b []byte, i int, word uint32) bool { return binary.LittleEndian.Uint32(b[i:]) == word }

func hasFalse(b []byte, i int) bool { return hasWord(b, i, wordFals) && b[i+4] == 'e' }

// skip returns where the value ends that begins at i. Nobody wants it, but it has to be one.
func skip(b []byte, i, depth int) int {
	switch c := b[i]; {
	case c == '"':
		end, _ := scanString(b, i+1)
		if end < 0 {
			return -1
		}
		return end + 1
	case c-'0' <= 9 || c == '-':
		return skipNumber(b, i)
	case c == 't' && hasWord(b, i, wordTrue), c == 'n' && hasWord(b, i, wordNull):
		return i + 4
	case c == 'f' && hasFalse(b, i):
		return i + 5
	case c == '{' && depth < deepest:
		return skipObject(b, i+1, depth+1)
	case c == '[' && depth < deepest:
		return skipArray(b, i+1, depth+1)
	}
	return -1
}

const deepest = 32

func skipArray(b []byte, i, depth int) int {
	if i = skipSpace(b, i); b[i] == ']' {
		return i + 1
	}
	for {
		if i = skip(b, skipSpace(b, i), depth); i < 0 {
			return -1
		}
		i = skipSpace(b, i) + 1
		if b[i-1] == ']' {
			return i
		} else if b[i-1] != ',' {
			return -1
		}
	}
}

// skipObject skips an object of up to 16 names, none of which may come twice.
func skipObject(b []byte, i, depth int) int {
	var names [16][]byte
	if i = skipSpace(b, i); b[i] == '}' {
		return i + 1
	}
	for n := range names {
		if i = skipSpace(b, i); b[i] != '"' {
			return -1
		}
		end, escaped := scanString(b, i+1)
		if end < 0 || escaped {
			return -1
		}
		names[n] = b[i+1 : end]
		for _, other := range names[:n] {
			if string(other) == string(names[n]) {
				return -1
			}
		}
		if i = skipSpace(b, end+1); b[i] != ':' {
			return -1
		}
		if i = skip(b, skipSpace(b, i+1), depth); i < 0 {
			return -1
		}
		i = skipSpace(b, i) + 1
		if b[i-1] == '}' {
			return i
		} else if b[i-1] != ',' {
			return -1
		}
	}
	return -1
}

// extent returns where the value ends that begins at i if it is one, which it does not look into.
func extent(b []byte, i int) int {
	for depth := 0; ; {
		switch b[i] {
		case 0:
			return -1
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
				if b[i] == 0 {
					return -1
				}
			}
		case '{', '[':
			if depth++; depth > 1000 { // encoding/json/v2 has a limit, which is the record's
				return -1
			}
		case '}', ']':
			depth--
		case ',', ' ', '\t', '\r', '\n', ':':
			if depth == 0 {
				return i
			}
		}
		if depth < 0 {
			return i
		}
		i++
		if depth == 0 && (b[i-1] == '"' || b[i-1] == '}' || b[i-1] == ']') {
			return i
		}
	}
}
