package beatssource

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/zlib"

	"github.com/freshet-go/freshet/source/pushsource"
)

// readCompressed reads a compressed frame, and hands over what it holds. Events are
// decoded while it is inflated, so no more of it is in memory than a buffer, and
// what is handed over.
func (f *frames) readCompressed() error {
	header, err := peek(f.in, compressedHeader)
	if err != nil {
		return err
	}
	if f.left == 0 {
		return errNoWindow
	}
	size := binary.BigEndian.Uint32(header[2:])
	if uint64(size) > uint64(f.message) {
		return fmt.Errorf("%w: a compressed frame of %d bytes, and Server.MaxMessage allows %d", pushsource.ErrTooLarge, size, f.message)
	}
	discard(f.in, compressedHeader)
	z := inflaters.Get().(*inflater)
	defer z.free()
	if err := z.begin(f.in, int64(size), f.limits); err != nil {
		return fmt.Errorf("a compressed frame of %d bytes: %w", size, err)
	}
	if err := f.inflate(z.out); err != nil {
		return fmt.Errorf("in a compressed frame of %d bytes: %w", size, err)
	}
	return z.end()
}

// inflate reads the events of a compressed frame.
func (f *frames) inflate(in *bufio.Reader) error {
	for {
		if _, err := in.Peek(1); err == io.EOF {
			if f.events == 0 {
				return nil
			}
			return f.hand()
		}
		kind, err := peek(in, 2)
		if err != nil {
			return err
		}
		if kind[0] != '2' || kind[1] != 'J' {
			return nested(kind)
		}
		fits, err := f.readEvent(in)
		if err == nil && (!fits || f.left == 0) {
			err = f.hand()
		}
		if err != nil {
			return err
		}
	}
}

// nested returns the error of a frame that has no place in a compressed one.
func nested(kind []byte) error {
	switch string(kind) {
	case "2C":
		return errors.New("a compressed frame, which no sender nests")
	case "2W":
		return errors.New("a window, which has its place before it")
	}
	return unknown(kind)
}

// An inflater inflates one compressed frame. It holds some 80 KiB.
type inflater struct {
	wire io.LimitedReader // the frame
	size int64            // of it
	in   *bufio.Reader    // of wire, as zlib is fast with these
	zlib io.ReadCloser
	out  *bufio.Reader // of the inflater itself

	limits
	inflated int64
}

var inflaters = sync.Pool{New: func() any {
	z := new(inflater)
	z.in = bufio.NewReaderSize(&z.wire, 4<<10)
	z.out = bufio.NewReaderSize(z, 32<<10)
	return z
}}

// begin has z inflate the next size bytes of in.
func (z *inflater) begin(in io.Reader, size int64, most limits) (err error) {
	z.wire, z.size = io.LimitedReader{R: in, N: size}, size
	z.limits, z.inflated = most, 0
	z.in.Reset(&z.wire)
	z.out.Reset(z)
	if z.zlib == nil {
		z.zlib, err = zlib.NewReader(z.in)
	} else {
		err = z.zlib.(zlib.Resetter).Reset(z.in, nil)
	}
	return whole(err)
}

// freely is how much may be inflated whatever the ratio. It costs less than a millisecond.
const freely = 1 << 20

// Read inflates, unless the frame has become too large for its size on the wire.
func (z *inflater) Read(b []byte) (int, error) {
	n, err := z.zlib.Read(b)
	z.inflated += int64(n)
	if come := z.size - z.wire.N; z.inflated > freely && z.inflated/int64(z.ratio) > come {
		return 0, fmt.Errorf("%w: %d bytes have become %d, and MaxRatio allows %d times as many", pushsource.ErrTooLarge, come, z.inflated, z.ratio)
	}
	return n, err
}

// end passes over what follows the compressed bytes in the frame.
func (z *inflater) end() error {
	_, err := io.Copy(io.Discard, z.in)
	if err == nil && z.wire.N > 0 {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (z *inflater) free() {
	z.wire.R = nil // which may be a connection that has ended
	inflaters.Put(z)
}
