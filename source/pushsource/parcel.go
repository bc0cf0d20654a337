package pushsource

import (
	"bytes"
	"sync/atomic"
	"unsafe"
)

// A Parcel is what is acknowledged as one: a chunk, a window, a message. A zero
// Parcel has no client and no limits; it is for tests of decoders.
type Parcel[T any] struct {
	Values   []T
	Rejected []Reject

	ID     string // by which a parcel that is sent again is recognised; "" for none
	Token  string // for Ack to use
	Seq    int64  // likewise
	Silent bool   // the client wants no acknowledgement

	conn     *Conn[T]
	client   string // of which it is, if it has rejected records
	reserved int64  // of the shared memory
	room     int    // how many values have been reserved
	err      error  // why no more values fit
	scratch  T      // what is decoded then

	number atomic.Int64 // of those read, from 1; 0 as long as it is not
}

// A Reject is a record that is no event.
type Reject struct {
	Record []byte // its first KiB at most
	Err    error
}

const (
	leastRoom  = 16
	mostRecord = 1 << 10
	rejectSize = 128 // of a Reject without its record
)

// Next appends a zero value and returns it to be decoded in place. Where the server has
// no memory left for more, Deliver says so.
func (p *Parcel[T]) Next() *T {
	if len(p.Values) == p.room && !p.grow() {
		var zero T
		p.scratch = zero
		return &p.scratch
	}
	var zero T
	p.Values = append(p.Values, zero)
	return &p.Values[len(p.Values)-1]
}

// Err returns why the server has no room for all that was put into the parcel, or nil. Deliver returns it, too: it
// is for whoever does not deliver a parcel that holds nothing.
func (p *Parcel[T]) Err() error { return p.err }

// Unread takes the last value out again, which Next has returned.
func (p *Parcel[T]) Unread() {
	if p.err == nil {
		p.Values = p.Values[:len(p.Values)-1]
	}
}

// grow reserves room for as many values again.
func (p *Parcel[T]) grow() bool {
	if p.err != nil {
		return false
	}
	more := max(leastRoom, p.room)
	size := int64(max(1, unsafe.Sizeof(p.scratch))) * int64(more)
	if p.err = p.conn.reserve(size); p.err != nil {
		return false
	}
	p.room += more
	return true
}

// Reject notes a record that is no event, with the reason. The record is copied.
func (p *Parcel[T]) Reject(record []byte, err error) {
	if p.client == "" && p.conn != nil {
		p.client = p.conn.Addr().String()
	}
	r := Reject{bytes.Clone(record[:min(len(record), mostRecord)]), &ClientError{p.client, err}}
	if p.err == nil {
		p.err = p.conn.reserve(int64(len(r.Record)) + rejectSize)
	}
	if p.err == nil {
		p.Rejected = append(p.Rejected, r)
	}
}
