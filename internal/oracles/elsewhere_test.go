package oracles_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
	"github.com/freshet-go/freshet/internal/door/doortest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
)

// An abroad is a plan that another engine runs: each instance of each stage by itself, of
// a pipeline of its own, with bytes on the way between them.
type abroad struct {
	*doortest.Job
	out   *sink.Collector[string]
	quota *quota
}

func (build packed) abroad(t *testing.T, name string, limit int, o doortest.Options) abroad {
	a := abroad{out: sink.Collect[string](), quota: newQuota(limit)}
	job, err := doortest.Start(t.Context(), func() any {
		p := pipeline{stream.New(name), a.quota}
		build(p).To(a.out)
		return p.Pipeline
	}, o)
	require.NoError(t, err, name)
	a.Job = job
	return a
}

func (a abroad) soFar() records {
	r := records{a.out.Events(), counts{read: a.quota.soFar()}}
	for _, c := range a.Counts() {
		r.dropped += c.TooLate
	}
	return r
}

// elsewhere runs a plan undisturbed in another engine.
func (build packed) elsewhere(t *testing.T, name string, shards, batch int) (all records) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a := build.abroad(t, name, unlimited, doortest.Options{Config: door.Config{Shards: shards, Batch: batch}})
		require.NoError(t, a.Wait(t.Context()), name)
		all = a.soFar()
	})
	return all
}

// inBatch runs a plan in another engine that has one stage run behind the other. It reports false for one that
// goes by the clock, or has event times behind an exchange.
func (build packed) inBatch(t *testing.T, name string, shards, batch int) (all records, ok bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		out, quota := sink.Collect[string](), newQuota(unlimited)
		b := doortest.Batch{Config: door.Config{Shards: shards, Batch: batch}, Ran: func(inst door.Instance) {
			for _, c := range inst.Counts() {
				all.dropped += c.TooLate
			}
		}}
		err := b.Run(t.Context(), func() any {
			p := pipeline{stream.New(name), quota}
			build(p).To(out)
			return p.Pipeline
		})
		if err != nil && strings.Contains(err.Error(), "in a batch ") {
			return
		}
		require.NoError(t, err, name)
		all.events, all.read, ok = out.Events(), quota.soFar(), true
	})
	return all, ok
}

// elsewhereRestored has another engine take a checkpoint after each quarter of so many events, kills all
// of it in the last one, and goes on with three shards.
func (build packed) elsewhereRestored(t *testing.T, name string, events int) (all records) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := doortest.Options{Config: door.Config{Shards: 2, Batch: 5, Checkpoints: true}}
		a := build.abroad(t, name, 0, o)
		var err error
		for quarter := range 3 {
			a.quota.raise(part(events, 2*quarter+2))
			synctest.Wait()
			o.From, err = a.Checkpoint(t.Context())
			require.NoError(t, err, name)
		}
		saved := a.soFar()
		require.Equal(t, part(events, 6), saved.read, name)
		a.quota.raise(part(events, 7))
		synctest.Wait()
		a.Kill()

		o.Shards = 3
		a = build.abroad(t, name, unlimited, o)
		require.NoError(t, a.Wait(t.Context()), name)
		all = saved.and(a.soFar())
		require.Equal(t, events, all.read, "%s: nothing is read twice or not at all", name)
	})
	return all
}
