package flink_test

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/miniflink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/flink"
)

// ownStore is where a run in one process keeps its checkpoints.
func ownStore(to string) checkpoint.Store { return checkpoint.Dir(filepath.Join(to, "store")) }

// A job goes on from where a run in one process has stopped: nothing is read twice, no state begins empty, no row is shown twice or missing. Workers that are killed before
// Flink has a checkpoint begin there again. Then the job goes on from its own savepoints, at another parallelism, and does not need the store.
func outgrown(t *testing.T, c *miniflink.Cluster, from string, want []string) {
	r := &running{t: t, c: c, from: from, to: t.TempDir(), want: want}
	err := flink.Run(t.Context(), committed(from, r.to, true), flink.Cluster(c.Address), append(r.options("outgrown slowly", 2), flink.From(ownStore(r.to), ""))...)
	require.ErrorContains(t, err, `find the checkpoint to go on from: there is none of pipeline "committed"`)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	here := make(chan error, 1)
	go func() {
		here <- committed(from, r.to, true).Run(ctx, stream.Checkpoints(ownStore(r.to), 50*time.Millisecond), stream.Shards(3), stream.BatchSize(50))
	}()
	r.ended = here
	r.untilShown("rows of the run in one process", r.grows())
	err = flink.Run(t.Context(), committed(from, r.to, true), flink.Cluster(c.Address), append(r.options("outgrown slowly", 2), flink.From(ownStore(r.to), ""))...)
	require.ErrorIs(t, err, checkpoint.ErrLocked, "while the run goes on")
	stop()
	require.ErrorIs(t, <-here, context.Canceled)
	before, _ := shown(t, r.to)
	once(t, want, before)
	require.Less(t, len(before), len(want), "something is left to do")

	r.start(append(r.options("outgrown slowly", 2), flink.From(ownStore(r.to), ""))...)
	rng := rand.New(rand.NewPCG(1, 1))
	r.until("a worker is there", func() bool { return killOne(t, r.to, rng) })
	r.untilShown("rows of the job", r.grows())
	require.True(t, killOne(t, r.to, rng))
	r.untilShown("more rows behind a worker that was killed", r.grows())
	r.stop()
	require.Regexp(t, `a task has failed.*has ended with status 137`, r.log.String())

	err = flink.Run(t.Context(), committed(from, r.to, true), flink.Cluster(c.Address), append(r.options("outgrown slowly", 2), flink.From(ownStore(r.to), ""))...)
	require.ErrorContains(t, err, "give it Restore or From")
	require.NoError(t, os.RemoveAll(filepath.Join(r.to, "store")))

	begun := make(chan struct{})
	begins := sync.OnceFunc(func() { close(begun) })
	r.start(append(r.options("outgrown slowly", 3), flink.Progress(func(j flink.Job) {
		if j.State == "RUNNING" {
			begins()
		}
	}))...)
	<-begun
	r.stop() // while tasks are still being started
	r.finish("commits", 3)
}
