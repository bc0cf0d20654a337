package online_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// versions returns version and count of the scores.
func versions(all []online.Scored[hit]) (got [][2]uint64) {
	for _, s := range all {
		got = append(got, [2]uint64{s.Version, s.Learnt})
	}
	return got
}

// A model that is set replaces those of all keys between two batches, goes on learning, and is there after a
// restart, with its version.
func TestSlot(t *testing.T) {
	one := hit{Key: "a", X: 1, Y: 1}
	two := hit{Key: "b", X: 1, Y: 0}
	for name, join := range map[string]func(in stream.Stream[hit], task *online.Task[hit, hit]) stream.Stream[online.Scored[hit]]{
		"by key": func(in stream.Stream[hit], task *online.Task[hit, hit]) stream.Stream[online.Scored[hit]] {
			return in.KeyBy(hit.key).Apply(task.PerKey, stream.Name("model"))
		},
		"by shard": func(in stream.Stream[hit], task *online.Task[hit, hit]) stream.Stream[online.Scored[hit]] {
			return in.Apply(task.PerShard, stream.Name("model"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := checkpoint.Memory()
			start := func(slot *online.Slot[*tally]) (*streamtest.Input[hit], *streamtest.Output[online.Scored[hit]], *streamtest.Driver) {
				p := stream.New("slot")
				in := streamtest.NewInput[hit]()
				out := streamtest.Collect(join(p.From(in, stream.Name("in")), online.Regress(newTally, hit.features, hit.y, online.Swap(slot))), stream.Name("out"))
				return in, out, streamtest.Start(t, p, streamtest.Checkpoints(store))
			}
			var slot online.Slot[*tally]
			in, out, d := start(&slot)
			in.Push(one, one)
			d.Settle()
			require.Equal(t, [][2]uint64{{0, 0}, {0, 1}}, versions(out.Take()))

			trained := &tally{n: 98, sum: 96}
			require.NoError(t, slot.Set(trained, 7))
			trained.sum = 0 // which is no matter to the pipeline
			in.Push(one, one, two)
			d.Settle()
			got := out.Take()
			require.InDelta(t, 0.97, got[0].Prediction, 0.001)
			require.EqualValues(t, 7, got[0].Version)
			require.EqualValues(t, 7, got[2].Version)
			require.EqualValues(t, 1, got[1].Learnt)
			d.Checkpoint()
			d.Kill()

			slot = online.Slot[*tally]{} // of a new process, that sets what it had set before
			in, out, d = start(&slot)
			require.NoError(t, slot.Set(newTally(), 7))
			in.Push(one, one, one, one, one, two, hit{Key: "new", X: 1, Y: 1})
			d.Settle()
			got = out.Take()
			require.Len(t, got, 2, "five had been read before")
			require.EqualValues(t, 7, got[0].Version)
			require.Positive(t, got[0].Learnt, "what it has learnt since is not lost")
			require.EqualValues(t, 7, got[1].Version, "a key that is new begins with it")
			require.InDelta(t, 0.97, got[1].Prediction, 0.02)
			require.NoError(t, slot.Set(newTally(), 8))
			in.Push(one)
			d.Settle()
			require.Equal(t, [][2]uint64{{8, 0}}, versions(out.Take()))
		})
	}
}

func TestSlotVersionsGrow(t *testing.T) {
	var slot online.Slot[*tally]
	require.Zero(t, slot.Version())
	require.EqualError(t, slot.Set(newTally(), 0), "online: Slot.Set of version 0: it is not greater than that before, 0")
	require.NoError(t, slot.Set(newTally(), 3))
	require.Error(t, slot.Set(newTally(), 3))
	require.Error(t, slot.Set(newTally(), 2))
	require.EqualValues(t, 3, slot.Version())
}

// Models that come as events replace that of their key; one that cannot be read is a failure of its event.
func TestServed(t *testing.T) {
	p := stream.New("served")
	in, models := streamtest.NewInput[hit](), streamtest.NewInput[online.Release]()
	var letters stream.Failures[online.Release]
	out := streamtest.Collect(p.From(in).KeyBy(hit.key).
		Connect(p.From(models).KeyBy(online.Release.Key), online.Regress(newTally, hit.features, hit.y).Served, stream.Divert(&letters)))
	dead := streamtest.Collect(letters.Stream())
	d := streamtest.Start(t, p, streamtest.Shards(2))
	a, b := hit{Key: "a", X: 1, Y: 1}, hit{Key: "b", X: 1, Y: 1}
	release := func(name string, version uint64) online.Release {
		r, err := online.NewRelease(name, version, &tally{n: 98, sum: 96})
		require.NoError(t, err)
		return r
	}
	step := func(want ...[2]uint64) {
		t.Helper()
		in.Push(a)
		d.Settle()
		in.Push(b)
		d.Settle()
		require.Equal(t, want, versions(out.Take()))
	}
	step([2]uint64{0, 0}, [2]uint64{0, 0})
	models.Push(release("a", 4), release("c", 4))
	d.Settle()
	step([2]uint64{4, 0}, [2]uint64{0, 1})
	models.Push(release("a", 3), release("a", 4), online.Release{Name: "a", Version: 9, Saved: []byte("no model")})
	d.Settle()
	step([2]uint64{4, 1}, [2]uint64{0, 2})
	failed := dead.Take()
	require.Len(t, failed, 1)
	require.ErrorIs(t, failed[0].Err, errTally)
	require.EqualError(t, failed[0].Err, "online: version 9: tally: these bytes are none")
}

// Models as events and the events themselves survive any restart.
func TestServedRecovers(t *testing.T) {
	all := hits(6, 60, 3)
	streamtest.Recovery(t, func() streamtest.Scene {
		in, models := streamtest.NewInput[hit](), streamtest.NewInput[online.Release]()
		p := stream.New("served")
		out := streamtest.Collect(p.From(in).EventTime(hit.at, stream.Disorder(time.Minute)).KeyBy(hit.key).
			Connect(p.From(models).KeyBy(online.Release.Key), online.Regress(newTally, hit.features, hit.y).Served))
		var steps []func(*streamtest.Driver)
		for i := range 6 {
			steps = append(steps,
				func(*streamtest.Driver) { in.Push(all[10*i : 10*i+10]...) },
				func(*streamtest.Driver) {
					r, err := online.NewRelease([]string{"k0", "k1", "k2"}[i%3], uint64(i+1), &tally{n: float64(i)})
					require.NoError(t, err)
					models.Push(r)
				})
		}
		return streamtest.Scene{Pipeline: p, Steps: steps, Outputs: []streamtest.Drained{out}}
	})
}

// A service sets models while a pipeline runs: each key sees versions that only grow.
func TestSlotWhileRunning(t *testing.T) {
	var slot online.Slot[*tally]
	all := hits(8, 30_000, 20)
	p := stream.New("running")
	var got sink.Collector[online.Scored[hit]]
	p.From(source.Slice(all)).KeyBy(hit.key).Apply(online.Regress(newTally, hit.features, hit.y, online.Swap(&slot)).PerKey).
		Map(func(s online.Scored[hit]) online.Scored[hit] {
			if s.Version == 0 && s.Learnt == 20 { // so that there is a version before the end
				_ = slot.Set(newTally(), 1)
			}
			return s
		}).To(&got)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for version := uint64(2); ; version++ {
			select {
			case <-stop:
				return
			default:
				_ = slot.Set(&tally{n: float64(version)}, version)
			}
		}
	}()
	require.NoError(t, p.Run(t.Context(), stream.Shards(2), stream.BatchSize(8)))
	close(stop)
	<-done
	require.Len(t, got.Values(), len(all))
	latest := map[string]uint64{}
	for _, s := range got.Values() {
		require.GreaterOrEqual(t, s.Version, latest[s.Value.Key])
		latest[s.Value.Key] = s.Version
	}
	for _, version := range latest {
		require.Positive(t, version)
	}
}
