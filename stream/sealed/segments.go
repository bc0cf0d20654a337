package sealed

import (
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

const (
	segmentSize = 64 << 10 // of the ciphertext, with its tag
	tagSize     = 16
	firstPlain  = segmentSize - tinkSize - tagSize // as Tink has it: the first one makes room for salt and prefix
	laterPlain  = segmentSize - tagSize
)

// nonce returns that of a segment: the prefix, its number, and whether it is the last.
func nonce(prefix *[prefixSize]byte, number uint32, last bool) (n [12]byte) {
	copy(n[:], prefix[:])
	binary.BigEndian.PutUint32(n[prefixSize:], number)
	if last {
		n[11] = 1
	}
	return n
}

// segmentsOf returns how many segments n bytes make. No bytes make one.
func segmentsOf(n int) int {
	if n <= firstPlain {
		return 1
	}
	return 1 + (n-firstPlain+laterPlain-1)/laterPlain
}

// atOnce is how many segments are handed on at once.
const atOnce = 4

// sealed gives what the parts make up, encrypted, a few segments at a time, in a buffer that
// is used again.
func sealed(aead cipher.AEAD, prefix *[prefixSize]byte, parts [][]byte) (iter.Seq[[]byte], error) {
	count := segmentsOf(length(parts))
	if count > math.MaxUint32 {
		return nil, fmt.Errorf("sealed: %d bytes are more than a piece can have", length(parts))
	}
	return func(yield func([]byte) bool) {
		buffer := make([]byte, 0, min(count, atOnce)*segmentSize)
		part, from := 0, 0 // how far the parts have been taken
		for i := range count {
			want := laterPlain
			if i == 0 {
				want = firstPlain
			}
			// The segment is put together where it is going to be, and encrypted in place.
			at := len(buffer)
			for want > 0 && part < len(parts) {
				take := min(want, len(parts[part])-from)
				buffer = append(buffer, parts[part][from:from+take]...)
				want, from = want-take, from+take
				if from == len(parts[part]) {
					part, from = part+1, 0
				}
			}
			n := nonce(prefix, uint32(i), i == count-1)
			buffer = aead.Seal(buffer[:at], n[:], buffer[at:], nil)
			if i == count-1 || (i+1)%atOnce == 0 {
				if !yield(buffer) {
					return
				}
				buffer = buffer[:0]
			}
		}
	}, nil
}

func length(parts [][]byte) (n int) {
	for _, p := range parts {
		n += len(p)
	}
	return n
}

// sealSegments encrypts what the parts make up, and appends it to dst.
func sealSegments(dst []byte, aead cipher.AEAD, prefix *[prefixSize]byte, parts [][]byte) ([]byte, error) {
	all, err := sealed(aead, prefix, parts)
	if err != nil {
		return nil, err
	}
	n := length(parts)
	dst = slices.Grow(dst, n+segmentsOf(n)*tagSize)
	for some := range all {
		dst = append(dst, some...)
	}
	return dst, nil
}

// openSegments decrypts what sealSegments has made.
func openSegments(aead cipher.AEAD, prefix *[prefixSize]byte, body []byte) ([]byte, error) {
	out := make([]byte, 0, len(body))
	for i := 0; ; i++ {
		size := segmentSize
		if i == 0 {
			size -= tinkSize
		}
		size = min(size, len(body))
		last := size == len(body)
		if uint64(i) > math.MaxUint32 || size < tagSize {
			return nil, fmt.Errorf("%w: it was cut short in segment %d", checkpoint.ErrDamaged, i)
		}
		non := nonce(prefix, uint32(i), last)
		var err error
		if out, err = aead.Open(out, non[:], body[:size], nil); err != nil {
			return nil, fmt.Errorf("%w: segment %d is not what was sealed: it was changed, moved or cut off, or is of another file, checkpoint or pipeline", checkpoint.ErrDamaged, i)
		}
		if last {
			return out, nil
		}
		body = body[size:]
	}
}
