// Package prepared reads and writes what the writers of transactional sinks prepare
// for a checkpoint.
package prepared

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrDamaged is the cause of each error of a Decoder.
var ErrDamaged = errors.New("sink: damaged data of a checkpoint")

// AppendBytes appends the length and the bytes of v.
func AppendBytes[B string | []byte](b []byte, v B) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

// A Decoder reads Rest. After an error, which stays, it reads zeros.
type Decoder struct {
	Rest []byte
	Err  error
}

// Fail ends the reading.
func (d *Decoder) Fail() {
	d.Rest = nil
	if d.Err == nil {
		d.Err = ErrDamaged
	}
}

// Version reads a byte that has to be want.
func (d *Decoder) Version(want byte) {
	if got := d.Byte(); d.Err == nil && got != want {
		d.Fail()
		d.Err = fmt.Errorf("%w: version %d, want %d", ErrDamaged, got, want)
	}
}

// Byte reads one byte.
func (d *Decoder) Byte() byte {
	if len(d.Rest) == 0 {
		d.Fail()
		return 0
	}
	v := d.Rest[0]
	d.Rest = d.Rest[1:]
	return v
}

// Uvarint reads what binary.AppendUvarint has written.
func (d *Decoder) Uvarint() uint64 {
	v, n := binary.Uvarint(d.Rest)
	if n <= 0 {
		d.Fail()
		return 0
	}
	d.Rest = d.Rest[n:]
	return v
}

// Varint reads what binary.AppendVarint has written.
func (d *Decoder) Varint() int64 {
	v, n := binary.Varint(d.Rest)
	if n <= 0 {
		d.Fail()
		return 0
	}
	d.Rest = d.Rest[n:]
	return v
}

// Uint64 reads eight bytes, the lowest first.
func (d *Decoder) Uint64() uint64 {
	if len(d.Rest) < 8 {
		d.Fail()
		return 0
	}
	v := binary.LittleEndian.Uint64(d.Rest)
	d.Rest = d.Rest[8:]
	return v
}

// Size reads a Uvarint that an int64 can hold.
func (d *Decoder) Size() int64 {
	v := d.Uvarint()
	if v > math.MaxInt64 {
		d.Fail()
		return 0
	}
	return int64(v)
}

// Count reads the number of things that follow, each of a byte at least.
func (d *Decoder) Count() int {
	v := d.Uvarint()
	if v > uint64(len(d.Rest)) {
		d.Fail()
		return 0
	}
	return int(v)
}

// Bytes reads what AppendBytes has written, and returns a part of what is read.
func (d *Decoder) Bytes() []byte {
	n := d.Count()
	v := d.Rest[:n:n]
	d.Rest = d.Rest[n:]
	return v
}

// End returns the error, also where something is left over.
func (d *Decoder) End() error {
	if len(d.Rest) > 0 {
		d.Fail()
	}
	return d.Err
}
