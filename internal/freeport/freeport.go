// Package freeport finds ports for servers that run beside tests and examples and cannot choose one themselves.
package freeport

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
)

// Ports are looked for in [first, first+many). The system gives none of them to clients by itself: while a server is not there yet, or is away,
// a client that connects to it again and again would come to have its port, and keep it. Nor does it give to them what lies 10,000 above, which a
// Redis of a cluster takes as well.
const first, many = 12_000, 10_000

// looked counts the ports that were looked at, from a random one on: one that was found, and that nobody listens on yet, is passed over by the next
// search. Other processes begin elsewhere.
var looked atomic.Uint32

func init() { looked.Store(rand.Uint32N(many)) }

// Find returns n TCP ports that nobody listens on at 127.0.0.1, each of which it returns once. It may be called from any goroutine.
func Find(n int) (ports []int, err error) {
	for range many {
		port := first + int(looked.Add(1)%many)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			if ports = append(ports, port); len(ports) == n {
				return ports, nil
			}
		}
	}
	return nil, fmt.Errorf("freeport: %d of %d ports are free, and not %d", len(ports), many, n)
}
