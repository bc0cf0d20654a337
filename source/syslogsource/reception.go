package syslogsource

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/freshet-go/freshet/source/pushsource"
)

// A reception makes Messages of what one client sends.
type reception struct {
	parser parser
	client netip.AddrPort
	most   int // bytes of a message
}

func newReception(c *pushsource.Conn[Message], config *config, most int) reception {
	return reception{parser: parser{config: config}, client: addrOf(c.Addr()), most: most}
}

// addrOf returns the zero value for addresses that are not of IP.
func addrOf(addr net.Addr) netip.AddrPort {
	a, ok := addr.(interface{ AddrPort() netip.AddrPort })
	if !ok {
		return netip.AddrPort{}
	}
	at := a.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// take puts a message into a parcel, or what is none into its rejects.
func (r *reception) take(p *pushsource.Parcel[Message], message []byte) {
	if len(message) > r.most {
		p.Reject(message, fmt.Errorf("%w: more than %d bytes", pushsource.ErrTooLarge, r.most))
		return
	}
	m := p.Next()
	if err := r.parser.parse(message, m); err != nil {
		p.Unread()
		p.Reject(message, err)
		return
	}
	m.Client = r.client
}

// deliver delivers a parcel if there is something in it.
func deliver(c *pushsource.Conn[Message], p *pushsource.Parcel[Message]) error {
	if len(p.Values)+len(p.Rejected) == 0 {
		c.Release()
		return p.Err()
	}
	return c.Deliver(p)
}

// defaults are the limits that differ from those of other servers.
func defaults(s pushsource.Server) pushsource.Server {
	s.MaxMessage = cmp.Or(s.MaxMessage, 256<<10)
	s.IdleTimeout = cmp.Or(s.IdleTimeout, 24*time.Hour)
	return s
}
