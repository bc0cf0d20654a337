package fluentsource

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"

	"github.com/freshet-go/freshet/source/pushsource"
)

// An inflater reads a payload that is compressed by gzip, in one member or several.
type inflater struct {
	zip    *gzip.Reader // nil before the first payload
	out    *bufio.Reader
	from   *input
	taken  uint64 // bytes of the payload
	given  uint64
	ratio  uint64
	failed error // of the client
}

const (
	inflaterSize = 80 << 10 // about: a window, tables and a buffer
	outSize      = 32 << 10
	freely       = 1 << 20 // may come of a payload however small it is
)

// errInflate is the error of a payload that is not what gzip makes.
var errInflate = errors.New("the gzip of its payload is damaged")

func newInflater() any {
	z := new(inflater)
	z.out = bufio.NewReaderSize(inflating{z}, outSize)
	return z
}

// begin begins with a payload.
func (z *inflater) begin(from *input, ratio int) (err error) {
	z.from, z.taken, z.given, z.ratio, z.failed = from, 0, 0, uint64(ratio), nil
	z.out.Reset(inflating{z})
	if z.zip == nil {
		z.zip, err = gzip.NewReader(z)
	} else {
		err = z.zip.Reset(z)
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return z.cause(err)
}

// cause tells the error of the client from that of the payload.
func (z *inflater) cause(err error) error {
	switch {
	case err == nil || err == io.EOF:
		return err
	case z.failed != nil:
		return cut(z.failed)
	}
	return fmt.Errorf("%w: %v", errInflate, err) // not the end of the client
}

// Read reads of the payload.
func (z *inflater) Read(b []byte) (n int, err error) {
	in := z.from
	if in.left == 0 {
		return 0, io.EOF
	}
	n, err = in.r.Read(b[:min(uint64(len(b)), in.left)])
	in.left -= uint64(n)
	z.taken += uint64(n)
	if err != nil {
		z.failed = err
	}
	return n, err
}

// ReadByte keeps gzip from a buffer of its own.
func (z *inflater) ReadByte() (b byte, err error) {
	in := z.from
	if in.left == 0 {
		return 0, io.EOF
	}
	if b, err = in.r.ReadByte(); err != nil {
		z.failed = err
		return 0, err
	}
	in.left--
	z.taken++
	return b, nil
}

// inflating is what comes of a payload.
type inflating struct{ z *inflater }

func (i inflating) Read(b []byte) (int, error) {
	z := i.z
	n, err := z.zip.Read(b)
	if z.given += uint64(n); z.given > freely && z.given/z.ratio > z.taken {
		return 0, fmt.Errorf("%w: it inflates to more than %d times its size (fluentsource.Inflation)", pushsource.ErrTooLarge, z.ratio)
	}
	if n > 0 {
		return n, nil // an error comes again
	}
	return 0, z.cause(err)
}
