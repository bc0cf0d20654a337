package sink_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/filesystemtest"
)

// A weather decides, by chance, what becomes of the calls.
type weather struct {
	mu     sync.Mutex
	rnd    *rand.Rand
	rarely int // one call in so many has a fault; 0 for none
	faults int
}

func (w *weather) fault(filesystemtest.Call) filesystemtest.Fault {
	time.Sleep(time.Millisecond) // in a bubble: so that checkpoints come about
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.rarely == 0 || w.rnd.IntN(w.rarely) > 0 {
		return filesystemtest.None
	}
	w.faults++
	return filesystemtest.Fails + filesystemtest.Fault(w.rnd.IntN(6))
}

// A pipeline reads and writes files in file systems in which calls fail by chance,
// run after run. Between runs the machine dies now and then, and finished files are
// taken away. Each line arrives once.
func TestFilesInRuns(t *testing.T) {
	const lines = 600
	faults := 0
	for _, name := range []string{"memory", "directory"} {
		for seed := range uint64(40) {
			if name == "directory" && seed > 2 { // it waits for the disk
				break
			}
			t.Run(fmt.Sprint(name, " ", seed), func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "out")
				synctest.Test(t, func(t *testing.T) {
					m := filesystemtest.NewMemory()
					out := m.Dir
					if name == "directory" {
						out = func() filesystem.Truncater { return filesystem.Dir(dir) }
					}
					require.NoError(t, out().Mkdir(t.Context(), "."))
					w := &weather{rnd: rand.New(rand.NewPCG(seed, 1)), rarely: 60}
					in := filesystemtest.NewMemory()
					var want []string
					for i := range 3 {
						var b strings.Builder
						for j := range lines / 3 {
							line := strconv.Itoa(i*lines + j)
							fmt.Fprintln(&b, line)
							want = append(want, line)
						}
						require.NoError(t, in.Dir().Put(t.Context(), fmt.Sprint(i, ".log"), []byte(b.String())))
					}
					slices.Sort(want)
					store := checkpoint.Memory()
					var got []string
					for run := 0; ; run++ {
						require.Less(t, run, 500)
						if run == 400 {
							w.rarely = 0
						}
						var to filesystem.Writable = filesystemtest.Faulty(out(), w.fault)
						if seed%2 == 1 {
							to = whole{to}
						}
						p := stream.New("lines")
						p.From(source.FilesIn(filesystemtest.Faulty(in.Dir(), w.fault), "*.log", codec.Lines(), source.SplitSize(300))).
							Map(func(line string) string {
								time.Sleep(100 * time.Microsecond)
								return line
							}).
							Rebalance().
							To(sink.FilesIn(to, "x-*.log", codec.Lines(), sink.RollSize(200)))
						err := p.Run(t.Context(), stream.Shards(2), stream.BatchSize(8),
							stream.Checkpoints(store, 20*time.Millisecond), stream.Restarts(run%3, time.Millisecond))
						if run%3 == 0 && name == "memory" && err != nil {
							m.Crash(w.rnd)
						}
						for name, text := range shownIn(t, out()) {
							got = append(got, strings.Split(strings.TrimSuffix(text, "\n"), "\n")...)
							require.NoError(t, out().Remove(t.Context(), name))
						}
						require.NoError(t, out().Sync(t.Context(), "."))
						if err == nil {
							break
						}
					}
					slices.Sort(got)
					assert.Equal(t, want, got)
					faults += w.faults
					assert.Zero(t, m.Open()+in.Open(), "files are left open")
				})
			})
		}
	}
	assert.Greater(t, faults, 300)
}
