package syslogsource

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/leodido/go-syslog/v4/rfc3164"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
)

// TestSender is the process that sends in benchmarks, so that they have a core of their own.
func TestSender(t *testing.T) {
	addr := os.Getenv("SYSLOGSOURCE_SENDER")
	if addr == "" {
		return // of benchmarks
	}
	n, err := strconv.Atoi(os.Getenv("SYSLOGSOURCE_N"))
	require.NoError(t, err)
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	framing := os.Getenv("SYSLOGSOURCE_FRAMING")
	if framing == "relp" {
		go func() { _, _ = io.Copy(io.Discard, c) }()
		out := bufio.NewWriterSize(c, 1<<16)
		_, _ = out.WriteString(command(1, "open", offer))
		frame := framed(framing)
		for i := range n {
			_, err := out.Write(append(strconv.AppendInt(nil, int64(i+2), 10), frame...))
			require.NoError(t, err)
		}
		_, _ = out.WriteString(command(n+2, "close", ""))
		require.NoError(t, out.Flush())
		n = 0
	}
	frame := framed(framing)
	for part := bytes.Repeat(frame, 1000); n > 0; n -= 1000 {
		_, err := c.Write(part[:len(frame)*min(n, 1000)])
		require.NoError(t, err)
	}
	require.NoError(t, c.(*net.TCPConn).CloseWrite())
	_, _ = io.Copy(io.Discard, c)
}

func framed(framing string) []byte {
	message := benchMessages[0].message
	switch framing {
	case "counted":
		return fmt.Appendf(nil, "%d %s", len(message), message)
	case "relp": // behind its number
		return fmt.Appendf(nil, " syslog %d %s\n", len(message), message)
	}
	return []byte(message + "\n")
}

func send(b *testing.B, addr net.Addr, framing string, n int) {
	cmd := exec.Command(os.Args[0], "-test.run", "^TestSender$")
	cmd.Env = append(os.Environ(), "SYSLOGSOURCE_SENDER="+addr.String(), "SYSLOGSOURCE_N="+strconv.Itoa(n), "SYSLOGSOURCE_FRAMING="+framing)
	require.NoError(b, cmd.Start())
	b.Cleanup(func() { _ = cmd.Wait() })
}

// Messages over TCP into a pipeline; go test -cpu 1 gives it one core. The floors are a bare loop of a bufio.Scanner over
// the same connection: alone, with our parser, and with go-syslog's; and for RELP a loop that parses each command by our parser and answers it.
func BenchmarkTCP(b *testing.B) {
	for _, framing := range []string{"lines", "counted", "relp"} {
		b.Run("source/"+framing, func(b *testing.B) {
			l := Listen
			if framing == "relp" {
				l = ListenRELP
			}
			r := startInto(b, l, pushsource.Server{}, sink.Discard[Message](), sink.Discard[stream.Failed[[]byte]]())
			send(b, r.addr, framing, b.N)
			until(b, func() bool { return r.src.Stats().Accepted > 0 })
			b.SetBytes(int64(len(framed(framing))))
			b.ReportAllocs()
			used := processor()
			b.ResetTimer()
			for r.src.Stats().Events < int64(b.N) {
				time.Sleep(time.Millisecond)
			}
			rate(b, used)
			b.StopTimer()
		})
	}
	b.Run("floor/relp", bareRELP)
	parse := newParser()
	theirs := rfc3164.NewMachine(rfc3164.WithYear(rfc3164.CurrentYear{}))
	var m Message
	for _, floor := range []struct {
		name string
		use  func([]byte) error
	}{
		{"floor/read", func([]byte) error { return nil }},
		{"floor/parsed", func(line []byte) error { return parse.parse(line, &m) }},
		{"floor/go-syslog", func(line []byte) error { _, err := theirs.Parse(line); return err }},
	} {
		b.Run(floor.name, func(b *testing.B) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(b, err)
			defer l.Close()
			send(b, l.Addr(), "lines", b.N)
			c, err := l.Accept()
			require.NoError(b, err)
			defer c.Close()
			b.SetBytes(int64(len(framed("lines"))))
			b.ReportAllocs()
			used := processor()
			b.ResetTimer()
			lines := bufio.NewScanner(c)
			for lines.Scan() {
				if err := floor.use(lines.Bytes()); err != nil {
					b.Fatal(err)
				}
			}
			rate(b, used)
			b.StopTimer()
		})
	}
}

// bareRELP reads commands, and answers those that it has read when nothing more has come.
func bareRELP(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer l.Close()
	send(b, l.Addr(), "relp", b.N)
	c, err := l.Accept()
	require.NoError(b, err)
	defer c.Close()
	in, out := bufio.NewReaderSize(c, 64<<10), bufio.NewWriterSize(c, 64<<10)
	parse := newParser()
	var m Message
	b.SetBytes(int64(len(framed("relp"))))
	b.ReportAllocs()
	used := processor()
	b.ResetTimer()
	for n := 0; n < b.N; {
		number, err := in.ReadSlice(' ')
		require.NoError(b, err)
		out.Write(number)
		name, err := in.ReadSlice(' ')
		require.NoError(b, err)
		isMessage := string(name) == "syslog "
		text, err := in.ReadSlice(' ')
		require.NoError(b, err)
		length := 0
		for _, digit := range text[:len(text)-1] {
			length = 10*length + int(digit-'0')
		}
		data, err := in.Peek(length + 1)
		require.NoError(b, err)
		if isMessage {
			if err := parse.parse(data[:length], &m); err != nil {
				b.Fatal(err)
			}
			n++
			_, _ = out.WriteString("rsp 6 200 OK\n")
		} else { // what was offered is taken
			fmt.Fprintf(out, "rsp %d 200 OK\n%s\n", 7+length, data[:length])
		}
		_, _ = in.Discard(length + 1)
		if in.Buffered() == 0 {
			require.NoError(b, out.Flush())
		}
	}
	rate(b, used)
	b.StopTimer()
}

// rate reports messages a second, and the time of processors that all goroutines took, which other
// processes on the machine do not change.
func rate(b *testing.B, used time.Duration) {
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "M/s")
	b.ReportMetric(float64(processor()-used)/float64(b.N), "cpu-ns/event")
}

// processor returns the time of processors that this process has taken.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
