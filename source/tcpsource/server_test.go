package tcpsource_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/source/tcpsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

// A run is a pipeline under way that collects events.
type run[T any] struct {
	t    testing.TB
	addr net.Addr
	got  *sink.Collector[T]
	src  *pushsource.Source[T]
	stop context.CancelFunc
	done chan error
}

func start[T any](t testing.TB, s pushsource.Server, f codec.Format[T], opts ...any) *run[T] {
	t.Helper()
	bound := make(chan net.Addr, 1)
	s.Bound = func(a net.Addr) { bound <- a }
	if s.Addr == "" {
		s.Addr = "127.0.0.1:0"
	}
	var ours []tcpsource.Option
	var runs []stream.RunOption
	for _, o := range opts {
		switch o := o.(type) {
		case tcpsource.Option:
			ours = append(ours, o)
		case stream.RunOption:
			runs = append(runs, o)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &run[T]{t: t, got: sink.Collect[T](), src: tcpsource.Listen(s, f, ours...), stop: stop, done: make(chan error, 1)}
	p := stream.New("lines")
	p.From(r.src, stream.SkipFailures()).To(r.got)
	go func() { r.done <- p.Run(ctx, runs...) }()
	select {
	case r.addr = <-bound:
	case err := <-r.done:
		require.NoError(t, err, "the run has ended")
	}
	t.Cleanup(stop)
	return r
}

// ends stops the run and returns what it got.
func (r *run[T]) ends() []T {
	r.t.Helper()
	r.stop()
	require.ErrorIs(r.t, <-r.done, context.Canceled)
	return r.got.Values()
}

// until waits until the source has counted something.
func (r *run[T]) until(what string, holds func(pushsource.Stats) bool) {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return holds(r.src.Stats()) }, 30*time.Second, time.Millisecond, what)
}

func (r *run[T]) dial() net.Conn {
	r.t.Helper()
	c, err := net.Dial(r.addr.Network(), r.addr.String())
	require.NoError(r.t, err)
	r.t.Cleanup(func() { c.Close() })
	return c
}

// says sends lines in one connection that ends orderly.
func (r *run[T]) says(lines string) {
	r.t.Helper()
	c := r.dial()
	_, err := io.WriteString(c, lines)
	require.NoError(r.t, err)
	require.NoError(r.t, c.Close())
}

type Order struct {
	ID   int
	Item string
}

func TestFormats(t *testing.T) {
	type Pair struct{ A, B int }
	one, two := Pair{1, 2}, Pair{3, 4}
	for name, c := range map[string]struct {
		format codec.Format[Pair]
		in     string
	}{
		"JSON":             {codec.JSON[Pair](), "\uFEFF{\"A\":1,\"B\":2}\r\n\n{\"A\":3,\"B\":4}"},
		"logfmt":           {codec.Logfmt[Pair](), "A=1 B=2\nB=4 A=3\n"},
		"CSV":              {codec.CSV[Pair](), "\uFEFFB,A\n2,1\n4,3\n"},
		"CSV, quoted":      {codec.CSV[Pair](codec.NoHeader()), "\"1\",2\n3,\"4\""},
		"CSV, cut":         {codec.CSV[Pair](codec.NoHeader()), "1,2\n3,4\n\"5,6"},
		"JSON, with a bad": {codec.JSON[Pair](), "{\"A\":1,\"B\":2}\n{\"A\":}\n{\"A\":3,\"B\":4}\n{"},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, pushsource.Server{}, c.format)
			r.says(c.in)
			r.until("two come", func(s pushsource.Stats) bool { return s.Events == 2 && s.Clients == 0 })
			require.Equal(t, []Pair{one, two}, r.ends())
		})
	}
}

// Each connection has its own header, and none sees the half line of another.
func TestConnectionsAreApart(t *testing.T) {
	r := start(t, pushsource.Server{}, codec.CSV[Order]())
	a, b := r.dial(), r.dial()
	for _, part := range []struct {
		to   net.Conn
		text string
	}{{a, "ID,Item\n1,a"}, {b, "Item,ID\nbo"}, {a, "pple\n2,"}, {b, "ok,3\n"}} {
		_, err := io.WriteString(part.to, part.text)
		require.NoError(t, err)
	}
	a.Close()
	b.Close()
	r.until("three come", func(s pushsource.Stats) bool { return s.Events == 3 && s.Clients == 0 })
	require.ElementsMatch(t, []Order{{1, "apple"}, {2, ""}, {3, "book"}}, r.ends())
}

// A line is given on at once, whatever follows.
func TestLatency(t *testing.T) {
	r := start(t, pushsource.Server{}, codec.Lines())
	c := r.dial()
	for n := range 5 {
		_, err := fmt.Fprintf(c, "line %d\nhalf ", n)
		require.NoError(t, err)
		r.until("it comes", func(s pushsource.Stats) bool { return s.Events == int64(n)+1 })
	}
	require.Equal(t, []string{"line 0", "half line 1", "half line 2", "half line 3", "half line 4"}, r.ends())
}

