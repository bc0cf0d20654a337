//go:build unix

package livepage

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/benchcpu"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// viewer is what tells a process that it is to look at a page: "1000 http://127.0.0.1:1234".
const viewer = "FRESHET_LIVEPAGE_VIEWERS"

// TestMain runs the tests, or looks at a page until its input ends.
func TestMain(m *testing.M) {
	var viewers int
	var address string
	if _, err := fmt.Sscan(os.Getenv(viewer), &viewers, &address); err == nil {
		look(viewers, address)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// look opens streams of events, each of which asks for the first panel when there is a new state, as the page does. It
// prints a line once all have had a state.
func look(viewers int, address string) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: viewers}}
	ctx, cancel := context.WithCancel(context.Background())
	get := func(path string) (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, "GET", address+path, nil)
		if err != nil {
			return nil, err
		}
		return client.Do(r)
	}
	var wg, ready sync.WaitGroup
	ready.Add(viewers)
	for range viewers {
		wg.Go(func() {
			once := sync.OnceFunc(ready.Done)
			defer once()
			answer, err := get("/events")
			if err != nil {
				return
			}
			defer answer.Body.Close()
			next := states(answer.Body)
			for {
				if _, err := next(); err != nil {
					return
				}
				once()
				if panel, err := get("/panels/0"); err == nil {
					_, _ = io.Copy(io.Discard, panel.Body)
					panel.Body.Close()
				}
			}
		})
	}
	ready.Wait()
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	cancel()
	wg.Wait()
}

// A wire counts what is written to connections: each Write is a system call, or several.
type wire struct {
	net.Listener
	writes, bytes atomic.Int64
}

type wired struct {
	net.Conn
	of *wire
}

func (w *wire) Accept() (net.Conn, error) {
	c, err := w.Listener.Accept()
	return wired{c, w}, err
}

func (w wired) Write(b []byte) (int, error) {
	w.of.writes.Add(1)
	w.of.bytes.Add(int64(len(b)))
	return w.Conn.Write(b)
}

// watching has a page looked at by another process.
func watching(b *testing.B, page *Page, viewers int) (w *wire, end func()) {
	w = new(wire)
	if viewers == 0 {
		return w, func() {}
	}
	server := httptest.NewUnstartedServer(page)
	w.Listener = server.Listener
	server.Listener = w
	server.Start()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), viewer+"="+strconv.Itoa(viewers)+" "+server.URL)
	in, err := c.StdinPipe()
	require.NoError(b, err)
	out, err := c.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, c.Start())
	_, err = io.ReadFull(out, make([]byte, len("ready")))
	require.NoError(b, err)
	return w, func() {
		in.Close()
		require.NoError(b, c.Wait())
		server.Close()
	}
}

// What viewers cost a pipeline at full load, on one shard: in processor time of its process, of which "looking" leaves out what
// opening the page costs, what they are sent in a second then, and by how much longer the pipeline takes by the clock, where another core is free for sending.
func BenchmarkViewers(b *testing.B) {
	events, many := int64(1<<27), 1000
	if testing.Short() { // a smoke run
		events, many = 1<<18, 20
	}
	took, looking := map[int][]float64{}, map[int][]float64{}
	var writes, bytes, seconds float64 // of many
	run := func(viewers int) func() {
		return func() {
			p := stream.New("watched")
			page := New(p)
			p.From(source.Generate(events, func(i int64) int64 { return i }, source.Partitions(2))).
				EventTime(func(i int64) time.Time { return time.UnixMilli(i) }, stream.Disorder(time.Second)).
				KeyBy(func(i int64) int64 { return i % 10 }).
				Window(window.Tumbling(time.Minute)).Count().
				To(page.Plot("counts", 10_000, func(panes []stream.Pane[int64, int64]) Plot {
					return Plot{Series: FromPanes(panes, func(n int64) float64 { return float64(n) })}
				}))
			w, end := watching(b, page, viewers)
			sent, size, used, begun := w.writes.Load(), w.bytes.Load(), benchcpu.Used(b), time.Now()
			require.NoError(b, p.Run(b.Context(), stream.Shards(1)))
			if viewers == many {
				writes, bytes, seconds = writes+float64(w.writes.Load()-sent), bytes+float64(w.bytes.Load()-size), seconds+time.Since(begun).Seconds()
			}
			took[viewers] = append(took[viewers], float64(time.Since(begun)))
			looking[viewers] = append(looking[viewers], float64(benchcpu.Used(b)-used))
			end()
		}
	}
	benchcpu.Compare(b, int(events), []benchcpu.Variant{{Name: "none", Run: run(0)}, {Name: "one", Run: run(1)}, {Name: "many", Run: run(many)}})
	b.ReportMetric(benchcpu.Differ(looking[0], looking[1]), "one-looking-%")
	b.ReportMetric(benchcpu.Differ(looking[0], looking[many]), "many-looking-%")
	b.ReportMetric(writes/seconds, "many-writes/s")
	b.ReportMetric(bytes/seconds/1e6, "many-MB/s")
	b.ReportMetric(benchcpu.Differ(took[0], took[many]), "many-by-the-clock-%")
}
