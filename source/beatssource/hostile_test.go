package beatssource_test

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	lumber "github.com/elastic/go-lumber/client/v2"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/beatssource"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// A hostile client does one thing with its connection, and returns to do it again. Those that
// wait do so until the server hangs up.
type hostile struct {
	name string
	do   func(ctx context.Context, c net.Conn)
}

func wait(_ context.Context, c net.Conn) { _, _ = io.Copy(io.Discard, c) }

// says writes bytes and then waits.
func says(b string) func(context.Context, net.Conn) {
	return func(ctx context.Context, c net.Conn) {
		_, _ = io.WriteString(c, b)
		wait(ctx, c)
	}
}

// repeats writes bytes again and again.
func repeats(b string, pause time.Duration) func(context.Context, net.Conn) {
	return func(ctx context.Context, c net.Conn) {
		for ctx.Err() == nil {
			if _, err := io.WriteString(c, b); err != nil {
				return
			}
			time.Sleep(pause) // of a client, for the machine to do something else, too
		}
	}
}

func compressedFrame(frames string) string {
	var b bytes.Buffer
	w, _ := zlib.NewWriterLevel(&b, 9)
	_, _ = io.WriteString(w, frames)
	w.Close()
	return string(binary.BigEndian.AppendUint32([]byte("2C"), uint32(b.Len()))) + b.String()
}

func hostiles() []hostile {
	spaces := strings.Repeat(" ", 8<<20)
	bomb := compressedFrame(frame(1, spaces))
	noise := make([]byte, 4<<10)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(rnd.Uint32())
	}
	half := frame(1, spaces)
	return []hostile{
		{"say nothing", wait},
		{"announce 2^32 events", says("2W\xff\xff\xff\xff")},
		{"announce an event of 2^32 bytes", says(window(1) + "2J\x00\x00\x00\x01\xff\xff\xff\xff")},
		{"announce a frame of 2^32 bytes", says(window(1) + "2C\xff\xff\xff\xff")},
		{"send half an event", says(window(1) + frameOf(1, 0)[:50])},
		{"send half an event of 8 MiB", says(window(1) + half[:1<<20])},
		{"send half a compressed frame", says(window(1) + bomb[:len(bomb)/2])},
		{"send a bomb", says(window(1) + bomb)},
		{"send a bomb in a bomb", says(window(1) + compressedFrame(bomb))},
		{"nest frames", says(window(1) + compressedFrame(compressedFrame(compressedFrame(frameOf(1, 0)))))},
		{"send noise", repeats(string(noise), 10*time.Millisecond)},
		{"send noise in a window", says(window(1) + "2C\x00\x00\x10\x00" + string(noise))},
		{"send a byte now and then", repeats("2", 20*time.Millisecond)},
		{"flood it with events, and read no acknowledgement", repeats(window(2)+frameOf(1, 0)+frameOf(2, 1), 50*time.Millisecond)},
		{"flood it with windows of none", repeats(strings.Repeat(window(0), 100), 50*time.Millisecond)},
		{"speak version 1", says("1W\x00\x00\x00\x01")},
	}
}

// hostileServer is what the clients meet, in a process of its own: its memory is ours to read.
var hostileServer = pushsource.Server{
	Addr: "127.0.0.1:0", Memory: 32 << 20, FrameTimeout: 500 * time.Millisecond, IdleTimeout: time.Minute,
	MaxClients: 1100, AckWithin: time.Millisecond,
}

// mostMemory is the bound that the package's documentation states, for that server and
// a garbage collector that lets memory double, and 40 MiB for the program.
const mostMemory = 2*(32<<20+1100*160<<10) + 40<<20

func TestMain(m *testing.M) {
	if os.Getenv("FRESHET_BEATS_SERVER") != "" {
		serveHostiles()
		return
	}
	if args := os.Getenv("FRESHET_BEATS_SENDER"); args != "" {
		sendForBench(strings.Fields(args))
		return
	}
	os.Exit(m.Run())
}

func serveHostiles() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s := hostileServer
	s.Bound = func(a net.Addr) { fmt.Printf("listens on %s\n", a) }
	src := beatssource.Listen(s, codec.Message(codec.JSON[Event]()))
	p := stream.New("hostile")
	p.From(src, stream.SkipFailures()).To(sink.Discard[Event]())
	err := p.Run(ctx)
	stats, _ := json.Marshal(src.Stats())
	fmt.Printf("ended: %v\nstats: %s\n", err, stats)
}

// A thousand hostile clients cost no more memory than is stated, and others go on.
func TestHostile(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "FRESHET_BEATS_SERVER=1")
	server := servertest.Start(t, cmd)
	var addr string
	server.Until("listens", func() bool {
		_, after, _ := strings.Cut(server.Output(), "listens on ")
		line, _, whole := strings.Cut(after, "\n")
		addr = line
		return whole
	})

	ctx, stop := context.WithCancel(context.Background())
	var attacks sync.WaitGroup
	kinds := hostiles()
	clients := 1000
	if underRace {
		clients = 100
	}
	for i := range clients {
		attacks.Go(func() {
			for ctx.Err() == nil {
				if c, err := net.Dial("tcp", addr); err == nil {
					stopped := context.AfterFunc(ctx, func() { c.Close() })
					kinds[i%len(kinds)].do(ctx, c)
					stopped()
					c.Close()
				}
				time.Sleep(200 * time.Millisecond)
			}
		})
	}
	good, err := lumber.SyncDial(addr, lumber.CompressionLevel(3), lumber.Timeout(30*time.Second))
	require.NoError(t, err)
	begun := time.Now()
	windows := 0
	for ; windows < 5 || time.Since(begun) < time.Second; windows++ {
		_, err := good.Send(payloads(0, 100))
		require.NoError(t, err, "a good client goes on")
	}
	took := time.Since(begun)
	stop()
	attacks.Wait()
	_, err = good.Send(payloads(0, 100))
	require.NoError(t, err)
	require.NoError(t, good.Close())

	most := peak(t, cmd.Process.Pid)
	server.Stop()
	_, line, _ := strings.Cut(server.Output(), "stats: ")
	var stats pushsource.Stats
	require.NoError(t, json.Unmarshal([]byte(line), &stats), server.Output())
	t.Logf("%d windows of a good client in %v; %+v; at most %d MiB", windows, took.Round(time.Millisecond), stats, most>>20)
	require.Contains(t, server.Output(), "ended: context canceled")
	require.Greater(t, stats.Failed, int64(clients/2))
	if !underRace {
		require.Less(t, most, mostMemory)
	}
}

// peak returns the most memory that a process has had, as the kernel counts it.
func peak(t *testing.T, pid int) int {
	status, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Log("no /proc here: memory is not looked at")
		return 0
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		var kib int
		if n, _ := fmt.Sscanf(lines.Text(), "VmHWM: %d kB", &kib); n == 1 {
			return kib << 10
		}
	}
	t.Fatal("the kernel does not say how much memory there was")
	return 0
}
