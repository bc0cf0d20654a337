package flink_test

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream/flink"
)

// start starts a cluster, which ends with the test.
func start(t *testing.T) *miniflink.Cluster {
	t.Helper()
	c, err := miniflink.Start(t.Context(), servertest.Java(t, miniflink.Sources), t.TempDir(), 4)
	require.NoError(t, err)
	t.Cleanup(func() {
		c.Kill()
		if t.Failed() {
			t.Logf("Flink printed:\n%s", c.Output())
		}
	})
	return c
}

// On a stand-alone cluster a pipeline gives the rows that it gives in one process, also where a worker is killed, and where the job is
// stopped with a savepoint and goes on at another parallelism. What a worker fails with is in Run's error.
func TestStandalone(t *testing.T) {
	c := start(t)
	from := t.TempDir()
	write(t, from)
	collected := sink.Collect[string]()
	require.NoError(t, sums(from, collected, false).Run(t.Context()))
	want := slices.Sorted(slices.Values(collected.Values()))
	require.Greater(t, len(want), 5000)
	for _, x := range []struct {
		name string
		run  func(*testing.T, *miniflink.Cluster, string, []string)
	}{{"undisturbed", undisturbed}, {"killed and moved", killedAndMoved}, {"failures", failures}, {"ends", ends}, {"changing", changes}} {
		t.Run(x.name, func(t *testing.T) { x.run(t, c, from, want) })
	}
	require.Eventually(t, func() bool { return c.Slots(t.Context()) == 4 }, time.Minute, 20*time.Millisecond)
	require.Eventually(t, func() bool { // the program of a job lies on the task manager's disk while that runs
		left, err := filepath.Glob(c.Folder + "/*/freshet-*/worker")
		require.NoError(t, err)
		more, err := filepath.Glob(c.Folder + "/freshet-*/worker")
		require.NoError(t, err)
		return len(left)+len(more) == 0
	}, time.Minute, 50*time.Millisecond)
	t.Run("commits", func(t *testing.T) { commits(t, c, from, want) })
}

func environment(pipeline, from, to string) []flink.Option {
	return []flink.Option{
		flink.Environment("FLINKTEST_PIPELINE", pipeline), flink.Environment("FLINKTEST_FROM", from), flink.Environment("FLINKTEST_TO", to),
		flink.Arguments(), flink.BatchSize(200),
	}
}

func undisturbed(t *testing.T, c *miniflink.Cluster, from string, want []string) {
	to := t.TempDir()
	var last flink.Job
	opts := append(environment("", from, to), flink.Parallelism(2), flink.Progress(func(j flink.Job) { last = j }))
	require.NoError(t, flink.Run(t.Context(), sums(from, folder(to), false), flink.Cluster(c.Address), opts...))
	got, _ := rows(t, to)
	requireRows(t, want, got)
	require.Equal(t, "FINISHED", last.State)
	var names []string
	for _, o := range last.Operators {
		names = append(names, o.Name)
		require.Equal(t, "FINISHED", o.State)
	}
	require.Contains(t, strings.Join(names, "\n"), "by shop", "Flink's page shows operators by name")
}

