package flink_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/internal/sample"
	"github.com/freshet-go/freshet/internal/worker"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/parquetsink"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/flink"
)

// A row is what is in a Parquet file.
type row struct {
	Line string `parquet:"line"`
}

// committed is a pipeline that ends in a table, in files, and in files of Parquet, each of which shows every row once. The table has no key: a row that
// came twice would be there twice.
func committed(from, to string, slow bool) *stream.Pipeline {
	db, err := sql.Open("sqlite", "file:"+to+"/rows.db?_pragma=busy_timeout(20000)&_txlock=immediate")
	if err == nil && !worker.Wanted() { // for whom the table is there
		_, err = db.Exec("CREATE TABLE IF NOT EXISTS lines (line TEXT NOT NULL)")
	}
	if err != nil {
		panic(err)
	}
	p := stream.New("committed")
	lines := summed(p, from, slow)
	table := sqlsink.Statement(db, "INSERT INTO lines (line) VALUES (?)", func(line string) []any { return []any{line} })
	lines.To(mortal{table.(stream.TransactionalSink[string]), orders(to)}, stream.Name("table"))
	lines.To(sink.Files(to+"/files", "part-*.txt", codec.Lines()), stream.Name("files"))
	lines.Map(func(line string) row { return row{line} }).To(parquetsink.Files[row](to+"/parquet", "part-*.parquet"), stream.Name("parquet"))
	return p
}

// shown returns the rows of the table, and those of the files.
func shown(t *testing.T, to string) (table, files []string) {
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
	slices.Sort(table)
	return table, linesOf(t, to, "files/part-*.txt")
}

// shownInParquet returns the rows of the files of Parquet.
func shownInParquet(t *testing.T, to string) (lines []string) {
	t.Helper()
	names, err := filepath.Glob(to + "/parquet/part-*.parquet")
	require.NoError(t, err)
	for _, name := range names {
		rows, err := parquet.ReadFile[row](name)
		require.NoError(t, err, name)
		for _, r := range rows {
			lines = append(lines, r.Line)
		}
	}
	slices.Sort(lines)
	return lines
}

// once fails if a row is there more often than it should.
func once(t *testing.T, want, got []string) {
	t.Helper()
	for _, row := range got {
		at, ok := slices.BinarySearch(want, row)
		require.True(t, ok, "%q is there too often, or was never to be", row)
		want = want[at+1:]
	}
}

// killOne kills a worker, and reports whether one was there.
func killOne(t *testing.T, to string, rng *rand.Rand) bool {
	t.Helper()
	return killOneBut(t, to, rng, nil)
}

// killOneBut is killOne of those that are not among others.
func killOneBut(t *testing.T, to string, rng *rand.Rand, others []int) bool {
	t.Helper()
	pids := living(t, to)
	rng.Shuffle(len(pids), func(i, j int) { pids[i], pids[j] = pids[j], pids[i] })
	for _, pid := range pids {
		if !slices.Contains(others, pid) && syscall.Kill(pid, syscall.SIGKILL) == nil {
			return true
		}
	}
	return false
}

// living returns the workers that there are. Others have ended before, and their numbers may be of anybody's processes by now.
func living(t *testing.T, to string) (some []int) {
	t.Helper()
	_, pids := rows(t, to)
	for _, pid := range pids {
		environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err == nil && strings.Contains(string(environ), "FLINKTEST_TO="+to) {
			some = append(some, pid)
		}
	}
	return some
}

// parent returns the number of the process that has begun another one, or 0.
func parent(t *testing.T, pid int) (ppid int) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err == nil {
		_, after, _ := strings.Cut(string(status), "\nPPid:")
		_, err = fmt.Sscan(after, &ppid)
		require.NoError(t, err)
	}
	return ppid
}

// copied is a pipeline of one stage, which reads and writes.
func copied(from, to string) *stream.Pipeline {
	p := stream.New("copied")
	p.From(source.Files(os.DirFS(from), "sales-*.jsonl", codec.Lines()), stream.Name("lines")).
		To(sink.Files(to+"/files", "part-*.txt", codec.Lines()), stream.Name("files"))
	return p
}

// A job that takes a checkpoint once an hour takes one when its source has ended: else what it has written would not be shown for as long.
func ends(t *testing.T, c *miniflink.Cluster, from string, _ []string) {
	to := t.TempDir()
	opts := append(environment("copied", from, to), flink.Parallelism(2), flink.Checkpoints(time.Hour))
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	defer stop()
	require.NoError(t, flink.Run(ctx, copied(from, to), flink.Cluster(c.Address), opts...))
	want, got := linesOf(t, from, "sales-*.jsonl"), linesOf(t, to, "files/part-*.txt")
	require.Len(t, want, 30_000)
	requireRows(t, want, got)
}

// A running is a job of the pipeline committed, of which a test knows all rows.
type running struct {
	t        *testing.T
	c        *miniflink.Cluster
	from, to string
	want     []string
	ended    chan error
	stopping context.CancelCauseFunc
	path     string // of the last savepoint
	log      bytes.Buffer
}

