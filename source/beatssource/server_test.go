package beatssource_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/beatssource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

// An Event is what Filebeat sends of a line, as far as these tests look at it.
type Event struct {
	Time    time.Time `json:"@timestamp"`
	Message string    `json:"message"`
	Host    struct {
		Name string `json:"name"`
	} `json:"host"`
	Fields struct {
		Shop string `json:"shop"`
		N    int    `json:"n"`
	} `json:"fields"`
}

var moment = time.Date(2026, 11, 28, 10, 11, 12, 345e6, time.UTC)

func eventOf(n int) (e Event) {
	e.Time, e.Message = moment.Add(time.Duration(n)*time.Millisecond), fmt.Sprintf("GET /cart/%d HTTP/1.1 – ü", n)
	e.Host.Name, e.Fields.Shop, e.Fields.N = "web-1", "books", n
	return e
}

// payloads returns events of go-lumber's clients.
func payloads(from, to int) (events []any) {
	for n := from; n < to; n++ {
		events = append(events, eventOf(n))
	}
	return events
}

// A run is a pipeline under way that collects events.
type run struct {
	t    testing.TB
	addr string
	got  *sink.Collector[Event]
	src  *pushsource.Source[Event]
	stop context.CancelFunc
	done chan error
}

func start(t testing.TB, s pushsource.Server, opts ...any) *run {
	t.Helper()
	bound := make(chan net.Addr, 1)
	s.Bound = func(a net.Addr) { bound <- a }
	if s.Addr == "" {
		s.Addr = "127.0.0.1:0"
	}
	if s.AckWithin == 0 {
		s.AckWithin = time.Millisecond
	}
	var ours []beatssource.Option
	var runs []stream.RunOption
	check := func(Event) error { return nil }
	for _, o := range opts {
		switch o := o.(type) {
		case beatssource.Option:
			ours = append(ours, o)
		case stream.RunOption:
			runs = append(runs, o)
		case func(Event) error: // what the pipeline does with each
			check = o
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &run{
		t: t, got: sink.Collect[Event](), stop: stop, done: make(chan error, 1),
		src: beatssource.Listen(s, codec.Message(codec.JSON[Event]()), ours...),
	}
	p := stream.New("beats")
	p.From(r.src, stream.SkipFailures()).
		TryMap(func(_ context.Context, e Event) (Event, error) { return e, check(e) }).To(r.got)
	go func() { r.done <- p.Run(ctx, runs...) }()
	select {
	case a := <-bound:
		r.addr = a.String()
	case err := <-r.done:
		require.NoError(t, err, "the run has ended")
	}
	t.Cleanup(stop)
	return r
}

// ends stops the run and returns what it got.
func (r *run) ends() []Event {
	r.t.Helper()
	r.stop()
	require.ErrorIs(r.t, <-r.done, context.Canceled)
	return r.got.Values()
}

// until waits until the source has counted something.
func (r *run) until(what string, holds func(pushsource.Stats) bool) {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return holds(r.src.Stats()) }, 10*time.Second, time.Millisecond, what)
}

// numbers counts how often each event has come, and requires that it is as it was sent.
func numbers(t testing.TB, got []Event) map[int]int {
	t.Helper()
	count := map[int]int{}
	for _, e := range got {
		require.Equal(t, eventOf(e.Fields.N), e)
		count[e.Fields.N]++
	}
	return count
}

// exactly requires that each of n events has come once.
func exactly(t testing.TB, n int, got []Event) {
	t.Helper()
	require.Len(t, got, n)
	require.Len(t, numbers(t, got), n)
}

// A client speaks the protocol by hand.
type client struct {
	t testing.TB
	net.Conn
}

func dial(t testing.TB, addr string) *client {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return &client{t, c}
}

func (c *client) says(frames ...string) {
	c.t.Helper()
	_, err := io.WriteString(c, strings.Join(frames, ""))
	require.NoError(c.t, err)
}

// hears returns the sequence of the next acknowledgement.
func (c *client) hears() uint32 {
	c.t.Helper()
	var b [6]byte
	require.NoError(c.t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, err := io.ReadFull(c, b[:])
	require.NoError(c.t, err)
	require.Equal(c.t, "2A", string(b[:2]))
	return binary.BigEndian.Uint32(b[2:])
}

// hungUp waits until the server hangs up.
func (c *client) hungUp() {
	c.t.Helper()
	require.NoError(c.t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, err := io.Copy(io.Discard, c)
	if e, ok := err.(net.Error); ok {
		require.False(c.t, e.Timeout(), "the server does not hang up")
	}
}

func window(n int) string { return string(binary.BigEndian.AppendUint32([]byte("2W"), uint32(n))) }

func frame(seq int, payload string) string {
	b := binary.BigEndian.AppendUint32([]byte("2J"), uint32(seq))
	return string(binary.BigEndian.AppendUint32(b, uint32(len(payload)))) + payload
}

func frameOf(seq, n int) string {
	b, err := json.Marshal(eventOf(n))
	if err != nil {
		panic(err)
	}
	return frame(seq, string(b))
}

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
	r := start(t, pushsource.Server{AckWithin: 200 * time.Millisecond, IdleTimeout: 10 * time.Millisecond})
	c := dial(t, r.addr)
	c.says(window(1), frameOf(1, 0))
	require.EqualValues(t, 1, c.hears())
	c.hungUp()
	exactly(t, 1, r.ends())
	require.Zero(t, r.src.Stats().Failed)
}

// One that stops in the middle of a frame is hung up on, and others are not.
func TestSlow(t *testing.T) {
	r := start(t, pushsource.Server{FrameTimeout: 20 * time.Millisecond})
	good := dial(t, r.addr)
	whole := window(2) + frameOf(1, 0) + frameOf(2, 1)
	for cut := 1; cut < len(whole); cut += 7 {
		if cut == len(window(2)) || cut == len(window(2)+frameOf(1, 0)) {
			continue // between frames there is more time
		}
		slow := dial(t, r.addr)
		slow.says(whole[:cut])
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
