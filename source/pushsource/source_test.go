package pushsource_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
)

// words is a protocol of lines: "id word word ...", each a parcel that is answered
// with "ok id". An id of "-" is none. A word "?" is no event.
func words() pushsource.Protocol[string] {
	return pushsource.Protocol[string]{
		Name: "words",
		Serve: func(c *pushsource.Conn[string]) error {
			c.Ready()
			for n := int64(1); ; n++ {
				if err := c.Next(); err != nil {
					return err
				}
				p := c.Parcel()
				p.Seq = n
				var line []byte
				for {
					part, err := c.Reader().ReadSlice('\n')
					if e := c.Reserve(len(part)); e != nil {
						return e
					}
					line = append(line, part...)
					if err == nil {
						break
					}
					if !errors.Is(err, bufio.ErrBufferFull) {
						return cut(err)
					}
				}
				fields := strings.Fields(string(line))
				if len(fields) == 0 {
					return errors.New("an empty line")
				}
				if fields[0] != "-" {
					p.ID = fields[0]
				}
				for _, w := range fields[1:] {
					switch v := p.Next(); w {
					case "?":
						p.Unread()
						p.Reject([]byte(w), errors.New("a question"))
					case "panic!":
						panic("so be it")
					default:
						*v = w
					}
				}
				if err := c.Deliver(p); err != nil {
					return err
				}
			}
		},
		Ack: func(_ *pushsource.Conn[string], dst []byte, p *pushsource.Parcel[string]) []byte {
			return fmt.Appendf(dst, "ok %s %d\n", p.ID, p.Seq)
		},
		Waiting: func(_ *pushsource.Conn[string], dst []byte, p *pushsource.Parcel[string]) []byte {
			return fmt.Appendf(dst, "wait %s\n", p.ID)
		},
		KeepAlive: 50 * time.Millisecond,
	}
}

func cut(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// A client speaks words.
type client struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, addr net.Addr) *client {
	t.Helper()
	c, err := net.Dial(addr.Network(), addr.String())
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return &client{t, c, bufio.NewReader(c)}
}

func (c *client) says(line string) {
	c.t.Helper()
	_, err := io.WriteString(c, line+"\n")
	require.NoError(c.t, err)
}

