package pushsource

import (
	"fmt"
	"net"
	"net/netip"
)

// mostPacket is the longest datagram that there is.
const mostPacket = 64 << 10

// mostControl is room for what the kernel says of a datagram.
const mostControl = 64

// receive takes datagrams. It is a goroutine of its own.
func (o *opened[T]) receive() {
	var from netip.AddrPort
	c := &Conn[T]{source: o, ready: true}
	c.answer = func(b []byte) (int, error) { return o.packets.WriteToUDPAddrPort(b, from) }
	buf, control := make([]byte, mostPacket), make([]byte, mostControl)
	lost := uint32(0)
	for {
		n, said, _, addr, err := o.packets.ReadMsgUDPAddrPort(buf, control)
		if err != nil && o.ctx.Err() != nil {
			return
		}
		if err != nil {
			o.fail(fmt.Errorf("the source cannot read datagrams any more: %w", err))
			return
		}
		if now, ok := lostOf(control[:said]); ok && now != lost {
			o.stats.lost.Add(int64(now - lost))
			lost = now
		}
		from = addr
		c.addr = net.UDPAddrFromAddrPort(addr)
		c.message = 0
		if !o.server.knows(c.addr) {
			o.stats.refused.Add(1)
			o.failures.note(c.addr.String(), errNetwork)
			continue
		}
		err = o.guarded(func() error { return o.protocol.Packet(c, buf[:n]) })
		c.Release()
		switch {
		case err == errPanicked:
			return
		case !orderly(o.ctx, err):
			o.stats.failed.Add(1)
			o.failures.note(c.addr.String(), err)
		}
	}
}
