package flink_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/onflink"
	"github.com/freshet-go/freshet/internal/worker"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/flink"
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

// write writes three files of sales, a sale in ten seconds or so in each.
func write(t *testing.T, dir string) {
	rng := rand.New(rand.NewPCG(1, 2))
	var files [3]strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&files[i%3], `{"At":%d,"Shop":"shop %d","Amount":%d}`+"\n", int64(i/10)-rng.Int64N(5), rng.IntN(40), rng.IntN(1000))
	}
	require.NoError(t, os.WriteFile(dir+"/few-0.jsonl", []byte(`{"At":3,"Shop":"shop 1","Amount":7}`+"\n"), 0o600))
	for i := range files {
		require.NoError(t, os.WriteFile(fmt.Sprintf("%s/sales-%d.jsonl", dir, i), []byte(files[i].String()), 0o600))
	}
}

// sums is a pipeline that ends in one sink.
func sums(from string, to stream.Sink[string], slow bool) *stream.Pipeline {
	p := stream.New("sums")
	summed(p, from, slow).To(to, stream.Name("rows"))
	return p
}

// summed reads sales, and a source that ends at once, adds them up by shop and twenty seconds, and with timers has the balance of each shop every minute.
func summed(p *stream.Pipeline, from string, slow bool) stream.Stream[string] {
	all := p.From(source.Files(os.DirFS(from), "sales-*.jsonl", codec.JSON[sale]()), stream.Name("sales")).
		EventTime(sale.time, stream.Disorder(5*time.Second)).
		Filter(func(s sale) bool { return s.Amount%10 > 0 }).
		Map(func(s sale) sale {
			switch {
			case slow && s.At > 2700: // of which there are so many that it has no end within a test
				time.Sleep(300 * time.Millisecond)
			case slow && s.At > 300:
				time.Sleep(10 * time.Millisecond)
			}
			s.Amount *= 2
			return s
		}).
		Merge(p.From(source.Files(os.DirFS(from), "few-*.jsonl", codec.JSON[sale]()), stream.Name("few")).EventTime(sale.time))
	sums := all.KeyBy(sale.shop).Window(window.Tumbling(20*time.Second), stream.Name("by shop")).Aggregate(window.Sum(sale.amount)).
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
	return sums.Merge(balances)
}

// failing is sums with an operator that fails, with what has become of it in the worker's hands.
func failing(from string, to stream.Sink[string]) *stream.Pipeline {
	p := stream.New("failing")
	p.From(source.Files(os.DirFS(from), "sales-*.jsonl", codec.JSON[sale]()), stream.Name("sales")).
		KeyBy(sale.shop).Running(window.Sum(sale.amount), stream.Name("totals")).
		TryMap(func(_ context.Context, v stream.KeyValue[string, int]) (string, error) {
			return "", errors.New("the sum of " + v.Key + " is strange")
		}, stream.Name("strange")).To(to, stream.Name("rows"))
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

var launchFolder string // what small has built

var launched = sync.OnceValues(func() (program string, err error) {
	if launchFolder, err = os.MkdirTemp("", "flinktest-"); err != nil {
		return "", err
	}
	return onflink.Launch(launchFolder)
})

// small has a program sent that becomes this one where workers start. This one has 60 MB: it takes a second to send, and some of Flink's time.
func small(t *testing.T) flink.Option {
	t.Helper()
	program, err := launched()
	require.NoError(t, err)
	return flink.Program(program)
}

// self is what the program of small becomes.
func self(t *testing.T) flink.Option {
	t.Helper()
	file, err := os.Executable()
	require.NoError(t, err)
	return flink.Environment(onflink.Variable, file)
}

// TestMain turns the test's binary into a worker, which comes to the same call of Run.
func TestMain(m *testing.M) {
	if !worker.Wanted() {
		status := m.Run()
		if launchFolder != "" {
			_ = os.RemoveAll(launchFolder)
		}
		os.Exit(status)
	}
	from, to := os.Getenv("FLINKTEST_FROM"), os.Getenv("FLINKTEST_TO")
	if err := os.WriteFile(fmt.Sprintf("%s/pid-%d", to, os.Getpid()), nil, 0o600); err != nil {
		panic(err)
	}
	fmt.Println("a program that prints")
	switch os.Getenv("FLINKTEST_PIPELINE") {
	case "failing":
		_ = flink.Run(context.Background(), failing(from, folder(to)), "nowhere") // does not return
	case "exits":
		fmt.Fprint(os.Stderr, "panic: no settings\n", strings.Repeat("\tof a goroutine\n", 40), "no such file: settings.toml")
		os.Exit(3)
	case "other":
		_ = flink.Run(context.Background(), sums(from, folder(to), false), "nowhere")
	case "apart":
		_ = flink.Run(context.Background(), apart(from, to), "nowhere")
	case "waiting":
		_ = flink.Run(context.Background(), waiting(os.Getenv(kafkaVariable), to), "nowhere")
	case "connected":
		_ = flink.Run(context.Background(), connectedByVariables(), "nowhere")
	case "copied":
		_ = flink.Run(context.Background(), copied(from, to), "nowhere")
	case "changing", "changing slowly":
		_ = flink.Run(context.Background(), changing(from, folder(to), os.Getenv("FLINKTEST_PIPELINE") == "changing slowly"), "nowhere")
	case "commits", "commits slowly":
		_ = flink.Run(context.Background(), committed(from, to, os.Getenv("FLINKTEST_PIPELINE") == "commits slowly"), "nowhere")
	case "outgrown", "outgrown slowly":
		_ = flink.Run(context.Background(), committed(from, to, os.Getenv("FLINKTEST_PIPELINE") == "outgrown slowly"), "nowhere", flink.From(ownStore(to), ""))
	default:
		_ = flink.Run(context.Background(), sums(from, folder(to), os.Getenv("FLINKTEST_PIPELINE") == "slow"), "nowhere")
	}
	panic("Run has returned in a worker")
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

func requireRows(t *testing.T, want, got []string) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		require.Equal(t, want[i], got[i], "row %d", i)
	}
	require.Len(t, got, len(want))
}
