package fluentsource

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tinylib/msgp/msgp"
)

var (
	// errShort says that a value goes on behind the bytes that are there.
	errShort = msgp.ErrShortBytes
	// errNotMsgpack is the error of a client that speaks something else.
	errNotMsgpack = errors.New("not MessagePack")
	// errDeep is a depthError where the limit is not known.
	errDeep = errors.New("nested too deeply")
)

// shapes says what follows the first byte of a value.
var shapes = func() (t [256]shape) {
	for i := range t {
		c := byte(i)
		switch {
		case c < 0x80, c >= 0xe0: // small integers
			t[i] = shape{size: 1}
		case c < 0x90:
			t[i] = shape{size: 1, items: 2 * (c & 0xf), nests: true}
		case c < 0xa0:
			t[i] = shape{size: 1, items: c & 0xf, nests: true}
		case c < 0xc0:
			t[i] = shape{size: 1 + c&0x1f}
		}
	}
	for c, size := range map[byte]byte{
		0xc0: 1, 0xc2: 1, 0xc3: 1, 0xca: 5, 0xcb: 9, 0xcc: 2, 0xcd: 3, 0xce: 5, 0xcf: 9,
		0xd0: 2, 0xd1: 3, 0xd2: 5, 0xd3: 9, 0xd4: 3, 0xd5: 4, 0xd6: 6, 0xd7: 10, 0xd8: 18,
	} {
		t[c] = shape{size: size}
	}
	for c, length := range map[byte]byte{0xc4: 1, 0xc5: 2, 0xc6: 4, 0xd9: 1, 0xda: 2, 0xdb: 4} {
		t[c] = shape{size: 1 + length, length: length}
	}
	for c, length := range map[byte]byte{0xc7: 1, 0xc8: 2, 0xc9: 4} { // and the type of an extension
		t[c] = shape{size: 2 + length, length: length}
	}
	for c, length := range map[byte]byte{0xdc: 2, 0xdd: 4} {
		t[c] = shape{size: 1 + length, length: length, nests: true}
	}
	for c, length := range map[byte]byte{0xde: 2, 0xdf: 4} {
		t[c] = shape{size: 1 + length, length: length, nests: true, pairs: true}
	}
	return t
}()

// A shape is what a first byte says of its value.
type shape struct {
	size   byte // of the head: the first byte, the length and what is of a fixed size
	length byte // how many bytes behind the first are a length
	items  byte // values that follow where none are
	nests  bool // the length counts values, and not bytes
	pairs  bool // of two values each
}

// head returns how many bytes of a value stand for themselves, and how many values
// follow in it. b[0] is there; errShort says that the length is not whole.
func head(b []byte) (size, items uint64, nests bool, err error) {
	s := shapes[b[0]]
	if s.size == 0 {
		return 0, 0, false, errNotMsgpack
	}
	size, items = uint64(s.size), uint64(s.items)
	if s.length == 0 {
		return size, items, s.nests, nil
	}
	if len(b) <= int(s.length) {
		return 0, 0, false, errShort
	}
	var n uint64
	switch s.length {
	case 1:
		n = uint64(b[1])
	case 2:
		n = uint64(binary.BigEndian.Uint16(b[1:]))
	default:
		n = uint64(binary.BigEndian.Uint32(b[1:]))
	}
	switch {
	case s.pairs:
		items = 2 * n
	case s.nests:
		items = n
	default:
		size += n
	}
	return size, items, s.nests, nil
}

// A depthError is the error of a value that is nested deeper than allowed.
type depthError int

func (e depthError) Error() string {
	return fmt.Sprintf("maps and arrays nested deeper than %d (fluentsource.Depth)", int(e))
}

// skip returns what follows the first value of b. It is msgp.Skip with a limit of ours:
// that of msgp is so high that a few bytes can take a stack of megabytes.
func skip(b []byte, depth int) ([]byte, error) {
	if len(b) == 0 {
		return nil, errShort
	}
	size, items, nests, err := head(b)
	if err != nil {
		return nil, err
	}
	if uint64(len(b)) < size {
		return nil, errShort
	}
	b = b[size:]
	if !nests {
		return b, nil
	}
	if depth <= 0 {
		return nil, errDeep
	}
	if items > uint64(len(b)) { // each takes a byte
		return nil, errShort
	}
	for ; items > 0; items-- {
		if b, err = skip(b, depth-1); err != nil {
			return nil, err
		}
	}
	return b, nil
}
