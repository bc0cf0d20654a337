package record

import (
	"encoding/binary"
	"fmt"
	"io"
	"reflect"
	"unsafe"
)

// A slice, an array and a map are stored as one more than their length, and
// their elements; nil is a zero. A pointer is a list of at most one.

// claim is how many bytes are allocated at most on the word of a length alone.
// Beyond it, memory doubles as elements are read.
const claim = 64 << 10

// affordable returns for how many of n elements to make room at first.
func affordable(n int, size uintptr) int {
	return min(n, max(1, claim/int(max(1, size))))
}

// count reads the length of a list whose elements take at least least bytes.
func (r *reader) count(least int) (n int, isNil bool, err error) {
	u, err := r.uvarint()
	if err != nil || u == 0 {
		return 0, true, err
	}
	if u-1 > uint64(len(r.b)/least) {
		return 0, false, io.ErrUnexpectedEOF
	}
	return int(u - 1), false, nil
}

func isNil(p unsafe.Pointer) bool { return *(*unsafe.Pointer)(p) == nil }

func pointerPlan(t reflect.Type, elem *Plan) Plan {
	return Plan{
		wire: wireOther,
		zero: isNil,
		write: func(w *writer, p unsafe.Pointer) error {
			v := *(*unsafe.Pointer)(p)
			if v == nil {
				w.b = append(w.b, 0)
				return nil
			}
			if err := w.enter(); err != nil {
				return err
			}
			w.b = append(w.b, 1)
			err := elem.write(w, v)
			w.depth--
			return err
		},
		read: func(r *reader, p unsafe.Pointer) error {
			b, err := r.bytes(1)
			if err != nil || b[0] == 0 {
				return err
			}
			if b[0] > 1 {
				return errRange
			}
			if err := r.enter(); err != nil {
				return err
			}
			v := reflect.New(t).UnsafePointer()
			*(*unsafe.Pointer)(p) = v
			err = elem.read(r, v)
			r.depth--
			return err
		},
	}
}

// A sliceHeader is a slice of any type, as the gc and gccgo compilers lay it
// out. Its data is a pointer, so the collector sees it.
type sliceHeader struct {
	data     unsafe.Pointer
	len, cap int
}

func slicePlan(t reflect.Type, elem *Plan) Plan {
	size := t.Elem().Size()
	return Plan{
		wire: wireOther,
		zero: isNil,
		write: func(w *writer, p unsafe.Pointer) error {
			s := (*sliceHeader)(p)
			if s.data == nil {
				w.b = append(w.b, 0)
				return nil
			}
			if err := w.enter(); err != nil {
				return err
			}
			w.b = binary.AppendUvarint(w.b, uint64(s.len)+1)
			if elem.plain != nil {
				for i := range s.len {
					w.b = append(appendNumbers(w.b, elem.plain, unsafe.Add(s.data, uintptr(i)*size)), 0)
				}
				w.depth--
				return nil
			}
			for i := range s.len {
				if err := elem.write(w, unsafe.Add(s.data, uintptr(i)*size)); err != nil {
					return err
				}
			}
			w.depth--
			return nil
		},
		read: func(r *reader, p unsafe.Pointer) error {
			n, isNil, err := r.count(1)
			if isNil || err != nil {
				return err
			}
			if err := r.enter(); err != nil {
				return err
			}
			s, room := reflect.NewAt(t, p).Elem(), affordable(n, size)
			if has := s.Cap(); has >= n && has > 0 {
				room = n
				s.SetLen(n)
				s.Clear()
			} else {
				s = reflect.MakeSlice(t, room, room)
			}
			for i := 0; i < n; {
				if i == room {
					room = min(n, 2*room)
					more := reflect.MakeSlice(t, room, room)
					reflect.Copy(more, s)
					s = more
				}
				at := unsafe.Add(s.UnsafePointer(), uintptr(i)*size)
				if elem.load != 0 {
					if k := r.list(elem.load, at, size, room-i); k > 0 {
						i += k
						continue
					}
				}
				if err := elem.read(r, at); err != nil {
					return err
				}
				i++
			}
			reflect.NewAt(t, p).Elem().Set(s)
			r.depth--
			return nil
		},
	}
}

func bytesPlan() Plan {
	return Plan{
		wire: wireOther,
		zero: isNil,
		write: func(w *writer, p unsafe.Pointer) error {
			b := *(*[]byte)(p)
			if b == nil {
				w.b = append(w.b, 0)
				return nil
			}
			w.b = append(binary.AppendUvarint(w.b, uint64(len(b))+1), b...)
			return nil
		},
		read: func(r *reader, p unsafe.Pointer) error {
			n, isNil, err := r.count(1)
			if isNil || err != nil {
				return err
			}
			b, err := r.bytes(uint64(n))
			*(*[]byte)(p) = append(make([]byte, 0, n), b...)
			return err
		},
	}
}

// arrayPlan stores the array as a slice of its elements would be.
func arrayPlan(t reflect.Type, elem *Plan) Plan {
	size, n := t.Elem().Size(), t.Len()
	raw := t.Elem().Kind() == reflect.Uint8
	if raw {
		custom, _ := customPlan(t.Elem())
		raw = custom == nil
	}
	return Plan{
		wire: wireOther,
		write: func(w *writer, p unsafe.Pointer) error {
			w.b = binary.AppendUvarint(w.b, uint64(n)+1)
			if raw {
				w.b = append(w.b, unsafe.Slice((*byte)(p), n)...)
				return nil
			}
			for i := range n {
				if err := elem.write(w, unsafe.Add(p, uintptr(i)*size)); err != nil {
					return err
				}
			}
			return nil
		},
		read: func(r *reader, p unsafe.Pointer) error {
			stored, isNil, err := r.count(1)
			switch {
			case err != nil:
				return err
			case isNil:
				return nil // was a nil slice
			case stored != n:
				return fmt.Errorf("%d elements stored, wanted %d", stored, n)
			case raw:
				b, err := r.bytes(uint64(n))
				copy(unsafe.Slice((*byte)(p), n), b)
				return err
			}
			for i := range n {
				if err := elem.read(r, unsafe.Add(p, uintptr(i)*size)); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
