package online_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// scene pushes the events in some steps.
func scene[U any](all []hit, run func(in stream.Stream[hit]) stream.Stream[U]) func() streamtest.Scene {
	return func() streamtest.Scene {
		in := streamtest.NewInput[hit]()
		p := stream.New("scene")
		out := streamtest.Collect(run(p.From(in).EventTime(hit.at, stream.Disorder(time.Minute))))
		var steps []func(*streamtest.Driver)
		for some := range slices.Chunk(all, max(1, len(all)/7)) {
			steps = append(steps, func(*streamtest.Driver) { in.Push(some...) })
		}
		steps = append(steps, func(*streamtest.Driver) { in.End() })
		return streamtest.Scene{Pipeline: p, Steps: steps, Outputs: []streamtest.Drained{out}}
	}
}

// A run that is killed after any step and goes on from its checkpoint gives the same to the
// last bit, also on other shards.
func TestRecovery(t *testing.T) {
	all := hits(2, 150, 4)
	task := online.Regress(newTally, hit.features, hit.y)
	for name, s := range map[string]func() streamtest.Scene{
		"by key": scene(all, func(in stream.Stream[hit]) stream.Stream[online.Scored[hit]] {
			return in.KeyBy(hit.key).Apply(task.PerKey, stream.InOrder())
		}),
		"in all": scene(all, func(in stream.Stream[hit]) stream.Stream[online.Scored[hit]] {
			return in.KeyBy(online.All).Apply(task.PerKey, stream.InOrder())
		}),
		"classes": scene(all, func(in stream.Stream[hit]) stream.Stream[online.Scored[hit]] {
			return in.KeyBy(hit.key).Apply(online.Classify(newClasses(3), hit.features, hit.y).PerKey, stream.InOrder())
		}),
		"detect": scene(all, func(in stream.Stream[hit]) stream.Stream[online.Scored[hit]] {
			return in.KeyBy(hit.key).Apply(online.Detect(newStrange, hit.features, nil).PerKey, stream.InOrder(), stream.TimeToLive(20*time.Second))
		}),
		"watch": scene(all, func(in stream.Stream[hit]) stream.Stream[online.Drift[hit]] {
			return in.KeyBy(hit.key).Apply(online.Watch(newAlarm, hit.y).PerKey, stream.InOrder())
		}),
		"fitted": scene(all, func(in stream.Stream[hit]) stream.Stream[string] {
			return in.Map(rounded).KeyBy(hit.key).Window(window.Tumbling(40 * time.Second)).Aggregate(online.Fitted(newTally, hit.features, hit.y)).
				TryMap(online.ReleaseOf).Map(func(r online.Release) string { return fmt.Sprintf("%s %x", r, r.Saved) })
		}),
	} {
		t.Run(name, func(t *testing.T) { streamtest.Recovery(t, s) })
	}
}

// rounded has sums that are exact, in whatever order.
func rounded(h hit) hit {
	h.X = math.Round(h.X)
	return h
}

// restarted runs a model by shard up to a cut, where it is killed behind a checkpoint, and goes on. Either there is an
// instance for each partition, or events are dealt out to the shards of each run.
func restarted(t *testing.T, all []hit, cut, partitions int, shards ...int) (got [][]online.Scored[hit]) {
	t.Helper()
	store := checkpoint.Memory()
	for run := range 2 {
		p := stream.New("restarted")
		in := streamtest.NewInput[hit](partitions)
		hits, n := p.From(in, stream.Name("in")), 1
		if len(shards) > 0 {
			hits, n = hits.Rebalance(stream.Name("rebalance")), shards[run]
		}
		out := streamtest.Collect(hits.Apply(online.Regress(newTally, hit.features, hit.y).PerShard, stream.Name("model")), stream.Name("out"))
		d := streamtest.Start(t, p, streamtest.Shards(n), streamtest.BatchSize(4), streamtest.Checkpoints(store))
		push := func(all []hit) {
			for k, h := range all {
				in.PushTo(k%partitions, h)
			}
			d.Settle()
		}
		if run > 0 {
			push(all)
			got = append(got, out.Take())
			return got
		}
		push(all[:cut])
		d.Checkpoint()
		got = append(got, out.Take())
		if cut < len(all) {
			in.PushTo(cut%partitions, all[cut]) // which is lost
			d.Settle()
		}
		d.Kill()
	}
	return got
}

