package codec

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Bytes are looked at eight at a time, as a word whose lowest byte is the first: fields are too short for a call of bytes.IndexByte each.

const (
	onesWord  = 0x0101010101010101
	highsWord = 0x8080808080808080
)

// zeroBytes has the highest bit of each byte of x that is 0.
func zeroBytes(x uint64) uint64 { return ^((x&^highsWord + ^uint64(highsWord)) | x) & highsWord }

// firstZero has the highest bit of the first byte of x that is 0, and of none before it. It is quicker than zeroBytes.
func firstZero(x uint64) uint64 { return (x - onesWord) &^ x & highsWord }

// wordAt returns the eight bytes at i, with zeros for those behind b.
func wordAt(b []byte, i int) (x uint64) {
	if i+8 <= len(b) {
		return binary.LittleEndian.Uint64(b[i:])
	}
	if n := len(b) - 8; n >= 0 {
		return binary.LittleEndian.Uint64(b[n:]) >> (8 * (i - n))
	}
	for k, c := range b[i:] {
		x |= uint64(c) << (8 * k)
	}
	return x
}

// indexNear is bytes.IndexByte for a c that mostly stands among the first bytes of b, where the call takes longer than to look.
func indexNear(b []byte, c byte) int {
	if len(b) < 16 {
		return bytes.IndexByte(b, c)
	}
	want := onesWord * uint64(c)
	if stop := firstZero(binary.LittleEndian.Uint64(b) ^ want); stop != 0 {
		return bits.TrailingZeros64(stop) / 8
	}
	if stop := firstZero(binary.LittleEndian.Uint64(b[8:]) ^ want); stop != 0 {
		return 8 + bits.TrailingZeros64(stop)/8
	}
	if i := bytes.IndexByte(b[16:], c); i >= 0 {
		return 16 + i
	}
	return -1
}

// decimal returns the number that up to 8 digits are. What stands behind them in the same memory is loaded with them, and shifted out.
func decimal(b []byte) (n uint64, ok bool) {
	if len(b) == 0 || len(b) > 8 {
		return 0, false
	}
	if cap(b) < 8 {
		for _, c := range b {
			if c -= '0'; c > 9 {
				return 0, false
			}
			n = n*10 + uint64(c)
		}
		return n, true
	}
	x := (binary.LittleEndian.Uint64(b[:8]) ^ onesWord*'0') << (64 - 8*len(b))
	if ((x+onesWord*(0x80-10))|x)&highsWord != 0 {
		return 0, false
	}
	return eightDigits(x), true
}

// eightDigits returns the number of eight bytes that are digits, from 0 to 9, the first of them the lowest: two digits become one number, and four of
// these one. Lemire, "Quickly parsing eight digits", 2018.
func eightDigits(x uint64) uint64 {
	x = x*10 + x>>8
	return ((x&0x000000ff000000ff)*(100+1_000_000<<32) + (x>>16&0x000000ff000000ff)*(1+10_000<<32)) >> 32
}

var powersOfTen = [...]float64{1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8}

// decimalFloat returns the number that up to 8 digits, a point and up to 7 digits are: below 2⁵³ both parts are exact as floats, and their quotient is
// rounded once, as strconv.ParseFloat has it (Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990).
func decimalFloat(b []byte) (x float64, ok bool) {
	negative := len(b) > 0 && b[0] == '-'
	if negative {
		b = b[1:]
	}
	if x, ok = shortFloat(b); !ok {
		if x, ok = longFloat(b); !ok {
			return 0, false
		}
	}
	if negative {
		x = -x
	}
	return x, true
}

// shortFloat is decimalFloat for up to 8 bytes, point included: without it they are one number, and what stands behind it says by which power of
// ten that is divided.
func shortFloat(b []byte) (x float64, ok bool) {
	if len(b) < 2 || len(b) > 8 || cap(b) < 8 {
		return 0, false
	}
	digits := (binary.LittleEndian.Uint64(b[:8]) ^ onesWord*'0') << (64 - 8*len(b))
	point := zeroBytes(digits ^ onesWord*('.'^'0'))
	if point == 0 || point&(point-1) != 0 {
		return 0, false
	}
	at := bits.TrailingZeros64(point) / 8 // its byte, of which the last is 7
	behind := ^uint64(0) << (8 * at) << 8
	digits = digits&behind | (digits&^(behind|0xff<<(8*at)))<<8
	if ((digits+onesWord*(0x80-10))|digits)&highsWord != 0 {
		return 0, false
	}
	return float64(eightDigits(digits)) / powersOfTen[7-at], true
}

// longFloat is decimalFloat for what has no sign.
func longFloat(b []byte) (x float64, ok bool) {
	whole, part := b, b[:0]
	for i, c := range b {
		if c == '.' {
			whole, part = b[:i], b[i+1:]
			break
		}
	}
	n, ok := decimal(whole)
	if !ok || len(part) > 7 {
		return 0, false
	}
	x = float64(n)
	if len(part) > 0 {
		k, ok := decimal(part)
		if !ok {
			return 0, false
		}
		power := powersOfTen[len(part)]
		x = (x*power + float64(k)) / power
	}
	return x, true
}
