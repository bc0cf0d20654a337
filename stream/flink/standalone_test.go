package flink_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/javaserver"
	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/internal/sample"
	"github.com/freshet-go/freshet/internal/servertest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream/flink"
)

// start starts a cluster of Flink 1.20, which ends with the test.
func start(t *testing.T) *miniflink.Cluster {
	t.Helper()
	return startOf(t, servertest.Java(t, miniflink.Sources))
}

func startOf(t *testing.T, program string) *miniflink.Cluster {
	t.Helper()
	c, err := miniflink.Start(t.Context(), program, t.TempDir(), 4)
	require.NoError(t, err)
	t.Cleanup(func() {
		c.Kill()
		if t.Failed() {
			t.Logf("Flink printed:\n%s", c.Output())
		}
	})
	return c
}

// On a stand-alone cluster a pipeline gives the rows that it gives in one process, also where the job goes on from a run in one process, where workers, committers and task managers are killed, and
// where the job is stopped with a savepoint and goes on at another parallelism. What a worker fails with is in Run's error.
func TestStandalone(t *testing.T) { everything(t, start(t), true) }

func everything(t *testing.T, c *miniflink.Cluster, all bool) {
	t.Helper()
	from, want := written(t)
	for _, x := range []struct {
		name   string
		run    func(*testing.T, *miniflink.Cluster, string, []string)
		always bool
	}{
		{"undisturbed", undisturbed, true}, {"outgrown", outgrown, false}, {"failures", failures, false}, {"ends", ends, true},
		{"fails behind another", failsBehindAnother, false}, {"changing", changes, false},
	} {
		if !all && !x.always {
			continue
		}
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
	both := []struct { // a task manager that is killed leaves its files
		name string
		run  func(*testing.T, *miniflink.Cluster, string, []string)
	}{{"commits", commits}, {"kafka", kafka}, {"connectors", connectors}}
	if !all {
		both[0].run = commitsInPart
		both = sample.Of(t, 2, both)
	}
	for _, x := range both {
		t.Run(x.name, func(t *testing.T) { x.run(t, c, from, want) })
	}
}

// The same jar runs on other versions: on Flink 2.3 what ends, and one of the two that fail and move. All that is shown on 1.20 is played on each
// where a test plays all, and those from 2.0 on take over a savepoint of 1.20.
func TestVersions(t *testing.T) {
	versions := []string{"2.3.0"}
	if sample.Long() {
		versions = []string{"1.19.3", "2.0.2", "2.1.3", "2.2.1", "2.3.0"}
	}
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			c := startOf(t, built(t, version))
			everything(t, c, sample.Long())
			if sample.Long() && strings.HasPrefix(version, "2.") {
				t.Run("taken over", func(t *testing.T) { takenOver(t, c) })
			}
		})
	}
}

// built returns where a cluster of that version is: 2.3.0 as it is installed, and others built with the same sources.
func built(t *testing.T, version string) string {
	t.Helper()
	const installed = "2.3.0"
	if version == installed {
		return servertest.Java(t, miniflink.Sources2)
	}
	files := fstest.MapFS{}
	for _, name := range []string{"pom.xml", "Standalone.java"} {
		text, err := os.ReadFile(filepath.Join("../..", miniflink.Sources2, name))
		require.NoError(t, err)
		files[name] = &fstest.MapFile{Data: bytes.ReplaceAll(text, []byte(">"+installed+"<"), []byte(">"+version+"<"))}
	}
	folder, err := javaserver.Find(t.Context(), "miniflink-"+version, files)
	require.NoError(t, err)
	return folder
}

// written writes the files, and returns the rows of the pipeline in one process.
func written(t *testing.T) (from string, want []string) {
	from = t.TempDir()
	write(t, from)
	collected := sink.Collect[string]()
	require.NoError(t, sums(from, collected, false).Run(t.Context()))
	want = slices.Sorted(slices.Values(collected.Values()))
	require.Greater(t, len(want), 5000)
	return from, want
}

func environment(pipeline, from, to string) []flink.Option {
	return []flink.Option{
		flink.Environment("FLINKTEST_PIPELINE", pipeline), flink.Environment("FLINKTEST_FROM", from), flink.Environment("FLINKTEST_TO", to),
		flink.Environment("FRESHET_LONG", os.Getenv("FRESHET_LONG")), flink.Arguments(), flink.BatchSize(200),
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

	err = flink.Run(t.Context(), failing(from, folder(to)), flink.Cluster(c.Address), append(environment("failing", from, to), flink.Parallelism(1), flink.Program(ofAnotherPlatform(t)))...)
	require.ErrorContains(t, err, "the program is for "+runtime.GOOS+"/"+strings.Repeat("x", len(runtime.GOARCH)))
	require.ErrorContains(t, err, "and give it to flink.Program")

	err = flink.Run(t.Context(), failing(from, folder(to)), flink.Cluster(c.Address), append(environment("failing", from, to), flink.Restore("file:///nowhere"), flink.Patience(200*time.Millisecond))...)
	require.ErrorContains(t, err, "nowhere")
}

// ofAnotherPlatform returns the file of a program that says it was built for a processor which nobody has.
func ofAnotherPlatform(t *testing.T) string {
	self, err := os.Executable()
	require.NoError(t, err)
	text, err := os.ReadFile(self)
	require.NoError(t, err)
	text = bytes.ReplaceAll(text, []byte("GOARCH="+runtime.GOARCH), []byte("GOARCH="+strings.Repeat("x", len(runtime.GOARCH))))
	file := filepath.Join(t.TempDir(), "other")
	require.NoError(t, os.WriteFile(file, text, 0o700))
	return file
}
