package record

import (
	"encoding/binary"
	"math/bits"
	"unsafe"
)

// Numbers are read as they are written: by a loop that calls nothing through a pointer. What it does not know how to
// read in a glance, it leaves where it is, to the plans, which say what is wrong with it.

// atOnce is how many bytes have to be there for a number to be read in a glance, behind its key.
const atOnce = 8

// numbers reads those of the numbers that come next, in their order, and returns how many of them need not be looked for any more. One that is not
// there is zero.
func (r *reader) numbers(all []number, p unsafe.Pointer) int {
	b := r.b
	for i := range all {
		f := &all[i]
		if len(b) < 4+atOnce {
			r.b = b
			return i
		}
		if binary.LittleEndian.Uint32(b)&(1<<(8*f.size)-1) != f.key {
			continue
		}
		n := f.load.read(b[f.size:], unsafe.Add(p, f.offset))
		if n == 0 {
			r.b = b
			return i
		}
		b = b[int(f.size)+n:]
	}
	r.b = b
	return len(all)
}

// list reads numbers from where p points on, each of so many bytes in memory, and returns how many of n it has read.
func (r *reader) list(l load, p unsafe.Pointer, size uintptr, n int) int {
	b := r.b
	for i := range n {
		if len(b) < atOnce {
			r.b = b
			return i
		}
		used := l.read(b, unsafe.Add(p, uintptr(i)*size))
		if used == 0 {
			r.b = b
			return i
		}
		b = b[used:]
	}
	r.b = b
	return n
}

// read reads a number from b, which has at least eight bytes, and returns how many it took. It returns 0 for one that is longer, or no
// number of its type.
func (l load) read(b []byte, p unsafe.Pointer) int {
	u := binary.LittleEndian.Uint64(b)
	switch l {
	case loadFixed64:
		*(*uint64)(p) = u
		return 8
	case loadFixed32:
		*(*uint32)(p) = uint32(u)
		return 4
	case loadBool:
		if u&0xff > 1 {
			return 0
		}
		*(*bool)(p) = u&1 == 1
		return 1
	}
	ends := ^u & more
	if ends == 0 {
		return 0
	}
	last := bits.TrailingZeros64(ends) + 1 // bits, with those of the bytes' ends
	u = together(u & (1<<last - 1))
	if !l.store(u, p) {
		return 0
	}
	return last / 8
}

// together is the inverse of sevens. It does not look at whether bytes say that others follow.
func together(u uint64) uint64 {
	u = u&0x007f_007f_007f_007f | u>>1&0x3f80_3f80_3f80_3f80
	u = u&0x0000_3fff_0000_3fff | u>>2&0x0fff_c000_0fff_c000
	return u&0x0fff_ffff | u>>4&0x00ff_ffff_f000_0000
}

// store sets a number to what is stored of it, if it is one of its type.
func (l load) store(u uint64, p unsafe.Pointer) bool {
	n := unzigzag(u)
	switch l {
	case loadInt64:
		*(*int64)(p) = n
		return true
	case loadUint64:
		*(*uint64)(p) = u
		return true
	case loadInt8:
		*(*int8)(p) = int8(n)
		return int64(int8(n)) == n
	case loadInt16:
		*(*int16)(p) = int16(n)
		return int64(int16(n)) == n
	case loadInt32:
		*(*int32)(p) = int32(n)
		return int64(int32(n)) == n
	case loadUint8:
		*(*uint8)(p) = uint8(u)
		return uint64(uint8(u)) == u
	case loadUint16:
		*(*uint16)(p) = uint16(u)
		return uint64(uint16(u)) == u
	case loadUint32:
		*(*uint32)(p) = uint32(u)
		return uint64(uint32(u)) == u
	}
	return false
}
