package pushsource

import (
	"fmt"
	"net"
	"net/netip"
)

var errNetwork = fmt.Errorf("%w: its address is in none of Server.Networks", ErrRefused)

// addrOf returns the address of a client; the zero one for a client that has none.
func addrOf(a net.Addr) netip.Addr {
	var ip net.IP
	switch a := a.(type) {
	case *net.TCPAddr:
		ip = a.IP
	case *net.UDPAddr:
		ip = a.IP
	default:
		if a, err := netip.ParseAddrPort(a.String()); err == nil { // of a listener of the caller's
			return a.Addr().Unmap().WithZone("")
		}
	}
	at, _ := netip.AddrFromSlice(ip)
	return at.Unmap()
}

// knows reports whether an address is let in.
func (s *Server) knows(a net.Addr) bool {
	if len(s.Networks) == 0 || a.Network() == "unix" {
		return true
	}
	at := addrOf(a)
	for _, n := range s.Networks {
		if n.Contains(at) {
			return true
		}
	}
	return false
}

// countedBy returns what a client's connections are counted by: who has a network of IPv6 has as many addresses as they like.
func countedBy(a net.Addr) netip.Addr {
	at := addrOf(a)
	if at.Is6() {
		if p, err := at.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return at
}

// enter counts a client in, or says why it is refused.
func (o *opened[T]) enter(c *Conn[T]) error {
	if !o.server.knows(c.addr) {
		return errNetwork
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.conns) >= o.server.MaxClients {
		return fmt.Errorf("%w: %d others are connected (Server.MaxClients)", ErrRefused, o.server.MaxClients)
	}
	if at := countedBy(c.addr); at.IsValid() {
		if o.from[at] >= o.server.MaxPerAddr {
			return fmt.Errorf("%w: %d others of its address are connected (Server.MaxPerAddr)", ErrRefused, o.server.MaxPerAddr)
		}
		o.from[at]++
	}
	o.conns[c] = struct{}{}
	return nil
}

// leave counts a client out.
func (o *opened[T]) leave(c *Conn[T]) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.conns, c)
	if at := countedBy(c.addr); at.IsValid() {
		if o.from[at]--; o.from[at] == 0 {
			delete(o.from, at)
		}
	}
}
