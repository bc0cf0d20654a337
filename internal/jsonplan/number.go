package jsonplan

import (
	"math"
	"math/bits"
	"strconv"
	"unsafe"
)

// readDigits reads up to eight digits at i.
func readDigits(b []byte, i int) (value uint64, n int) {
	x := load(b, i)
	n = 8
	if stop := nonDigits(x); stop != 0 {
		n = bits.TrailingZeros64(stop) / 8
	}
	// The digits move to the upper bytes, with zeros before them. Then two become one, and four of these one:
	// Lemire, "Quickly parsing eight digits", 2018.
	x = (x ^ ones*'0') << (64 - 8*n)
	x = x*10 + x>>8
	return ((x&0x000000ff000000ff)*(100+1_000_000<<32) + (x>>16&0x000000ff000000ff)*(1+10_000<<32)) >> 32, n
}

var powers = [...]uint64{1, 10, 100, 1000, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16}

// readWhole reads up to 16 digits at i. If there are more, end is -1.
func readWhole(b []byte, i int) (value uint64, end int) {
	value, n := readDigits(b, i)
	if n < 8 {
		return value, i + n
	}
	more, n := readDigits(b, i+8)
	if n == 8 && b[i+16]-'0' <= 9 {
		return 0, -1
	}
	return value*powers[n] + more, i + 8 + n
}

// readInt reads an integer of up to 16 digits.
func readInt(b []byte, i int, v unsafe.Pointer, kind kind) int {
	negative := b[i] == '-'
	if negative {
		i++
	}
	u, end := readWhole(b, i)
	if end <= i || b[i] == '0' && (end > i+1 || negative) {
		return -1
	}
	if c := b[end]; c == '.' || c|' ' == 'e' {
		return -1
	}
	n := int64(u)
	if negative {
		n = -n
	}
	fits := true
	switch kind {
	case int64s:
		*(*int64)(v) = n
	case int32s:
		*(*int32)(v), fits = int32(n), n == int64(int32(n))
	case int16s:
		*(*int16)(v), fits = int16(n), n == int64(int16(n))
	case int8s:
		*(*int8)(v), fits = int8(n), n == int64(int8(n))
	case uint64s:
		*(*uint64)(v), fits = uint64(n), n >= 0
	case uint32s:
		*(*uint32)(v), fits = uint32(n), n == int64(uint32(n))
	case uint16s:
		*(*uint16)(v), fits = uint16(n), n == int64(uint16(n))
	case uint8s:
		*(*uint8)(v), fits = uint8(n), n == int64(uint8(n))
	}
	if !fits {
		return -1
	}
	return end
}

// readFloat reads a number. Up to 2⁵³ and 10²² are exact as floats, so that their quotient is rounded once, and right: Clinger, "How to Read Floating Point Numbers Accurately", PLDI 1990.
func readFloat(b []byte, i int, v *float64) int {
	from := i
	if b[i] == '-' {
		i++
	}
	whole, end := readWhole(b, i)
	if end <= i || b[i] == '0' && end > i+1 {
		return readLongFloat(b, from, v)
	}
	x := float64(whole)
	if b[end] == '.' {
		at := end + 1
		part, behind := readWhole(b, at)
		if behind <= at || whole >= 1<<53/powers[behind-at] {
			return readLongFloat(b, from, v)
		}
		x = float64(whole*powers[behind-at]+part) / float64(powers[behind-at])
		end = behind
	} else if whole >= 1<<53 {
		return readLongFloat(b, from, v)
	}
	if b[end]|' ' == 'e' {
		return readLongFloat(b, from, v)
	}
	if i > from {
		x = -x
	}
	*v = x
	return end
}

func readLongFloat(b []byte, i int, v *float64) int {
	end := skipNumber(b, i)
	if end < 0 {
		return -1
	}
	x, err := strconv.ParseFloat(unsafe.String(&b[i], end-i), 64)
	if err != nil || math.IsInf(x, 0) {
		return -1
	}
	*v = x
	return end
}
