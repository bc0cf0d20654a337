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
		return // of other tests
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
	const ends = 2
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
	settle(t, c, r, true)
	missing, again := compare(c.results(), r.lines)
	t.Logf("the collector ended %d times while rsyslog sent %d lines: %d are missing, %d are there twice", ends, r.lines, missing, again)
	require.Zero(t, missing)
}

// rsyslog is stopped and started again while it sends, with a queue on disk: no message is lost.
func TestRsyslogStopped(t *testing.T) {
	missing := restartedRsyslog(t, diskQueue, true, func(r *rsyslog) { r.Stop() })
	require.Zero(t, missing)
}

// rsyslog is stopped and started again while there is no collector yet: its queue on disk keeps what it has.
func TestQueueOnDisk(t *testing.T) {
	t.Parallel()
	c := newCollector(t)
	r := newRsyslog(t, relpTo(c.addr, strings.ReplaceAll(diskQueue, "10000", "500")))
	r.start()
	r.add(600)
	until(t, func() bool { return r.read() == r.lines })
	r.Stop()
	queued, err := filepath.Glob(filepath.Join(r.dir, "forward.0*"))
	require.NoError(t, err)
	require.NotEmpty(t, queued)
	r.start()
	c.start()
	settle(t, c, r, true)
	missing, again := compare(c.results(), r.lines)
	t.Logf("rsyslog kept %d lines on disk: %d are missing, %d are there twice", r.lines-1, missing, again)
	require.Zero(t, missing)
}

// rsyslog is killed while it sends. What it has in memory alone then, its window and what it has read ahead, is lost, and no
// server can help that: but nothing that it was told is safe.
func TestRsyslogKilled(t *testing.T) {
	restartedRsyslog(t, "", false, func(r *rsyslog) { r.Kill() })
}

func restartedRsyslog(t *testing.T, queue string, everything bool, end func(*rsyslog)) (missing int) {
	t.Parallel()
	c := newCollector(t)
	c.start()
	p := newRelpProxy(t, c.addr)
	r := newRsyslog(t, relpTo(p.Addr().String(), queue))
	r.start()
	const lines = 600
	r.add(lines)
	until(t, func() bool { return c.counts()[fmt.Sprintf("line %d", lines/2)] > 0 })
	end(r)
	r.start()
	settle(t, c, r, everything)
	counts := c.results()
	missing, again := compare(counts, r.lines)
	lost, answered := p.lost(counts)
	t.Logf("rsyslog, which ended in the middle, had %d lines: %d are missing, %d are there twice; %d were answered, %d of those lost",
		r.lines, missing, again, answered, lost)
	require.Zero(t, lost)
	return missing
}

// settle adds a last line and waits until it has come, and if everything has to come, until that has: rsyslog sends what its queue has
// on disk behind what is new.
func settle(t *testing.T, c *collector, r *rsyslog, everything bool) {
	t.Helper()
	r.add(1)
	last := fmt.Sprintf("line %d", r.lines-1)
	until(t, func() bool {
		time.Sleep(50 * time.Millisecond)
		counts := c.counts()
		missing, _ := compare(counts, r.lines)
		return counts[last] > 0 && (missing == 0 || !everything)
	})
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
const diskQueue = `queue.type="LinkedList" queue.filename="forward" queue.saveOnShutdown="on" queue.checkpointInterval="1"
	queue.timeoutShutdown="10000" queue.timeoutActionCompletion="10000"`
