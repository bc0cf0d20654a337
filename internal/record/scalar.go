package record

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
	"unsafe"
)

func isZero[T comparable](p unsafe.Pointer) bool { return *(*T)(p) == *new(T) }

func boolPlan() Plan {
	return Plan{
		wire: wireBool,
		load: loadBool,
		zero: isZero[bool],
		write: func(w *writer, p unsafe.Pointer) error {
			b := byte(0)
			if *(*bool)(p) {
				b = 1
			}
			w.b = append(w.b, b)
			return nil
		},
		read: func(r *reader, p unsafe.Pointer) error {
			b, err := r.bytes(1)
			if err != nil {
				return err
			}
			if b[0] > 1 {
				return errRange
			}
			*(*bool)(p) = b[0] == 1
			return nil
		},
	}
}

func intPlan[I int | int8 | int16 | int32 | int64]() Plan {
	return Plan{
		wire: wireInt,
		load: loadOf(loadInt8, unsafe.Sizeof(I(0))),
		zero: isZero[I],
		write: func(w *writer, p unsafe.Pointer) error {
			w.b = binary.AppendUvarint(w.b, zigzag(int64(*(*I)(p))))
			return nil
		},
		read: func(r *reader, p unsafe.Pointer) error {
			u, err := r.uvarint()
			n := unzigzag(u)
			if err == nil && int64(I(n)) != n {
				err = errRange
			}
			*(*I)(p) = I(n)
			return err
		},
	}
}

func uintPlan[U uint | uint8 | uint16 | uint32 | uint64]() Plan {
	return Plan{
		wire: wireUint,
		load: loadOf(loadUint8, unsafe.Sizeof(U(0))),
		zero: isZero[U],
		write: func(w *writer, p unsafe.Pointer) error {
			w.b = binary.AppendUvarint(w.b, uint64(*(*U)(p)))
			return nil
		},
		read: func(r *reader, p unsafe.Pointer) error {
			n, err := r.uvarint()
			if err == nil && uint64(U(n)) != n {
				err = errRange
			}
			*(*U)(p) = U(n)
			return err
		},
	}
}

// Floats are their bits: a negative zero and each NaN come back as they were.

func float32Plan() Plan {
	return Plan{
		wire: wireFixed32,
		load: loadFixed32,
		zero: isZero[uint32],
		write: func(w *writer, p unsafe.Pointer) error {
			w.b = binary.LittleEndian.AppendUint32(w.b, math.Float32bits(*(*float32)(p)))
			return nil
		},
		read: func(r *reader, p unsafe.Pointer) error {
			b, err := r.bytes(4)
			if err != nil {
				return err
			}
			*(*uint32)(p) = binary.LittleEndian.Uint32(b)
			return nil
		},
	}
}

func float64Plan() Plan {
	return Plan{
		wire: wireFixed64,
		load: loadFixed64,
		zero: isZero[uint64],
		write: func(w *writer, p unsafe.Pointer) error {
			w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(*(*float64)(p)))
			return nil
		},
		read: func(r *reader, p unsafe.Pointer) error {
			b, err := r.bytes(8)
			if err != nil {
				return err
			}
			*(*uint64)(p) = binary.LittleEndian.Uint64(b)
			return nil
		},
	}
}

// complexPlan stores a complex number as the list of its two parts.
func complexPlan[C complex64 | complex128]() Plan {
	part := float64Plan()
	if unsafe.Sizeof(C(0)) == 8 {
		part = float32Plan()
	}
	size := unsafe.Sizeof(C(0)) / 2
	return Plan{
		wire: wireOther,
		zero: func(p unsafe.Pointer) bool { return part.zero(p) && part.zero(unsafe.Add(p, size)) },
		write: func(w *writer, p unsafe.Pointer) error {
			return errors.Join(part.write(w, p), part.write(w, unsafe.Add(p, size)))
		},
		read: func(r *reader, p unsafe.Pointer) error {
			if err := part.read(r, p); err != nil {
				return err
			}
			return part.read(r, unsafe.Add(p, size))
		},
	}
}

func stringPlan() Plan {
	return Plan{
		wire: wireBytes,
		zero: isZero[string],
		write: func(w *writer, p unsafe.Pointer) error {
			s := *(*string)(p)
			w.b = append(binary.AppendUvarint(w.b, uint64(len(s))), s...)
			return nil
		},
		read: func(r *reader, p unsafe.Pointer) error {
			b, err := r.counted()
			*(*string)(p) = string(b)
			return err
		},
	}
}

// timePlan stores a time as seconds since 1970 and nanoseconds. No time at
// all is the commonest one, and is left out of structs.
func timePlan() Plan {
	return Plan{
		wire: wireOther,
		zero: func(p unsafe.Pointer) bool { return (*time.Time)(p).IsZero() },
		write: func(w *writer, p unsafe.Pointer) error {
			t := (*time.Time)(p)
			w.b = binary.AppendUvarint(w.b, zigzag(t.Unix()))
			w.b = binary.AppendUvarint(w.b, uint64(t.Nanosecond()))
			return nil
		},
		read: func(r *reader, p unsafe.Pointer) error {
			sec, err := r.uvarint()
			if err != nil {
				return err
			}
			nsec, err := r.uvarint()
			if err != nil {
				return err
			}
			if nsec >= 1e9 {
				return errRange
			}
			*(*time.Time)(p) = time.Unix(unzigzag(sec), int64(nsec)).UTC()
			return nil
		},
	}
}
