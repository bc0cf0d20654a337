package tcpsource_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/source/tcpsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// hostileServer is what the clients meet, in a process of its own: its memory is ours to read.
var hostileServer = pushsource.Server{
	Addr: "127.0.0.1:0", Memory: 32 << 20, FrameTimeout: 500 * time.Millisecond, IdleTimeout: time.Minute, MaxClients: 1100,
}

// mostMemory is the bound that the package's documentation states, for that server and
// a garbage collector that lets memory double, and 40 MiB for the program.
const mostMemory = 2*(32<<20+1100*80<<10) + 40<<20

// hostiles are what hostile clients write: once, and then they wait to be hung up on, or
// again and again with a pause.
var hostiles = []struct {
	text  string
	again time.Duration
}{
	{"", 0},
	{`{"ID":1`, 0},
	{strings.Repeat("x", 900_000), 0},
	{strings.Repeat("x", 4<<20), 0},
	{strings.Repeat("x", 64<<10), 5 * time.Millisecond},
	{strings.Repeat("\n", 4<<10), 50 * time.Millisecond},
	{strings.Repeat("{}\n", 100), 50 * time.Millisecond},
	{strings.Repeat("no JSON\n", 100), 50 * time.Millisecond},
	{strings.Repeat("[", 500_000) + "\n", 50 * time.Millisecond},
	{"x", 20 * time.Millisecond},
}

func serveHostiles() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s := hostileServer
	s.Bound = func(a net.Addr) { fmt.Printf("listens on %s\n", a) }
	src := tcpsource.Listen(s, codec.JSON[Order]())
	p := stream.New("hostile")
	good := 0
	p.From(src, stream.SkipFailures()).Filter(func(o Order) bool { return o.Item != "" }).
		Tap(func(o Order) {
			if good++; o.Item == "last" {
				fmt.Println("the last has come")
			}
		}).To(discard{})
	err := p.Run(ctx, stream.Shards(1))
	stats, _ := json.Marshal(src.Stats())
	fmt.Printf("ended: %v\ngood: %d\nstats: %s\n", err, good, stats)
}

type discard struct{}

func (discard) Open(*stream.SinkContext) (stream.Writer[Order], error) { return discard{}, nil }
func (discard) Write(context.Context, *stream.Batch[Order]) error      { return nil }
func (discard) Flush(context.Context) error                            { return nil }
func (discard) Close() error                                           { return nil }

// A thousand hostile clients cost no more memory than is stated, and what others send arrives.
func TestHostile(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "FRESHET_TCP_SERVER=1")
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
	clients := 1000
	if underRace {
		clients = 100
	}
	for i := range clients {
		attacks.Go(func() {
			for ctx.Err() == nil {
				if c, err := net.Dial("tcp", addr); err == nil {
					stopped := context.AfterFunc(ctx, func() { c.Close() })
					attack(ctx, c, i%len(hostiles))
					stopped()
					c.Close()
				}
				time.Sleep(200 * time.Millisecond)
			}
		})
	}
	c, err := net.Dial("tcp", addr)
	require.NoError(t, err)
	sent := 0
	for begun := time.Now(); time.Since(begun) < time.Second; {
		_, err := fmt.Fprintf(c, `{"ID":%d,"Item":"book"}`+"\n", sent)
		require.NoError(t, err)
		sent++
		time.Sleep(time.Millisecond)
	}
	_, err = io.WriteString(c, `{"Item":"last"}`)
	require.NoError(t, err)
	require.NoError(t, c.Close())
	server.Until("has all of a good client", func() bool { return strings.Contains(server.Output(), "the last has come") })
	stop()
	attacks.Wait()

	most := peak(t, cmd.Process.Pid)
	server.Stop()
	require.Contains(t, server.Output(), "ended: context canceled")
	require.Contains(t, server.Output(), fmt.Sprintf("good: %d\n", sent+1))
	_, line, _ := strings.Cut(server.Output(), "stats: ")
	var stats pushsource.Stats
	require.NoError(t, json.Unmarshal([]byte(line), &stats), server.Output())
	t.Logf("%d events of a good client; %+v; at most %d MiB", sent, stats, most>>20)
	require.Greater(t, stats.Failed, int64(clients/4))
	if !underRace {
		require.Less(t, most, mostMemory)
	}
}

func attack(ctx context.Context, c net.Conn, how int) {
	h := hostiles[how]
	for ctx.Err() == nil {
		if _, err := io.WriteString(c, h.text); err != nil {
			return
		}
		if h.again == 0 {
			_, _ = io.Copy(io.Discard, c)
			return
		}
		time.Sleep(h.again) // of a client, for the machine to do something else, too
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
