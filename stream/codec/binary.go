package codec

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"unsafe"
)

// Binary is a compact format for state and for files that only programs read.
// What it writes is a function of the value alone: maps are sorted.
//
// T may be of any kind but channel, function, interface, uintptr and
// unsafe.Pointer, and may be made of such kinds: it may be recursive, though
// its values may not have cycles nor go deeper than 10,000 pointers, slices
// and maps. A type whose pointer has AppendBinary or MarshalBinary and
// UnmarshalBinary is stored by these. A [time.Time] is an instant in
// nanoseconds, and decodes in UTC. A nil slice, map or pointer is not an empty
// one.
//
// All fields of a struct are stored, the unexported ones too: a state is what
// a struct hides. A field is known by its name, or by a number from 1 to
// 1,000,000 in its tag, which is shorter and survives renaming:
//
//	Count int       `binary:"1"`
//	Last  time.Time // known by its name
//	cache []int     `binary:"-"` // not stored
//
// So a struct may gain and lose fields: a field that the record lacks is zero,
// and what the record has beyond the struct is passed over. A field may change
// its size (an int32 made int64, and back if the value fits) and an array may
// become a slice; any other change of kind is an error where it shows. What is
// not stored is zero after decoding.
//
// A record is the length of what follows as a uvarint, and the value. It has
// no checksum: what guards a file against decay guards it as a whole. Hostile
// bytes are an error, never a panic, and make a decoder allocate no more than
// the size of one element, or of one map entry, for each byte of the record.
//
// The format is neither Splittable nor Headed, so encoded files may be
// concatenated.
//
// Binary panics with the path of the offending field if T cannot be stored;
// [TryBinary] returns that error.
func Binary[T any]() Format[T] {
	f, err := TryBinary[T]()
	if err != nil {
		panic(err)
	}
	return f
}

// TryBinary is [Binary] for a T that the caller did not choose. Its error
// names the path of the field that cannot be stored.
func TryBinary[T any]() (Format[T], error) {
	t := reflect.TypeFor[T]()
	plan, err := planBinary(t)
	if err != nil {
		return nil, fmt.Errorf("codec: Binary of %v: %w", t, err)
	}
	return binaryFormat[T]{plan}, nil
}

type binaryFormat[T any] struct{ plan *binaryPlan }

func (f binaryFormat[T]) NewDecoder() Decoder[T] { return &binaryDecoder[T]{plan: f.plan} }
func (f binaryFormat[T]) NewEncoder() Encoder[T] { return &binaryEncoder[T]{plan: f.plan} }

var (
	errDepth    = errors.New("value is nested too deeply, or has a cycle")
	errTrailing = errors.New("bytes behind the value")
	errVarint   = errors.New("varint overflows 64 bits")
	errRange    = errors.New("number does not fit its type")
)

const maxDepth = 10_000

type binaryDecoder[T any] struct {
	plan *binaryPlan
	in   binaryReader
}

func (d *binaryDecoder[T]) Split(data []byte, atEOF bool) (advance int, record []byte, err error) {
	n, used := binary.Uvarint(data)
	switch {
	case used < 0 || n > math.MaxInt-binary.MaxVarintLen64:
		return 0, nil, errors.New("record has an impossible length")
	case used > 0 && n <= uint64(len(data)-used):
		end := used + int(n)
		return end, data[used:end:end], nil
	case atEOF && len(data) > 0:
		return 0, nil, io.ErrUnexpectedEOF
	}
	return 0, nil, nil
}

func (d *binaryDecoder[T]) Decode(record []byte, v *T) error {
	var zero T
	*v = zero
	d.in = binaryReader{b: record}
	err := d.plan.read(&d.in, unsafe.Pointer(v))
	if err == nil && len(d.in.b) > 0 {
		err = errTrailing
	}
	d.in.b = nil
	return err
}

type binaryEncoder[T any] struct {
	plan *binaryPlan
	out  binaryWriter
	v    T // here, so that taking its address allocates nothing
}

func (e *binaryEncoder[T]) Append(dst []byte, v T) ([]byte, error) {
	e.v = v
	e.out.b = dst
	start := e.out.open()
	err := e.plan.write(&e.out, unsafe.Pointer(&e.v))
	e.out.close(start)
	out := e.out.b
	var zero T
	e.v = zero
	e.out.b, e.out.depth, e.out.entries = nil, 0, e.out.entries[:0]
	if err != nil {
		return dst, fmt.Errorf("codec: %w", err)
	}
	return out, nil
}

// A binaryWriter is where values are written to.
type binaryWriter struct {
	b       []byte
	depth   int
	entries []mapEntry // of the maps being written, outermost first
	scratch []byte
}

// open makes room for a length and returns where what it counts will start.
func (w *binaryWriter) open() int {
	w.b = append(w.b, 0)
	return len(w.b)
}

// close writes the length of what was written since open. Most are below 128
// and fit the room; for others, what was written moves.
func (w *binaryWriter) close(start int) {
	n := len(w.b) - start
	if n < 0x80 {
		w.b[start-1] = byte(n)
		return
	}
	var length [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(length[:], uint64(n))
	w.b = append(w.b, length[1:size]...)
	copy(w.b[start+size-1:], w.b[start:start+n])
	copy(w.b[start-1:], length[:size])
}

func (w *binaryWriter) enter() error {
	if w.depth++; w.depth > maxDepth {
		return errDepth
	}
	return nil
}

// A binaryReader is where values are read from: what is left of a record.
type binaryReader struct {
	b     []byte
	depth int
}

func (r *binaryReader) enter() error {
	if r.depth++; r.depth > maxDepth {
		return errDepth
	}
	return nil
}

func (r *binaryReader) uvarint() (uint64, error) {
	if len(r.b) > 0 && r.b[0] < 0x80 {
		n := r.b[0]
		r.b = r.b[1:]
		return uint64(n), nil
	}
	n, used := binary.Uvarint(r.b)
	switch {
	case used == 0:
		return 0, io.ErrUnexpectedEOF
	case used < 0:
		return 0, errVarint
	}
	r.b = r.b[used:]
	return n, nil
}

// bytes returns the next n bytes, which are a part of the record.
func (r *binaryReader) bytes(n uint64) ([]byte, error) {
	if n > uint64(len(r.b)) {
		return nil, io.ErrUnexpectedEOF
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b, nil
}

// counted returns the bytes behind a length.
func (r *binaryReader) counted() ([]byte, error) {
	n, err := r.uvarint()
	if err != nil {
		return nil, err
	}
	return r.bytes(n)
}

func zigzag(n int64) uint64   { return uint64(n<<1) ^ uint64(n>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }
