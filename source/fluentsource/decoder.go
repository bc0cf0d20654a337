package fluentsource

import (
	"unsafe"

	"github.com/freshet-go/freshet/internal/intern"
)

// A decoder makes values of entries. It is used for one message at a time.
type decoder struct {
	strings *intern.Cache
	trials  []intern.Trial // by the number of a field
	orders  [][]seen       // by the number of a level
	depth   int            // levels of maps and arrays that an entry may have

	reserve  func(int) error
	reserved int   // bytes for the message
	used     int   // bytes of them that are in use
	fatal    error // why the client has to go
	marker   bool  // the entry was none
}

// A seen is the key that stood at a place in the record before. Records of one source have their keys
// in one order.
type seen struct {
	whole string // as it is sent; "" where it is not known
	key   string // in it
	field int    // -1: no field wants it
}

const (
	mostOrder   = 64 // places that are remembered
	stringsKept = 512
	longestKept = 64 // bytes of a string that is kept for those that are the same
)

// expected returns what stood at a place of a level in the record before.
func (d *decoder) expected(level, i int) *seen {
	if order := d.orders[level]; i < len(order) {
		return &order[i]
	}
	return &seen{}
}

// A cell decodes the value that b begins with, which is not nil, into what p points to, and
// returns what follows it.
type cell func(d *decoder, p unsafe.Pointer, b []byte, depth int) (rest []byte, err error)

// slack is how much a decoder uses before it reserves it.
const slack = 1 << 10

// use counts n bytes that are about to be allocated.
func (d *decoder) use(n int) error {
	if d.used += n; d.used <= d.reserved+slack {
		return nil
	}
	return d.settle()
}

// settle reserves what is used.
func (d *decoder) settle() error {
	if n := d.used - d.reserved; n > 0 && d.fatal == nil {
		d.fatal = d.reserve(n)
		d.reserved = d.used
	}
	return d.fatal
}

// isNil reports whether b begins with nil.
func isNil(b []byte) bool { return b[0] == 0xc0 }
