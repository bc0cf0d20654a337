package beatssource_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/elastic/go-lumber/server/v2"
	"github.com/klauspost/compress/zlib"

	"github.com/freshet-go/freshet/source/beatssource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// The benchmarks measure a server on one core: run them with -cpu 1. The client is a process
// of its own, which writes windows of 2,048 events that it has prepared, and has 8 of them
// under way.

const benchWindow = 2048

// benchEvents are the JSON of events: short ones, and such as Filebeat makes of a line of
// an access log.
var benchEvents = map[string]func(n int) string{
	"short": func(n int) string {
		b, _ := json.Marshal(eventOf(n))
		return string(b)
	},
	"filebeat": func(n int) string {
		return fmt.Sprintf(`{"@timestamp":"2026-11-28T10:11:12.345Z","@metadata":{"beat":"filebeat","type":"_doc","version":"8.15.0"},`+
			`"log":{"offset":%d,"file":{"path":"/var/log/nginx/access.log","device_id":"64768","inode":"131074"}},`+
			`"message":"203.0.113.%d - - [28/Nov/2026:10:11:12 +0000] \"GET /cart/%d HTTP/1.1\" 200 5316 \"https://shop.example/\" \"Mozilla/5.0 (X11; Linux x86_64)\"",`+
			`"input":{"type":"filestream"},"fields":{"shop":"books","n":%d},"ecs":{"version":"8.0.0"},"host":{"name":"web-1"},`+
			`"agent":{"ephemeral_id":"a1c5d7f0-0b2e-4a57-9d0b-0e2f4cf6b1aa","id":"5f3c1f5e-7a61-4d0c-8a43-1f1a4c1d2b3e","name":"web-1","type":"filebeat","version":"8.15.0"}}`,
			n*171, n%256, n, n)
	},
}

// benchBytes is a window of events, as the client writes it.
func benchBytes(event string, level int) string {
	var frames strings.Builder
	for n := range benchWindow {
		frames.WriteString(frame(n+1, benchEvents[event](n)))
	}
	if level == 0 {
		return window(benchWindow) + frames.String()
	}
	return window(benchWindow) + compressedFrame(frames.String())
}

// sendForBench is the client's process.
func sendForBench(args []string) {
	level, _ := strconv.Atoi(args[2])
	window := benchBytes(args[1], level)
	c, err := net.Dial("tcp", args[0])
	if err != nil {
		return
	}
	acked := make(chan struct{}, 8)
	go func() {
		defer os.Exit(0)
		var ack [6]byte
		for in := bufio.NewReader(c); ; {
			if _, err := io.ReadFull(in, ack[:]); err != nil {
				return
			}
			if binary.BigEndian.Uint32(ack[2:]) == benchWindow {
				<-acked
			}
		}
	}()
	for {
		acked <- struct{}{}
		if _, err := io.WriteString(c, window); err != nil {
			return
		}
	}
}

// sender starts the client.
func sender(b *testing.B, addr net.Addr, event string, level int) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("FRESHET_BEATS_SENDER=%s %s %d", addr, event, level))
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
}

// measure runs a server and measures what it hands over, in events.
func measure(b *testing.B, serve func(b *testing.B, event string, level int) <-chan int) {
	for _, event := range []string{"short", "filebeat"} {
		for _, level := range []int{0, 3} {
			b.Run(fmt.Sprintf("event=%s/level=%d", event, level), func(b *testing.B) {
				got := serve(b, event, level)
				for warm := 0; warm < 4*benchWindow; {
					warm += <-got
				}
				b.SetBytes(int64(len(benchBytes(event, 0))))
				b.ReportAllocs()
				events, rest, begun := 0, 0, processor()
				for b.Loop() {
					for rest < benchWindow {
						rest += <-got
					}
					rest -= benchWindow
					events += benchWindow
				}
				b.ReportMetric(float64((processor()-begun).Nanoseconds())/float64(events), "cpu-ns/event")
				b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
			})
		}
	}
}

