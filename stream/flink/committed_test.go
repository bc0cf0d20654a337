package flink_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite"

	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/sqlsink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/flink"
)

// committed is a pipeline that ends in a table and in files, each of which shows every row once. The table has no key: a row that
// came twice would be there twice.
func committed(from, to string, slow bool) *stream.Pipeline {
	db, err := sql.Open("sqlite", "file:"+to+"/rows.db?_pragma=busy_timeout(20000)&_txlock=immediate")
	if err == nil {
		_, err = db.Exec("CREATE TABLE IF NOT EXISTS lines (line TEXT NOT NULL)")
	}
	if err != nil {
		panic(err)
	}
	p := stream.New("committed")
	lines := summed(p, from, slow)
	table := sqlsink.Statement(db, "INSERT INTO lines (line) VALUES (?)", func(line string) []any { return []any{line} })
	lines.To(mortal{table.(stream.TransactionalSink[string]), to}, stream.Name("table"))
	lines.To(sink.Files(to+"/files", "part-*.txt", codec.Lines()), stream.Name("files"))
	return p
}

// A mortal is a sink whose committer kills its process: once before the third commit of a process, and once behind it.
type mortal struct {
	stream.TransactionalSink[string]
	notes string // a folder, where it says so
}

func (m mortal) OpenCommitter(c *stream.SinkContext) (stream.Committer, error) {
	inner, err := m.TransactionalSink.OpenCommitter(c)
	return &mortalCommitter{Committer: inner, notes: m.notes}, err
}

type mortalCommitter struct {
	stream.Committer
	notes   string
	commits int
}

func (m *mortalCommitter) Commit(ctx context.Context, id int64, prepared [][]byte) error {
	m.commits++
	m.dies("before a commit")
	err := m.Committer.Commit(ctx, id, prepared)
	if err == nil {
		m.dies("behind a commit")
	}
	return err
}

func (m *mortalCommitter) dies(when string) {
	if m.commits < 3 {
		return
	}
	f, err := os.OpenFile(filepath.Join(m.notes, "died "+when), os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_ = f.Close()
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
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

// once fails if a row is there more often than it should.
func once(t *testing.T, want, got []string) {
	t.Helper()
	for _, row := range got {
		at, ok := slices.BinarySearch(want, row)
		require.True(t, ok, "%q is there too often, or was never to be", row)
		want = want[at+1:]
	}
}

// killOne kills a worker. Others have ended before, and their numbers may be of anybody's processes by now.
func killOne(t *testing.T, to string) {
	t.Helper()
	_, pids := rows(t, to)
	for _, pid := range pids {
		environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err == nil && strings.Contains(string(environ), "FLINKTEST_TO="+to) && syscall.Kill(pid, syscall.SIGKILL) == nil {
			return
		}
	}
	t.Fatal("no worker is there")
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
	var want, got []string
	for folder, pattern := range map[*[]string]string{&want: from + "/sales-*.jsonl", &got: to + "/files/part-*.txt"} {
		names, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, name := range names {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			*folder = append(*folder, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
		}
		slices.Sort(*folder)
	}
	require.Len(t, want, 30_000)
	requireRows(t, want, got)
}

// Sinks that commit show each row once, though committers die before a commit and behind one, another worker and the task manager are killed, and the job
// is moved by savepoints to more tasks and to fewer. What a savepoint holds has been shown when the job has stopped.
func commits(t *testing.T, c *miniflink.Cluster, from string, want []string) {
	to := t.TempDir()
	var path string
	options := func(pipeline string, parallelism int) []flink.Option {
		opts := append(environment(pipeline, from, to), flink.Parallelism(parallelism), flink.Checkpoints(100*time.Millisecond),
			flink.StopWithSavepoint("", func(p string) { path = p }), flink.BatchSize(50),
			flink.Setting("restart-strategy.type", "fixed-delay"), flink.Setting("restart-strategy.fixed-delay.delay", "100 ms"),
			flink.Setting("restart-strategy.fixed-delay.attempts", "1000"))
		if path != "" {
			opts = append(opts, flink.Restore(path))
		}
		return opts
	}
	ctx, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	ended := make(chan error, 1)
	go func() {
		ended <- flink.Run(ctx, committed(from, to, true), flink.Cluster(c.Address), options("commits slowly", 2)...)
	}()
	until := func(what string, reached func() bool) {
		t.Helper()
		for end := time.Now().Add(3 * time.Minute); !reached(); time.Sleep(20 * time.Millisecond) {
			select {
			case err := <-ended:
				t.Fatalf("the job has ended before %s: %v", what, err)
			default:
				require.False(t, time.Now().After(end), "not within three minutes: %s", what)
			}
		}
	}
	died := func(when string) func() bool {
		return func() bool {
			_, err := os.Stat(filepath.Join(to, "died "+when))
			return err == nil
		}
	}
	grows := func() func() bool {
		before, _ := shown(t, to)
		return func() bool {
			now, _ := shown(t, to)
			once(t, want, now)
			return len(now) > len(before)
		}
	}
	until("a committer dies before a commit", died("before a commit"))
	until("a committer dies behind a commit", died("behind a commit"))
	until("more rows", grows())
	killOne(t, to)
	until("more rows behind a worker that was killed", grows())
	require.NoError(t, c.ReplaceTaskManager(t.Context()))
	until("more rows with another task manager", grows())
	cause := errors.New("enough")
	stop(cause)
	err := <-ended
	require.ErrorIs(t, err, cause)
	require.NotContains(t, err.Error(), "savepoint")
	require.NotEmpty(t, path, "there is a savepoint: %v", err)
	table, files := shown(t, to)
	once(t, want, table)
	once(t, want, files) // some are in progress
	require.Less(t, len(table), len(want), "something is left to do")

	require.NoError(t, flink.Run(t.Context(), committed(from, to, false), flink.Cluster(c.Address), options("commits", 3)...))
	table, files = shown(t, to)
	requireRows(t, want, table)
	requireRows(t, want, files)

	left, err := filepath.Glob(to + "/files/.part-*.tmp")
	require.NoError(t, err)
	require.Empty(t, left)
	err = flink.Run(t.Context(), committed(from, to, false), flink.Cluster(c.Address), append(environment("commits", from, to), flink.Parallelism(1), flink.Checkpoints(time.Minute), flink.Setting("restart-strategy.type", "none"))...)
	require.ErrorContains(t, err, "the run begins empty, but the results of checkpoint", "a job that begins anew shows nothing a second time")
}
