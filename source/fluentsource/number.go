package fluentsource

import (
	"errors"
	"math"
	"strconv"

	"github.com/tinylib/msgp/msgp"
)

// A number is one as it has come.
type number struct {
	kind numberKind
	bits uint64
}

type numberKind uint8

const (
	signed   numberKind = iota // an int64
	unsigned                   // a uint64 above all int64
	floating
)

func (n number) float() float64 {
	switch n.kind {
	case signed:
		return float64(int64(n.bits))
	case unsigned:
		return float64(n.bits)
	}
	return math.Float64frombits(n.bits)
}

func (n number) String() string {
	switch n.kind {
	case signed:
		return strconv.FormatInt(int64(n.bits), 10)
	case unsigned:
		return strconv.FormatUint(n.bits, 10)
	}
	return strconv.FormatFloat(n.float(), 'g', -1, 64)
}

func isNumber(c byte) bool { return c < 0x80 || c >= 0xe0 || c >= 0xca && c <= 0xd3 }

// isText reports whether a value that begins with c is a str or a bin.
func isText(c byte) bool {
	return c >= 0xa0 && c < 0xc0 || c >= 0xd9 && c <= 0xdb || c >= 0xc4 && c <= 0xc6
}

// readText reads what isText: old senders know but one of str and bin.
func readText(b []byte) (text, rest []byte, err error) {
	if c := b[0]; c < 0xc0 {
		n := 1 + int(c&0x1f)
		if len(b) < n {
			return nil, nil, errShort
		}
		return b[1:n], b[n:], nil
	}
	size, _, _, err := head(b)
	if err != nil {
		return nil, nil, err
	}
	if uint64(len(b)) < size {
		return nil, nil, errShort
	}
	return b[shapes[b[0]].size:size], b[size:], nil
}

// readNumber reads what isNumber.
func readNumber(b []byte) (n number, rest []byte, err error) {
	switch c := b[0]; c {
	case 0xca:
		var f float32
		f, rest, err = msgp.ReadFloat32Bytes(b)
		return number{floating, math.Float64bits(float64(f))}, rest, err
	case 0xcb:
		var f float64
		f, rest, err = msgp.ReadFloat64Bytes(b)
		return number{floating, math.Float64bits(f)}, rest, err
	case 0xcf:
		var u uint64
		u, rest, err = msgp.ReadUint64Bytes(b)
		if u > math.MaxInt64 {
			return number{unsigned, u}, rest, err
		}
		return number{signed, u}, rest, err
	}
	i, rest, err := msgp.ReadInt64Bytes(b)
	return number{signed, uint64(i)}, rest, err
}

var errFraction = errors.New("it has a fraction")

// toInt returns n as an integer of so many bits.
func (n number) toInt(bits int) (int64, error) {
	i := int64(n.bits)
	switch n.kind {
	case unsigned:
		return 0, strconv.ErrRange
	case floating:
		f := n.float()
		if f != math.Trunc(f) {
			return 0, errFraction
		}
		if f < -1<<63 || f >= 1<<63 {
			return 0, strconv.ErrRange
		}
		i = int64(f)
	}
	if shift := 64 - bits; i<<shift>>shift != i {
		return 0, strconv.ErrRange
	}
	return i, nil
}

// toUint returns n as an unsigned integer of so many bits.
func (n number) toUint(bits int) (uint64, error) {
	u := n.bits
	switch n.kind {
	case signed:
		if int64(u) < 0 {
			return 0, strconv.ErrRange
		}
	case floating:
		f := n.float()
		if f != math.Trunc(f) {
			return 0, errFraction
		}
		if f < 0 || f >= 1<<64 {
			return 0, strconv.ErrRange
		}
		u = uint64(f)
	}
	if shift := 64 - bits; u<<shift>>shift != u {
		return 0, strconv.ErrRange
	}
	return u, nil
}

// textNumber reads a number from text, as Fluentd's parsers leave it. It is a float only
// where it is no integer.
func textNumber(b []byte) (n number, err error) {
	if i, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		return number{signed, uint64(i)}, nil
	}
	if u, err := strconv.ParseUint(string(b), 10, 64); err == nil {
		return number{unsigned, u}, nil
	}
	f, err := strconv.ParseFloat(string(b), 64)
	if err != nil {
		return n, errors.Unwrap(err)
	}
	return number{floating, math.Float64bits(f)}, nil
}

// anyNumber reads a number, or text that is one. Where b begins with neither, or the
// text is none, it returns the misfit.
func anyNumber(b []byte, want string) (n number, rest []byte, err error) {
	switch c := b[0]; {
	case isNumber(c):
		return readNumber(b)
	case isText(c):
		text, rest, err := readText(b)
		if err != nil {
			return n, nil, err
		}
		if n, err = textNumber(text); err != nil {
			if err != strconv.ErrRange {
				err = nil // "abc" needs no more explanation
			}
			return n, nil, unfit(b, want, err)
		}
		return n, rest, nil
	}
	return n, nil, unfit(b, want, nil)
}
