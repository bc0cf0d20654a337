package flinktest_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/flinktest"
	"github.com/freshet-go/freshet/internal/javaserver"
	"github.com/freshet-go/freshet/internal/servertest"
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

// sales are three partitions, in each a sale in ten seconds or so.
func sales() [][]sale {
	rng := rand.New(rand.NewPCG(1, 2))
	parts := make([][]sale, 3)
	for i := range 30_000 {
		parts[i%3] = append(parts[i%3], sale{int64(i/10) - rng.Int64N(5), fmt.Sprint("shop ", rng.IntN(40)), rng.IntN(1000)})
	}
	return parts
}

// build makes the pipeline, in the test as in each worker: a stateless chain, sums by shop and twenty seconds, and
// with timers the balance of each shop every minute.
func build(to stream.Sink[string], slow bool) *stream.Pipeline {
	p := stream.New("sums")
	all := p.From(source.Slice(sales()...)).EventTime(sale.time, stream.Disorder(5*time.Second)).
		Filter(func(s sale) bool { return s.Amount%10 > 0 }).
		Map(func(s sale) sale {
			if slow && s.Amount%100 < 5 {
				time.Sleep(3 * time.Millisecond)
			}
			s.Amount *= 2
			return s
		})
	sums := all.KeyBy(sale.shop).Window(window.Tumbling(20 * time.Second)).Aggregate(window.Sum(sale.amount)).
		Map(func(p stream.Pane[string, int]) string {
			return fmt.Sprint("sum ", p.Key, " ", p.End.Unix(), " ", p.Value)
		})
	balances := all.KeyBy(sale.shop).Process(func(c *stream.KeyContext[string, int, string], s sale) error {
		*c.State() += s.Amount
		c.SetTimer(c.Time().Truncate(time.Minute).Add(time.Minute))
		return nil
	}, func(c *stream.KeyContext[string, int, string]) error {
		c.Emit(fmt.Sprint("balance ", c.Key(), " ", c.Time().Unix(), " ", *c.State()))
		return nil
	}, stream.InOrder())
	sums.Merge(balances).To(to)
	return p
}

// A folder is a sink of files, one for each process and instance. Rows may come twice when a process is killed.
type folder string

func (f folder) Open(c *stream.SinkContext) (stream.Writer[string], error) {
	file, err := os.OpenFile(fmt.Sprintf("%s/rows-%d-%d", string(f), os.Getpid(), c.Instance), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	return &folderWriter{file: file}, err
}

type folderWriter struct {
	file *os.File
	held []byte
}

func (w *folderWriter) Write(_ context.Context, b *stream.Batch[string]) error {
	for _, v := range b.All() {
		w.held = append(append(w.held, v...), '\n')
	}
	return nil
}

func (w *folderWriter) Flush(context.Context) error {
	_, err := w.file.Write(w.held)
	w.held = w.held[:0]
	return err
}

func (w *folderWriter) Close() error { return w.file.Close() }

// TestMain turns the test's binary into a worker.
func TestMain(m *testing.M) {
	dir := os.Getenv("FLINKTEST_DIR")
	if dir == "" || !worker.Wanted() {
		os.Exit(m.Run())
	}
	if err := os.WriteFile(fmt.Sprintf("%s/pid-%d", dir, os.Getpid()), nil, 0o600); err != nil {
		panic(err)
	}
	fmt.Println("a program that prints")
	worker.Run(build(folder(dir), os.Getenv("FLINKTEST_SLOW") != ""))
}

func job(t *testing.T, dir string, shards int, every time.Duration, slow bool) string {
	plan, err := door.Describe(t.Context(), build(folder(dir), slow), door.Config{Shards: shards, Batch: 200, Checkpoints: every > 0})
	require.NoError(t, err)
	self, err := os.Executable()
	require.NoError(t, err)
	j := flinktest.Job{Plan: plan, Binary: self, Every: every, Environment: map[string]string{"FLINKTEST_DIR": dir}}
	if slow {
		j.Environment["FLINKTEST_SLOW"] = "yes"
	}
	text, err := j.Text()
	require.NoError(t, err)
	path := filepath.Join(dir, "job")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// rows returns what was written, and the processes there were.
func rows(t *testing.T, dir string) (rows []string, pids []int) {
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range files {
		if pid, ok := strings.CutPrefix(f.Name(), "pid-"); ok {
			n, err := strconv.Atoi(pid)
			require.NoError(t, err)
			pids = append(pids, n)
		}
		if !strings.HasPrefix(f.Name(), "rows-") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		require.NoError(t, err)
		rows = append(rows, slices.Collect(strings.Lines(string(text)))...)
	}
	for i := range rows {
		rows[i] = strings.TrimSuffix(rows[i], "\n")
	}
	slices.Sort(rows)
	return rows, pids
}

func requireRows(t *testing.T, want, got []string, what string) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		require.Equal(t, want[i], got[i], "%s: row %d", what, i)
	}
	require.Len(t, got, len(want), what)
}

// In Flink's tasks a pipeline gives the rows that it gives in one process: at parallelism 1 and 2, with checkpoints, and
// where a worker is killed: then Flink restores all of them.
func TestFlink(t *testing.T) {
	built := servertest.Java(t, "internal/flinktest/testdata/java")
	collected := sink.Collect[string]()
	require.NoError(t, build(collected, false).Run(t.Context()))
	want := slices.Sorted(slices.Values(collected.Values()))
	require.Greater(t, len(want), 5000)

	args := []string{"-Xmx512m"}
	for _, p := range []string{"lang", "util", "util.concurrent", "util.concurrent.atomic", "net", "io", "time", "lang.reflect", "nio"} {
		args = append(args, "--add-opens=java.base/java."+p+"=ALL-UNNAMED")
	}
	flink, err := javaserver.Start(t.Context(), built, "Cluster", t.TempDir(), args...)
	require.NoError(t, err)
	defer func() {
		flink.Kill()
		if t.Failed() {
			t.Logf("Flink printed:\n%s", flink.Output())
		}
	}()

	for shards := 1; shards <= 2; shards++ {
		dir := t.TempDir()
		require.NoError(t, flink.Do("run "+job(t, dir, shards, 0, false)))
		got, _ := rows(t, dir)
		requireRows(t, want, got, fmt.Sprint(shards, " shards"))
	}

	dir := t.TempDir()
	ended := make(chan error, 1)
	go func() { ended <- flink.Do("run " + job(t, dir, 2, 200*time.Millisecond, true)) }()
	var first []int
	require.Eventually(t, func() bool { // there is something to restore
		got, pids := rows(t, dir)
		first = pids
		return len(got) > len(want)/10 && strings.Contains(flink.Output(), "complete at stage")
	}, 50*time.Second, 20*time.Millisecond)
	killed := 0
	for _, pid := range first { // those of tasks that have finished are gone
		if syscall.Kill(pid, syscall.SIGKILL) == nil {
			killed++
			break
		}
	}
	require.Equal(t, 1, killed)
	require.NoError(t, <-ended)
	got, pids := rows(t, dir)
	requireRows(t, want, slices.Compact(got), "killed")
	require.Greater(t, len(pids), len(first), "the job has begun again")
	require.Contains(t, flink.Output(), "restored stage")
}

// What cannot run there is refused.
func TestRefused(t *testing.T) {
	p := stream.New("exactly once")
	p.From(source.Slice([]string{"a"})).To(sink.Files(t.TempDir(), "*.txt", codec.Lines()), stream.Name("books"))
	plan, err := door.Describe(t.Context(), p, door.Config{Shards: 1, Batch: 10, Checkpoints: true})
	require.NoError(t, err)
	_, err = flinktest.Job{Plan: plan}.Text()
	require.ErrorContains(t, err, "books commits")
}
