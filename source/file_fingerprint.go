package source

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// ErrReplaced is the cause of a [ReadError] where a file, that a run is to go on
// in, no longer holds what was read from it.
var ErrReplaced = errors.New("the file has been replaced")

// A fingerprint stands for what was read from a file up to a place: its first
// bytes, which tell files of one name apart, and those before the place, so that
// nobody goes on in the middle of something else. A file that has grown has the
// same. It finds what was exchanged by accident: 64 bits of FNV-1a are no match
// for somebody who means to deceive.
func fingerprint(head, tail []byte) string {
	h := fnv.New64a()
	h.Write(head)
	h.Write(tail)
	return fmt.Sprintf("%016x", h.Sum64())
}

// printBytes is how many bytes the head and the tail have, or as many as stand
// before the place, if these are fewer.
const printBytes = 1 << 10

const replacedRemedy = "put the file back, give the new one a name of its own, or set source.AllowReplaced to read it from its beginning"

func errShrunk(size int64) error {
	return fmt.Errorf("%w: the file has only %d bytes (%s): %w", ErrReplaced, size, replacedRemedy, io.ErrUnexpectedEOF)
}

func errOther() error {
	return fmt.Errorf("%w: other bytes stand before this one than were read there (%s)", ErrReplaced, replacedRemedy)
}
