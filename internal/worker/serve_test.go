package worker_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/internal/worker"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

type sale struct {
	At     int64
	Shop   string
	Amount int
}

func (s sale) time() time.Time { return time.Unix(s.At, 0) }
func (s sale) shop() string    { return s.Shop }
func (s sale) amount() int     { return s.Amount }

func sales(n int) [][]sale {
	rng := rand.New(rand.NewPCG(1, 2))
	parts := make([][]sale, 3)
	for i := range n {
		parts[i%3] = append(parts[i%3], sale{int64(i / 10), fmt.Sprint("shop ", rng.IntN(40)), rng.IntN(1000)})
	}
	return parts
}

// sums are what the pipelines of the tests show.
func sums(p *stream.Pipeline, parts [][]sale, to stream.Sink[string]) {
	p.From(source.Slice(parts...)).EventTime(sale.time).KeyBy(sale.shop).
		Window(window.Tumbling(20 * time.Second)).Aggregate(window.Sum(sale.amount)).
		Map(func(p stream.Pane[string, int]) string { return fmt.Sprint(p.Key, " ", p.End.Unix(), " ", p.Value) }).
		To(to)
}

// piped opens instances in workers that are goroutines of this process, behind pipes.
func piped(pipeline any, o door.Opening) (door.Instance, error) {
	in, toWorker := io.Pipe()
	fromWorker, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := worker.Serve(pipeline, nil, in, out, slog.New(slog.DiscardHandler))
		out.CloseWithError(io.EOF)
		in.CloseWithError(io.ErrClosedPipe) // as that of a process that is gone
		ended <- err
	}()
	return doortest.Dial(doortest.Connection{In: toWorker, Out: fromWorker, Wait: func() error {
		<-ended
		return nil // of which the messages have told
	}}, o)
}

func sorted(rows []string) []string { return slices.Sorted(slices.Values(rows)) }

// Workers show what one process does, whole and killed and restored.
func TestServe(t *testing.T) {
	parts := sales(6000)
	want := sink.Collect[string]()
	p := stream.New("sums")
	sums(p, parts, want)
	require.NoError(t, p.Run(t.Context(), stream.Shards(2)))
	for shards := 1; shards <= 3; shards++ {
		got := sink.Collect[string]()
		build := func() any {
			p := stream.New("sums")
			sums(p, parts, got)
			return p
		}
		job, err := doortest.Start(t.Context(), build, doortest.Options{Config: door.Config{Shards: shards, Batch: 10}, Open: piped})
		require.NoError(t, err)
		require.NoError(t, job.Wait(t.Context()))
		require.Equal(t, sorted(want.Values()), sorted(got.Values()), "%d shards", shards)

		got = sink.Collect[string]()
		b := doortest.Batch{Config: door.Config{Shards: shards, Batch: 10}, Open: piped}
		require.NoError(t, b.Run(t.Context(), build))
		require.Equal(t, sorted(want.Values()), sorted(got.Values()), "%d shards, in batch", shards)
	}
}

// What a function of the user's fails with ends the job, whatever way it fails in.
func TestLastWords(t *testing.T) {
	for how, wants := range map[string]string{"panic": "shop 7 burns", "exit": "goroutine"} {
		build := func() any {
			p := stream.New("fails")
			p.From(source.Slice(sales(6000)...)).Rebalance().Map(func(s sale) sale {
				if s.Shop == "shop 7" {
					if how == "exit" {
						runtime.Goexit()
					}
					panic("shop 7 burns")
				}
				return s
			}).To(sink.Discard[sale]())
			return p
		}
		job, err := doortest.Start(t.Context(), build, doortest.Options{Config: door.Config{Shards: 2, Batch: 10}, Open: piped})
		if err == nil {
			err = job.Wait(t.Context())
		}
		require.ErrorContains(t, err, "map: ", how)
		require.ErrorContains(t, err, wants, how)
	}
}

// A sink that does not take anything holds the source up: no more is under way than queues hold.
func TestBackpressure(t *testing.T) {
	var mu sync.Mutex
	read := 0
	gate := make(chan struct{})
	build := func() any {
		p := stream.New("held up")
		p.From(source.Generate(100_000, func(i int64) int {
			mu.Lock()
			defer mu.Unlock()
			read++
			return int(i)
		})).Rebalance().Map(func(i int) int {
			<-gate
			return i
		}).To(sink.Discard[int]())
		return p
	}
	job, err := doortest.Start(t.Context(), build, doortest.Options{Config: door.Config{Shards: 1, Batch: 10}, Open: piped})
	require.NoError(t, err)
	before := -1
	require.Eventually(t, func() bool {
		mu.Lock()
		defer mu.Unlock()
		same := read == before
		before = read
		return same && read > 0
	}, time.Minute, 200*time.Millisecond)
	require.Less(t, before, 2000)
	close(gate)
	require.NoError(t, job.Wait(t.Context()))
	require.Equal(t, 100_000, read)
}

