package record

import (
	"encoding/binary"
	"io"
)

// A writer is where values are written to.
type writer struct {
	b       []byte
	depth   int
	entries []mapEntry // of the maps being written, outermost first
	scratch []byte
}

// open makes room for a length and returns where what it counts will start.
func (w *writer) open() int {
	w.b = append(w.b, 0)
	return len(w.b)
}

// close writes the length of what was written since open. Most are below 128
// and fit the room; for others, what was written moves.
func (w *writer) close(start int) {
	n := len(w.b) - start
	if n < 0x80 {
		w.b[start-1] = byte(n)
		return
	}
	var length [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(length[:], uint64(n))
	w.b = append(w.b, length[1:size]...)
	copy(w.b[start+size-1:], w.b[start:start+n])
	copy(w.b[start-1:], length[:size])
}

func (w *writer) enter() error {
	if w.depth++; w.depth > maxDepth {
		return errDepth
	}
	return nil
}

// A reader is where values are read from: what is left of a record.
type reader struct {
	b     []byte
	depth int
}

func (r *reader) enter() error {
	if r.depth++; r.depth > maxDepth {
		return errDepth
	}
	return nil
}

func (r *reader) uvarint() (uint64, error) {
	if len(r.b) > 0 && r.b[0] < 0x80 {
		n := r.b[0]
		r.b = r.b[1:]
		return uint64(n), nil
	}
	n, used := binary.Uvarint(r.b)
	switch {
	case used == 0:
		return 0, io.ErrUnexpectedEOF
	case used < 0:
		return 0, errVarint
	}
	r.b = r.b[used:]
	return n, nil
}

// bytes returns the next n bytes, which are a part of the record.
func (r *reader) bytes(n uint64) ([]byte, error) {
	if n > uint64(len(r.b)) {
		return nil, io.ErrUnexpectedEOF
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b, nil
}

// counted returns the bytes behind a length.
func (r *reader) counted() ([]byte, error) {
	n, err := r.uvarint()
	if err != nil {
		return nil, err
	}
	return r.bytes(n)
}

func zigzag(n int64) uint64   { return uint64(n<<1) ^ uint64(n>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }
