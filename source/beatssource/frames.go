package beatssource

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/freshet-go/freshet/source/pushsource"
)

// A receiver takes what stands in the frames of one client: a session, or a test.
type receiver interface {
	next() error             // waits for the next message, as Conn.Next does
	reserve(n int) error     // before n bytes of an event are held
	event(payload []byte)    // it may not be kept
	hand(seq uint32) error   // hands over all events since the last call; seq acknowledges them
	answer(ack uint32) error // acknowledges what holds no event
}

// frames reads what one client sends.
//
// A message, in the sense of Conn.Next, is what is handed over as one: the events of a
// window, or as many of them as are there or fit. A compressed frame is a message of its
// own that may be handed over in parts.
type frames struct {
	limits
	in *bufio.Reader
	to receiver

	left   int    // events that the window announces and that have not come
	seq    uint32 // of the last event
	events int    // that have not been handed over
	bytes  int    // of them

	reserved int // for the message
	credit   int // of it, for events that follow
}

// limits bound what a client may send.
type limits struct {
	window  int // events in a window
	message int // bytes of an event, and of all those in a compressed frame
	ratio   int // of inflated to compressed bytes
}

const (
	partEvents = 4 << 10 // that are handed over as one
	partBytes  = 1 << 20

	leastReserved = 16 << 10 // at once, for whoever reserves may have to wait

	windowHeader     = 2 + 4     // "2W", events
	eventHeader      = 2 + 4 + 4 // "2J", sequence, bytes
	compressedHeader = 2 + 4     // "2C", bytes
)

// serve reads until the client ends.
func (f *frames) serve() error {
	for {
		err := f.to.next()
		f.reserved, f.credit = 0, 0
		if err == io.EOF && f.left > 0 {
			return fmt.Errorf("the client has ended with %d events of its window missing: %w", f.left, io.ErrUnexpectedEOF)
		}
		if err == nil {
			err = f.read()
		}
		if err != nil {
			return err
		}
	}
}

// read reads one message, and hands it over.
func (f *frames) read() error {
	for {
		kind, err := peek(f.in, 2)
		if err != nil {
			return err
		}
		switch {
		case kind[0] != '2':
			return unknown(kind)
		case kind[1] == 'W':
			if f.events > 0 { // the client has begun another window before the end of this one
				return f.hand()
			}
			return f.readWindow()
		case kind[1] == 'C':
			if f.events > 0 {
				return f.hand()
			}
			return f.readCompressed()
		case kind[1] == 'J':
			fits, err := f.readEvent(f.in)
			if err != nil {
				return err
			}
			// What has come is not held up by what has not. A client that writes a window at
			// once, as they all do, leaves a piece of the next frame in the buffer.
			if !fits || f.left == 0 || f.in.Buffered() == 0 {
				return f.hand()
			}
		default:
			return unknown(kind)
		}
	}
}

func (f *frames) readWindow() error {
	header, err := peek(f.in, windowHeader)
	if err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(header[2:])
	if uint64(n) > uint64(f.window) {
		return fmt.Errorf("%w: a window of %d events, and MaxWindow allows %d; bulk_max_size of Beats makes it smaller", pushsource.ErrTooLarge, n, f.window)
	}
	f.left = int(n)
	discard(f.in, windowHeader)
	if n == 0 { // clients ask so whether the server is alive
		return f.to.answer(0)
	}
	return nil
}

// readEvent reads one event. It reports false, and has read nothing, if those before have
// to be handed over first.
func (f *frames) readEvent(in *bufio.Reader) (fits bool, err error) {
	header, err := peek(in, eventHeader)
	if err != nil {
		return false, err
	}
	if f.left == 0 {
		return false, errNoWindow
	}
	seq, size := binary.BigEndian.Uint32(header[2:]), binary.BigEndian.Uint32(header[6:])
	if uint64(size) > uint64(f.message) {
		return false, fmt.Errorf("%w: an event of %d bytes, and Server.MaxMessage allows %d", pushsource.ErrTooLarge, size, f.message)
	}
	n := int(size)
	if f.events > 0 && (f.events == partEvents || f.bytes+n > min(partBytes, f.message)) {
		return false, nil
	}
	discard(in, eventHeader)
	if n <= in.Size() {
		err = f.readSmall(in, n)
	} else {
		err = f.readLarge(in, n)
	}
	if err != nil {
		return false, err
	}
	f.left--
	f.events++
	f.bytes += n
	f.seq = seq
	return true, nil
}

// readSmall reads an event that the buffer holds.
func (f *frames) readSmall(in *bufio.Reader, n int) error {
	payload, err := peek(in, n)
	if err == nil {
		err = f.reserve(n)
	}
	if err != nil {
		return err
	}
	f.to.event(payload)
	discard(in, n)
	return nil
}

// readLarge reads an event in steps: only what has come is worth memory, whatever
// the client has announced.
func (f *frames) readLarge(in *bufio.Reader, n int) error {
	var payload []byte
	for len(payload) < n {
		have := len(payload)
		step := min(n-have, max(have, in.Size()))
		if err := f.reserve(step); err != nil {
			return err
		}
		payload = append(make([]byte, 0, have+step), payload...)[:have+step]
		if _, err := io.ReadFull(in, payload[have:]); err != nil {
			return whole(err)
		}
	}
	f.to.event(payload)
	return nil
}

// reserve reserves n bytes for an event.
func (f *frames) reserve(n int) error {
	if n > f.credit {
		more := max(n-f.credit, min(leastReserved, f.message-f.reserved))
		err := f.to.reserve(more)
		if errors.Is(err, pushsource.ErrTooLarge) {
			err = fmt.Errorf("%w; Server.MaxMessage allows more, and bulk_max_size of Beats makes it less", err)
		}
		if err != nil {
			return err
		}
		f.reserved += more
		f.credit += more
	}
	f.credit -= n
	return nil
}

func (f *frames) hand() error {
	f.events, f.bytes, f.credit = 0, 0, 0
	return f.to.hand(f.seq)
}

// peek returns the next n bytes, at most the size of the buffer, without taking them.
func peek(in *bufio.Reader, n int) ([]byte, error) {
	b, err := in.Peek(n)
	return b, whole(err)
}

// discard takes n bytes that peek has returned.
func discard(in *bufio.Reader, n int) { _, _ = in.Discard(n) }

// whole returns err for the middle of a frame, where nothing may end.
func whole(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
