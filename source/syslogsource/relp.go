package syslogsource

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/freshet-go/freshet/source/pushsource"
)

// ListenRELP returns the source of what rsyslog's omrelp and other clients of librelp send: RELP, the Reliable Event Logging
// Protocol, with TLS if s.TLS is set. Its partition is called "relp".
//
// A message is answered when a checkpoint that has it is durable; in a run without checkpoints, when the sinks have
// flushed what came of it. What was not answered a client sends again, over its next connection, so that nothing is lost that it keeps. RELP has
// no names for messages, and what is sent again cannot be told from what is new: where the answer was lost, a message comes twice.
//
// A client keeps its window of messages that are not answered, by default 128 of omrelp's, and waits then: with checkpoints
// each second it sends 128 messages a second. Give it a window of what it sends in an interval, and longer timeouts than
// that. s.Unacked counts reads here, with up to 512 messages each.
//
// A message that is no syslog, or larger than s.MaxMessage, by default 256 KiB, is rejected and answered as any other: the client would send
// it again for ever. Whoever breaks the protocol is hung up on. s.IdleTimeout is 24 hours by default.
func ListenRELP(s pushsource.Server, opts ...Option) *pushsource.Source[Message] {
	c := configure(opts)
	s = defaults(s)
	return pushsource.New(s, pushsource.Protocol[Message]{
		Name: "relp",
		Serve: func(conn *pushsource.Conn[Message]) error {
			return (&relp{reception: newReception(conn, c, s.MaxMessage)}).serve(conn)
		},
		Ack: func(_ *pushsource.Conn[Message], dst []byte, p *pushsource.Parcel[Message]) []byte {
			return appendAnswers(dst, p.Seq)
		},
	})
}

// A relp is a client's session.
type relp struct {
	reception
	last int // number of the last transaction
	open bool
}

func (s *relp) serve(c *pushsource.Conn[Message]) error {
	for {
		if err := c.Next(); err != nil {
			return err
		}
		h, err := s.header(c)
		if err != nil {
			return err
		}
		switch {
		case string(h.command) == "syslog" && s.open:
			err = s.syslog(c)
		case string(h.command) == "close" && s.open:
			return s.close(c, h)
		default:
			err = s.other(c, h)
		}
		if err != nil {
			return err
		}
	}
}

// header waits for a whole header, and leaves it in the buffer.
func (s *relp) header(c *pushsource.Conn[Message]) (h relpHeader, err error) {
	r := c.Reader()
	for h.size == 0 {
		if h, err = parseRELP(peek(r, r.Size())); err != nil {
			return h, err
		}
		if h.size == 0 {
			if _, err := r.Peek(r.Buffered() + 1); err != nil {
				return h, cut(err)
			}
		}
	}
	return h, s.follows(h)
}

// follows reports an error if a transaction is not the next.
func (s *relp) follows(h relpHeader) error {
	if h.number != s.last%lastNumber+1 {
		return fmt.Errorf("transaction %d follows %d", h.number, s.last)
	}
	return nil
}

// syslog delivers the messages that are whole in the buffer as one parcel, or the first if it is
// not whole.
func (s *relp) syslog(c *pushsource.Conn[Message]) error {
	data := peek(c.Reader(), c.Reader().Size())
	h, err := parseRELP(data)
	if err != nil {
		return err
	}
	p := c.Parcel()
	s.parser.at(c.Now())
	if h.size+h.length >= len(data) {
		message, err := s.data(c, h)
		if err != nil {
			return err
		}
		s.last = h.number
		s.take(p, message)
		p.Seq = answersOf(h.number, 1)
		return c.Deliver(p)
	}
	if err := c.Reserve(min(len(data), s.most)); err != nil {
		return err
	}
	first, done, n, room := h.number, 0, 0, s.most
	for n < mostInParcel {
		h, err := parseRELP(data[done:])
		end := done + h.size + h.length
		if err != nil || h.size == 0 || end >= len(data) || data[end] != '\n' || string(h.command) != "syslog" || s.follows(h) != nil {
			break // what is wrong with it is seen when it is the first
		}
		if room -= min(h.length, s.most); room < 0 {
			break
		}
		s.take(p, data[done+h.size:end])
		s.last = h.number
		done, n = end+1, n+1
	}
	if n == 0 {
		return errTrailer
	}
	p.Seq = answersOf(first, n)
	if _, err := c.Reader().Discard(done); err != nil {
		return err
	}
	return c.Deliver(p)
}

// data reads a command with its data and the line end behind it. Of data longer than most it returns most+1 bytes.
func (s *relp) data(c *pushsource.Conn[Message], h relpHeader) ([]byte, error) {
	if _, err := c.Reader().Discard(h.size); err != nil {
		return nil, err
	}
	data, err := readCounted(c, h.length, s.most)
	if err != nil {
		return nil, err
	}
	switch end, err := c.Reader().ReadByte(); {
	case err != nil:
		return nil, cut(err)
	case end != '\n':
		return nil, errTrailer
	}
	return data, nil
}

var errTrailer = errors.New("no RELP: no line end behind the data")

// close answers all transactions before it, once they are safe, and then itself. The client hears that the
// connection ends.
func (s *relp) close(c *pushsource.Conn[Message], h relpHeader) error {
	if _, err := s.data(c, h); err != nil {
		return err
	}
	p := c.Parcel()
	p.Seq = answersOf(h.number, 0)
	if err := c.Deliver(p); err != nil {
		return err
	}
	return io.EOF
}

// other answers what is no message.
func (s *relp) other(c *pushsource.Conn[Message], h relpHeader) error {
	command := string(h.command) // Data takes it out of the buffer
	data, err := s.data(c, h)
	if err != nil {
		return err
	}
	s.last = h.number
	switch {
	case command == "open" && !s.open:
		if err := offers(data); err != nil {
			return s.refuse(c, h, err)
		}
		s.open = true
		c.Ready()
		_, err = c.Write(appendAnswer(nil, h.number, "200 OK\nrelp_version=0\nrelp_software=freshet\ncommands=syslog"))
	case !s.open:
		err = s.refuse(c, h, fmt.Errorf("%w: it has not said open", pushsource.ErrRefused))
	default:
		_, err = c.Write(appendAnswer(nil, h.number, "500 this command is not known"))
	}
	return err
}

// refuse tells the client of an error, and returns that.
func (s *relp) refuse(c *pushsource.Conn[Message], h relpHeader, err error) error {
	_, _ = c.Write(appendAnswer(nil, h.number, "500 "+err.Error())) // it ends anyway
	return err
}

// offers reports an error if a client does not offer what we need.
func offers(data []byte) error {
	version, syslog := false, false
	for line := range bytes.Lines(data) {
		name, value, _ := bytes.Cut(bytes.TrimSpace(line), []byte("="))
		switch string(name) {
		case "relp_version":
			version = true // of each there is version 0 is a part
		case "commands":
			for command := range bytes.SplitSeq(value, []byte(",")) {
				syslog = syslog || string(command) == "syslog"
			}
		}
	}
	switch {
	case !version:
		return fmt.Errorf("%w: it offers no relp_version", pushsource.ErrRefused)
	case !syslog:
		return fmt.Errorf("%w: it does not offer the command syslog", pushsource.ErrRefused)
	}
	return nil
}

func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
