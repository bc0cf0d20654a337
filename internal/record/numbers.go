package record

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unsafe"
)

// Most of what is stored very often, such as the state of a key, is numbers in a struct. They are
// written by one loop that calls nothing through a pointer, as that would cost more than all else.

// A load says how a number is read from memory. The zero load is of what is no number.
type load uint8

const (
	_ load = iota
	loadBool
	loadInt8
	loadInt16
	loadInt32
	loadInt64
	loadUint8
	loadUint16
	loadUint32
	loadUint64
	loadFixed32 // its bytes are stored as they are, as those of all that follow
	loadFixed64
)

// loadOf returns the load of a number of size bytes. Those of one kind are in the order of their sizes.
func loadOf(smallest load, size uintptr) load {
	return smallest + load(bits.TrailingZeros64(uint64(size)))
}

// from returns what is stored of the number at p: no number but 0 is stored as 0.
func (l load) from(p unsafe.Pointer) uint64 {
	switch l {
	case loadInt64:
		return zigzag(*(*int64)(p))
	case loadUint64, loadFixed64:
		return *(*uint64)(p)
	case loadBool:
		if *(*bool)(p) {
			return 1
		}
		return 0
	case loadInt8:
		return zigzag(int64(*(*int8)(p)))
	case loadInt16:
		return zigzag(int64(*(*int16)(p)))
	case loadInt32:
		return zigzag(int64(*(*int32)(p)))
	case loadUint8:
		return uint64(*(*uint8)(p))
	case loadUint16:
		return uint64(*(*uint16)(p))
	case loadUint32, loadFixed32:
		return uint64(*(*uint32)(p))
	}
	panic("record: this is no number")
}

// A number is a field that is one.
type number struct {
	offset uintptr
	key    uint32 // the bytes of its key, the first one lowest
	size   uint8  // how many
	load   load
}

// mostOfNumber is how many bytes a number and its key take at most: a key of a name has four. Eight are written
// at once behind a key, of which those that were too many are overwritten.
const mostOfNumber = 4 + 10

// mostPlain is how many numbers a struct may have whose length is a byte for certain.
const mostPlain = (0x7f - 1) / mostOfNumber

// numberOf returns a field as a number; its load is zero if it is none.
func numberOf(f *field) number {
	var key [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(key[:], f.id<<wireBits|uint64(f.plan.wire))
	return number{f.offset, binary.LittleEndian.Uint32(key[:]), uint8(size), f.plan.load}
}

// appendPlain appends a struct as one record that is made of a few numbers and nothing else.
func appendPlain(b []byte, numbers []number, p unsafe.Pointer) []byte {
	start := len(b)
	b = appendNumbers(append(b, 0), numbers, p)
	b = append(b, 0)
	b[start] = byte(len(b) - start - 1)
	return b
}

// appendNumbers appends those of the numbers of a struct that are not zero, each behind its key. There is room
// for them, and for the zero byte behind a struct, before the first: then no byte has to ask. Up to seven bytes behind what is returned are written, too.
func appendNumbers(b []byte, numbers []number, p unsafe.Pointer) []byte {
	n := len(b)
	b = slices.Grow(b, len(numbers)*mostOfNumber+1)
	b = b[:cap(b)]
	for i := range numbers {
		f := &numbers[i]
		var u uint64
		switch at := unsafe.Add(p, f.offset); f.load {
		case loadInt64:
			u = zigzag(*(*int64)(at))
		case loadUint64, loadFixed64:
			u = *(*uint64)(at)
		default:
			u = f.load.from(at)
		}
		if u == 0 {
			continue
		}
		binary.LittleEndian.PutUint32(b[n:], f.key)
		n += int(f.size)
		if f.load >= loadFixed32 {
			binary.LittleEndian.PutUint64(b[n:], u)
			n += 4 << (f.load - loadFixed32)
			continue
		}
		if u>>56 != 0 {
			binary.LittleEndian.PutUint64(b[n:], sevens(u)|more)
			n += 8
			if u >>= 56; u > 0x7f {
				b[n] = byte(u) | 0x80
				n, u = n+1, 1
			}
			b[n] = byte(u)
			n++
			continue
		}
		size := (bits.Len64(u) + 6) / 7
		binary.LittleEndian.PutUint64(b[n:], sevens(u)|more&(1<<(8*size-8)-1))
		n += size
	}
	return b[:n]
}

// more says of each of eight bytes that another one follows.
const more = 0x8080_8080_8080_8080

// sevens spreads the lowest 56 bits over eight bytes, seven to each, as a uvarint has them.
func sevens(u uint64) uint64 {
	u = u&0x0fff_ffff | u&0x00ff_ffff_f000_0000<<4
	u = u&0x0000_3fff_0000_3fff | u&0x0fff_c000_0fff_c000<<2
	return u&0x007f_007f_007f_007f | u&0x3f80_3f80_3f80_3f80<<1
}
