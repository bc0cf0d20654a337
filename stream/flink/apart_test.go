package flink_test

import (
	"context"
	"encoding/json/v2"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/flink"
)

// apart is a pipeline of two flows that no exchange connects. The second one is there for a while when the first has finished.
func apart(from, to string) *stream.Pipeline {
	p := stream.New("apart")
	flow := func(name string, wrap func(stream.TransactionalSink[string]) stream.Sink[string]) {
		files := sink.Files(filepath.Join(to, name), "part-*.txt", codec.Lines()).(stream.TransactionalSink[string])
		p.From(source.Files(os.DirFS(from), "sales-*.jsonl", codec.Lines()), stream.Name(name+" lines")).To(wrap(files), stream.Name(name+" files"))
	}
	flow("first", func(s stream.TransactionalSink[string]) stream.Sink[string] { return s })
	flow("second", func(s stream.TransactionalSink[string]) stream.Sink[string] { return lingering{s, to} })
	return p
}

// A lingering is a sink whose writers take their time to close, in the first life of a job. It says which process commits.
type lingering struct {
	stream.TransactionalSink[string]
	notes string // a folder
}

func (l lingering) OpenCommitter(c *stream.SinkContext) (stream.Committer, error) {
	name := filepath.Join(l.notes, "committer-"+strconv.Itoa(os.Getpid()))
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		return nil, err
	}
	return l.TransactionalSink.OpenCommitter(c)
}

func (l lingering) Open(c *stream.SinkContext) (stream.Writer[string], error) {
	inner, err := l.TransactionalSink.Open(c)
	if err != nil {
		return nil, err
	}
	return lingeringWriter{inner, inner.(stream.Preparer), inner.(stream.WatermarkWriter), l.notes}, nil
}

type lingeringWriter struct {
	stream.Writer[string]
	stream.Preparer
	stream.WatermarkWriter
	notes string
}

// Close waits until the job goes on without it, or for as long as a task waits for its worker.
func (w lingeringWriter) Close() error {
	for end := time.Now().Add(9 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(w.notes, "failed")); err == nil {
			break
		}
	}
	return w.Writer.Close()
}

// Flink starts a flow that no exchange connects with others again alone, and takes no checkpoint where tasks of the others have finished:
// a last one, which a committer waits for, is not to be had any more. Then all of the job goes on from the one before.
func failsBehindAnother(t *testing.T, c *miniflink.Cluster, from string, _ []string) {
	to := t.TempDir()
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	var id string
	started := make(chan struct{})
	ended := make(chan error, 1)
	go func() {
		opts := append(environment("apart", from, to), flink.Parallelism(1), flink.Checkpoints(time.Hour), flink.Progress(func(j flink.Job) {
			if id == "" {
				id = j.ID
				close(started)
			}
		}), flink.Setting("restart-strategy.type", "fixed-delay"), flink.Setting("restart-strategy.fixed-delay.delay", "50 ms"),
			flink.Setting("restart-strategy.fixed-delay.attempts", "5"))
		ended <- flink.Run(ctx, apart(from, to), flink.Cluster(c.Address), opts...)
	}()
	select {
	case err := <-ended:
		t.Fatal("the job has ended at once", err)
	case <-started:
	}
	for seen := false; !seen; time.Sleep(10 * time.Millisecond) {
		select {
		case err := <-ended:
			t.Fatal("the second flow has not lingered", err)
		default:
		}
		first, second := 0, 0
		for name, state := range states(t, c, id) {
			switch finished := state == "FINISHED"; {
			case strings.Contains(name, "first") && finished:
				first++
			case strings.Contains(name, "second") && !finished:
				second++
			}
		}
		seen = first == 2 && second == 2
	}
	require.NoError(t, syscall.Kill(committer(t, to), syscall.SIGKILL))
	require.NoError(t, os.WriteFile(filepath.Join(to, "failed"), nil, 0o600))
	require.NoError(t, <-ended)

	want := linesOf(t, from, "sales-*.jsonl")
	require.Len(t, want, 30_000)
	requireRows(t, want, linesOf(t, to, "first/part-*.txt"))
	requireRows(t, want, linesOf(t, to, "second/part-*.txt"))
}

// committer returns the process that has committed so far, of which there is one.
func committer(t *testing.T, notes string) int {
	t.Helper()
	all, err := filepath.Glob(notes + "/committer-*")
	require.NoError(t, err)
	require.Len(t, all, 1)
	var pid int
	_, err = fmt.Sscanf(filepath.Base(all[0]), "committer-%d", &pid)
	require.NoError(t, err)
	return pid
}

// states returns those of the operators of a job, by what Flink calls them.
func states(t *testing.T, c *miniflink.Cluster, job string) map[string]string {
	t.Helper()
	r, err := http.Get("http://" + c.Address + "/jobs/" + job)
	require.NoError(t, err)
	defer r.Body.Close()
	var x struct {
		Vertices []struct {
			Name   string `json:"name"`
			Status string `json:"status"`
		} `json:"vertices"`
	}
	require.NoError(t, json.UnmarshalRead(r.Body, &x))
	all := map[string]string{}
	for _, v := range x.Vertices {
		all[v.Name] = v.Status
	}
	return all
}

// linesOf returns the lines of files, sorted.
func linesOf(t *testing.T, folder, pattern string) (lines []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, pattern))
	require.NoError(t, err)
	for _, name := range names {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		lines = append(lines, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	}
	slices.Sort(lines)
	return lines
}
