package pushsource_test

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
)

// Datagrams that come while the pipeline is full, and for which the kernel has no room, are counted.
func TestLostPackets(t *testing.T) {
	full := make(chan struct{})
	p := pushsource.Protocol[string]{Name: "packets", Packet: func(c *pushsource.Conn[string], b []byte) error {
		<-full
		p := c.Parcel()
		*p.Next() = "a"
		return c.Deliver(p)
	}}
	r := startWith(t, pushsource.Server{PacketBuffer: 64 << 10}, p)
	c, err := net.Dial("udp", r.addr.String())
	require.NoError(t, err)
	defer c.Close()
	const sent = 1000
	for range sent {
		_, err = c.Write(make([]byte, 1000))
		require.NoError(t, err)
	}
	close(full)
	all := func() int64 { s := r.src.Stats(); return s.Events + s.Lost }
	for more := int64(1); all() < sent+more-1 || r.src.Stats().Lost == 0; more++ {
		_, err = c.Write([]byte("x")) // with which the kernel tells
		require.NoError(t, err)
		require.Less(t, more, int64(1000), "%+v", r.src.Stats())
		time.Sleep(10 * time.Millisecond)
	}
	require.NotZero(t, r.src.Stats().Lost)
	r.ends()
}
