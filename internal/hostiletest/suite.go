// Package hostiletest has a thousand hostile clients meet a source of source/pushsource, in a process of its own: its memory
// is read from the kernel, and nothing of the test is in it.
package hostiletest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/freshet-go/freshet/internal/racing"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/source/pushsource"
)

// A Suite is an attack on a protocol. TestMain asks Served, and a test Run.
type Suite struct {
	Name    string
	Serve   func(pushsource.Server) // what Serve returns
	Clients []Client
	// Good is a client that sends as long as more says so, and then its last event. It returns how many it has
	// sent before that, and is an error if it did not get through.
	Good func(addr string, more func() bool) (events int, err error)
	// PerClient is how many bytes a connection may take, beside Memory.
	PerClient int
}

const (
	clients   = 1000
	memory    = 32 << 20
	ofProgram = 40 << 20
)

func (s *Suite) server() pushsource.Server {
	return pushsource.Server{
		Addr: "127.0.0.1:0", Memory: memory, FrameTimeout: 500 * time.Millisecond, IdleTimeout: time.Minute, MaxClients: clients + 100, AckWithin: time.Millisecond,
	}
}

// Run has the hostile clients do their worst beside a good one, for a second at least. All that the good one sends comes, once;
// most of the others are hung up on; and memory stays within what the documentation of pushsource states: Memory and PerClient, twice, as
// the garbage collector lets memory double.
func (s *Suite) Run(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), variable+"="+s.Name)
	server := servertest.Start(t, cmd)
	var addr string
	server.Until("listens", func() bool {
		_, after, _ := strings.Cut(server.Output(), "listens on ")
		line, _, whole := strings.Cut(after, "\n")
		addr = line
		return whole
	})
	n := clients
	if racing.On {
		n = 100
	}
	ctx, stop := context.WithCancel(context.Background())
	var attacks sync.WaitGroup
	var ended atomic.Int64 // connections, by the server
	defer attacks.Wait()
	defer stop()
	for i := range n {
		attacks.Go(func() { attack(ctx, addr, s.Clients[i%len(s.Clients)], &ended) })
	}
	begun := time.Now()
	sent, err := s.Good(addr, func() bool {
		took := time.Since(begun)
		return took < time.Second || ended.Load() < int64(n/2) && took < 30*time.Second
	})
	if err != nil {
		t.Fatalf("a good client does not get through: %v", err)
	}
	server.Until("has all of a good client", func() bool { return strings.Contains(server.Output(), lastHasCome) })
	took := time.Since(begun)
	stop()
	attacks.Wait()

	most := peak(t, cmd.Process.Pid)
	server.Stop()
	_, line, _ := strings.Cut(server.Output(), "stats: ")
	var stats pushsource.Stats
	if err := json.Unmarshal([]byte(line), &stats); err != nil {
		t.Fatalf("%v:\n%s", err, server.Output())
	}
	t.Logf("%d events of a good client in %v; %+v; at most %d MiB", sent, took.Round(time.Millisecond), stats, most>>20)
	for _, want := range []string{"ended: context canceled", fmt.Sprintf("good: %d\n", sent)} {
		if !strings.Contains(server.Output(), want) {
			t.Errorf("want %q:\n%s", want, server.Output())
		}
	}
	if sent == 0 || stats.Failed <= int64(n/4) {
		t.Errorf("%d events were sent, and %d clients failed of %d at once", sent, stats.Failed, n)
	}
	if bound := 2*(memory+(clients+100)*s.PerClient) + ofProgram; most > bound && !racing.On {
		t.Errorf("%d MiB were taken, of %d", most>>20, bound>>20)
	}
}

// attack is one client after the other.
func attack(ctx context.Context, addr string, client Client, ended *atomic.Int64) {
	for ctx.Err() == nil {
		if c, err := net.Dial("tcp", addr); err == nil {
			stopped := context.AfterFunc(ctx, func() { c.Close() })
			client(ctx, c)
			if stopped() {
				ended.Add(1)
			}
			c.Close()
		}
		time.Sleep(200 * time.Millisecond) // of a client that comes again
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
