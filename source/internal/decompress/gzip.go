package decompress

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// A gzipReader reads the members of a gzip file, one after the other, as
// gzip.Reader does, but tells what follows the last of them from a header that
// is cut short.
type gzipReader struct {
	raw    *bufio.Reader
	member *gzip.Reader
}

func newGzipReader(raw *bufio.Reader) (*gzipReader, error) {
	z, err := gzip.NewReader(raw)
	if err != nil {
		return nil, err
	}
	z.Multistream(false)
	return &gzipReader{raw, z}, nil
}

func (z *gzipReader) Read(p []byte) (int, error) {
	for {
		n, err := z.member.Read(p)
		if err != io.EOF || n > 0 {
			return n, ignoreEOF(err)
		}
		if err := z.passPadding(); err != nil {
			return 0, err
		}
		head, err := z.raw.Peek(len(gzipMagic))
		switch {
		case len(head) == 0:
			return 0, err // io.EOF at the end
		case !couldBegin(head, gzipMagic):
			return 0, fmt.Errorf("bytes behind the gzip data that are none: %q: %w", head, gzip.ErrHeader)
		}
		if err := z.member.Reset(z.raw); err != nil {
			return 0, err
		}
		z.member.Multistream(false)
	}
}

// passPadding passes over zeros behind a member, with which tapes and some stores
// fill up files: gzip(1) ignores them.
func (z *gzipReader) passPadding() error {
	for {
		b, err := z.raw.Peek(1)
		if len(b) == 0 && err != io.EOF {
			return err
		}
		if len(b) == 0 || b[0] != 0 {
			return nil
		}
		z.raw.Discard(1)
	}
}

// ignoreEOF returns nil for the end of a member, which the next Read tells
// again.
func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
