package sealed

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// A header stands in front of each piece:
//
//	 0  8  magic
//	 8  1  version
//	 9  1  form of what follows: 'w' whole, 'm' whole with a roster, 'g' growing
//	10  2  length of the name of the key
//	12  2  length of the wrapped data key
//	14     name and wrapped key
//	    4  CRC-32C of all before
//	    1  40, the length of what Tink calls the header
//	   32  salt
//	    7  what the nonces of the piece begin with
//
// Numbers are little-endian. The checksum tells a header that has rotted, which is
// damage, from one for which there is no key. It is of no use against who means harm, and need not be: the key of the piece is
// derived from the header as well.
const (
	magic   = "FRESHETS"
	version = 1

	formWhole   = 'w'
	formRoster  = 'm'
	formGrowing = 'g'

	saltSize   = 32
	prefixSize = 7
	tinkSize   = 1 + saltSize + prefixSize
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A header is one that was parsed.
type header struct {
	form    byte
	name    string // of the key
	wrapped []byte
	raw     []byte // all up to the salt
	salt    [saltSize]byte
	prefix  [prefixSize]byte
	size    int // of all of it
}

// isSealed reports whether a piece begins as those of this package do.
func isSealed(b []byte) bool { return len(b) >= len(magic) && string(b[:len(magic)]) == magic }

// headStart is up to where the lengths of the rest stand.
const headStart = 14

// headerSize returns how long the header is that begins with b, which has headStart bytes.
func headerSize(b []byte) int {
	return headStart + int(binary.LittleEndian.Uint16(b[10:])) + int(binary.LittleEndian.Uint16(b[12:])) + 4 + tinkSize
}

func appendHeader(b []byte, form byte, name string, wrapped []byte, salt, prefix []byte) []byte {
	start := len(b)
	b = append(b, magic...)
	b = append(b, version, form)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(name)))
	b = binary.LittleEndian.AppendUint16(b, uint16(len(wrapped)))
	b = append(append(b, name...), wrapped...)
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
	return append(append(append(b, tinkSize), salt...), prefix...)
}

// parseHeader reads what a sealed piece begins with.
func parseHeader(b []byte) (*header, error) {
	if !isSealed(b) {
		return nil, fmt.Errorf("%w: it is not sealed", checkpoint.ErrSealed)
	}
	if len(b) < headStart || len(b) < headerSize(b) {
		return nil, fmt.Errorf("%w: %d bytes end in the header", checkpoint.ErrDamaged, len(b))
	}
	h := &header{form: b[9], size: headerSize(b)}
	h.raw = b[:h.size-tinkSize]
	rest := b[len(h.raw):h.size]
	sum := h.raw[:len(h.raw)-4]
	n := int(binary.LittleEndian.Uint16(b[10:]))
	h.name, h.wrapped = string(sum[headStart:headStart+n]), sum[headStart+n:]
	copy(h.salt[:], rest[1:])
	copy(h.prefix[:], rest[1+saltSize:])
	switch {
	case crc32.Checksum(sum, castagnoli) != binary.LittleEndian.Uint32(h.raw[len(sum):]):
		return nil, fmt.Errorf("%w: the header has a wrong checksum", checkpoint.ErrDamaged)
	case b[8] != version:
		return nil, fmt.Errorf("%w: it is sealed in version %d, and this program opens version %d", checkpoint.ErrVersion, b[8], version)
	case n == 0 || n > mostName || len(h.wrapped) == 0 || len(h.wrapped) > mostWrapped:
		return nil, fmt.Errorf("%w: the key has a name of %d bytes and %d wrapped ones", checkpoint.ErrDamaged, n, len(h.wrapped))
	case rest[0] != tinkSize:
		return nil, fmt.Errorf("%w: %d bytes of salt and nonce, not %d", checkpoint.ErrDamaged, rest[0], tinkSize)
	}
	return h, nil
}

// appendText appends a text so that what several make up can be taken apart in one way only.
func appendText(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(s))), s...)
}

// binding is what the key of a piece depends on, other than the data key and the salt.
func binding(raw []byte, realm, name string) []byte {
	return appendText(appendText(appendText(nil, string(raw)), realm), name)
}
