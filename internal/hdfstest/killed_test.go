package hdfstest_test

import (
	"context"
	"encoding/json/v2"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/hdfstest"
	"github.com/freshet-go/freshet/internal/minihdfs"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
)

var kills = flag.Int("kills", 1, "how often a process is killed")

// childVariable has the test binary be the process that is killed, and holds its job.
const childVariable = "FRESHET_HDFS_CHILD"

// hasBegun is what it prints when it is in the midst of its work.
const hasBegun = "it has begun"

// A job is what the process that is killed does.
type job struct {
	Way, In, Out, Checkpoints string
	RPC, HTTP                 []string
	Gateway                   string // "" but for its way
	Shards                    int
	Stops                     bool // in the midst, until it is killed
}

// copying copies lines from one directory to another, and pauses every hundred lines.
func copying(in filesystem.Readable, out filesystem.Writable, pause func(), opts ...sink.FilesOption) *stream.Pipeline {
	p := stream.New("copy")
	var n atomic.Int64
	p.From(source.FilesIn(in, "*.log", codec.Lines(), source.SplitSize(20_000))).
		Map(func(line string) string {
			if n.Add(1)%100 == 0 {
				pause()
			}
			return line
		}).
		To(sink.FilesIn(out, "x-*.log", codec.Lines(), opts...))
	return p
}

func child() {
	var j job
	err := json.Unmarshal([]byte(os.Getenv(childVariable)), &j)
	if err == nil {
		t := &orphan{}
		gatewayAddr = j.Gateway
		w := ways[slices.IndexFunc(ways, func(w way) bool { return w.name == j.Way })]
		c := &minihdfs.Cluster{RPC: j.RPC, HTTP: j.HTTP}
		begun := sync.OnceFunc(func() { fmt.Println(hasBegun) })
		var pauses atomic.Int64
		pause := func() {
			begun()
			if pauses.Add(1) > 20 && j.Stops {
				select {} // until it is killed
			}
			time.Sleep(8 * time.Millisecond)
		}
		err = copying(w.dir(t, c, j.In), w.dir(t, c, j.Out), pause, sink.RollRows(700)).Run(context.Background(),
			stream.Checkpoints(checkpoint.Dir(j.Checkpoints), 30*time.Millisecond), stream.Shards(j.Shards), stream.BatchSize(64))
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// An orphan is no test: what it would clean up ends with the process.
type orphan struct{ testing.TB }

func (*orphan) Cleanup(func()) {}
func (*orphan) Helper()        {}

// A process that is killed at any moment, and started again with other shards, has read and written every line once.
//
//	go test ./internal/hdfstest -run Killed -kills 100
func TestKilled(t *testing.T) {
	t.Parallel() // it waits most of the time
	eachWay(t, func(t *testing.T, w way) {
		t.Parallel()
		c := hdfstest.Shared(t)
		j := job{Way: w.name, In: fresh(), Out: fresh(), Checkpoints: filepath.Join(t.TempDir(), "checkpoints"), RPC: c.RPC, HTTP: c.HTTP}
		if w.name == "gateway" {
			j.Gateway = gateway(t)
		}
		n := 2000 * (*kills + 2)
		var want []string
		for i := range 3 {
			text, all := lines(i*n/3, n/3)
			write(t, w.dir(t, c, j.In), fmt.Sprint(i, ".log"), text)
			want = append(want, all...)
		}
		self, err := os.Executable()
		require.NoError(t, err)
		start := func(shards int) *servertest.Process {
			j.Shards = shards
			text, err := json.Marshal(j)
			require.NoError(t, err)
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), childVariable+"="+string(text))
			return servertest.Start(t, cmd)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		killed := 0
		for ; killed < *kills; killed++ {
			j.Stops = killed == 0
			p := start(1 + killed%3)
			ended := false
			for deadline := time.Now().Add(2 * time.Minute); !ended && !strings.Contains(p.Output(), hasBegun); ended = p.Ends(5 * time.Millisecond) {
				require.True(t, time.Now().Before(deadline), "it does not begin:\n%s", p.Output())
			}
			if ended || p.Ends(time.Duration(rng.IntN(200+10*killed))*time.Millisecond) {
				p.Wait(time.Second)
				break
			}
			p.Kill()
		}
		j.Stops = false
		start(2).Wait(2 * time.Minute)
		t.Logf("%d kills", killed)
		assert.GreaterOrEqual(t, killed, 1)
		require.Equal(t, want, shown(t, w.dir(t, c, j.Out)))
		for info, err := range w.dir(t, c, j.Out).List(t.Context(), ".") {
			require.NoError(t, err)
			assert.NotContains(t, info.Name, ".tmp")
		}
	})
}