// The last of records of several lines is whole when nothing follows for FrameTimeout.
func TestMultiline(t *testing.T) {
	f := codec.Multiline(func(line []byte) bool { return line[0] != ' ' }, codec.Lines())
	r := start(t, pushsource.Server{FrameTimeout: 20 * time.Millisecond}, f)
	c := r.dial()
	for n := range 3 {
		_, err := io.WriteString(c, "failed\n at a\n at b\n")
		require.NoError(t, err)
		r.until("it comes", func(s pushsource.Stats) bool { return s.Events == int64(n)+1 && s.Clients == 1 })
	}
	require.Equal(t, []string{"failed\n at a\n at b", "failed\n at a\n at b", "failed\n at a\n at b"}, r.ends())
}

func TestLongLines(t *testing.T) {
	long := strings.Repeat("ü", 100_000)
	r := start(t, pushsource.Server{}, codec.Lines(), tcpsource.MaxLine(len(long)))
	r.says("a\n" + long + "\nb\n" + long + "!\nc\n" + long + long)
	r.until("all is read", func(s pushsource.Stats) bool { return s.Events == 4 && s.Clients == 0 })
	require.Equal(t, []string{"a", long, "b", "c"}, r.ends())
	require.EqualValues(t, 2, r.src.Stats().Rejected)
}

func TestUnixSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	r := start(t, pushsource.Server{Addr: "unix:" + path}, codec.JSON[Order]())
	r.says(`{"ID":7,"Item":"book"}`)
	r.until("it comes", func(s pushsource.Stats) bool { return s.Events == 1 })
	require.Equal(t, []Order{{7, "book"}}, r.ends())
}

// Nobody tells the client what has arrived. What it has written and the source has read
// before a stop is in the last checkpoint; what still was in the network is lost, but not
// silently: the client's next write fails.
func TestRestart(t *testing.T) {
	store := stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Hour)
	var got []string
	for n := range 3 {
		r := start(t, pushsource.Server{}, codec.Lines(), store)
		c := r.dial()
		_, err := fmt.Fprintf(c, "line %d\nhalf a line", n)
		require.NoError(t, err)
		r.until("it comes", func(s pushsource.Stats) bool { return s.Events == 1 })
		got = append(got, r.ends()...)
		require.Eventually(t, func() bool {
			_, err := io.WriteString(c, "more\n")
			return err != nil
		}, 30*time.Second, time.Millisecond)
	}
	require.Equal(t, []string{"line 0", "line 1", "line 2"}, got)
}

func TestSuite(t *testing.T) {
	want := make([]Order, 1000)
	for n := range want {
		want[n] = Order{n, "book"}
	}
	enc := codec.JSON[Order]().NewEncoder()
	var lines []byte
	for _, o := range want {
		lines, _ = enc.Append(lines, o)
	}
	var sending sync.WaitGroup
	sourcetest.Suite[Order]{
		Source: func(t testing.TB) stream.Source[Order] {
			return tcpsource.Listen(pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) {
				sending.Go(func() {
					c, err := net.Dial("tcp", a.String())
					if err != nil {
						return // the source is closed already
					}
					defer c.Close()
					_, _ = c.Write(lines)
				})
			}}, codec.JSON[Order]())
		},
		Want: want, Endless: true, Forgets: true, RealTime: true,
	}.Run(t)
	sending.Wait()
}

func TestServer(t *testing.T) {
	sourcetest.Server[Order]{
		Source: func(_ testing.TB, bound func(net.Addr)) stream.Source[Order] {
			return tcpsource.Listen(pushsource.Server{Addr: "127.0.0.1:0", Bound: bound, Memory: 4 << 20, MaxMessage: 1<<20 + 64<<10}, codec.JSON[Order]())
		},
		Event: func(client, n int) Order { return Order{client*100_000_000 + n, "book"} },
		Message: func(_, _ int, events []Order) (lines []byte) {
			enc := codec.JSON[Order]().NewEncoder()
			for _, o := range events {
				lines, _ = enc.Append(lines, o)
			}
			return lines
		},
	}.Run(t)
}

func TestListenPanics(t *testing.T) {
	require.Panics(t, func() { tcpsource.Listen[string](pushsource.Server{}, nil) })
	require.Panics(t, func() { tcpsource.Listen(pushsource.Server{}, codec.Binary[int]()) })
	require.Panics(t, func() { tcpsource.Listen(pushsource.Server{}, codec.Lines(), nil) })
	require.Panics(t, func() { tcpsource.Listen(pushsource.Server{MaxClients: -1}, codec.Lines()) })
	require.Panics(t, func() { tcpsource.Listen(pushsource.Server{MaxMessage: -1}, codec.Lines()) })
	require.Panics(t, func() { tcpsource.Listen(pushsource.Server{MaxMessage: 1 << 20}, codec.Lines()) })
	require.Panics(t, func() { tcpsource.MaxLine(0) })
	require.Equal(t, "tcp :5000", tcpsource.Listen(pushsource.Server{Addr: ":5000"}, codec.Lines()).String())
}
