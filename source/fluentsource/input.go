package fluentsource

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/freshet-go/freshet/source/pushsource"
)

// An input is a message, or what is packed in one, as its bytes come. Values are decoded
// where the client's buffer has them; those that do not fit into it are put together
// elsewhere. It never reads behind what it has to.
type input struct {
	r       *bufio.Reader
	left    uint64 // bytes that may be read
	limited bool   // left is where the payload ends, and not how large a message may be
	reserve func(int) error
	scan    scan
	first   []byte // the beginning of a record that is too large
}

// errRecord is the cause of a record that is too large.
var errRecord = errors.New("it is too large")

// seen returns what is there without reading.
func (in *input) seen() []byte {
	n := in.r.Buffered()
	if uint64(n) > in.left {
		n = int(in.left)
	}
	b, _ := in.r.Peek(n) // it is there
	return b
}

// need returns at least n bytes, and what else is there.
func (in *input) need(n int) ([]byte, error) {
	if b := in.seen(); len(b) >= n {
		return b, nil
	}
	if uint64(n) > in.left {
		return nil, in.over()
	}
	if _, err := in.r.Peek(n); err != nil {
		return nil, cut(err)
	}
	return in.seen(), nil
}

// over is the error of reading more than may be read.
func (in *input) over() error {
	if in.limited {
		return fmt.Errorf("%w: the payload ends in an entry", errNotMsgpack)
	}
	return pushsource.ErrTooLarge
}

// cut is the error of a message that has ended in the middle.
func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (in *input) discard(n int) {
	_, _ = in.r.Discard(n) // they are there
	in.left -= uint64(n)
}

// ended reports whether nothing follows.
func (in *input) ended() (bool, error) {
	if in.left == 0 {
		return true, nil
	}
	if in.r.Buffered() > 0 {
		return false, nil
	}
	_, err := in.r.Peek(1)
	if err == io.EOF && !in.limited {
		return true, nil
	}
	return false, cut(err)
}

// whole returns the next n values, whose bytes are taken, and may be looked at until
// the next call. Those of more than most bytes are passed over: the error is
// errRecord then, and first holds their beginning.
func (in *input) whole(n uint64, most int) ([]byte, error) {
	in.scan.begin(n)
	for at := 0; ; {
		b := in.seen()
		read, done, err := in.scan.more(b[at:])
		at += read
		switch {
		case err != nil:
			return nil, err
		case done && at > most:
			in.begins(b)
			in.discard(at)
			return nil, errRecord
		case done:
			in.discard(at)
			return b[:at], nil
		case uint64(at)+in.scan.least() > in.left || uint64(len(b)) == in.left:
			return nil, in.over()
		case uint64(at)+in.scan.least() > uint64(most):
			in.begins(b)
			in.discard(at)
			return nil, in.pass()
		case len(b) == in.r.Size():
			return in.gather(b[:at], most)
		}
		if _, err := in.r.Peek(len(b) + 1); err != nil {
			return nil, cut(err)
		}
	}
}

// begins keeps what a rejected record begins with.
func (in *input) begins(b []byte) { in.first = append(in.first[:0], b[:min(len(b), 1<<10)]...) }

// pass takes the values that the scan is in, and keeps nothing.
func (in *input) pass() error {
	for {
		b := in.seen()
		read, done, err := in.scan.more(b)
		in.discard(read)
		switch {
		case err != nil:
			return err
		case done:
			return errRecord
		case in.scan.least() > in.left || uint64(len(b)-read) == in.left:
			return in.over()
		}
		// What is left is the head of a value, and less than 9 bytes.
		if _, err := in.r.Peek(len(b) - read + 1); err != nil {
			return cut(err)
		}
	}
}

// gather puts the values together that the scan is in, which begin with b.
func (in *input) gather(b []byte, most int) ([]byte, error) {
	var all []byte
	for {
		if need := len(all) + len(b); need > cap(all) {
			size := min(max(need, 2*cap(all)), most)
			if err := in.reserve(size); err != nil {
				return nil, err
			}
			all = append(make([]byte, 0, size), all...)
		}
		all = append(all, b...)
		in.discard(len(b))
		for {
			seen := in.seen()
			read, done, err := in.scan.more(seen)
			switch least := in.scan.least(); {
			case err != nil:
				return nil, err
			case done && len(all)+read <= most:
				all = append(all, seen[:read]...)
				in.discard(read)
				return all, nil
			case done:
				in.begins(all)
				in.discard(read)
				return nil, errRecord
			case uint64(read)+least > in.left || uint64(len(seen)) == in.left:
				return nil, in.over()
			case uint64(len(all)+read)+least > uint64(most):
				in.begins(all)
				in.discard(read)
				return nil, in.pass()
			}
			if b = seen[:read]; read > 0 {
				break
			}
			if _, err := in.r.Peek(len(seen) + 1); err != nil {
				return nil, cut(err)
			}
		}
	}
}