// options are those of a job that goes on from the last savepoint, if there was one.
func (r *running) options(pipeline string, parallelism int) []flink.Option {
	opts := append(environment(pipeline, r.from, r.to), flink.Parallelism(parallelism), flink.Checkpoints(100*time.Millisecond),
		flink.StopWithSavepoint("", func(p string) { r.path = p }), flink.BatchSize(50), flink.Logger(slog.New(slog.NewTextHandler(&r.log, nil))),
		flink.Setting("restart-strategy.type", "fixed-delay"), flink.Setting("restart-strategy.fixed-delay.delay", "10 ms"),
		flink.Setting("restart-strategy.fixed-delay.attempts", "1000"), small(r.t), self(r.t))
	if r.path != "" {
		opts = append(opts, flink.Restore(r.path))
	}
	return opts
}

// start has a job run slowly.
func (r *running) start(opts ...flink.Option) {
	ctx, stop := context.WithCancelCause(r.t.Context())
	r.ended, r.stopping = make(chan error, 1), stop
	go func() {
		r.ended <- flink.Run(ctx, committed(r.from, r.to, true), flink.Cluster(r.c.Address), opts...)
	}()
}

var errEnough = errors.New("enough")

// stop stops the job with a savepoint.
func (r *running) stop() {
	r.t.Helper()
	r.path = ""
	r.stopping(errEnough)
	err := <-r.ended
	require.ErrorIs(r.t, err, context.Canceled)
	require.ErrorIs(r.t, err, errEnough)
	require.NotContains(r.t, err.Error(), "savepoint")
	require.NotContains(r.t, err.Error(), "goes on")
	require.NotEmpty(r.t, r.path, "there is a savepoint: %v", err)
	table, files := shown(r.t, r.to)
	once(r.t, r.want, table)
	once(r.t, r.want, files) // some are in progress
	once(r.t, r.want, shownInParquet(r.t, r.to))
	require.Less(r.t, len(table), len(r.want), "something is left to do")
}

// finish has a job run to the end, from the last savepoint, and holds what it has shown to what it should.
func (r *running) finish(pipeline string, parallelism int) {
	r.t.Helper()
	ctx, stop := context.WithTimeout(r.t.Context(), 3*time.Minute)
	defer stop()
	require.NoError(r.t, flink.Run(ctx, committed(r.from, r.to, false), flink.Cluster(r.c.Address), r.options(pipeline, parallelism)...))
	table, files := shown(r.t, r.to)
	requireRows(r.t, r.want, table)
	requireRows(r.t, r.want, files)
	requireRows(r.t, r.want, shownInParquet(r.t, r.to))
	for _, folder := range []string{"/files", "/parquet"} {
		left, err := filepath.Glob(r.to + folder + "/.part-*.tmp")
		require.NoError(r.t, err)
		require.Empty(r.t, left)
	}
}

// until waits for something of a job that goes on meanwhile.
func (r *running) until(what string, reached func() bool) {
	r.t.Helper()
	r.looks(20*time.Millisecond, what, reached)
}

// untilShown is until of what reads all that is shown, which takes processor time from the job.
func (r *running) untilShown(what string, reached func() bool) {
	r.t.Helper()
	r.looks(200*time.Millisecond, what, reached)
}

func (r *running) looks(each time.Duration, what string, reached func() bool) {
	r.t.Helper()
	for end := time.Now().Add(3 * time.Minute); !reached(); time.Sleep(each) {
		select {
		case err := <-r.ended:
			r.t.Fatalf("the job has ended before %s: %v", what, err)
		default:
			require.False(r.t, time.Now().After(end), "not within three minutes: %s", what)
		}
	}
}

// grows reports whether there are more rows than when it was called, and that none is there twice.
func (r *running) grows() func() bool {
	before, _ := shown(r.t, r.to)
	return func() bool {
		now, _ := shown(r.t, r.to)
		once(r.t, r.want, now)
		return len(now) > len(before)
	}
}

// dies has a worker kill itself when it next comes to such a moment.
func (r *running) dies(moment string) {
	r.t.Helper()
	gone := orders(r.to).give(r.t, moment)
	r.until("a worker dies "+moment, gone)
}

// Sinks that commit show each row once, whatever fails: workers are killed at any moment, and at those that matter, also while the job begins again, and so
// are task managers, and the job is stopped by savepoints and goes on with more tasks and with fewer. What a savepoint holds has been shown when the job has stopped.
func commits(t *testing.T, c *miniflink.Cluster, from string, want []string) {
	disturbed(t, c, from, want, 1)
}

// commitsInPart is commits with a part of the failures, another one each time.
func commitsInPart(t *testing.T, c *miniflink.Cluster, from string, want []string) {
	disturbed(t, c, from, want, 6)
}

func disturbed(t *testing.T, c *miniflink.Cluster, from string, want []string, parts int) {
	r := &running{t: t, c: c, from: from, to: t.TempDir(), want: want}
	d := &disturber{running: r, rng: rand.New(rand.NewPCG(19, 50)), began: time.Now()}
	require.NoError(t, c.AddTaskManager(t.Context()))
	r.start(r.options("commits slowly", d.parallelism())...)
	for _, fails := range sample.Of(t, parts, d.failures()) {
		fails()
	}
	d.stops()
	c.RemoveTaskManager()
	r.finish("commits", d.parallelism())
	t.Logf("%d rows, each once: %s", len(want), d)

	err := flink.Run(t.Context(), committed(from, r.to, false), flink.Cluster(c.Address), append(environment("commits", from, r.to), flink.Parallelism(1), flink.Checkpoints(time.Minute), flink.Setting("restart-strategy.type", "none"))...)
	require.ErrorContains(t, err, "the run begins empty, but the results of checkpoint", "a job that begins anew shows nothing a second time")
}
