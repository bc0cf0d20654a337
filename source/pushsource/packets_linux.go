package pushsource

import (
	"encoding/binary"
	"net"
	"syscall"
)

// countLost has the kernel say with a datagram how many it has had no room for until then.
func countLost(c *net.UDPConn) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var refused error
	err = raw.Control(func(fd uintptr) {
		refused = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RXQ_OVFL, 1)
	})
	if err != nil {
		return err
	}
	return refused
}

// lostOf returns what the kernel says. It says nothing as long as that is 0, and begins again behind 2^32-1.
func lostOf(control []byte) (lost uint32, ok bool) {
	if len(control) == 0 {
		return 0, false
	}
	messages, err := syscall.ParseSocketControlMessage(control)
	if err != nil {
		return 0, false
	}
	for _, m := range messages {
		if m.Header.Level == syscall.SOL_SOCKET && m.Header.Type == syscall.SO_RXQ_OVFL && len(m.Data) >= 4 {
			return binary.NativeEndian.Uint32(m.Data), true
		}
	}
	return 0, false
}
