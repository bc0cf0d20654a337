//go:build !linux

package pushsource

import "net"

// countLost does nothing: only Linux says how many datagrams it has had no room for.
func countLost(*net.UDPConn) error { return nil }

func lostOf([]byte) (lost uint32, ok bool) { return 0, false }
