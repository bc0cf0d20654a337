package syslogsource

import (
	"io"

	"github.com/freshet-go/freshet/source/pushsource"
)

// Listen returns the source of what clients send over TCP, or over TLS if s.TLS is set (RFC 5425), with a count of bytes in front of each
// message or a line end behind it (RFC 6587), or a NUL as of Python's SysLogHandler; over a unix socket, too. Its partition is called "syslog".
//
// The protocol has no acknowledgements: what a client has sent, and what no checkpoint has when the process or the
// connection ends, is lost, and the client does not know. [ListenRELP] is for messages that matter.
//
// A message of more than s.MaxMessage bytes, by default 256 KiB, is rejected with its first KiB, as are those that are no syslog. What follows
// is read again. What has no line end when the client ends in order is a message; what has fewer bytes than its count is none.
//
// s.IdleTimeout is 24 hours by default, as many a client says nothing for long, and loses its next message where
// the connection has been closed. TCP's keep-alives find clients that are gone; those that are there and silent count as
// one of s.MaxClients.
func Listen(s pushsource.Server, opts ...Option) *pushsource.Source[Message] {
	c := configure(opts)
	s = defaults(s)
	return pushsource.New(s, pushsource.Protocol[Message]{
		Name: "syslog",
		Serve: func(conn *pushsource.Conn[Message]) error {
			return (&connection{reception: newReception(conn, c, s.MaxMessage)}).serve(conn)
		},
	})
}

// A connection is a client's over TCP.
type connection struct {
	reception
	frames framer
}

const mostInParcel = 512 // a batch of the pipeline

func (t *connection) serve(c *pushsource.Conn[Message]) error {
	c.Ready()
	for {
		if err := c.Next(); err != nil {
			return err
		}
		for whole := false; !whole; {
			var err error
			if whole, err = t.read(c); err != nil {
				return err
			}
		}
	}
}

// read delivers the messages that are in the buffer. If none is whole, it waits for more bytes and returns
// false, for the message's time runs on.
func (t *connection) read(c *pushsource.Conn[Message]) (whole bool, err error) {
	r := c.Reader()
	data, _ := r.Peek(r.Buffered())
	message, advance, count := t.frames.next(data)
	switch {
	case advance > 0:
	case len(data) == r.Size() || count > r.Size():
		return true, t.readLong(c, count)
	default:
		_, err := r.Peek(len(data) + 1)
		if err != io.EOF {
			return false, err
		}
		if count > 0 {
			return false, cutShort(count)
		}
		data, _ = r.Peek(r.Buffered())
		message, advance, t.frames.seen = data, len(data), 0 // the last line
	}

	if err := c.Reserve(min(len(data), t.most)); err != nil {
		return false, err
	}
	p := c.Parcel()
	t.parser.at(c.Now())
	done, room := 0, t.most
	for advance > 0 {
		if len(message) > 0 {
			if room -= min(len(message), t.most); room < 0 || len(p.Values) == mostInParcel {
				break // of the next parcel
			}
			t.take(p, message)
		}
		done += advance
		message, advance, _ = t.frames.next(data[done:])
	}
	if _, err := r.Discard(done); err != nil {
		return false, err
	}
	return true, deliver(c, p)
}

// readLong delivers a message that is larger than the buffer: of count bytes with its header, or if that is 0 a line.
func (t *connection) readLong(c *pushsource.Conn[Message], count int) (err error) {
	t.frames.seen = 0
	var message []byte
	if count > 0 {
		_, header, _ := octets(peek(c.Reader(), mostDigits+1))
		if _, err := c.Reader().Discard(header); err != nil {
			return err
		}
		t.frames.counted = true
		message, err = readCounted(c, count-header, t.most)
	} else {
		t.frames.counted = false
		message, err = readLine(c, t.most)
	}
	if err != nil {
		return err
	}
	p := c.Parcel()
	t.parser.at(c.Now())
	t.take(p, message)
	return deliver(c, p)
}
