package pushsource_test

import (
	"crypto/tls"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
)

// A client of no network that is let in is hung up on before anything is read of it, and counted.
func TestNetworks(t *testing.T) {
	here, elsewhere := netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")
	r := start(t, pushsource.Server{Networks: []netip.Prefix{elsewhere}})
	c := dial(t, r.addr)
	_, _ = c.Write([]byte("1 a\n"))
	c.ends()
	require.Empty(t, r.ends())
	stats := r.src.Stats()
	require.EqualValues(t, 1, stats.Refused)
	require.Zero(t, stats.Accepted)
	require.Zero(t, stats.Received)

	r = start(t, pushsource.Server{Networks: []netip.Prefix{elsewhere, here}})
	c = dial(t, r.addr)
	c.says("1 a")
	require.Equal(t, "ok 1 1", c.hears())
	require.Equal(t, []string{"a"}, r.ends())

	r = start(t, pushsource.Server{Addr: "unix:" + t.TempDir() + "/s", Networks: []netip.Prefix{elsewhere}})
	c = dial(t, r.addr)
	c.says("1 a")
	require.Equal(t, "ok 1 1", c.hears(), "the mode of the file says who may")
	r.ends()
}

// Datagrams of other networks are not looked at.
func TestNetworksOfPackets(t *testing.T) {
	p := pushsource.Protocol[string]{Name: "packets", Packet: func(c *pushsource.Conn[string], datagram []byte) error {
		parcel := c.Parcel()
		*parcel.Next() = string(datagram)
		return c.Deliver(parcel)
	}}
	for network, events := range map[string]int64{"10.0.0.0/8": 0, "127.0.0.0/8": 1} {
		r := startWith(t, pushsource.Server{Networks: []netip.Prefix{netip.MustParsePrefix(network)}}, p)
		c, err := net.Dial("udp", r.addr.String())
		require.NoError(t, err)
		_, err = c.Write([]byte("a"))
		require.NoError(t, err)
		for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			s := r.src.Stats()
			if s.Refused+s.Received > 0 {
				require.Equal(t, 1-events, s.Refused)
				break
			}
			require.True(t, time.Now().Before(deadline))
		}
		c.Close()
		require.Len(t, r.ends(), int(events))
	}
}

// One address has so many connections and no more, and gets another when one has ended.
func TestMaxPerAddr(t *testing.T) {
	r := start(t, pushsource.Server{MaxPerAddr: 2})
	a, b := dial(t, r.addr), dial(t, r.addr)
	a.says("1 a")
	b.says("2 b")
	a.hears()
	b.hears()
	dial(t, r.addr).ends()
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	if n, err := from.Dial("tcp", r.addr.String()); err == nil { // not every system has that address
		other := &client{t, n, nil}
		other.says("3 c")
		until(t, "it is read", func() bool { return r.src.Stats().Received >= 3 })
		n.Close()
	}
	a.Close()
	until(t, "one has gone", func() bool { return r.src.Stats().Clients <= 1 })
	c := dial(t, r.addr)
	c.says("4 d")
	require.Contains(t, c.hears(), "ok 4")
	r.ends()
	require.EqualValues(t, 1, r.src.Stats().Refused)
}

func TestServersThatAreMistakes(t *testing.T) {
	for what, s := range map[string]pushsource.Server{
		"TLS 1.1":      {TLS: &tls.Config{MinVersion: tls.VersionTLS11}},
		"no network":   {Networks: []netip.Prefix{{}}},
		"fewer than 0": {MaxPerAddr: -1},
	} {
		require.Panics(t, func() { pushsource.New(s, words()) }, what)
	}
}