// TestMain turns the test's binary into a worker, as flink.Run does a program.
func TestMain(m *testing.M) {
	if os.Getenv("WORKER_TEST_OUT") == "" || !worker.Wanted() {
		os.Exit(m.Run())
	}
	fmt.Println("a program that prints before it is a worker")
	p := filePipeline(os.Getenv("WORKER_TEST_OUT"), os.Getenv("WORKER_TEST_OTHER") != "")
	worker.Run(p, nil)
}

// filePipeline writes sums to files, exactly once.
func filePipeline(out string, other bool) *stream.Pipeline {
	p := stream.New("files")
	if other {
		p.From(source.Slice([]int{1})).To(sink.Discard[int]())
		return p
	}
	p.From(source.Slice(sales(20_000)...)).EventTime(sale.time).KeyBy(sale.shop).
		Window(window.Tumbling(20 * time.Second)).Aggregate(window.Sum(sale.amount)).
		Map(func(p stream.Pane[string, int]) string {
			fmt.Println("a function that prints")
			return fmt.Sprint(p.Key, " ", p.End.Unix(), " ", p.Value)
		}).
		To(sink.Files(out, "sums-*.txt", codec.Lines()))
	return p
}

// processes opens instances in processes of their own. It keeps them in the order in which they began.
type processes struct {
	t   *testing.T
	env []string

	mu  sync.Mutex
	all []*exec.Cmd
}

func (x *processes) open(_ any, o door.Opening) (door.Instance, error) {
	self, err := os.Executable()
	require.NoError(x.t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), append(x.env, worker.Environment+"=a token")...)
	var said bytes.Buffer
	cmd.Stderr = &said
	in, err := cmd.StdinPipe()
	require.NoError(x.t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(x.t, err)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	x.mu.Lock()
	x.all = append(x.all, cmd)
	x.mu.Unlock()
	from := bufio.NewReader(out)
	if _, err := worker.Begins(from, "a token"); err != nil {
		return nil, err
	}
	return doortest.Dial(doortest.Connection{In: in, Out: from, Wait: func() error {
		_ = cmd.Wait() // what it failed with has been said
		return nil
	}}, o)
}

func (x *processes) kill(i int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	require.NoError(x.t, x.all[i%len(x.all)].Process.Kill())
}

// Processes write files exactly once, though they are killed and begin again with other numbers of instances.
func TestProcesses(t *testing.T) {
	want := sink.Collect[string]()
	p := stream.New("sums")
	sums(p, sales(20_000), want)
	require.NoError(t, p.Run(t.Context()))

	out := t.TempDir()
	o := doortest.Options{Config: door.Config{Shards: 2, Batch: 10, Checkpoints: true}}
	build := func() any { return filePipeline(out, false) }
	killed := 0
	for life := 0; ; life++ {
		x := &processes{t: t, env: []string{"WORKER_TEST_OUT=" + out}}
		o.Open, o.Shards = x.open, 1+(life+1)%3
		job, err := doortest.Start(t.Context(), build, o)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if life < 3 {
			c, err := job.Checkpoint(ctx)
			require.NoError(t, err)
			o.From = c
			x.kill(life * 2)
			err = job.Wait(ctx)
			require.ErrorContains(t, err, "has ended without a word")
			killed++
			continue
		}
		require.NoError(t, job.Wait(ctx))
		break
	}
	require.Equal(t, 3, killed)
	var got []string
	files, err := os.ReadDir(out)
	require.NoError(t, err)
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") {
			continue
		}
		text, err := os.ReadFile(out + "/" + f.Name())
		require.NoError(t, err)
		got = append(got, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	}
	require.Equal(t, len(want.Values()), len(got))
	for i, row := range sorted(want.Values()) {
		require.Equal(t, row, sorted(got)[i])
	}
}

// A program that builds something else than the job says so, and the job does not begin.
func TestAnotherPlan(t *testing.T) {
	out := t.TempDir()
	x := &processes{t: t, env: []string{"WORKER_TEST_OUT=" + out, "WORKER_TEST_OTHER=yes"}}
	_, err := doortest.Start(t.Context(), func() any { return filePipeline(out, false) },
		doortest.Options{Config: door.Config{Shards: 1, Batch: 10}, Open: x.open})
	require.ErrorContains(t, err, "is not the one of the job")
	require.ErrorContains(t, err, "build the pipeline alike")
}

// Whatever comes to a worker, it ends with an error or in order, and allocates no more than a little more than came.
func FuzzServe(f *testing.F) {
	open, err := worker.Append(nil, worker.Open, []byte(`{"Version":2}`))
	require.NoError(f, err)
	f.Add(open)
	f.Add(binary.BigEndian.AppendUint32(nil, 1<<31))
	f.Add([]byte{0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		var out bytes.Buffer
		err := worker.Serve(filePipeline("out", false), nil, bytes.NewReader(b), &out, slog.New(slog.DiscardHandler))
		if err == nil {
			return
		}
		var last worker.Message
		for {
			m, err := worker.Read(&out)
			if err != nil {
				require.Equal(t, io.EOF, err)
				break
			}
			last = m
		}
		require.Equal(t, worker.Failed, last.Kind)
		require.Equal(t, err.Error(), string(last.Body))
	})
}
