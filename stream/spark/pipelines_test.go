package spark_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/internal/worker"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/spark"
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

// write writes three files of sales, and one that ends at once.
func write(t *testing.T, dir string) {
	rng := rand.New(rand.NewPCG(1, 2))
	var files [3]strings.Builder
	for i := range 12_000 {
		fmt.Fprintf(&files[i%3], `{"At":%d,"Shop":"shop %d","Amount":%d}`+"\n", int64(i/10)-rng.Int64N(5), rng.IntN(40), rng.IntN(1000))
	}
	require.NoError(t, os.WriteFile(dir+"/few-0.jsonl", []byte(`{"At":3,"Shop":"shop 1","Amount":7}`+"\n"), 0o600))
	for i := range files {
		require.NoError(t, os.WriteFile(fmt.Sprintf("%s/sales-%d.jsonl", dir, i), []byte(files[i].String()), 0o600))
	}
}

// A mishap happens once in a job, by whichever process comes to it first: it leaves a note.
type mishap struct {
	notes string
	only  string // the one that happens; all if empty
}

func (m mishap) first(what string) bool {
	if m.notes == "" || m.only != "" && m.only != what {
		return false
	}
	f, err := os.OpenFile(filepath.Join(m.notes, what), os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return false
	}
	_ = f.Close()
	return true
}

// rows are lines of windows, timers, joins and an operator of the test's own, over three exchanges. With mishaps a task hangs, a worker dies, and
// an executor does.
func rows(p *stream.Pipeline, from string, m mishap) stream.Stream[string] {
	all := p.From(source.Files(os.DirFS(from), "sales-*.jsonl", codec.JSON[sale]()), stream.Name("sales")).
		EventTime(sale.time, stream.Disorder(5*time.Second)).
		Filter(func(s sale) bool { return s.Amount%10 > 0 }).
		Map(func(s sale) sale {
			if s.At > 600 && m.first("a task has hung") {
				time.Sleep(time.Hour)
			}
			s.Amount *= 2
			return s
		}).
		Merge(p.From(source.Files(os.DirFS(from), "few-*.jsonl", codec.JSON[sale]()), stream.Name("few")).EventTime(sale.time))
	shops := all.KeyBy(sale.shop)
	sums := shops.Window(window.Tumbling(20*time.Second), stream.Name("by shop")).Aggregate(window.Sum(sale.amount)).
		Map(func(p stream.Pane[string, int]) string {
			return fmt.Sprint("sum ", p.Key, " ", p.End.Unix(), " ", p.Value)
		})
	balances := shops.Process(func(c *stream.KeyContext[string, int, string], s sale) error {
		if s.At > 900 && m.first("a worker has died") {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		*c.State() += s.Amount
		c.SetTimer(c.Time().Truncate(time.Minute).Add(time.Minute))
		return nil
	}, func(c *stream.KeyContext[string, int, string]) error {
		c.Emit(fmt.Sprint("balance ", c.Key(), " ", c.Time().Unix(), " ", *c.State()))
		return nil
	}, stream.InOrder())
	high := all.Filter(func(s sale) bool { return s.Amount > 1900 }).KeyBy(sale.shop)
	low := all.Filter(func(s sale) bool { return s.Amount < 100 }).KeyBy(sale.shop)
	pairs := high.IntervalJoin(low, -30*time.Second, 30*time.Second, stream.LeftOuter, func(x stream.Match[sale, sale]) string {
		return fmt.Sprint("pair ", x.Left.Shop, " ", x.Left.At, " ", x.Left.Amount, " ", x.Right.At, " ", x.Right.Amount)
	})
	return stream.Union([]stream.Stream[string]{sums, balances, pairs}).Rebalance().Map(func(line string) string {
		if m.first("an executor has died") {
			_ = syscall.Kill(os.Getppid(), syscall.SIGKILL)
		}
		return line
	})
}

// shown is a pipeline that ends in a table and in files. The table has no key: a row that came twice would be there twice.
func shown(from, to string, m mishap) *stream.Pipeline {
	db, err := sql.Open("sqlite", "file:"+to+"/rows.db?_pragma=busy_timeout(20000)&_txlock=immediate")
	if err == nil {
		_, err = db.Exec("CREATE TABLE IF NOT EXISTS lines (line TEXT NOT NULL)")
	}
	if err != nil {
		panic(err)
	}
	p := stream.New("shown")
	lines := rows(p, from, m)
	// It asks for a commit after 500 rows of an instance.
	lines.To(sqlsink.Statement(db, "INSERT INTO lines (line) VALUES (?)", func(line string) []any { return []any{line} }, sqlsink.MaxRows(1000)), stream.Name("table"))
	lines.To(sink.Files(to+"/files", "part-*.txt", codec.Lines()), stream.Name("files"))
	return p
}

// failing is a pipeline of which an operator fails.
func failing(from, to string) *stream.Pipeline {
	p := stream.New("failing")
	p.From(source.Files(os.DirFS(from), "sales-*.jsonl", codec.JSON[sale]()), stream.Name("sales")).
		KeyBy(sale.shop).Running(window.Sum(sale.amount), stream.Name("totals")).
		TryMap(func(_ context.Context, v stream.KeyValue[string, int]) (string, error) {
			return "", errors.New("the sum of " + v.Key + " is strange")
		}, stream.Name("strange")).To(sink.Files(to+"/files", "part-*.txt", codec.Lines()), stream.Name("files"))
	return p
}

// build makes the pipeline that a worker is told of.
func build(pipeline, from, to string) *stream.Pipeline {
	switch pipeline {
	case "failing":
		return failing(from, to)
	case "mishaps", "hangs":
		return shown(from, to, mishap{notes: to})
	case "worker dies":
		return shown(from, to, mishap{to, "a worker has died"})
	}
	return shown(from, to, mishap{})
}

// TestMain turns the test's binary into a worker, which comes to the same call of Run.
func TestMain(m *testing.M) {
	if !worker.Wanted() {
		os.Exit(m.Run())
	}
	fmt.Println("a program that prints")
	_ = spark.Run(context.Background(), build(os.Getenv("SPARKTEST_PIPELINE"), os.Getenv("SPARKTEST_FROM"), os.Getenv("SPARKTEST_TO")), "nowhere")
	panic("Run has returned in a worker")
}

// found returns the rows of the table, and those of the files.
func found(t *testing.T, to string) (table, files []string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+to+"/rows.db?_pragma=busy_timeout(20000)")
	require.NoError(t, err)
	defer db.Close()
	all, err := db.Query("SELECT line FROM lines")
	require.NoError(t, err)
	defer all.Close()
	for all.Next() {
		var line string
		require.NoError(t, all.Scan(&line))
		table = append(table, line)
	}
	require.NoError(t, all.Err())
	names, err := filepath.Glob(to + "/files/part-*.txt")
	require.NoError(t, err)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		files = append(files, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	}
	slices.Sort(table)
	slices.Sort(files)
	return table, files
}

func requireRows(t *testing.T, want, got []string) {
	t.Helper()
	for i := range min(len(want), len(got)) {
		require.Equal(t, want[i], got[i], "row %d", i)
	}
	require.Len(t, got, len(want))
}