// hears returns the next line that is no "wait".
func (c *client) hears() string {
	c.t.Helper()
	require.NoError(c.t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	for {
		line, err := c.in.ReadString('\n')
		require.NoError(c.t, err)
		if !strings.HasPrefix(line, "wait") {
			return strings.TrimSpace(line)
		}
	}
}

// ends waits until the server hangs up.
func (c *client) ends() {
	c.t.Helper()
	require.NoError(c.t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
	_, err := io.Copy(io.Discard, c.in)
	if e, ok := errors.AsType[net.Error](err); ok {
		require.False(c.t, e.Timeout(), "the server does not hang up")
	}
}

// A run is a pipeline under way that collects words.
type run struct {
	t    *testing.T
	addr net.Addr
	got  *sink.Collector[string]
	src  *pushsource.Source[string]
	stop context.CancelFunc
	done chan error
}

func start(t *testing.T, s pushsource.Server, opts ...stream.RunOption) *run {
	return startWith(t, s, words(), opts...)
}

func startWith(t *testing.T, s pushsource.Server, p pushsource.Protocol[string], opts ...stream.RunOption) *run {
	t.Helper()
	bound := make(chan net.Addr, 1)
	s.Bound = func(a net.Addr) { bound <- a }
	if s.Addr == "" {
		s.Addr = "127.0.0.1:0"
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &run{t: t, got: sink.Collect[string](), src: pushsource.New(s, p), stop: stop, done: make(chan error, 1)}
	pl := stream.New("words")
	pl.From(r.src, stream.SkipFailures()).To(r.got)
	go func() { r.done <- pl.Run(ctx, opts...) }()
	r.addr = listening(t, bound, r.done)
	t.Cleanup(stop)
	return r
}

// listening returns where a run listens, once it does.
func listening(t *testing.T, bound chan net.Addr, done chan error) net.Addr {
	t.Helper()
	select {
	case addr := <-bound:
		return addr
	case err := <-done:
		require.Fail(t, "the run has ended", "%v", err)
		return nil
	}
}

func (r *run) ends() []string {
	r.t.Helper()
	r.stop()
	require.ErrorIs(r.t, <-r.done, context.Canceled)
	return r.got.Values()
}

// Without checkpoints a parcel is acknowledged once the sinks have it.
func TestAcknowledgesWhatTheSinksHave(t *testing.T) {
	r := start(t, pushsource.Server{})
	c := dial(t, r.addr)
	c.says("1 a b")
	c.says("2 c")
	require.Equal(t, "ok 1 1", c.hears())
	require.Equal(t, "ok 2 2", c.hears())
	c.says("3") // without an event
	require.Equal(t, "ok 3 3", c.hears())
	require.Equal(t, []string{"a", "b", "c"}, r.ends())
	stats := r.src.Stats()
	require.Equal(t, pushsource.Stats{Accepted: 1, Received: 3, Parcels: 3, Events: 3, Acked: 3}, stats)
}

// What is read before a stop is acknowledged by the last checkpoint, before
// the client is hung up on.
func TestStopAcknowledges(t *testing.T) {
	for name, opts := range map[string][]stream.RunOption{
		"rounds":      nil,
		"checkpoints": {stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			r := start(t, pushsource.Server{AckWithin: time.Hour}, opts...)
			c := dial(t, r.addr)
			c.says("1 a b")
			until(t, "it is read", func() bool { return r.src.Stats().Parcels > 0 })
			r.stop()
			require.Equal(t, "ok 1 1", c.hears())
			c.ends()
			require.Equal(t, []string{"a", "b"}, r.ends())
		})
	}
}

// A parcel that was in a checkpoint and is sent again is only acknowledged, in the
// same run and in a later one.
func TestRepeated(t *testing.T) {
	store := stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Hour)
	server := pushsource.Server{AckWithin: time.Millisecond}
	r := start(t, server, store)
	c := dial(t, r.addr)
	c.says("x1 a b")
	require.Equal(t, "ok x1 1", c.hears())
	d := dial(t, r.addr)
	d.says("x1 a b")
	d.says("x2 c")
	require.Equal(t, "ok x1 1", d.hears())
	require.Equal(t, "ok x2 2", d.hears())
	require.Equal(t, []string{"a", "b", "c"}, r.ends())
	require.EqualValues(t, 1, r.src.Stats().Repeated)

	r = start(t, server, store)
	c = dial(t, r.addr)
	c.says("x2 c")
	c.says("x1 a b")
	c.says("x3 d")
	require.Equal(t, "ok x2 1", c.hears())
	require.Equal(t, "ok x1 2", c.hears())
	require.Equal(t, "ok x3 3", c.hears())
	require.Equal(t, []string{"d"}, r.ends())
}

// One that was half read when a checkpoint was taken goes on behind its half.
func TestRepeatedHalf(t *testing.T) {
	p := words()
	open := func(offsets map[string]string) (stream.Reader[string], net.Addr) {
		var addr net.Addr
		src := pushsource.New(pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) { addr = a }}, p)
		readers, err := src.Open(&stream.SourceContext{Context: t.Context(), Offsets: offsets, Checkpointed: true})
		require.NoError(t, err)
		return readers[0], addr
	}
	r, addr := open(nil)
	dial(t, addr).says("x1 a ? b c d")
	in := stream.NewIntake[string](2)
	require.NoError(t, r.Read(t.Context(), in))
	require.Equal(t, 2, in.Len())
	require.Len(t, in.Rejected(), 1)
	at := r.Offset()
	require.NoError(t, r.Close())

	// Another client is the first that comes again, and is half read in turn.
	r, addr = open(map[string]string{"words": at})
	require.Equal(t, at, r.Offset())
	dial(t, addr).says("y1 e f g")
	in = stream.NewIntake[string](1)
	require.NoError(t, r.Read(t.Context(), in))
	require.Equal(t, 1, in.Len())
	at = r.Offset()
	require.NoError(t, r.Close())

	r, addr = open(map[string]string{"words": at})
	require.Equal(t, at, r.Offset())
	c := dial(t, addr)
	c.says("x1 a ? b c d")
	c.says("y1 e f g")
	var got []string
	for len(got) < 4 {
		in = stream.NewIntake[string](9)
		require.NoError(t, r.Read(t.Context(), in))
		require.Empty(t, in.Rejected())
		for i := range in.Len() {
			got = append(got, in.Batch().Value(i))
		}
	}
	require.Equal(t, []string{"c", "d", "f", "g"}, got)
	require.NoError(t, r.Close())
	require.NoError(t, r.Close())

	for _, broken := range []string{"", "v1", "v1 x ", "v1 -1 ", "v1 3 ?", "v1 3 AAAA", "v1 3  AA 1", "v1 3  " + strings.Repeat("A", 22) + " 0", "v2 3 "} {
		_, err := pushsource.New(pushsource.Server{Addr: "127.0.0.1:0"}, p).Open(&stream.SourceContext{Offsets: map[string]string{"words": broken}})
		require.ErrorContains(t, err, strconv.Quote(broken)+" is no offset", "%q", broken)
	}
}

// More ids than are remembered push the oldest out.
func TestRemembersSome(t *testing.T) {
	r := start(t, pushsource.Server{Remember: 2, AckWithin: time.Millisecond})
	c := dial(t, r.addr)
	for _, id := range []string{"1", "2", "3", "3", "2", "1", "3"} {
		c.says(id + " " + id)
	}
	for range 7 {
		c.hears()
	}
	require.Equal(t, []string{"1", "2", "3", "1"}, r.ends())
}

// A client that waits is kept patient.
func TestKeptPatient(t *testing.T) {
	r := start(t, pushsource.Server{AckWithin: time.Hour}, stream.Checkpoints(checkpoint.Dir(t.TempDir()), time.Hour))
	c := dial(t, r.addr)
	c.says("1 a")
	for range 3 {
		line, err := c.in.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "wait 1\n", line)
	}
	r.ends()
}

