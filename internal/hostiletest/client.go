package hostiletest

import (
	"context"
	"io"
	"net"
	"time"
)

// A Client is what a hostile client does with its connection, until the server hangs up or ctx ends. It is
// done again, then.
type Client func(ctx context.Context, c net.Conn)

// Says writes bytes and then waits.
func Says(b string) Client {
	return func(_ context.Context, c net.Conn) {
		_, _ = io.WriteString(c, b)
		_, _ = io.Copy(io.Discard, c)
	}
}

// Repeats writes bytes again and again, and reads nothing.
func Repeats(b string, pause time.Duration) Client {
	return func(ctx context.Context, c net.Conn) {
		for ctx.Err() == nil {
			if _, err := io.WriteString(c, b); err != nil {
				return
			}
			time.Sleep(pause) // of a client, for the machine to do something else, too
		}
	}
}
