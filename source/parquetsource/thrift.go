package parquetsource

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/parquet-go/parquet-go"
)

// Metadata is Thrift, compact protocol. A decoder allocates as many elements as a list claims to have, so
// what metadata claims is checked before it is decoded: it has to be all there.

// Types of the compact protocol.
const (
	thriftStop = iota
	thriftTrue
	thriftFalse
	thriftByte
	thriftI16
	thriftI32
	thriftI64
	thriftDouble
	thriftBinary
	thriftList
	thriftSet
	thriftMap
	thriftStruct
	thriftUUID
)

// errShort says that what is being walked goes on behind the bytes that are at hand.
var errShort = fmt.Errorf("metadata is cut short: %w", parquet.ErrCorrupted)

var errThrift = fmt.Errorf("malformed metadata: %w", parquet.ErrCorrupted)

// deepest bounds how deep structs and lists may nest. Those of Parquet nest 7 deep.
const deepest = 32

// structLength returns how many bytes the struct has that b begins with. It is errShort if b does not hold all of it.
func structLength(b []byte) (int, error) {
	w := walker{rest: b}
	w.structure(deepest)
	return len(b) - len(w.rest), w.err
}

// A walker walks over a struct.
type walker struct {
	rest []byte
	err  error
}

func (w *walker) fail(err error) {
	w.rest = w.rest[:0]
	if w.err == nil {
		w.err = err
	}
}

func (w *walker) byte() byte {
	if len(w.rest) == 0 {
		w.fail(errShort)
		return thriftStop
	}
	b := w.rest[0]
	w.rest = w.rest[1:]
	return b
}

func (w *walker) varint() uint64 {
	v, n := binary.Uvarint(w.rest)
	switch {
	case n == 0:
		w.fail(errShort)
	case n < 0:
		w.fail(errThrift)
	default:
		w.rest = w.rest[n:]
	}
	return v
}

func (w *walker) bytes(n uint64) {
	if n > uint64(len(w.rest)) {
		w.fail(errShort)
		return
	}
	w.rest = w.rest[n:]
}

func (w *walker) structure(depth int) {
	if depth == 0 {
		w.fail(errThrift)
	}
	for w.err == nil {
		head := w.byte()
		if head&0xF == thriftStop {
			return
		}
		if head>>4 == 0 {
			w.varint() // the field's number, where it is no small step from the one before
		}
		if t := head & 0xF; t != thriftTrue && t != thriftFalse { // which have their value in the head
			w.value(t, depth-1)
		}
	}
}

func (w *walker) value(t byte, depth int) {
	switch t {
	case thriftTrue, thriftFalse, thriftByte:
		w.byte()
	case thriftI16, thriftI32, thriftI64:
		w.varint()
	case thriftDouble:
		w.bytes(8)
	case thriftUUID:
		w.bytes(16)
	case thriftBinary:
		w.bytes(w.varint())
	case thriftStruct:
		w.structure(depth)
	case thriftList, thriftSet:
		head := w.byte()
		n := uint64(head >> 4)
		if n == 0xF {
			n = w.varint()
		}
		if depth == 0 {
			w.fail(errThrift)
		}
		for ; n > 0 && w.err == nil; n-- { // each takes a byte at least
			w.value(head&0xF, depth-1)
		}
	case thriftMap:
		n := w.varint()
		if n == 0 {
			return
		}
		types := w.byte()
		if depth == 0 {
			w.fail(errThrift)
		}
		for ; n > 0 && w.err == nil; n-- {
			w.value(types>>4, depth-1)
			w.value(types&0xF, depth-1)
		}
	default:
		w.fail(errThrift)
	}
}

// isShort reports whether more bytes may help.
func isShort(err error) bool { return errors.Is(err, errShort) }
