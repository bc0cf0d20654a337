package beatssource_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/beatssource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
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
	require.Eventually(r.t, func() bool { return holds(r.src.Stats()) }, 30*time.Second, time.Millisecond, what)
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
	require.NoError(c.t, c.SetReadDeadline(time.Now().Add(30*time.Second)))
	_, err := io.ReadFull(c, b[:])
	require.NoError(c.t, err)
	require.Equal(c.t, "2A", string(b[:2]))
	return binary.BigEndian.Uint32(b[2:])
}

// hungUp waits until the server hangs up.
func (c *client) hungUp() {
	c.t.Helper()
	require.NoError(c.t, c.SetReadDeadline(time.Now().Add(30*time.Second)))
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
