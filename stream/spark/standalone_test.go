package spark_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/minispark"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/spark"
)

func environment(home, pipeline, from, to string) []spark.Option {
	return []spark.Option{
		spark.Home(home), spark.Environment("SPARKTEST_PIPELINE", pipeline), spark.Environment("SPARKTEST_FROM", from), spark.Environment("SPARKTEST_TO", to),
		spark.Arguments(), spark.Parallelism(2), spark.BatchSize(100),
		spark.Setting("spark.executor.memory", "512m"), spark.Setting("spark.ui.enabled", "false"), spark.Setting("spark.locality.wait", "0"),
		spark.Setting("spark.executor.extraJavaOptions", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"),
	}
}

// On a stand-alone cluster a pipeline gives the rows that it gives in one process, each once, also where tasks hang, and workers and an executor die.
// What a worker fails with is in Run's error, and a job that fails or is cancelled shows nothing.
func TestStandalone(t *testing.T) {
	c, err := minispark.Start(t.Context(), servertest.Java(t, minispark.Sources), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() {
		c.Kill()
		if t.Failed() {
			t.Logf("Spark printed:\n%s", c.Output())
		}
	})
	from, want := written(t)
	t.Run("mishaps", func(t *testing.T) { mishaps(t, c, from, want) })
	t.Run("failures", func(t *testing.T) { failures(t, c.Home, from) })
	t.Run("cancelled", func(t *testing.T) { cancelled(t, c, from) })
}

// written writes sales, and returns what a run in one process makes of them.
func written(t *testing.T) (from string, want []string) {
	from = t.TempDir()
	write(t, from)
	collected := sink.Collect[string]()
	p := stream.New("here")
	rows(p, from, mishap{}).To(collected)
	require.NoError(t, p.Run(t.Context()))
	want = slices.Sorted(slices.Values(collected.Values()))
	require.Greater(t, len(want), 3000)
	return from, want
}

func mishaps(t *testing.T, c *minispark.Cluster, from string, want []string) {
	to := t.TempDir()
	var log bytes.Buffer
	var states []string
	var last spark.Job
	opts := append(environment(c.Home, "mishaps", from, to), spark.Logger(slog.New(slog.NewTextHandler(&log, nil))), spark.Progress(func(j spark.Job) {
		if last = j; len(states) == 0 || states[len(states)-1] != j.State {
			states = append(states, j.State)
		}
	}),
		spark.Setting("spark.speculation", "true"), spark.Setting("spark.speculation.interval", "100ms"), spark.Setting("spark.speculation.quantile", "0.5"),
		spark.Setting("spark.speculation.minTaskRuntime", "100ms"))
	require.NoError(t, spark.Run(t.Context(), build("mishaps", from, to), spark.Master(c.Master), opts...), "%s", &log)
	for _, what := range []string{"a task has hung", "a worker has died", "an executor has died"} {
		_, err := os.Stat(filepath.Join(to, what))
		require.NoError(t, err)
	}
	table, files := found(t, to)
	requireRows(t, want, table)
	requireRows(t, want, files)
	require.Contains(t, log.String(), "a task has failed")
	require.Equal(t, []string{"RUNNING", "COMMITTING", "FINISHED"}, states)
	require.NotEmpty(t, last.ID)
	var names []string
	for _, s := range last.Stages {
		names = append(names, s.Name)
	}
	require.Contains(t, strings.Join(names, "\n"), "by shop", "stages have the names of operators")

	// A job that is run again adds its rows.
	require.NoError(t, spark.Run(t.Context(), build("", from, to), "local[2]", environment(c.Home, "", from, to)...))
	table, files = found(t, to)
	twice := slices.Sorted(slices.Values(slices.Concat(want, want)))
	requireRows(t, twice, table)
	requireRows(t, twice, files)
	left, err := filepath.Glob(to + "/files/.part-*.tmp")
	require.NoError(t, err)
	require.Empty(t, left, "of attempts that do not count")
}

func failures(t *testing.T, home, from string) {
	to := t.TempDir()
	err := spark.Run(t.Context(), build("failing", from, to), "local[2]", environment(home, "failing", from, to)...)
	e, ok := errors.AsType[*spark.JobError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, "totals", e.Operator)
	require.False(t, e.Committing)
	require.Regexp(t, `^spark: application local-\d+ has failed: task totals, strange, files \([12]/2\) on \S+: stream: strange.*the sum of shop \d+ is strange$`, err.Error())
	left, err := filepath.Glob(to + "/files/part-*")
	require.NoError(t, err)
	require.Empty(t, left)
}

func cancelled(t *testing.T, c *minispark.Cluster, from string) {
	to := t.TempDir()
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	var once sync.Once
	opts := append(environment(c.Home, "hangs", from, to), spark.Progress(func(spark.Job) {
		if _, err := os.Stat(filepath.Join(to, "a task has hung")); err == nil {
			once.Do(func() { cancel(cause) })
		}
	}))
	err := spark.Run(ctx, build("hangs", from, to), "local[2]", opts...)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, cause)
	table, files := found(t, to)
	require.Empty(t, append(table, files...))
}