// A client of whom too many parcels wait is not read any further, and no other is
// held up by it.
func TestUnacked(t *testing.T) {
	t.Parallel() // it waits
	r := start(t, pushsource.Server{Unacked: 2, AckWithin: 2 * time.Second})
	c := dial(t, r.addr)
	for i := range 6 {
		c.says(fmt.Sprintf("%d w%d", i, i))
	}
	until(t, "two are read", func() bool { return r.src.Stats().Parcels >= 2 })
	require.EqualValues(t, 2, r.src.Stats().Parcels)
	for i := range 6 {
		require.Equal(t, fmt.Sprintf("ok %d %d", i, i+1), c.hears())
	}
	r.ends()
}

// A record that is no event is rejected, and says of which client it is.
func TestRejects(t *testing.T) {
	src := pushsource.Server{Addr: "127.0.0.1:0"}
	bound := make(chan net.Addr, 1)
	src.Bound = func(a net.Addr) { bound <- a }
	var bad stream.Failures[[]byte]
	got := sink.Collect[stream.Failed[[]byte]]()
	p := stream.New("words")
	p.From(pushsource.New(src, words()), stream.Divert(&bad)).To(sink.Discard[string]())
	bad.Stream().To(got)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	c := dial(t, listening(t, bound, done))
	c.says("1 a ? b")
	c.hears()
	stop()
	<-done
	require.Len(t, got.Values(), 1)
	e := got.Values()[0]
	require.Equal(t, "?", string(e.Value))
	require.Equal(t, "words event 0", e.Position)
	require.ErrorContains(t, e.Err, "from "+c.LocalAddr().String()+": a question")
}

// A panic of the protocol ends the run, and the error names the operator.
func TestPanic(t *testing.T) {
	r := start(t, pushsource.Server{})
	dial(t, r.addr).says("1 panic!")
	err := <-r.done
	require.ErrorContains(t, err, "while a client was served: panic: so be it")
	_, named := errors.AsType[*stream.OperatorError](err)
	require.True(t, named)
}

// Two runs one after the other listen at the same place, also in the file system.
func TestUnixSocket(t *testing.T) {
	path := t.TempDir() + "/s"
	for range 2 {
		r := start(t, pushsource.Server{Addr: "unix:" + path})
		c := dial(t, r.addr)
		c.says("- a")
		require.Equal(t, "ok  1", c.hears())
		require.Equal(t, []string{"a"}, r.ends())
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	l.SetUnlinkOnClose(false) // as if killed
	l.Close()
	start(t, pushsource.Server{Addr: "unix:" + path}).ends()
}

func TestCannotListen(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	p := stream.New("words")
	p.From(pushsource.New(pushsource.Server{Addr: l.Addr().String()}, words()), stream.Name("in")).To(sink.Discard[string]())
	require.ErrorContains(t, p.Run(t.Context()), "stream: in: pushsource: words "+l.Addr().String()+" cannot listen: ")
}

func TestNewPanics(t *testing.T) {
	require.PanicsWithValue(t, "pushsource: words: Server.Memory is negative", func() {
		pushsource.New(pushsource.Server{Memory: -1}, words())
	})
	require.Panics(t, func() { pushsource.New(pushsource.Server{}, pushsource.Protocol[string]{Name: "x"}) })
}

// Datagrams are answered, and a bad one costs no other.
func TestPackets(t *testing.T) {
	p := pushsource.Protocol[string]{Name: "packets", Packet: func(c *pushsource.Conn[string], b []byte) error {
		if len(b) == 0 {
			return errors.New("nothing in it")
		}
		p := c.Parcel()
		*p.Next() = string(b)
		if err := c.Deliver(p); err != nil {
			return err
		}
		_, err := c.Write(bytes.ToUpper(b))
		return err
	}}
	r := startWith(t, pushsource.Server{}, p)
	c, err := net.Dial("udp", r.addr.String())
	require.NoError(t, err)
	defer c.Close()
	buf := make([]byte, 99)
	for _, say := range []string{"a", "", "b"} {
		_, err = c.Write([]byte(say))
		require.NoError(t, err)
		if say == "" {
			continue
		}
		n, err := c.Read(buf)
		require.NoError(t, err)
		require.Equal(t, strings.ToUpper(say), string(buf[:n]))
	}
	until(t, "both are read", func() bool { return r.src.Stats().Events >= 2 })
	require.Equal(t, []string{"a", "b"}, r.ends())
	require.EqualValues(t, 1, r.src.Stats().Failed)
}

func TestSuite(t *testing.T) {
	sourcetest.Suite[string]{
		Source: func(t testing.TB) stream.Source[string] {
			addr := make(chan net.Addr, 1)
			src := pushsource.New(pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) { addr <- a }}, words())
			go func() {
				a := <-addr
				c, err := net.Dial("tcp", a.String())
				if err != nil {
					return
				}
				defer c.Close()
				io.WriteString(c, "- a b c\n- d\n-\n- e f\n")
				io.Copy(io.Discard, c) // until the source is closed
			}()
			return src
		},
		Want: []string{"a", "b", "c", "d", "e", "f"}, Endless: true, Forgets: true, RealTime: true,
	}.Run(t)
}
