package binlogsource

import "encoding/binary"

// bytesOf is how many bytes the log has for 0 to 9 digits.
var bytesOf = [10]int{0, 1, 1, 2, 2, 3, 3, 4, 4, 4}

// readDecimal reads digits in groups of nine, each a big-endian integer; those before the
// first whole group and behind the last take fewer bytes. The first bit says that the number is
// not negative; all others are inverted if it is.
func readDecimal(c *column, data []byte, v *value) (int, error) {
	whole, behind := int(c.precision)-int(c.scale), int(c.scale)
	n := whole/9*4 + bytesOf[whole%9] + behind/9*4 + bytesOf[behind%9]
	if len(data) < n || n == 0 {
		return 0, errShort
	}
	text := c.scratch[:0]
	var mask byte
	if data[0]&0x80 == 0 {
		mask = 0xff
		text = append(text, '-')
	}
	at, begins := 0, len(text)
	group := func(digits int) {
		size := bytesOf[digits]
		var raw [4]byte
		for i := range size {
			raw[4-size+i] = data[at+i] ^ mask
			if at+i == 0 {
				raw[4-size] ^= 0x80
			}
		}
		at += size
		text = appendDigits(text, binary.BigEndian.Uint32(raw[:]), digits)
	}
	if whole%9 > 0 {
		group(whole % 9)
	}
	for range whole / 9 {
		group(9)
	}
	zeros := begins
	for zeros < len(text)-1 && text[zeros] == '0' {
		zeros++
	}
	if begins == len(text) {
		text = append(text, '0')
	}
	text = append(text[:begins], text[zeros:]...)
	if behind > 0 {
		text = append(text, '.')
		for range behind / 9 {
			group(9)
		}
		if behind%9 > 0 {
			group(behind % 9)
		}
	}
	v.kind, v.b, c.scratch = isDecimal, text, text
	return n, nil
}

// appendDigits writes u with leading zeros.
func appendDigits(to []byte, u uint32, digits int) []byte {
	at := len(to)
	for range digits {
		to = append(to, '0')
	}
	for i := at + digits - 1; i >= at; i-- {
		to[i] = byte('0' + u%10)
		u /= 10
	}
	return to
}
