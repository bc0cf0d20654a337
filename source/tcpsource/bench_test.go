package tcpsource_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/hostiletest"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/tcpsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// The benchmarks measure a server on one core: run them with -cpu 1. The client is a process
// of its own, which writes lines that it has prepared. They are what logback writes.

const benchLines = 2048

func benchBytes() (b []byte) {
	for n := range benchLines {
		b = fmt.Appendf(b, `{"@timestamp":"2026-11-28T10:11:12.345Z","@version":"1","message":"order %d – ü","logger_name":"shop.cart",`+
			`"thread_name":"main","level":"INFO","level_value":20000,"n":"%d","service":"cart"}`+"\n", n, n)
	}
	return b
}

func TestMain(m *testing.M) {
	if addr := os.Getenv("FRESHET_TCP_SENDER"); addr != "" {
		lines := benchBytes()
		if c, err := net.Dial("tcp", addr); err == nil {
			for err == nil {
				_, err = c.Write(lines)
			}
		}
		return
	}
	if hostiletest.Served(hostileSuite()) {
		return
	}
	os.Exit(m.Run())
}

// measure measures what comes of a client's lines.
func measure(b *testing.B, addr net.Addr, got <-chan int) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "FRESHET_TCP_SENDER="+addr.String())
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	for warm := 0; warm < 4*benchLines; {
		warm += <-got
	}
	b.SetBytes(int64(len(benchBytes())))
	b.ReportAllocs()
	events, rest, begun := 0, 0, processor()
	for b.Loop() {
		for rest < benchLines {
			rest += <-got
		}
		rest -= benchLines
		events += benchLines
	}
	b.ReportMetric(float64((processor()-begun).Nanoseconds())/float64(events), "cpu-ns/event")
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
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
	b.Run("JSON", func(b *testing.B) { listen(b, codec.JSON[Entry]()) })
	b.Run("lines", func(b *testing.B) { listen(b, codec.Lines()) })
}

func listen[T any](b *testing.B, f codec.Format[T]) {
	bound := make(chan net.Addr, 1)
	src := tcpsource.Listen(pushsource.Server{Addr: "127.0.0.1:0", Bound: func(a net.Addr) { bound <- a }}, f)
	got := make(chan int, 1024)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	p := stream.New("bench")
	p.From(src).To(counter[T]{got, ctx})
	go func() { defer close(done); _ = p.Run(ctx) }()
	defer func() { stop(); <-done }()
	measure(b, <-bound, got)
}

// What no server is faster than: a loop that reads the lines of one client and decodes them.
func BenchmarkFloor(b *testing.B) {
	b.Run("JSON", func(b *testing.B) { floor(b, codec.JSON[Entry]()) })
	b.Run("lines", func(b *testing.B) { floor(b, codec.Lines()) })
}

func floor[T any](b *testing.B, f codec.Format[T]) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	got := make(chan int, 1024)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		in, dec := bufio.NewReaderSize(c, 32<<10), f.NewDecoder()
		events := make([]T, 0, benchLines)
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return
			}
			events = events[:len(events)+1]
			if dec.Decode(line[:len(line)-1], &events[len(events)-1]) != nil {
				return
			}
			if len(events) == cap(events) {
				select {
				case got <- len(events):
				case <-ctx.Done():
					return
				}
				clear(events)
				events = events[:0]
			}
		}
	}()
	measure(b, l.Addr(), got)
}

// A counter is a sink that tells how many events it gets.
type counter[T any] struct {
	got chan<- int
	ctx context.Context
}

func (c counter[T]) Open(*stream.SinkContext) (stream.Writer[T], error) { return c, nil }

func (c counter[T]) Write(_ context.Context, b *stream.Batch[T]) error {
	select {
	case c.got <- b.Len():
	case <-c.ctx.Done():
	}
	return nil
}

func (counter[T]) Flush(context.Context) error { return nil }
func (counter[T]) Close() error                { return nil }
