package sealed

import (
	"bytes"
	"context"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/freshet-go/freshet/stream/checkpoint"
)

// readHeader reads what a file begins with: a header, or what there is of one.
func readHeader(r io.Reader) ([]byte, error) {
	b := make([]byte, headStart)
	n, err := io.ReadFull(r, b)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	if b = b[:n]; n < headStart || !isSealed(b) {
		return b, nil
	}
	b = append(b, make([]byte, headerSize(b)-headStart)...)
	n, err = io.ReadFull(r, b[headStart:])
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	return b[:headStart+n], nil
}

// isBegun reports whether b may be what a process that died has left of a header.
func isBegun(b []byte) bool {
	if len(b) < headStart {
		return bytes.HasPrefix([]byte(magic), b[:min(len(b), len(magic))])
	}
	return isSealed(b) && len(b) < headerSize(b)
}

// nothing is a file of which not even the header is there.
type nothing struct{ io.Closer }

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }

// plainFrom reads a file that is not sealed, of which head has been read.
func plainFrom(head []byte, raw io.ReadCloser, at int64) (io.ReadCloser, error) {
	r := io.MultiReader(bytes.NewReader(head), raw)
	if _, err := io.CopyN(io.Discard, r, at); err != nil && err != io.EOF {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{r, raw}, nil
}

// frames reads a file that grows.
type frames struct {
	ctx        context.Context
	raw        io.ReadCloser
	aead       cipher.AEAD
	prefix     [prefixSize]byte
	unfinished bool // it need not have its end

	number uint32
	size   uint64 // of what has been decrypted
	plain  []byte // of it, what has not been read
	box    []byte
	err    error
}

func (f *frames) Close() error { return f.raw.Close() }

func (f *frames) Read(p []byte) (int, error) {
	for len(f.plain) == 0 && f.err == nil {
		f.plain, f.err = f.next()
	}
	if len(f.plain) == 0 {
		return 0, f.err
	}
	n := copy(p, f.plain)
	f.plain = f.plain[n:]
	return n, nil
}

// next reads a frame. It is io.EOF behind the last one, and where a file that is unfinished ends.
func (f *frames) next() ([]byte, error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(f.raw, head[:]); err != nil {
		return nil, f.torn(err)
	}
	n := int(binary.LittleEndian.Uint32(head[:]))
	if n < tagSize || n > framePlain+tagSize {
		return nil, fmt.Errorf("%w: frame %d says that it has %d bytes", checkpoint.ErrDamaged, f.number, n)
	}
	if cap(f.box) < n {
		f.box = make([]byte, n, framePlain+tagSize)
	}
	box := f.box[:n]
	if _, err := io.ReadFull(f.raw, box); err != nil {
		return nil, f.torn(err)
	}
	// A frame of data has a nonce that the last one never has, so it is one or the other.
	if n == endPlain+tagSize {
		if end, err := openEnd(f.aead, &f.prefix, box); err == nil {
			return nil, f.end(end)
		}
	}
	non := nonce(&f.prefix, f.number, false)
	plain, err := f.aead.Open(box[:0], non[:], box, nil)
	if err != nil || f.number == endNumber {
		return nil, fmt.Errorf("%w: frame %d is not what was sealed: it was changed, moved or left out, or is of another file or pipeline", checkpoint.ErrDamaged, f.number)
	}
	f.number++
	f.size += uint64(len(plain))
	return plain, nil
}

// torn returns the error of a file that ends without its last frame.
func (f *frames) torn(err error) error {
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	if f.unfinished {
		return io.EOF
	}
	return fmt.Errorf("%w: it was cut off behind frame %d: %w", checkpoint.ErrDamaged, f.number, io.ErrUnexpectedEOF)
}

// An ending is what the last frame says.
type ending struct{ size, frames uint64 }

func openEnd(aead cipher.AEAD, prefix *[prefixSize]byte, box []byte) (e ending, err error) {
	non := nonce(prefix, endNumber, true)
	plain, err := aead.Open(nil, non[:], box, nil)
	if err != nil {
		return e, err
	}
	return ending{binary.LittleEndian.Uint64(plain), binary.LittleEndian.Uint64(plain[8:])}, nil
}

// end checks that all is there that the last frame tells of, and nothing behind it.
func (f *frames) end(e ending) error {
	if e.size != f.size || e.frames != uint64(f.number) {
		return fmt.Errorf("%w: %d frames with %d bytes of %d with %d", checkpoint.ErrDamaged, f.number, f.size, e.frames, e.size)
	}
	var more [1]byte
	switch _, err := io.ReadFull(f.raw, more[:]); err {
	case io.EOF:
		return io.EOF
	case nil:
		return fmt.Errorf("%w: there is more behind its end", checkpoint.ErrDamaged)
	default:
		return err
	}
}

// plainSize returns how much is sealed in frames that take up size bytes from the byte at on: what the
// last frame says. Where that is not there yet, the lengths of the frames are read.
func (s *files) plainSize(ctx context.Context, name string, f *frames, size, at int64) (n int64, err error) {
	if size >= endSize {
		r, _, err := s.inside.Open(ctx, name, at+size-endSize)
		if err != nil {
			return 0, err
		}
		var b [endSize]byte
		_, err = io.ReadFull(r, b[:])
		if err = errors.Join(err, r.Close()); err != nil {
			return 0, err
		}
		if end, err := openEnd(f.aead, &f.prefix, b[frameHead:]); err == nil {
			return int64(end.size), nil
		}
	}
	if !f.unfinished {
		return 0, fmt.Errorf("%w: it was cut off: its last frame is not there: %w", checkpoint.ErrDamaged, io.ErrUnexpectedEOF)
	}
	r, _, err := s.inside.Open(ctx, name, at)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		var head [frameHead]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return n, torn(err)
		}
		sealed := int64(binary.LittleEndian.Uint32(head[:]))
		if _, err := io.CopyN(io.Discard, r, sealed); err != nil {
			return n, torn(err)
		}
		n += max(sealed-tagSize, 0)
	}
}

// torn returns nil where a file ends in the middle.
func torn(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil
	}
	return err
}
