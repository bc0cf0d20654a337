package binlogsource

import (
	"encoding/hex"
	"fmt"
	"net/netip"
)

// counted returns the bytes behind their length, and how many bytes both take.
func (c *column) counted(data []byte) ([]byte, int, error) {
	if len(data) < c.size {
		return nil, 0, errShort
	}
	n := little(data[:c.size])
	if n > uint64(len(data)-c.size) {
		return nil, 0, errShort
	}
	end := c.size + int(n)
	return data[c.size:end], end, nil
}

func readText(c *column, data []byte, v *value) (int, error) {
	text, n, err := c.counted(data)
	v.kind, v.b = isText, text
	if c.charset == latin1 {
		v.b = c.decoded(text)
	}
	return n, err
}

func readBytes(c *column, data []byte, v *value) (int, error) {
	b, n, err := c.counted(data)
	if err != nil {
		return 0, err
	}
	return n, c.bytes(b, v)
}

// readPadded reads a BINARY(n), whose last zeros the log leaves out.
func readPadded(c *column, data []byte, v *value) (int, error) {
	b, n, err := c.counted(data)
	if err != nil {
		return 0, err
	}
	if len(b) < int(c.precision) {
		c.scratch = append(c.scratch[:0], b...)
		for len(c.scratch) < int(c.precision) {
			c.scratch = append(c.scratch, 0)
		}
		b = c.scratch
	}
	return n, c.bytes(b, v)
}

// bytes makes v what the column's bytes stand for.
func (c *column) bytes(b []byte, v *value) error {
	v.kind, v.b = isBytes, b
	switch c.kind {
	case ofUUID:
		if len(b) != 16 {
			return fmt.Errorf("%d bytes are no UUID", len(b))
		}
		v.kind, v.b = isText, appendUUID(nil, b)
	case ofInet4, ofInet6:
		a, ok := netip.AddrFromSlice(b)
		if !ok {
			return fmt.Errorf("%d bytes are no address", len(b))
		}
		v.kind, v.b = isText, []byte(a.String())
	}
	return nil
}

// appendUUID writes a UUID as text. MariaDB stores those of versions 1 to 5 with their last part
// first, so that ones made one after the other are neighbours.
func appendUUID(to, b []byte) []byte {
	order := [16]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	if swappedUUID(b) {
		order = [16]int{12, 13, 14, 15, 10, 11, 8, 9, 6, 7, 0, 1, 2, 3, 4, 5}
	}
	for i, at := range order {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			to = append(to, '-')
		}
		to = hex.AppendEncode(to, b[at:at+1])
	}
	return to
}

// swappedUUID reports a UUID that is stored with its parts swapped: its version and
// variant stand where such a one has them.
func swappedUUID(b []byte) bool {
	return b[8]>>4 >= 1 && b[8]>>4 <= 5 && b[6]&0x80 != 0
}
