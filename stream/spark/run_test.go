package spark_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/spark"
	"github.com/freshet-go/freshet/window"
)

// fake makes a folder with a spark-submit that keeps its arguments and does what a script says.
func fake(t *testing.T, script string) (home string) {
	t.Helper()
	home = t.TempDir()
	require.NoError(t, os.Mkdir(home+"/bin", 0o700))
	text := "#!/bin/sh\nprintf '%s\\n' \"$@\" >" + home + "/args\nfor a; do last=$job; job=$a; done\ncp \"$last\" " + home + "/job\n" + script + "\n"
	require.NoError(t, os.WriteFile(home+"/bin/spark-submit", []byte(text), 0o700))
	return home
}

func word(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func ticks(t *testing.T) *stream.Pipeline {
	p := stream.New("ticks & tocks")
	p.From(source.Generate(10, func(i int64) string { return fmt.Sprint(i) }), stream.Name("ticks")).Filter(func(string) bool { return true }).
		To(sink.Files(t.TempDir(), "*.txt", codec.Lines()), stream.Name("lines"))
	return p
}

// Spark-submit is given Spark's words for the options, and the driver a description of the job.
func TestSubmission(t *testing.T) {
	home := fake(t, `
echo something that Spark prints
echo freshet application `+word("app-7")+` `+word("3.5.8")+`
echo freshet stage 4 `+word("ticks, filter, lines")+` 1
echo freshet lost 4 0 `+word("host-1")+` `+word("org.freshet.WorkerException: it was killed\n\tat x")+`
echo freshet tasks 4 1 0 1
echo freshet looked
echo freshet tasks
echo freshet nobody knows it
echo freshet commits
echo freshet left `+word("no room")+`
echo freshet finished`)
	t.Setenv("SPARK_HOME", home)
	var log bytes.Buffer
	var states []string
	require.NoError(t, spark.Run(t.Context(), ticks(t), "spark://host:7077", spark.Setting("spark.b", "2"), spark.Setting("spark.a", "1 x"),
		spark.Environment("K", "V"), spark.Arguments("-x", "a b"), spark.Parallelism(3), spark.Logger(slog.New(slog.NewTextHandler(&log, nil))),
		spark.Progress(func(j spark.Job) { states = append(states, fmt.Sprint(j.ID, j.State, j.Stages)) })))
	require.Equal(t, []string{
		"app-7RUNNING[{ticks, filter, lines 1 1 0 1}]", "app-7COMMITTING[{ticks, filter, lines 1 0 1 1}]", "app-7FINISHED[{ticks, filter, lines 1 0 1 1}]",
	}, states)
	require.Contains(t, log.String(), `msg="a task has failed" application=app-7 task="ticks, filter, lines (1/1)" host=host-1 cause="it was killed"`)
	require.Contains(t, log.String(), `cause="no room"`)

	text, err := os.ReadFile(home + "/args")
	require.NoError(t, err)
	args := strings.Split(strings.TrimSpace(string(text)), "\n")
	self, err := os.Executable()
	require.NoError(t, err)
	require.Equal(t, []string{
		"--master", "spark://host:7077", "--deploy-mode", "client", "--class", "org.freshet.Batch", "--name", "ticks & tocks", "--conf", "spark.a=1 x", "--conf", "spark.b=2",
	}, args[:12])
	require.Equal(t, "freshet.jar", filepath.Base(args[12]))
	require.Equal(t, self, args[14])
	_, err = os.Stat(args[13])
	require.ErrorIs(t, err, os.ErrNotExist, "the job's files are gone")
	job, err := os.ReadFile(home + "/job")
	require.NoError(t, err)
	require.Contains(t, string(job), "\nargument LXg=\nargument YSBi\nenvironment Sw== Vg==\nstage 0 source 1 plain dGlja3M= ")
	require.Contains(t, string(job), "\nrun spark.Run\n")
}

// What a driver comes to is in Run's error, in Spark's words or those of a worker.
func TestDriverFails(t *testing.T) {
	failed := "org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 4.0 failed 4 times, most recent failure: " +
		"Lost task 0.3 in stage 4.0 (TID 9) (10.0.0.1 executor 2): org.freshet.WorkerException: stream: filter: no\nsecond line\n\tat a\n\nDriver stacktrace:\nCaused by: org.freshet.WorkerException: stream: filter: no\nsecond line"
	begun := "echo freshet application " + word("app-7") + " " + word("3.5.8") + "\necho freshet stage 4 " + word("ticks, filter, lines") + " 1\n"
	for name, x := range map[string]struct{ script, wants string }{
		"a task":        {begun + "echo freshet failed " + word(failed) + "\nexit 1", "spark: application app-7 has failed: task ticks, filter, lines (1/1) on 10.0.0.1: stream: filter: no\nsecond line"},
		"Spark":         {begun + "echo freshet failed " + word("java.lang.Exception: outer\nCaused by: java.io.IOException: no room") + "\nexit 1", "has failed: java.io.IOException: no room"},
		"a commit":      {begun + "echo freshet commits\necho freshet failed " + word("org.freshet.WorkerException: no table") + "\nexit 1", "has failed while results were committed, of which some may be there: no table"},
		"no word":       {begun + "exit 3", "spark: spark-submit: exit status 3"},
		"last words":    {"echo no such master >&2\nexit 1", "spark-submit: exit status 1, and has printed last\nno such master"},
		"no end":        {"exit 0", "it has ended without a word"},
		"a lost commit": {begun + "echo freshet commits\nkill -9 $$", "while results were committed: those of some sinks may be there"},
	} {
		err := spark.Run(t.Context(), ticks(t), "local", spark.Home(fake(t, x.script)))
		require.ErrorContains(t, err, x.wants, name)
		require.NotContains(t, err.Error(), "\tat ", name)
		if e, ok := errors.AsType[*spark.JobError](err); ok && name == "a task" {
			require.Equal(t, "ticks", e.Operator)
		}
	}
	t.Setenv("SPARK_HOME", "")
	t.Setenv("PATH", "")
	require.ErrorContains(t, spark.Run(t.Context(), ticks(t), "local"), "install Spark, and say where by SPARK_HOME or by the option Home")
	require.ErrorContains(t, spark.Run(t.Context(), ticks(t), "local", spark.Home("/nowhere")), "no Spark where SPARK_HOME or the option Home says")
	require.ErrorContains(t, spark.Run(t.Context(), ticks(t), "local", spark.Home(fake(t, "")), spark.Program("/nowhere")), "of option Program")
}

// A driver is let go of when the context ends: it sees the end of its input. A commit that has begun goes on.
func TestContextEnds(t *testing.T) {
	cause := errors.New("a signal")
	run := func(script string) error {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		return spark.Run(ctx, ticks(t), "local", spark.Home(fake(t, script)), spark.Progress(func(j spark.Job) { cancel(cause) }))
	}
	err := run("echo freshet looked\ncat >/dev/null\necho freshet failed " + word("cancelled") + "\nexit 1")
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, cause)
	require.NoError(t, run("echo freshet commits\ncat >/dev/null\necho freshet finished"))
	ctx, cancel := context.WithTimeoutCause(t.Context(), time.Nanosecond, cause)
	defer cancel()
	<-ctx.Done()
	require.ErrorIs(t, spark.Run(ctx, ticks(t), "local", spark.Home("/nowhere")), cause)
}

