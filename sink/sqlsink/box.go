package sqlsink

import "unsafe"

// boxes makes interfaces of values as any(v) does, with an allocation for many of them. What it made is never
// written to again, so that drivers and errors may keep it; it keeps at most mostBoxes-1 others. Without, each value of a row
// is an allocation.
type boxes[T any] struct {
	free []T
	size int            // of the last allocation
	kind unsafe.Pointer // of each value
}

// mostBoxes is how many share an allocation.
const mostBoxes = 128

// An emptyInterface is an any, as the runtime has it: of what is no pointer, the second word points to the value.
type emptyInterface struct{ kind, value unsafe.Pointer }

// box returns any(v). T has to be a type that is no pointer.
func (b *boxes[T]) box(v T) any {
	if len(b.free) == 0 {
		b.size = min(2*b.size+4, mostBoxes)
		b.free = make([]T, b.size)
		a := any(v)
		b.kind = (*emptyInterface)(unsafe.Pointer(&a)).kind
	}
	at := &b.free[0]
	*at, b.free = v, b.free[1:]
	var a any
	*(*emptyInterface)(unsafe.Pointer(&a)) = emptyInterface{b.kind, unsafe.Pointer(at)}
	return a
}
