// Package record stores values of any type as binary records. It is what
// codec.Binary is made of, and says nothing but there what the format is.
//
// It works on pointers to values, by a plan that is made of their type: it is
// compiled once, and not for every type that is stored.
package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"unsafe"
)

// PlanOf returns how values of type t are stored. Its error names the path of
// the field that cannot be.
func PlanOf(t reflect.Type) (*Plan, error) {
	p, err := planner{}.plan(t, t.String())
	if err != nil {
		return nil, fmt.Errorf("codec: Binary of %v: %w", t, err)
	}
	return p, nil
}

var (
	errDepth    = errors.New("value is nested too deeply, or has a cycle")
	errTrailing = errors.New("bytes behind the value")
	errVarint   = errors.New("varint overflows 64 bits")
	errRange    = errors.New("number does not fit its type")
)

const maxDepth = 10_000

// Split finds the first record in data, as codec.Decoder's Split does.
func Split(data []byte, atEOF bool) (advance int, record []byte, err error) {
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

// A Decoder decodes records. It is for one goroutine at a time.
type Decoder struct {
	plan *Plan
	in   reader
}

// NewDecoder returns a decoder of values of the plan's type.
func (p *Plan) NewDecoder() Decoder { return Decoder{plan: p} }

// Decode sets what v points to, which is zero and of the plan's type, to the
// value in the record. A slice may be empty and have room, which is used then.
func (d *Decoder) Decode(record []byte, v unsafe.Pointer) error {
	d.in = reader{b: record}
	err := d.plan.read(&d.in, v)
	if err == nil && len(d.in.b) > 0 {
		err = errTrailing
	}
	d.in.b = nil
	return err
}

// An Encoder encodes values. It is for one goroutine at a time.
type Encoder struct {
	plan *Plan
	out  writer
}

// NewEncoder returns an encoder of values of the plan's type.
func (p *Plan) NewEncoder() Encoder { return Encoder{plan: p} }

// Append appends what v points to, which is of the plan's type, as one record.
// On an error it returns dst as it was.
func (e *Encoder) Append(dst []byte, v unsafe.Pointer) ([]byte, error) {
	if numbers := e.plan.plain; numbers != nil {
		return appendPlain(dst, numbers, v), nil
	}
	e.out.b = dst
	start := e.out.open()
	err := e.plan.write(&e.out, v)
	e.out.close(start)
	out := e.out.b
	e.out.b, e.out.depth, e.out.entries = nil, 0, e.out.entries[:0]
	if err != nil {
		return dst, fmt.Errorf("codec: %w", err)
	}
	return out, nil
}
