package online_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// A verdict is a label that comes for a hit, whose Key is the request's.
type verdict struct {
	Of string
	Y  float64
	At time.Time
}

func (v verdict) of() string    { return v.Of }
func (v verdict) y() float64    { return v.Y }
func (v verdict) at() time.Time { return v.At }

const (
	within = 30 * time.Second
	early  = 5 * time.Second
)

// asked draws requests, most with keys of their own, and labels for them: early, in time, at the last moment, too late, several at once, or none.
func asked(seed uint64, n int) (requests []hit, verdicts []verdict) {
	random := rand.New(rand.NewPCG(seed, 5))
	for i := range n {
		at := morning.Add(time.Duration(random.IntN(3*n)) * time.Second)
		h := hit{Key: fmt.Sprint("r", i), X: random.NormFloat64(), At: at}
		if i%3 == 1 {
			h.Key = requests[i-1].Key // which has several
		}
		requests = append(requests, h)
		for range random.IntN(4) {
			off := []time.Duration{-early - 1, -early, -1, 0, 1, time.Second, within, within + 1, 10 * within}[random.IntN(9)]
			verdicts = append(verdicts, verdict{h.Key, float64(random.IntN(2)), at.Add(off)})
		}
	}
	verdicts = append(verdicts, verdict{"nobody", 1, morning})
	slices.SortStableFunc(requests, func(a, b hit) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(verdicts, func(a, b verdict) int { return a.At.Compare(b.At) })
	return requests, verdicts
}

// toldOf is what Examples has to tell, from its definition.
func toldOf(requests []hit, verdicts []verdict, missing float64, early time.Duration, settled bool) (want []string) {
	for _, r := range requests {
		best := verdict{At: r.At.Add(within), Y: missing}
		found := false
		for _, v := range verdicts {
			if v.Of != r.Key || v.At.Before(r.At.Add(-early)) || v.At.After(r.At.Add(within)) {
				continue
			}
			if !found || v.At.Before(best.At) || v.At.Equal(best.At) && v.Y < best.Y {
				best, found = v, true
			}
		}
		switch {
		case settled:
			best.At = r.At.Add(within)
		case best.At.Before(r.At):
			best.At = r.At
		}
		if !math.IsNaN(best.Y) {
			want = append(want, fmt.Sprint(r.Key, r.X, best.Y, best.At.UnixNano()))
		}
	}
	slices.Sort(want)
	return want
}

// disordered moves events behind others that are up to a minute later.
func disordered[T any](seed uint64, all []T, at func(T) time.Time) []T {
	if seed == 0 {
		return all
	}
	random := rand.New(rand.NewPCG(seed, 6))
	type arrival struct {
		v  T
		at time.Time
	}
	var some []arrival
	for _, v := range all {
		some = append(some, arrival{v, at(v).Add(time.Duration(random.IntN(60)) * time.Second)})
	}
	slices.SortStableFunc(some, func(a, b arrival) int { return a.at.Compare(b.at) })
	moved := make([]T, len(some))
	for i, a := range some {
		moved[i] = a.v
	}
	return moved
}

// What Examples tells is what its definition says, in whatever order requests and labels come.
func FuzzExamples(f *testing.F) {
	for seed := range uint64(12) {
		f.Add(seed, seed%2 == 0, seed%4 > 1, seed%3 > 0)
	}
	f.Fuzz(func(t *testing.T, seed uint64, lost, settled, clocks bool) {
		requests, verdicts := asked(seed, 120)
		missing, before := 0.0, time.Duration(0)
		var opts []online.LabelOption
		if lost {
			missing = math.NaN()
		}
		opts = append(opts, online.Missing(missing))
		if clocks {
			before = early
			opts = append(opts, online.After(-early))
		}
		if settled {
			opts = append(opts, online.Settled())
		}
		p := stream.New("examples")
		var got sink.Collector[online.Example[hit]]
		requested := p.From(source.Slice(disordered(seed, requests, hit.at))).EventTime(hit.at, stream.Disorder(time.Minute))
		told := p.From(source.Slice(disordered(seed, verdicts, verdict.at))).EventTime(verdict.at, stream.Disorder(time.Minute))
		online.NewLabels(told, verdict.of, within, verdict.y, opts...).Examples(requested, hit.key).To(&got)
		require.NoError(t, p.Run(t.Context(), stream.Shards(1+int(seed%3)), stream.BatchSize([]int{1, 7, 512}[seed%3])))
		var answers []string
		questions := 0
		for _, e := range got.Events() {
			if e.Value.Told {
				answers = append(answers, fmt.Sprint(e.Value.Value.Key, e.Value.Value.X, e.Value.Label, int64(e.Time)))
			} else {
				questions++
				require.True(t, math.IsNaN(e.Value.Label))
			}
		}
		slices.Sort(answers)
		require.Equal(t, len(requests), questions)
		require.Equal(t, toldOf(requests, verdicts, missing, before, settled), answers)
	})
}

// The whole: requests are scored at once, a model learns from them when their labels come, with the features of then, and scores are
// judged beside the labels. A run that is killed goes on the same.
func TestLateLabels(t *testing.T) {
	requests, verdicts := asked(3, 40)
	for i := range requests { // many of them at once
		requests[i].At = requests[i].At.Truncate(10 * time.Second)
	}
	for i := range verdicts {
		verdicts[i].At = verdicts[i].At.Truncate(10 * time.Second)
	}
	build := func() streamtest.Scene {
		in, labels := streamtest.NewInput[hit](), streamtest.NewInput[verdict]()
		p := stream.New("late labels")
		asks := p.From(in).EventTime(hit.at)
		tells := p.From(labels).EventTime(verdict.at)
		task := online.Regress(newTally, hit.features, nil)
		late := online.NewLabels(tells, verdict.of, within, verdict.y, online.Missing(0))
		scored := late.Examples(asks, hit.key).KeyBy(online.All).Apply(online.OfExamples(task).PerKey, stream.InOrder())
		judged := late.Judge(scored, hit.key)
		a, b := streamtest.Collect(scored), streamtest.Collect(judged)
		var steps []func(*streamtest.Driver)
		for i := range 4 {
			steps = append(steps,
				func(*streamtest.Driver) { in.Push(requests[10*i : 10*i+10]...) },
				func(*streamtest.Driver) { labels.Push(verdicts[len(verdicts)*i/4 : len(verdicts)*(i+1)/4]...) },
			)
		}
		steps = append(steps, func(*streamtest.Driver) { in.End(); labels.End() })
		return streamtest.Scene{Pipeline: p, Steps: steps, Outputs: []streamtest.Drained{a, b}}
	}
	streamtest.Recovery(t, build)
}

// Several requests of one key, labels that are none and labels that nobody asks for are failures of their
// events, or have no effect.
func TestOddLabels(t *testing.T) {
	run := func(in []hit, labels []verdict) ([]online.Example[hit], stream.Stats, error) {
		p := stream.New("odd")
		hits, verdicts := streamtest.NewInput[hit](), streamtest.NewInput[verdict]()
		late := online.NewLabels(p.From(verdicts).EventTime(verdict.at), verdict.of, within, verdict.y)
		out := streamtest.Collect(late.Examples(p.From(hits).EventTime(hit.at), hit.key))
		d := streamtest.Start(t, p)
		hits.Push(in...)
		verdicts.Push(labels...)
		err := d.Try()
		hits.End()
		verdicts.End()
		if err == nil {
			err = d.Try()
		}
		return out.Take(), p.Stats(), err
	}
	at := func(s int) time.Time { return morning.Add(time.Duration(s) * time.Second) }
	_, _, err := run(nil, []verdict{{Of: "a", At: at(0), Y: math.NaN()}})
	require.ErrorContains(t, err, "right side, partition 0 event 0: online: the label is NaN or infinite")

	// Each of several requests of a key has the first label behind it, which may be that of both.
	got, stats, err := run([]hit{{Key: "a", At: at(0)}, {Key: "a", At: at(1)}, {Key: "b", At: at(100)}, {Key: "a", At: at(200)}}, []verdict{{Of: "a", At: at(1), Y: 1}, {Of: "a", At: at(201), Y: 0}})
	require.NoError(t, err)
	var told []float64
	for _, e := range got {
		if e.Told {
			told = append(told, e.Label)
		}
	}
	require.Equal(t, []float64{1, 1, 0}, told)
	for _, o := range stats.Operators {
		if o.Kind == "connect" {
			require.Zero(t, o.Instances[0].Keys, "nothing is held any more")
		}
	}
}
