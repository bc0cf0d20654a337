package beatssource_test

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/beatssource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

// An event that is none is rejected, and does not stop those beside it.
func TestRejects(t *testing.T) {
	r := start(t, pushsource.Server{})
	c := dial(t, r.addr)
	c.says(window(5), frameOf(1, 0), frame(2, "{"), frame(3, ""), frame(4, `{"message":7}`), frameOf(5, 1))
	require.EqualValues(t, 5, c.hears())
	c.says(window(1), frame(1, "null"))
	require.EqualValues(t, 1, c.hears())
	exactly(t, 2, r.ends())
	require.EqualValues(t, 4, r.src.Stats().Rejected)
}

// A client is kept patient while its events wait for their checkpoint, and hears of it
// as soon as that is there.
func TestKeepAlive(t *testing.T) {
	r := start(t, pushsource.Server{AckWithin: time.Hour}, beatssource.KeepAlive(time.Millisecond),
		stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Hour))
	c := dial(t, r.addr)
	c.says(window(2), frameOf(1, 0), frameOf(2, 1))
	for range 5 {
		require.EqualValues(t, 0, c.hears())
	}
	r.until("reads all", func(s pushsource.Stats) bool { return s.Events == 2 })
	r.stop()
	seq := c.hears()
	for seq == 0 {
		seq = c.hears()
	}
	require.EqualValues(t, 2, seq)
	exactly(t, 2, r.ends())
}

// A client that only waits is told, however long that takes, and then hung up on for its silence.
func TestIdle(t *testing.T) {
	r := start(t, pushsource.Server{AckWithin: 700 * time.Millisecond, IdleTimeout: 500 * time.Millisecond})
	c := dial(t, r.addr)
	c.says(window(1), frameOf(1, 0))
	require.EqualValues(t, 1, c.hears())
	c.hungUp()
	exactly(t, 1, r.ends())
	require.Zero(t, r.src.Stats().Failed)
}

// One that stops in the middle of a frame is hung up on, and others are not.
func TestSlow(t *testing.T) {
	r := start(t, pushsource.Server{FrameTimeout: 200 * time.Millisecond})
	good := dial(t, r.addr)
	whole := window(2) + frameOf(1, 0) + frameOf(2, 1)
	var all []*client
	for cut := 1; cut < len(whole); cut += 7 {
		if cut == len(window(2)) || cut == len(window(2)+frameOf(1, 0)) {
			continue // between frames there is more time
		}
		slow := dial(t, r.addr)
		slow.says(whole[:cut])
		all = append(all, slow)
	}
	for _, slow := range all {
		slow.hungUp()
	}
	good.says(window(1), frameOf(1, 2))
	require.EqualValues(t, 1, good.hears())
	r.ends()
	require.Greater(t, r.src.Stats().Failed, int64(10))
}

// A window of no events asks whether the server is there.
func TestAlive(t *testing.T) {
	r := start(t, pushsource.Server{AckWithin: time.Hour})
	c := dial(t, r.addr)
	c.says(window(0))
	require.EqualValues(t, 0, c.hears())
	require.Empty(t, r.ends())
}

// A window that is more than one parcel is acknowledged in parts.
func TestPartial(t *testing.T) {
	r := start(t, pushsource.Server{MaxMessage: 4 << 10})
	c := dial(t, r.addr)
	var all strings.Builder
	for n := range 100 {
		all.WriteString(frameOf(n+1, n))
	}
	c.says(window(100), all.String())
	heard := []uint32{c.hears()}
	for heard[len(heard)-1] < 100 {
		heard = append(heard, c.hears())
	}
	require.Greater(t, len(heard), 1)
	require.IsIncreasing(t, heard)
	exactly(t, 100, r.ends())
}

func TestSuite(t *testing.T) {
	want := make([]Event, 1000)
	for n := range want {
		want[n] = eventOf(n)
	}
	var sending sync.WaitGroup
	sourcetest.Suite[Event]{
		Source: func(t testing.TB) stream.Source[Event] {
			return beatssource.Listen(pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) {
				sending.Go(func() {
					c, err := net.Dial("tcp", a.String())
					if err != nil {
						return // the source is closed already
					}
					defer c.Close()
					for from := 0; from < len(want); from += 10 {
						frames := window(10)
						for n := range 10 {
							frames += frameOf(n+1, from+n)
						}
						if _, err := io.WriteString(c, frames); err != nil {
							return
						}
					}
					_, _ = io.Copy(io.Discard, c) // until the source ends
				})
			}}, codec.Message(codec.JSON[Event]()))
		},
		Want: want, Endless: true, Forgets: true, RealTime: true,
	}.Run(t)
	sending.Wait()
}

func TestServer(t *testing.T) {
	sourcetest.Server[Event]{
		Source: func(_ testing.TB, bound func(net.Addr)) stream.Source[Event] {
			return beatssource.Listen(pushsource.Server{Addr: "127.0.0.1:0", Bound: bound, Memory: 1 << 20, MaxMessage: 1 << 20}, codec.Message(codec.JSON[Event]()))
		},
		Event: func(client, n int) Event { return eventOf(client*100_000_000 + n) },
		Message: func(client, _ int, events []Event) []byte {
			text := window(len(events))
			for i, e := range events {
				b, _ := json.Marshal(e)
				text += frame(i+1, string(b))
			}
			return []byte(text)
		},
		Acknowledged: func(c net.Conn, _ int) error {
			for {
				var b [6]byte
				if _, err := io.ReadFull(c, b[:]); err != nil || binary.BigEndian.Uint32(b[2:]) > 0 {
					return err
				}
			}
		},
	}.Run(t)
}

func TestListenPanics(t *testing.T) {
	c := codec.Message(codec.JSON[Event]())
	require.Panics(t, func() { beatssource.Listen[Event](pushsource.Server{}, nil) })
	require.Panics(t, func() { beatssource.Listen(pushsource.Server{}, c, nil) })
	require.Panics(t, func() { beatssource.Listen(pushsource.Server{MaxMessage: -1}, c) })
	require.Panics(t, func() { beatssource.MaxWindow(0) })
	require.Panics(t, func() { beatssource.MaxRatio(0) })
	require.Panics(t, func() { beatssource.KeepAlive(0) })
	require.Equal(t, "beats :5044", beatssource.Listen(pushsource.Server{Addr: ":5044"}, c).String())
}
