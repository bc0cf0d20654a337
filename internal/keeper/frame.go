package keeper

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// A frame is what every file is: a header and a payload.
//
//	 0  8  magic
//	 8  1  kind: 'm' for a manifest, 's' for state
//	 9  1  format version
//	10  2  version of the codec that the payload is encoded with
//	12  8  length of the payload
//	20  4  CRC-32C of all before and of the payload
//	24     payload
//
// Numbers are little-endian.
const (
	magic      = "FRESHET\n"
	headerSize = 24

	// Since version 2 the pieces of a manifest have patches, without which
	// they are not what they were. What version 1 has is read as ever.
	formatVersion = 2

	kindManifest = 'm'
	kindState    = 's'
)

// ErrVersion says that a later program has written a file. Going on from an
// older checkpoint instead would do again what that program has done.
var ErrVersion = errors.New("written by a later version")

// ErrDamaged says that a file is not what was written.
var ErrDamaged = errors.New("damaged")

var (
	// ErrSealed says that a file is sealed and the keys at hand do not open it, or
	// that it is not sealed where it has to be.
	ErrSealed = errors.New("not to be opened with the keys at hand")
	// ErrKeysAway says that the source of keys has failed, which may pass.
	ErrKeysAway = errors.New("the source of keys does not answer")
)

// sealedMagic begins the files of package sealed.
const sealedMagic = "FRESHETS"

// withheld reports whether a file may be whole, though it cannot be read as things
// are. Going on from an older checkpoint would do again what was done since.
func withheld(err error) bool {
	return errors.Is(err, ErrVersion) || errors.Is(err, ErrSealed) || errors.Is(err, ErrKeysAway)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal returns the frame of what the parts make up: its header, and the parts.
func seal(kind byte, codec uint16, parts ...[]byte) [][]byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	b := make([]byte, headerSize)
	copy(b, magic)
	b[8], b[9] = kind, formatVersion
	binary.LittleEndian.PutUint16(b[10:], codec)
	binary.LittleEndian.PutUint64(b[12:], uint64(n))
	binary.LittleEndian.PutUint32(b[20:], frameSum(b, parts...))
	return append([][]byte{b}, parts...)
}

func frameSum(header []byte, parts ...[]byte) uint32 {
	sum := crc32.Checksum(header[:20], castagnoli)
	for _, p := range parts {
		sum = crc32.Update(sum, castagnoli, p)
	}
	return sum
}

// unseal returns the payload of a frame, which it checks.
func unseal(kind byte, b []byte) (codec uint16, payload []byte, err error) {
	switch {
	case len(b) < headerSize:
		return 0, nil, fmt.Errorf("%w: %d bytes are no header", ErrDamaged, len(b))
	case string(b[:8]) == sealedMagic:
		return 0, nil, fmt.Errorf("%w: it is sealed; hand the run the store that sealed.Store makes of this one", ErrSealed)
	case string(b[:8]) != magic:
		return 0, nil, fmt.Errorf("%w: it begins with %q", ErrDamaged, b[:8])
	case uint64(len(b)-headerSize) != binary.LittleEndian.Uint64(b[12:]):
		return 0, nil, fmt.Errorf("%w: %d bytes of %d", ErrDamaged, len(b)-headerSize, binary.LittleEndian.Uint64(b[12:]))
	case frameSum(b, b[headerSize:]) != binary.LittleEndian.Uint32(b[20:]):
		return 0, nil, fmt.Errorf("%w: wrong checksum", ErrDamaged)
	case b[9] < 1 || b[9] > formatVersion:
		return 0, nil, fmt.Errorf("%w: format version %d, and this program reads up to version %d", ErrVersion, b[9], formatVersion)
	case b[8] != kind:
		return 0, nil, fmt.Errorf("%w: kind %q where %q belongs", ErrDamaged, b[8], kind)
	}
	return binary.LittleEndian.Uint16(b[10:]), b[headerSize:], nil
}
