package source

import (
	"bytes"
	"io"
	"math"
)

// A fileBuffer holds a piece of a file, from which records are cut without
// copying them, and the printBytes before it.
type fileBuffer struct {
	in     io.Reader
	buf    []byte
	lo, hi int   // buf[lo:hi] has been read and not been cut
	at     int64 // where in the file buf[lo] stands
	limit  int   // of what has been read and not been cut
	err    error // why no more can be read: io.EOF at the end
}

const (
	minBuffer = 512
	maxBuffer = 128 << 10 // before a record needs more
)

func newFileBuffer(size int64, maxRecord int) *fileBuffer {
	// A record may bring a line end or the length before it.
	const around = 16
	limit := min(maxRecord, math.MaxInt-around-printBytes) + around
	// One byte more than the file has, so that one fill finds the end.
	n := min(max(size+1, minBuffer), maxBuffer, int64(limit))
	return &fileBuffer{buf: make([]byte, n), limit: limit}
}

// reset forgets what was read: in stands at the byte at.
func (b *fileBuffer) reset(in io.Reader, at int64) {
	b.in, b.lo, b.hi, b.at, b.err = in, 0, 0, at, nil
}

// bytes returns what has been read and not been cut, and whether it reaches to
// the end of the file.
func (b *fileBuffer) bytes() (data []byte, atEOF bool) {
	return b.buf[b.lo:b.hi], b.err == io.EOF
}

// cut takes the first n bytes away. They stay valid until fill.
func (b *fileBuffer) cut(n int) {
	b.lo += n
	b.at += int64(n)
}

// full reports whether the buffer may not grow for the record that it begins
// with.
func (b *fileBuffer) full() bool { return b.hi-b.lo >= b.limit }

// before returns the bytes that stand before the n-th of those that have been
// read and not been cut: printBytes, or as many as there are.
func (b *fileBuffer) before(n int) []byte { return b.buf[max(b.lo+n-printBytes, 0) : b.lo+n] }

// fill reads more, until the buffer is full or the file ends. It grows the
// buffer if nothing else makes room.
func (b *fileBuffer) fill() {
	if from := b.lo - printBytes; from > 0 {
		b.hi = copy(b.buf, b.buf[from:b.hi])
		b.lo -= from
	}
	if b.hi == len(b.buf) {
		grown := make([]byte, min(2*len(b.buf), b.limit+printBytes))
		copy(grown, b.buf)
		b.buf = grown
	}
	for empty := 0; b.err == nil && b.hi < len(b.buf); {
		n, err := b.in.Read(b.buf[b.hi:])
		b.hi += n
		if empty++; n > 0 {
			empty = 0
		}
		if err == nil && empty == 100 {
			err = io.ErrNoProgress
		}
		b.err = err
	}
}

// dropLine cuts everything up to and including the next line feed. It
// reports false if what has been read holds none, and cuts all of that.
func (b *fileBuffer) dropLine() bool {
	i := bytes.IndexByte(b.buf[b.lo:b.hi], '\n')
	if i < 0 {
		b.cut(b.hi - b.lo)
		return false
	}
	b.cut(i + 1)
	return true
}
