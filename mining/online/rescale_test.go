package online_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/bayes"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// rescaled runs a task with a model for each shard: a part of the events for each number of shards, which goes on from the checkpoint of the part
// before it, and behind them one part with the last number, whose scores it returns.
func rescaled(t *testing.T, task *online.Task[hit, hit], parts [][]hit, shards []int, before func(run int)) []online.Scored[hit] {
	t.Helper()
	store, scores := checkpoint.Memory(), []online.Scored[hit](nil)
	sent := 0
	var all []hit
	for _, p := range parts {
		all = append(all, p...)
	}
	for run, part := range parts {
		if before != nil {
			before(run)
		}
		p := stream.New("rescaled")
		in := streamtest.NewInput[hit](6)
		out := streamtest.Collect(p.From(in, stream.Name("in")).Rebalance(stream.Name("rebalance")).Apply(task.PerShard, stream.Name("model")), stream.Name("out"))
		d := streamtest.Start(t, p, streamtest.Shards(shards[run]), streamtest.BatchSize(4), streamtest.Checkpoints(store))
		for i, h := range all[:sent+len(part)] { // those before the checkpoint are passed over
			in.PushTo(i%6, h)
		}
		sent += len(part)
		d.Settle()
		d.Checkpoint()
		scores = out.Take()
		require.Len(t, scores, len(part))
		if run == 0 && shards[0] > 1 {
			for _, s := range scores {
				require.Less(t, s.Learnt, uint64(len(part)*3/4), "one shard has all")
			}
		}
		d.Kill()
	}
	return scores
}

func parts(seed uint64, sizes ...int) (out [][]hit) {
	all, at := hits(seed, 1000, 4), 0
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range all {
		all[i].Y = float64(r.IntN(2))
	}
	for _, n := range sizes {
		out, at = append(out, all[at:at+n]), at+n
	}
	return out
}

// One shard becomes three and these two: what the two answer is what one model says that has learnt all events before, each once.
func TestRescaleMerges(t *testing.T) {
	build := func() *bayes.Gaussian { return bayes.NewGaussian(1, 2) }
	for _, shards := range [][]int{{1, 3, 2, 5}, {1, 3, 2, 1}, {2, 3, 1, 2}, {3, 1, 1, 4}, {2, 2, 2, 3}, {1, 3, 3, 2}} {
		runs := parts(5, 150, 200, 170, 8)
		task := online.Classify(build, hit.features, hit.y)
		// Nobody learns in the last run, so that its answers are those of the merged model.
		for i := range runs[3] {
			runs[3][i].Y = mining.Missing
		}
		scores := rescaled(t, task, runs, shards, nil)
		require.Len(t, scores, 8)
		whole := build()
		var x mining.Vector
		for _, part := range runs[:3] {
			for _, h := range part {
				x.Reset()
				h.features(&x)
				whole.Learn(x, h.Y)
			}
		}
		for _, s := range scores {
			x.Reset()
			s.Value.features(&x)
			require.EqualValues(t, 520, s.Learnt, "%v", shards)
			require.InDelta(t, whole.Probabilities(x, nil)[1], s.Probability, 1e-9, "%v", shards)
		}
	}
}

// A release is what all shards begin with: it is not merged as often as there are shards.
func TestRescaleBehindRelease(t *testing.T) {
	build := func() *bayes.Gaussian { return bayes.NewGaussian(1, 2) }
	runs := parts(6, 90, 120, 8)
	for i := range runs[2] {
		runs[2][i].Y = mining.Missing
	}
	whole, x := build(), mining.Vector{}
	learn := func(part []hit) {
		for _, h := range part {
			x.Reset()
			h.features(&x)
			whole.Learn(x, h.Y)
		}
	}
	learn(parts(7, 300)[0])
	var slot online.Slot[*bayes.Gaussian]
	task := online.Classify(build, hit.features, hit.y, online.Swap(&slot))
	scores := rescaled(t, task, runs, []int{3, 3, 2}, func(run int) {
		if run == 1 {
			require.NoError(t, slot.Set(whole, 7))
		}
	})
	learn(runs[1])
	require.Len(t, scores, 8)
	for _, s := range scores {
		x.Reset()
		s.Value.features(&x)
		require.EqualValues(t, 7, s.Version)
		require.EqualValues(t, 120, s.Learnt)
		require.InDelta(t, whole.Probabilities(x, nil)[1], s.Probability, 1e-9)
	}
}

// Models without Merge are not merged: each shard has that of the former ones that had learnt most.
func TestRescaleWithoutMerge(t *testing.T) {
	runs := parts(8, 100, 8)
	task := online.Classify(func() *linear.Logistic { return linear.NewLogistic(1) }, hit.features, hit.y)
	for _, s := range rescaled(t, task, runs, []int{3, 2}, nil) {
		require.Less(t, s.Learnt, uint64(90))
		require.Greater(t, s.Learnt, uint64(30))
	}
}

// quarrelsome is a model that can be merged with none.
type quarrelsome struct{ tally }

func (q *quarrelsome) Merge(*quarrelsome) { panic("of another kind") }

func TestRescaleRefused(t *testing.T) {
	events := parts(9, 40)[0]
	store := checkpoint.Memory()
	for _, shards := range []int{2, 3} {
		p := stream.New("rescaled")
		in := streamtest.NewInput[hit](6)
		task := online.Regress(func() *quarrelsome { return new(quarrelsome) }, hit.features, hit.y)
		p.From(in, stream.Name("in")).Rebalance(stream.Name("rebalance")).Apply(task.PerShard, stream.Name("model")).To(sink.Discard[online.Scored[hit]](), stream.Name("out"))
		if shards == 3 {
			in.End()
			err := p.Run(t.Context(), stream.Checkpoints(store, time.Hour), stream.Shards(shards))
			require.ErrorContains(t, err, "online: the models of 2 instances cannot be merged for another number of instances: of another kind")
			return
		}
		d := streamtest.Start(t, p, streamtest.Shards(shards), streamtest.BatchSize(4), streamtest.Checkpoints(store))
		for i, h := range events {
			in.PushTo(i%6, h)
		}
		d.Settle()
		d.Checkpoint()
		d.Kill()
	}
}
