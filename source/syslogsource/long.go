package syslogsource

import (
	"bufio"
	"fmt"
	"io"

	"github.com/freshet-go/freshet/source/pushsource"
)

// readCounted reads n bytes. Of more than most it keeps most+1, so that take sees it: no memory follows the
// number that a client announces.
func readCounted(c *pushsource.Conn[Message], n, most int) (message []byte, err error) {
	r := c.Reader()
	for left := n; left > 0; {
		part, err := r.Peek(min(left, max(r.Buffered(), 1)))
		if err != nil {
			if err == io.EOF {
				err = cutShort(n)
			}
			return nil, err
		}
		if message, err = keep(c, message, part, most); err != nil {
			return nil, err
		}
		left -= len(part)
		if _, err := r.Discard(len(part)); err != nil {
			return nil, err
		}
	}
	return message, nil
}

// readLine reads up to a line end, or to the client's. Of more than most it keeps most+1.
func readLine(c *pushsource.Conn[Message], most int) (message []byte, err error) {
	r := c.Reader()
	for ended := false; !ended; {
		part, err := r.Peek(max(r.Buffered(), 1))
		if err == io.EOF {
			return message, nil
		}
		if err != nil {
			return nil, err
		}
		size := len(part)
		if end := lineEnd(part); end >= 0 {
			part, size, ended = part[:end], end+1, true
		}
		if message, err = keep(c, message, part, most); err != nil {
			return nil, err
		}
		if _, err := r.Discard(size); err != nil {
			return nil, err
		}
	}
	return message, nil
}

// keep appends a part of a message as long as it has most bytes at most, and then one more.
func keep(c *pushsource.Conn[Message], message, part []byte, most int) ([]byte, error) {
	part = part[:min(len(part), most-len(message)+1)]
	if len(part) == 0 {
		return message, nil
	}
	// One byte more is not a byte too much: the message will be rejected, and its record is a KiB.
	if err := c.Reserve(min(len(part), most-len(message))); err != nil {
		return nil, err
	}
	return append(message, part...), nil
}

func cutShort(n int) error {
	return fmt.Errorf("it ends inside of a message of %d bytes: %w", n, io.ErrUnexpectedEOF)
}

// peek returns up to n bytes that are in the buffer.
func peek(r *bufio.Reader, n int) []byte {
	b, _ := r.Peek(min(n, r.Buffered()))
	return b
}