// processor returns the processor time that this process has taken, which other programs on
// the machine change less than they do the clock's.
func processor() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// The source, in a pipeline that takes the events and does nothing with them.
func BenchmarkListen(b *testing.B) {
	measure(b, func(b *testing.B, event string, level int) <-chan int {
		bound := make(chan net.Addr, 1)
		src := beatssource.Listen(pushsource.Server{Addr: "127.0.0.1:0", AckWithin: time.Millisecond, Bound: func(a net.Addr) { bound <- a }},
			codec.Message(codec.JSON[Event]()))
		got := make(chan int, 1024)
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		p := stream.New("bench")
		p.From(src).To(counter{got, ctx})
		go func() { defer close(done); _ = p.Run(ctx) }()
		b.Cleanup(func() { stop(); <-done })
		sender(b, <-bound, event, level)
		return got
	})
}

// What no server is faster than: a loop that reads the frames of one client and decodes them.
func BenchmarkFloor(b *testing.B) {
	measure(b, func(b *testing.B, event string, level int) <-chan int {
		got := make(chan int, 1024)
		sender(b, accept(b, func(c net.Conn) { floor(c, got) }), event, level)
		return got
	})
}

// The server of go-lumber, which decodes into any.
func BenchmarkLumber(b *testing.B) {
	measure(b, func(b *testing.B, event string, level int) <-chan int {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		s, err := v2.NewWithListener(l)
		if err != nil {
			b.Fatal(err)
		}
		got := make(chan int, 1024)
		ctx, stop := context.WithCancel(context.Background())
		b.Cleanup(func() { stop(); _ = s.Close() })
		go func() {
			for batch := range s.ReceiveChan() {
				batch.ACK()
				select {
				case got <- len(batch.Events):
				case <-ctx.Done():
				}
			}
		}()
		sender(b, l.Addr(), event, level)
		return got
	})
}

// accept serves one client.
func accept(b *testing.B, serve func(net.Conn)) net.Addr {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	go func() {
		if c, err := l.Accept(); err == nil {
			defer c.Close()
			b.Cleanup(func() { c.Close() })
			serve(c)
		}
	}()
	return l.Addr()
}

// floor reads and acknowledges windows, one event after another in the same memory.
func floor(c net.Conn, got chan<- int) {
	wire := bufio.NewReaderSize(c, 32<<10)
	dec := codec.Message(codec.JSON[Event]())
	events := make([]Event, 0, benchWindow)
	var head [10]byte
	var z io.ReadCloser
	var inflated *bufio.Reader
	for {
		if _, err := io.ReadFull(wire, head[:6]); err != nil {
			return
		}
		in := wire
		first, err := wire.Peek(2)
		if err != nil {
			return
		}
		if first[1] == 'C' {
			_, _ = wire.Discard(6)
			if z == nil {
				z, err = zlib.NewReader(wire)
				inflated = bufio.NewReaderSize(z, 32<<10)
			} else {
				err = z.(zlib.Resetter).Reset(wire, nil)
				inflated.Reset(z)
			}
			if err != nil {
				return
			}
			in = inflated
		}
		for events = events[:0]; len(events) < benchWindow; {
			if _, err := io.ReadFull(in, head[:]); err != nil {
				return
			}
			n := int(binary.BigEndian.Uint32(head[6:]))
			payload, err := in.Peek(n)
			if err != nil {
				return
			}
			events = append(events, Event{})
			if err := dec.Decode(payload, &events[len(events)-1]); err != nil {
				return
			}
			_, _ = in.Discard(n)
		}
		if in != wire {
			_, _ = io.Copy(io.Discard, in) // the checksum
		}
		got <- len(events)
		if _, err := c.Write(binary.BigEndian.AppendUint32([]byte("2A"), benchWindow)); err != nil {
			return
		}
	}
}

// A counter is a sink that tells how many events it gets.
type counter struct {
	got chan<- int
	ctx context.Context
}

func (c counter) Open(*stream.SinkContext) (stream.Writer[Event], error) { return c, nil }

func (c counter) Write(_ context.Context, b *stream.Batch[Event]) error {
	select {
	case c.got <- b.Len():
	case <-c.ctx.Done():
	}
	return nil
}

func (counter) Flush(context.Context) error { return nil }
func (counter) Close() error                { return nil }
