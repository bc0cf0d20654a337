package record

import (
	"encoding/binary"
	"io"
	"math/bits"
	"reflect"
	"slices"
	"unsafe"
)

// Rows store slices of numbers, or of structs that are numbers and nothing else, for a reader that is the same program: as their number, and
// the numbers one after another, with no keys. A row of a struct of short names takes half as many bytes as a record, and no time to look
// for its fields.
type Rows struct {
	slice   reflect.Type
	size    uintptr // of a row in memory
	numbers []number
}

// RowsOf returns how slices of type t are stored as rows, or nil if there is something else in them.
func RowsOf(t reflect.Type) *Rows {
	elem, err := PlanOf(t.Elem())
	switch r := (&Rows{slice: t, size: t.Elem().Size()}); {
	case err != nil:
		return nil
	case elem.load != 0:
		r.numbers = []number{{load: elem.load}}
		return r
	case elem.plain != nil:
		r.numbers = elem.plain
		return r
	}
	return nil
}

// Append appends the slice that p points to.
func (r *Rows) Append(b []byte, p unsafe.Pointer) []byte {
	s := (*sliceHeader)(p)
	b = binary.AppendUvarint(b, uint64(s.len))
	n := len(b)
	b = slices.Grow(b, s.len*len(r.numbers)*binary.MaxVarintLen64+atOnce)
	b = b[:cap(b)]
	for i := range s.len {
		row := unsafe.Add(s.data, uintptr(i)*r.size)
		for j := range r.numbers {
			f := &r.numbers[j]
			var u uint64
			switch at := unsafe.Add(row, f.offset); f.load {
			case loadInt64:
				u = zigzag(*(*int64)(at))
			default:
				u = f.load.from(at)
			}
			switch {
			case f.load >= loadFixed32:
				binary.LittleEndian.PutUint64(b[n:], u)
				n += 4 << (f.load - loadFixed32)
			case u < 0x80:
				b[n] = byte(u)
				n++
			case u>>56 == 0: // see appendNumbers
				size := (bits.Len64(u) + 6) / 7
				binary.LittleEndian.PutUint64(b[n:], sevens(u)|more&(1<<(8*size-8)-1))
				n += size
			default:
				n += binary.PutUvarint(b[n:], u)
			}
		}
	}
	return b[:n]
}

// Read reads what Append has appended into the slice that p points to, whose room it uses, and returns what is behind it.
func (r *Rows) Read(b []byte, p unsafe.Pointer) ([]byte, error) {
	n, used := binary.Uvarint(b)
	if used <= 0 || n > uint64((len(b)-used)/len(r.numbers)) {
		return b, io.ErrUnexpectedEOF
	}
	b = b[used:]
	s := reflect.NewAt(r.slice, p).Elem()
	if s.Cap() < int(n) {
		s.Set(reflect.MakeSlice(r.slice, int(n), int(n)))
	} else {
		s.SetLen(int(n))
		s.Clear()
	}
	data := s.UnsafePointer()
	for i := range int(n) {
		row := unsafe.Add(data, uintptr(i)*r.size)
		for j := range r.numbers {
			f := &r.numbers[j]
			at := unsafe.Add(row, f.offset)
			if len(b) >= atOnce {
				if used := f.load.read(b, at); used > 0 {
					b = b[used:]
					continue
				}
			}
			var err error
			if b, err = f.load.readLast(b, at); err != nil {
				return b, err
			}
		}
	}
	return b, nil
}

// readLast is read of a number that is long, or behind which little stands.
func (l load) readLast(b []byte, p unsafe.Pointer) ([]byte, error) {
	if l == loadBool || l >= loadFixed32 {
		size := 1
		if l != loadBool {
			size = 4 << (l - loadFixed32)
		}
		if len(b) < size {
			return b, io.ErrUnexpectedEOF
		}
		var whole [atOnce]byte
		copy(whole[:], b)
		if l.read(whole[:], p) == 0 {
			return b, errRange
		}
		return b[size:], nil
	}
	u, used := binary.Uvarint(b)
	switch {
	case used == 0:
		return b, io.ErrUnexpectedEOF
	case used < 0:
		return b, errVarint
	case !l.store(u, p):
		return b, errRange
	}
	return b[used:], nil
}
