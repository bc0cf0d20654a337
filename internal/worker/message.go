package worker

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Version is that of the messages.
const Version = 2

// Window is how many frames may be under way to a worker.
const Window = 16

// MaxMessage bounds a message: a batch that is longer cannot be sent.
const MaxMessage = 64 << 20

// piece is how long a piece of state is at most.
const piece = 1 << 20

// The kinds of messages.
const (
	Open    byte = 'O'
	Group   byte = 'G'
	Rest    byte = 'R'
	More    byte = '+' // of the Rest before
	Begin   byte = 'B'
	Frame   byte = 'F'
	Advance byte = 'W' // of a bounded job
	Taken   byte = 'T'
	Barrier byte = 'C'
	Durable byte = 'D'
	Saved   byte = 'S'
	Ended   byte = 'E'
	Failed  byte = 'X'
)

// A Message is one, as it was read.
type Message struct {
	Kind byte
	Body []byte
}

var errLong = errors.New("worker: a message is longer than 64 MiB")

// Read reads a message. It allocates no more than what has come, or a little more. The error is
// io.EOF where the input ends between two messages.
func Read(r io.Reader) (Message, error) { return readInto(r, nil) }

// readInto is Read with room for the body, which is used if it is enough.
func readInto(r io.Reader, room []byte) (Message, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:4]); err != nil {
		return Message{}, err
	}
	n := binary.BigEndian.Uint32(head[:])
	switch {
	case n == 0:
		return Message{}, errors.New("worker: a message of no kind")
	case n > MaxMessage:
		return Message{}, errLong
	}
	if _, err := io.ReadFull(r, head[4:]); err != nil {
		return Message{}, cutShort(err)
	}
	m := Message{Kind: head[4]}
	if n := int(n) - 1; n <= cap(room) {
		m.Body = room[:n]
		if _, err := io.ReadFull(r, m.Body); err != nil {
			return Message{}, cutShort(err)
		}
		return m, nil
	}
	for left := int(n) - 1; left > 0; {
		from, some := len(m.Body), min(left, max(64<<10, len(m.Body)))
		body := make([]byte, from+some)
		copy(body, m.Body)
		if _, err := io.ReadFull(r, body[from:]); err != nil {
			return Message{}, cutShort(err)
		}
		m.Body, left = body, left-some
	}
	return m, nil
}

func cutShort(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Append appends a message whose body is the parts one after another.
func Append(b []byte, kind byte, parts ...[]byte) ([]byte, error) {
	n := 1
	for _, p := range parts {
		n += len(p)
	}
	if n > MaxMessage {
		return b, errLong
	}
	b = append(binary.BigEndian.AppendUint32(b, uint32(n)), kind)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b, nil
}

// Number returns the body of a message that is a number.
func (m Message) Number() (int64, error) {
	if len(m.Body) != 8 {
		return 0, fmt.Errorf("worker: message %q has %d bytes instead of a number", m.Kind, len(m.Body))
	}
	return int64(binary.BigEndian.Uint64(m.Body)), nil
}

// A Writer writes messages, each by one call. It is for one goroutine.
type Writer struct {
	to  io.Writer
	buf []byte
}

func NewWriter(to io.Writer) *Writer { return &Writer{to: to} }

// Write writes a message whose body is the parts.
func (w *Writer) Write(kind byte, parts ...[]byte) (err error) {
	if w.buf, err = Append(w.buf[:0], kind, parts...); err != nil {
		return err
	}
	_, err = w.to.Write(w.buf)
	return err
}

func (w *Writer) Number(kind byte, n int64) error {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	return w.Write(kind, b[:])
}

// Group writes what a state has in a key group.
func (w *Writer) Group(group int, data []byte) error {
	var head [2]byte
	binary.BigEndian.PutUint16(head[:], uint16(group))
	for len(data) > 0 {
		n := min(len(data), piece)
		if err := w.Write(Group, head[:], data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// Rest writes what belongs to no key.
func (w *Writer) Rest(data []byte) error {
	for kind := Rest; kind == Rest || len(data) > 0; kind = More {
		n := min(len(data), piece)
		if err := w.Write(kind, data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}