// Models by shard go on where they were with as many instances, and with others each has what all had learnt: here at least what the one had that knew most.
func TestShardsRecover(t *testing.T) {
	all := hits(3, 60, 4)
	var whole [3][]string
	for partitions := 1; partitions < 3; partitions++ {
		whole[partitions] = text(restarted(t, all, 0, partitions)[1])
		for cut := range len(all) + 1 {
			got := restarted(t, all, cut, partitions)
			require.ElementsMatch(t, whole[partitions], text(slices.Concat(got...)), "after %d events", cut)
		}
	}
	require.NotEqual(t, whole[1], whole[2], "two instances have two models")

	for _, other := range []int{1, 3} {
		got := restarted(t, all, 50, 1, 2, other)
		most, known := uint64(0), uint64(0)
		for _, s := range got[0] {
			most = max(most, s.Learnt)
			if s.Known() {
				most = max(most, s.Learnt+1)
				known++
			}
		}
		require.Positive(t, most)
		require.Less(t, most, known*2/3, "both have learnt")
		require.Len(t, got[1], 10)
		for _, s := range got[1] {
			require.GreaterOrEqual(t, s.Learnt, most, "from 2 shards to %d", other)
		}
	}
}

// Another model under the name of an operator is an error when the run begins, and changes nothing.
func TestOtherModel(t *testing.T) {
	store := checkpoint.Memory()
	for i, build := range []func() *other{nil, func() *other { return &other{} }} {
		p := stream.New("killed")
		in := streamtest.NewInput[hit]()
		hits := p.From(in, stream.Name("in")).KeyBy(hit.key)
		scored := hits.Apply(online.Regress(newTally, hit.features, hit.y).PerKey, stream.Name("model"))
		if build != nil {
			p = stream.New("killed")
			scored = p.From(in, stream.Name("in")).KeyBy(hit.key).Apply(online.Regress(build, hit.features, hit.y).PerKey, stream.Name("model"))
		}
		scored.To(sink.Discard[online.Scored[hit]](), stream.Name("out"))
		if i == 0 {
			d := streamtest.Start(t, p, streamtest.Checkpoints(store))
			in.Push(hits2...)
			d.Settle()
			d.Checkpoint()
			d.Kill()
			continue
		}
		in.End()
		err := p.Run(t.Context(), stream.Checkpoints(store, time.Hour))
		require.ErrorContains(t, err, "other: these bytes are none")
	}
}

var hits2 = []hit{{Key: "a", X: 1, Y: 1}, {Key: "b", X: 1, Y: 1}}

// other is a model that reads no tally.
type other struct{ tally }

func (*other) UnmarshalBinary([]byte) error { return errors.New("other: these bytes are none") }

// A real run that fails again and again, and goes on from its checkpoints, has shown each score exactly
// once, as one that never failed.
func TestFailingRuns(t *testing.T) {
	all := hits(4, 4000, 30)
	for i := range all { // JSON has no NaN
		if math.IsNaN(all[i].Y) {
			all[i].Y = 0
		}
	}
	task := online.Regress(newTally, hit.features, hit.y, online.MaxKeys(100))
	run := func(dir string, store checkpoint.Store, failAt int) error {
		p := stream.New("failing")
		seen := 0
		p.From(source.Slice(all), stream.Name("in")).EventTime(hit.at, stream.Disorder(time.Minute)).
			KeyBy(hit.key).Apply(task.PerKey, stream.InOrder(), stream.Name("model")).
			KeyBy(online.All).Apply(online.Watch(newAlarm, online.Scored[hit].Missed).PerKey, stream.InOrder(), stream.Name("watch")).
			Map(func(d online.Drift[online.Scored[hit]]) online.Drift[online.Scored[hit]] {
				if seen++; seen == failAt {
					panic("killed")
				}
				return d
			}).
			To(sink.Files(dir, "drifts-*.jsonl", codec.JSON[online.Drift[online.Scored[hit]]]()), stream.Name("files"))
		return p.Run(t.Context(), stream.Shards(2), stream.BatchSize(16), stream.Checkpoints(store, time.Millisecond))
	}
	unbroken := t.TempDir()
	require.NoError(t, run(unbroken, checkpoint.Memory(), -1))
	want := lines(t, unbroken)
	require.Greater(t, len(want), 500)

	broken, store := t.TempDir(), checkpoint.Memory()
	failures := 0
	for failAt := 150; ; failAt += 40 {
		err := run(broken, store, failAt)
		if err == nil {
			break
		}
		require.ErrorContains(t, err, "killed")
		failures++
	}
	t.Logf("%d failures", failures)
	require.Positive(t, failures)
	require.Equal(t, want, lines(t, broken))
}

// lines returns all lines of the files in a directory, sorted.
func lines(t *testing.T, dir string) (all []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "drifts-*"))
	require.NoError(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		require.NoError(t, err)
		all = append(all, strings.Split(strings.TrimSpace(string(b)), "\n")...)
	}
	slices.Sort(all)
	return all
}
