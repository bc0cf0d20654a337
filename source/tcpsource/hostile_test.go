package tcpsource_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hostiletest"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/tcpsource"
	"github.com/freshet-go/freshet/stream/codec"
)

// hostileSuite has a client beside the hostile ones that sends an order each millisecond.
func hostileSuite() *hostiletest.Suite {
	return &hostiletest.Suite{
		Name: "tcp",
		Serve: hostiletest.Serve(func(s pushsource.Server) *pushsource.Source[Order] {
			return tcpsource.Listen(s, codec.JSON[Order]())
		}, func(o Order) hostiletest.Kind {
			return map[string]hostiletest.Kind{"book": hostiletest.Good, "last": hostiletest.Last}[o.Item]
		}),
		Clients: hostiles(),
		Good: func(addr string, more func() bool) (sent int, err error) {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				return 0, err
			}
			defer c.Close()
			for ; more(); sent++ {
				if _, err := fmt.Fprintf(c, `{"ID":%d,"Item":"book"}`+"\n", sent); err != nil {
					return sent, err
				}
				time.Sleep(time.Millisecond) // of a client that has no more to say
			}
			_, err = io.WriteString(c, `{"Item":"last"}`)
			return sent, err
		},
		PerClient: 80 << 10,
	}
}

func hostiles() []hostiletest.Client {
	return []hostiletest.Client{
		hostiletest.Says(""),
		hostiletest.Says(`{"ID":1`),
		hostiletest.Says(strings.Repeat("x", 900_000)),
		hostiletest.Says(strings.Repeat("x", 4<<20)),
		hostiletest.Repeats(strings.Repeat("x", 64<<10), 5*time.Millisecond),
		hostiletest.Repeats(strings.Repeat("\n", 4<<10), 50*time.Millisecond),
		hostiletest.Repeats(strings.Repeat("{}\n", 100), 50*time.Millisecond),
		hostiletest.Repeats(strings.Repeat("no JSON\n", 100), 50*time.Millisecond),
		hostiletest.Repeats(strings.Repeat("[", 500_000)+"\n", 50*time.Millisecond),
		hostiletest.Repeats("x", 20*time.Millisecond),
	}
}

// A thousand hostile clients cost no more memory than is stated, and what others send arrives.
func TestHostile(t *testing.T) { hostileSuite().Run(t) }

// A client whose records the server has no room for is hung up on, and counted: they are not passed over in silence.
func TestNoRoom(t *testing.T) {
	type large struct {
		N   int
		Pad [16 << 10]byte `json:"-"`
	}
	r := start(t, pushsource.Server{Memory: 64 << 10}, codec.JSON[large]())
	c := r.dial()
	_, err := io.WriteString(c, "{\"N\": 1}\n")
	require.NoError(t, err)
	require.NoError(t, c.SetReadDeadline(time.Now().Add(30*time.Second)))
	_, err = c.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err)
	require.Empty(t, r.ends())
	require.EqualValues(t, 1, r.src.Stats().Failed)
}