// What cannot run there is refused by its name before anything is started.
func TestRefused(t *testing.T) {
	home := fake(t, "")
	files := func() stream.Sink[string] { return sink.Files(t.TempDir(), "*.txt", codec.Lines()) }
	slice := func(p *stream.Pipeline) stream.Stream[string] {
		return p.From(source.Slice([]string{"a"}), stream.Name("letters"))
	}
	for name, x := range map[string]struct {
		build func(p *stream.Pipeline)
		allow []string
		wants []string
	}{
		"memory": {func(p *stream.Pipeline) { slice(p).To(sink.Collect[string](), stream.Name("kept")) }, nil, []string{
			`spark: letters of pipeline "x" cannot run on Spark: its slices are in the memory of one process. Use one that every machine of the cluster reaches, or give the option Allow("letters")`,
			`spark: kept of pipeline "x" cannot run on Spark: what it collects is in the memory of one process`,
		}},
		"no commit": {func(p *stream.Pipeline) { slice(p).To(sink.Discard[string](), stream.Name("gone")) }, []string{"letters"},
			[]string{`spark: gone of pipeline "x" cannot run on Spark: its rows appear as they are written, and again where Spark runs a task a second time. Use a sink that commits`}},
		"a channel": {func(p *stream.Pipeline) {
			p.From(source.Chan(make(chan string)), stream.Name("letters")).To(files())
		}, []string{"letters"}, []string{`letters of pipeline "x" cannot run on Spark: its partitions wait for the outside world`}},
		"no end": {func(p *stream.Pipeline) {
			p.From(source.Generate(source.Unbounded, func(int64) string { return "" }), stream.Name("for ever")).To(files())
		}, nil, []string{`for ever of pipeline "x" cannot run on Spark: it never ends`}},
		"early panes": {func(p *stream.Pipeline) {
			slice(p).KeyBy(func(s string) string { return s }).Window(window.Global(window.EarlyEvery(time.Second))).Count().
				Map(func(p stream.Pane[string, int64]) string { return p.Key }).To(files())
		}, []string{"letters"}, []string{"in a batch nothing is done by the clock"}},
		"rows left out": {func(p *stream.Pipeline) { slice(p).To(files(), stream.SkipFailures(), stream.Name("books")) }, []string{"letters"},
			[]string{"stream: books cannot be run by another engine: rows that are refused when they are committed"}},
		"a name that nobody has": {func(p *stream.Pipeline) { slice(p).To(files()) }, []string{"letters", "leters"},
			[]string{`Allow("leters"): pipeline "x" has no operator of that name that needs it`}},
	} {
		p := stream.New("x")
		x.build(p)
		err := spark.Run(t.Context(), p, "local", spark.Home(home), spark.Allow(x.allow...))
		for _, wants := range x.wants {
			require.ErrorContains(t, err, wants, name)
		}
	}
	_, err := os.Stat(home + "/args")
	require.ErrorIs(t, err, os.ErrNotExist)
	p := stream.New("x")
	slice(p).To(sink.Discard[string](), stream.Name("gone"))
	require.NoError(t, spark.Run(t.Context(), p, "local", spark.Home(fake(t, "echo freshet finished")), spark.Allow("letters", "gone")))

	for wants, call := range map[string]func(){
		"Parallelism(0)": func() { spark.Parallelism(0) }, "Parallelism(129)": func() { spark.Parallelism(129) }, "BatchSize(0)": func() { spark.BatchSize(0) },
		`Setting("spark.submit.deployMode"): the driver runs where Run does`: func() { spark.Setting("spark.submit.deployMode", "cluster") },
		"the Logger is nil":    func() { spark.Logger(nil) },
		"the Pipeline is nil":  func() { _ = spark.Run(t.Context(), nil, "") },
		"option 1 of 1 is nil": func() { _ = spark.Run(t.Context(), ticks(t), "", nil) },
	} {
		func() {
			defer func() { require.Contains(t, fmt.Sprint(recover()), wants) }()
			call()
		}()
	}
}

// Behind an exchange there are as many instances as the master says it runs at once.
func TestParallelism(t *testing.T) {
	for master, want := range map[spark.Master]int{"local": 1, "local[3]": 3, "local[5,2]": 5, "local[999]": 128, "local[x]": 1, "spark://a:1": 8, "local-cluster[2,1,512]": 8, "yarn": 8, "": 8} {
		home := fake(t, "echo freshet finished")
		p := stream.New("x")
		p.From(source.Generate(1, func(int64) string { return "" })).Rebalance(stream.Name("spread")).To(sink.Files(t.TempDir(), "*.txt", codec.Lines()))
		require.NoError(t, spark.Run(t.Context(), p, master, spark.Home(home)))
		job, err := os.ReadFile(home + "/job")
		require.NoError(t, err)
		require.Contains(t, string(job), fmt.Sprintf("operator %d plain %s ", want, word("spread")), "%q", master)
	}
}
