package syslogsource

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/pushsource"
)

func TestTCP(t *testing.T) {
	r := start(t, Listen, pushsource.Server{})
	c := r.dial()
	c.says("<190>Nov 28 20:14:15 web1 nginx: one\n24 <190>1 - h a - - - two\nx")
	c.says("no syslog\n<13>three") // without a line end
	require.NoError(t, c.Close())
	r.read(4)
	require.Equal(t, []string{"one", "two\nx", "three"}, r.ends())

	m := r.got.Values()[1]
	require.Equal(t, c.LocalAddr().(*net.TCPAddr).AddrPort(), m.Client)
	require.WithinDuration(t, time.Now(), m.Time, time.Minute)
	bad := r.bad.Values()
	require.Len(t, bad, 1)
	require.Equal(t, "no syslog", string(bad[0].Value))
	require.ErrorIs(t, bad[0].Err, errPriority)
	require.ErrorContains(t, bad[0].Err, "from "+c.LocalAddr().String())
	require.Equal(t, pushsource.Stats{Accepted: 1, Received: r.src.Stats().Parcels, Parcels: r.src.Stats().Parcels, Events: 3, Rejected: 1}, r.src.Stats())
}

func TestUnixSocket(t *testing.T) {
	r := start(t, Listen, pushsource.Server{Addr: "unix:" + t.TempDir() + "/log"})
	r.dial().says("<13>Nov 28 20:14:15 app[7]: one\n")
	r.read(1)
	require.Equal(t, []string{"one"}, r.ends())
	require.Equal(t, netip.AddrPort{}, r.got.Values()[0].Client)
}

// Messages of any size, framed in any way, arrive in any parts.
func TestSizes(t *testing.T) {
	const most = 100_000
	rnd := rand.New(rand.NewPCG(1, 2))
	r := start(t, Listen, pushsource.Server{MaxMessage: most})
	c := r.dial()
	var sent bytes.Buffer
	var want []string
	bad := 0
	for i := range 400 {
		size := rnd.IntN(300)
		switch rnd.IntN(20) {
		case 0:
			size = 32<<10 - 40 + rnd.IntN(80)
		case 1:
			size = rnd.IntN(2 * most)
		case 2:
			size = most - 10 + rnd.IntN(20)
		}
		text := fmt.Sprint(i, strings.Repeat("x", size))
		message := "<13>" + text
		if rnd.IntN(2) == 0 {
			sent.WriteString(message + "\n")
		} else {
			fmt.Fprintf(&sent, "%d %s", len(message), message)
		}
		if len(message) > most {
			bad++
		} else {
			want = append(want, text)
		}
	}
	for sent.Len() > 0 {
		_, err := c.Write(sent.Next(1 + rnd.IntN(1<<rnd.IntN(18))))
		require.NoError(t, err)
	}
	r.read(400)
	got := r.ends()
	require.Equal(t, len(want), len(got))
	for i := range want {
		if want[i] != got[i] {
			t.Fatalf("message %d is %.20q of %d bytes, not %.20q of %d", i, got[i], len(got[i]), want[i], len(want[i]))
		}
	}
	require.NotZero(t, bad)
	require.Len(t, r.bad.Values(), bad)
	for _, b := range r.bad.Values() {
		require.ErrorIs(t, b.Err, pushsource.ErrTooLarge)
		require.Len(t, b.Value, 1<<10)
	}
}

// A limit that is smaller than the buffer bounds a message, and not what comes at once.
func TestSmallLimit(t *testing.T) {
	r := start(t, Listen, pushsource.Server{MaxMessage: 20})
	r.dial().says(strings.Repeat("<13>0123456789012345\n", 1000) + "<13>01234567890123456\n" + "21 <13>01234567890123456" + "<13>x\n")
	r.read(1003)
	require.Len(t, r.ends(), 1001)
	require.Len(t, r.bad.Values(), 2)
}

func TestUDP(t *testing.T) {
	r := start(t, ListenUDP, pushsource.Server{})
	c, err := net.Dial("udp", r.addr.String())
	require.NoError(t, err)
	defer c.Close()
	for _, s := range []string{"<13>Nov 28 20:14:15 h a: one\n", "", "\n", "no syslog", "<13>two\nlines", "<13>" + strings.Repeat("x", 60_000)} {
		_, err := c.Write([]byte(s))
		require.NoError(t, err)
	}
	r.read(4)
	got := r.ends()
	require.Equal(t, []string{"one", "two\nlines", strings.Repeat("x", 60_000)}, got)
	require.Equal(t, c.LocalAddr().(*net.UDPAddr).AddrPort(), r.got.Values()[0].Client)
	require.Len(t, r.bad.Values(), 1)
	require.Zero(t, r.src.Stats().Failed)
}
