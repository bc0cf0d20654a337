package syslogsource

import (
	"github.com/freshet-go/freshet/source/pushsource"
)

// ListenUDP returns the source of what clients send in datagrams, each of which is a message (RFC 5426): also one of
// several lines. Its partition is called "syslog".
//
// No client learns of a datagram that is lost: on the way, or in the kernel, where those wait that come while the pipeline is full. Those that the kernel
// had no room for are counted by it, and on Linux in Stats().Lost. s.PacketBuffer gives it more room.
func ListenUDP(s pushsource.Server, opts ...Option) *pushsource.Source[Message] {
	c := configure(opts)
	s = defaults(s)
	return pushsource.New(s, pushsource.Protocol[Message]{
		Name: "syslog",
		Packet: func(conn *pushsource.Conn[Message], datagram []byte) error {
			r, ok := conn.Session.(*reception) // all clients have one Conn
			if !ok {
				first := newReception(conn, c, s.MaxMessage)
				r = &first
				conn.Session = r
			}
			return r.packet(conn, datagram)
		},
	})
}

func (r *reception) packet(c *pushsource.Conn[Message], datagram []byte) error {
	if len(trimEnd(datagram)) == 0 {
		return nil
	}
	if err := c.Reserve(min(len(datagram), r.most)); err != nil {
		return err
	}
	r.client = addrOf(c.Addr())
	r.parser.at(c.Now())
	p := c.Parcel()
	r.take(p, datagram)
	return c.Deliver(p)
}
