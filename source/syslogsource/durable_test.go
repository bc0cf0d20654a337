package syslogsource

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source/pushsource"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

// TestCollector is the process of a collector, which other tests start, stop and kill: RELP
// into files, with a checkpoint each 20 ms.
func TestCollector(t *testing.T) {
	dir := os.Getenv("SYSLOGSOURCE_COLLECTOR")
	if dir == "" {
		t.Skip("of other tests")
	}
	ctx, stop := signal.NotifyContext(t.Context(), syscall.SIGTERM)
	defer stop()
	p := stream.New("collector")
	p.From(ListenRELP(pushsource.Server{Addr: os.Getenv("SYSLOGSOURCE_ADDR")})).
		Map(func(m Message) string { return m.Text }).
		To(sink.Files(dir, "out-*.txt", codec.Lines()))
	err := p.Run(ctx, stream.Checkpoints(checkpoint.Dir(filepath.Join(dir, "checkpoints")), 20*time.Millisecond))
	require.ErrorIs(t, err, context.Canceled)
}

// A collector is that process.
type collector struct {
	t    testing.TB
	dir  string
	addr string
	*servertest.Process
}

func newCollector(t testing.TB) *collector {
	return &collector{t: t, dir: t.TempDir(), addr: fmt.Sprintf("127.0.0.1:%d", servertest.FreePort(t))}
}

func (c *collector) start() {
	c.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestCollector$")
	cmd.Env = append(os.Environ(), "SYSLOGSOURCE_COLLECTOR="+c.dir, "SYSLOGSOURCE_ADDR="+c.addr)
	c.Process = servertest.Start(c.t, cmd)
	c.Listens(c.addr)
}

// counts returns how often each line is in its files, whatever of that a checkpoint has.
func (c *collector) counts() map[string]int {
	c.t.Helper()
	counts := map[string]int{}
	for _, pattern := range []string{"out-*", ".out-*.tmp"} {
		names, err := filepath.Glob(filepath.Join(c.dir, pattern))
		require.NoError(c.t, err)
		for _, name := range names {
			b, err := os.ReadFile(name)
			if !errors.Is(err, fs.ErrNotExist) { // it may have got its name
				require.NoError(c.t, err)
			}
			for line := range strings.Lines(string(b)) {
				counts[strings.TrimSuffix(line, "\n")]++
			}
		}
	}
	return counts
}

// results stops it and returns what counts.
func (c *collector) results() map[string]int {
	c.t.Helper()
	c.Stop()
	c.start() // finishes what the run before has left
	c.Stop()
	return c.counts()
}

// compare returns how many of n numbered lines are missing, and how many are there too often.
func compare(counts map[string]int, n int) (missing, again int) {
	for _, line := range numbered(n) {
		if counts[line] == 0 {
			missing++
		}
		again += max(counts[line]-1, 0)
	}
	return missing, again
}

// The collector is killed, and stopped, while rsyslog sends: no message is lost.
func TestCollectorKilled(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	c.start()
	r := newRsyslog(t, relpTo(c.addr, diskQueue))
	r.start()
	const lines = 600
	for i := range ends {
		r.add(lines)
		middle := fmt.Sprintf("line %d", r.lines-lines/2)
		until(t, func() bool { return c.counts()[middle] > 0 })
		if i == 0 {
			c.Stop()
		} else {
			c.Kill()
		}
		c.start()
	}
	settle(t, c, r)
	missing, again := compare(c.results(), r.lines)
	t.Logf("the collector ended %d times while rsyslog sent %d lines: %d are missing, %d are there twice", ends, r.lines, missing, again)
	require.Zero(t, missing)
}

// rsyslog is stopped and started again while it sends, with a queue on disk: no message is lost.
func TestRsyslogStopped(t *testing.T) {
	missing := restartedRsyslog(t, diskQueue, func(r *rsyslog) { r.Stop() })
	require.Zero(t, missing)
}

// rsyslog is killed while it sends. What it has in memory alone then, its window and what it has read ahead, is lost, and no
// server can help that: but nothing that it was told is safe.
func TestRsyslogKilled(t *testing.T) {
	restartedRsyslog(t, "", func(r *rsyslog) { r.Kill() })
}

const ends = 2

func restartedRsyslog(t *testing.T, queue string, end func(*rsyslog)) (missing int) {
	t.Parallel()
	c := newCollector(t)
	c.start()
	p := newRelpProxy(t, c.addr)
	r := newRsyslog(t, relpTo(p.Addr().String(), queue))
	r.start()
	const lines = 600
	for range ends {
		r.add(lines)
		middle := fmt.Sprintf("line %d", r.lines-lines/2)
		until(t, func() bool { return c.counts()[middle] > 0 })
		end(r)
		r.start()
	}
	settle(t, c, r)
	counts := c.results()
	missing, again := compare(counts, r.lines)
	lost, answered := p.lost(counts)
	t.Logf("rsyslog, which ended %d times, had %d lines: %d are missing, %d are there twice; %d were answered, %d of those lost",
		ends, r.lines, missing, again, answered, lost)
	require.Zero(t, lost)
	return missing
}

// settle waits until the last line has come: rsyslog sends in order, and what it sends again first.
func settle(t *testing.T, c *collector, r *rsyslog) {
	t.Helper()
	r.add(1)
	last := fmt.Sprintf("line %d", r.lines-1)
	until(t, func() bool { time.Sleep(50 * time.Millisecond); return c.counts()[last] > 0 })
	r.Stop()
}

const window = 50 // messages that rsyslog sends ahead of their answers

// relpTo is omrelp, with the parameters of a queue.
func relpTo(addr, queue string) string {
	host, port, _ := strings.Cut(addr, ":")
	return fmt.Sprintf(`module(load="omrelp")
action(type="omrelp" target=%q port=%q template="RSYSLOG_SyslogProtocol23Format" windowSize="%d"
	action.resumeRetryCount="-1" action.resumeInterval="1" %s)`, host, port, window, queue)
}

// diskQueue has time to send what it has begun when rsyslog stops, and else says that "some data may be lost".
const diskQueue = `queue.type="Disk" queue.filename="forward" queue.saveOnShutdown="on" queue.checkpointInterval="1"
	queue.timeoutShutdown="10000" queue.timeoutActionCompletion="10000"`