func killedAndMoved(t *testing.T, c *miniflink.Cluster, from string, want []string) {
	to := t.TempDir()
	ctx, stop := context.WithCancelCause(t.Context())
	defer stop(nil)
	var path string
	var log bytes.Buffer
	ended := make(chan error, 1)
	seen := make(chan flink.Job)
	go func() {
		opts := append(environment("slow", from, to), flink.Parallelism(2), flink.Checkpoints(200*time.Millisecond),
			flink.StopWithSavepoint("", func(p string) { path = p }), flink.BatchSize(50), flink.Progress(func(j flink.Job) {
				select {
				case seen <- j:
				case <-ctx.Done():
				}
			}), flink.Logger(slog.New(slog.NewTextHandler(&log, nil))),
			flink.Setting("restart-strategy.type", "fixed-delay"), flink.Setting("restart-strategy.fixed-delay.delay", "50 ms"),
			flink.Setting("restart-strategy.fixed-delay.attempts", "2"))
		ended <- flink.Run(ctx, sums(from, folder(to), true), flink.Cluster(c.Address), opts...)
	}()
	until := func(what string, reached func(flink.Job) bool) {
		t.Helper()
		for end := time.After(3 * time.Minute); ; {
			select {
			case err := <-ended:
				t.Fatalf("the job has ended before %s: %v", what, err)
			case <-end:
				t.Fatalf("not within three minutes: %s", what)
			case j := <-seen:
				if reached(j) {
					return
				}
			}
		}
	}
	running := func(j flink.Job) bool {
		return j.State == "RUNNING" && !slices.ContainsFunc(j.Operators, func(o flink.Operator) bool { return o.State != "RUNNING" })
	}
	until("some rows, and checkpoints behind the end of the source that is short", func(j flink.Job) bool {
		got, _ := rows(t, to)
		return running(j) && len(got) > len(want)/10 && checkpoints(t, c, j.ID) > 1
	})
	_, first := rows(t, to)
	killed := 0
	for _, pid := range first {
		if killed == 0 && syscall.Kill(pid, syscall.SIGKILL) == nil {
			killed++
		}
	}
	require.Equal(t, 1, killed)
	until("others have begun", func(flink.Job) bool {
		_, pids := rows(t, to)
		return len(pids) > len(first)
	})
	until("all run", running)
	cause := errors.New("enough")
	stop(cause)
	err := <-ended
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, cause)
	require.NotContains(t, err.Error(), "goes on")
	require.NotEmpty(t, path, "there is a savepoint: %v", err)
	require.Regexp(t, `a task has failed.*has ended with status 137`, log.String())
	got, pids := rows(t, to)
	require.Less(t, len(slices.Compact(got)), len(want), "something is left to do")
	require.Greater(t, len(pids), len(first), "the job has begun again")

	opts := append(environment("", from, to), flink.Parallelism(3), flink.Restore(path))
	require.NoError(t, flink.Run(t.Context(), sums(from, folder(to), false), flink.Cluster(c.Address), opts...))
	got, _ = rows(t, to)
	requireRows(t, want, slices.Compact(got))
}

// checkpoints returns how many a job has completed.
func checkpoints(t *testing.T, c *miniflink.Cluster, job string) int {
	r, err := http.Get("http://" + c.Address + "/jobs/" + job + "/checkpoints")
	require.NoError(t, err)
	defer r.Body.Close()
	var x struct {
		Counts struct {
			Completed int `json:"completed"`
		} `json:"counts"`
	}
	require.NoError(t, json.UnmarshalRead(r.Body, &x))
	return x.Counts.Completed
}

func failures(t *testing.T, c *miniflink.Cluster, from string, _ []string) {
	to := t.TempDir()
	err := flink.Run(t.Context(), failing(from, folder(to)), flink.Cluster(c.Address), append(environment("failing", from, to), flink.Parallelism(2))...)
	e, ok := errors.AsType[*flink.JobError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "totals", e.Operator)
	require.Equal(t, "FAILED", e.State)
	require.Regexp(t, `^flink: job [0-9a-f]{32} is FAILED: task totals, strange, rows \([12]/2\) on .*: stream: strange.*the sum of shop \d+ is strange`, err.Error())

	err = flink.Run(t.Context(), failing(from, folder(to)), flink.Cluster(c.Address), append(environment("exits", from, to), flink.Parallelism(1))...)
	require.ErrorContains(t, err, "the program has not come to flink.Run")
	require.ErrorContains(t, err, "has ended with status 3, and has printed last\npanic: no settings\n...\n\tof a goroutine\n")
	require.ErrorContains(t, err, "\tof a goroutine\nno such file: settings.toml")

	err = flink.Run(t.Context(), failing(from, folder(to)), flink.Cluster(c.Address), append(environment("other", from, to), flink.Parallelism(1))...)
	require.ErrorContains(t, err, `pipeline "sums" of this process is not the one of the job, "failing"`)

	err = flink.Run(t.Context(), failing(from, folder(to)), flink.Cluster(c.Address), append(environment("failing", from, to), flink.Restore("file:///nowhere"), flink.Patience(200*time.Millisecond))...)
	require.ErrorContains(t, err, "nowhere")
}
