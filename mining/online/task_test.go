package online_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// hits draws n events of some keys, out of order by less than a minute. Some have no label.
func hits(seed uint64, n, keys int) []hit {
	random := rand.New(rand.NewPCG(seed, 1))
	all := make([]hit, n)
	for i := range all {
		h := hit{
			Key: fmt.Sprint("k", random.IntN(keys)),
			X:   math.Round(random.NormFloat64()*100) / 100,
			At:  morning.Add(time.Duration(i)*time.Second + time.Duration(random.IntN(58))*time.Second),
		}
		if h.Y = float64(random.IntN(2)); random.IntN(4) == 0 {
			h.Y = math.NaN()
		}
		all[i] = h
	}
	return all
}

// inTurn returns the events by their times.
func inTurn(all []hit) []hit {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b hit) int { return a.At.Compare(b.At) })
	return all
}

// twin is what a task by key has to give, as a loop.
func twin(all []hit) (want []string) {
	models := map[string]*tally{}
	learnt := map[string]uint64{}
	for _, h := range all {
		m := models[h.Key]
		if m == nil {
			m = newTally()
			models[h.Key] = m
		}
		x := mining.Dense(h.X)
		want = append(want, fmt.Sprint(h.Key, h.At.Unix(), h.X, m.Predict(x), h.Y, learnt[h.Key]))
		if !math.IsNaN(h.Y) {
			m.Learn(x, h.Y)
			learnt[h.Key]++
		}
	}
	slices.Sort(want)
	return want
}

func text(all []online.Scored[hit]) (got []string) {
	for _, s := range all {
		got = append(got, fmt.Sprint(s.Value.Key, s.Value.At.Unix(), s.Value.X, s.Prediction, s.Label, s.Learnt))
	}
	slices.Sort(got)
	return got
}

// A task by key in order is the loop, whatever the batches and shards.
func FuzzTask(f *testing.F) {
	for i := range 12 {
		f.Add(uint64(i), uint8(i), []uint16{1, 7, 64, 512}[i%4], i%2 == 0)
	}
	task := online.Regress(newTally, hit.features, hit.y)
	f.Fuzz(func(t *testing.T, seed uint64, shards uint8, batch uint16, byKey bool) {
		all := hits(seed, 300, 5)
		p := stream.New("twin")
		in := p.From(source.Slice(all)).EventTime(hit.at, stream.Disorder(time.Minute))
		var got sink.Collector[online.Scored[hit]]
		want := twin(inTurn(all))
		if byKey {
			in.KeyBy(hit.key).Apply(task.PerKey, stream.InOrder()).To(&got)
		} else {
			want = twinOfAll(inTurn(all))
			in.KeyBy(online.All).Apply(task.PerKey, stream.InOrder()).To(&got)
		}
		require.NoError(t, p.Run(t.Context(), stream.Shards(1+int(shards%4)), stream.BatchSize(1+int(batch%1024))))
		require.Equal(t, want, text(got.Values()))
	})
}

// twinOfAll is twin with one model.
func twinOfAll(all []hit) []string {
	keys := make([]string, len(all))
	for i := range all {
		all[i].Key, keys[i] = "", all[i].Key
	}
	m, learnt := newTally(), uint64(0)
	var want []string
	for i, h := range all {
		x := mining.Dense(h.X)
		want = append(want, fmt.Sprint(keys[i], h.At.Unix(), h.X, m.Predict(x), h.Y, learnt))
		if !math.IsNaN(h.Y) {
			m.Learn(x, h.Y)
			learnt++
		}
	}
	slices.Sort(want)
	return want
}

// drive runs events through an operator, one after another.
func drive(t *testing.T, all []hit, op stream.Operator[hit, online.Scored[hit]], opts ...stream.Option) ([]online.Scored[hit], error) {
	t.Helper()
	p := stream.New("drive")
	in := streamtest.NewInput[hit]()
	out := streamtest.Collect(p.From(in).Apply(op, append(opts, stream.Name("model"))...))
	d := streamtest.Start(t, p)
	in.Push(all...)
	err := d.Try()
	return out.Take(), err
}

func TestClassify(t *testing.T) {
	nan := math.NaN()
	all := []hit{{X: 1, Y: 1}, {X: 1, Y: nan}, {X: 1, Y: 1}, {X: 1, Y: 0}}
	got, err := drive(t, all, online.Classify(newClasses(2), hit.features, hit.y).PerShard)
	require.NoError(t, err)
	require.Len(t, got, 4)
	for i, want := range []uint64{0, 1, 1, 2} {
		require.Equal(t, want, got[i].Learnt)
		require.Nil(t, got[i].Probabilities)
		require.Equal(t, got[i].Probability > 0.5, got[i].Prediction == 1)
	}
	require.False(t, got[0].Judged(), "the first answer is that of an empty model")
	require.True(t, math.IsNaN(got[0].Missed()) && math.IsNaN(got[1].Missed()))
	require.Zero(t, got[2].Missed())
	require.Equal(t, 1.0, got[3].Missed())

	got, err = drive(t, all, online.Classify(newClasses(3), hit.features, hit.y).PerShard)
	require.NoError(t, err)
	require.Len(t, got[3].Probabilities, 3)
	require.Equal(t, got[3].Probability, got[3].Probabilities[int(got[3].Prediction)])
	require.NotSame(t, &got[2].Probabilities[0], &got[3].Probabilities[0])
}

func TestRegressErrors(t *testing.T) {
	got, err := drive(t, []hit{{Y: 8}, {Y: 3}, {Y: math.NaN()}}, online.Regress(newTally, hit.features, hit.y).PerShard)
	require.NoError(t, err)
	require.True(t, math.IsNaN(got[0].Error()))
	require.InDelta(t, 0, got[1].Error(), 1e-9, "(8+1)/(1+2) is 3")
	require.True(t, math.IsNaN(got[2].Error()))
}

func TestOnlyOneOfBoth(t *testing.T) {
	all := []hit{{X: 1, Y: 1}, {X: 2, Y: 0}}
	got, err := drive(t, all, online.Regress(newTally, hit.features, hit.y, online.ScoreOnly()).PerShard)
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Zero(t, got[1].Learnt)
	require.Equal(t, 0.0, got[1].Label, "the label is passed on all the same")

	got, err = drive(t, all, online.Regress(newTally, hit.features, nil).PerShard)
	require.NoError(t, err)
	require.Zero(t, got[1].Learnt)
	require.True(t, math.IsNaN(got[1].Label))

	got, err = drive(t, all, online.Regress(newTally, hit.features, hit.y, online.LearnOnly()).PerShard)
	require.NoError(t, err)
	require.Empty(t, got)
}

func TestDetect(t *testing.T) {
	all := []hit{{X: 1, Y: 0}, {X: 1, Y: math.NaN()}, {X: 9, Y: 1}}
	got, err := drive(t, all, online.Detect(newStrange, hit.features, hit.y).PerShard)
	require.NoError(t, err)
	require.Equal(t, []float64{1, 0, 8}, []float64{got[0].Prediction, got[1].Prediction, got[2].Prediction})
	require.EqualValues(t, 2, got[2].Learnt, "labels are not asked for")
	require.Equal(t, 1.0, got[2].Label)

	got, err = drive(t, all, online.Detect(newStrange, hit.features, nil, online.ScoreOnly()).PerShard)
	require.NoError(t, err)
	require.Zero(t, got[2].Learnt)
	got, err = drive(t, all, online.Detect(newStrange, hit.features, nil, online.LearnOnly()).PerShard)
	require.NoError(t, err)
	require.Empty(t, got)
}

// An event that the features or the model panics on goes where the operator's policy says,
// and teaches nothing.
func TestFailures(t *testing.T) {
	for _, bad := range []hit{{X: 666, Y: 1}, {X: 1, Place: 7, Y: 1}} {
		all := []hit{{X: 1, Y: 1}, bad, {X: 1, Y: 1}, bad, bad, {X: 1, Y: 1}}
		task := online.Regress(newTally, hit.features, hit.y)
		got, err := drive(t, all, task.PerShard)
		var failed *stream.OperatorError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, "model", failed.Operator)
		require.Equal(t, "partition 0 event 1", failed.Position)
		require.Empty(t, got)

		got, err = drive(t, all, task.PerShard, stream.SkipFailures())
		require.NoError(t, err)
		want, err := drive(t, []hit{all[0], all[2], all[5]}, task.PerShard)
		require.NoError(t, err)
		require.Equal(t, want, got)

		p := stream.New("letters")
		in := streamtest.NewInput[hit]()
		var letters stream.Failures[hit]
		out := streamtest.Collect(p.From(in).KeyBy(hit.key).Apply(task.PerKey, stream.Divert(&letters)))
		dead := streamtest.Collect(letters.Stream())
		d := streamtest.Start(t, p)
		in.Push(all...)
		d.Settle()
		require.Equal(t, text(want), text(out.Take()))
		require.Len(t, dead.Take(), 3)
		bad.Key = "new"
		in.Push(bad)
		d.Settle()
		require.Len(t, dead.Take(), 1)
		for _, o := range p.Stats().Operators {
			if o.Kind == "apply" {
				require.EqualValues(t, 1, o.Instances[0].Keys, "an event that fails makes no model")
			}
		}
	}
}

// Models by key are forgotten when there are too many, the one longest not used first.
func TestMaxKeys(t *testing.T) {
	p := stream.New("keys")
	in := streamtest.NewInput[hit]()
	out := streamtest.Collect(p.From(in).KeyBy(hit.key).Apply(online.Regress(newTally, hit.features, hit.y, online.MaxKeys(2)).PerKey))
	d := streamtest.Start(t, p)
	for _, k := range []string{"a", "b", "a", "c", "a", "b", "c", "b", "a"} {
		in.Push(hit{Key: k})
	}
	d.Settle()
	var learnt []string
	for _, s := range out.Take() {
		learnt = append(learnt, fmt.Sprint(s.Value.Key, s.Learnt))
	}
	// c takes b's place, b takes c's, c takes a's, and a takes c's.
	require.Equal(t, []string{"a0", "b0", "a1", "c0", "a2", "b0", "c0", "b1", "a0"}, learnt)
}

func TestTimeToLive(t *testing.T) {
	p := stream.New("keys")
	in := streamtest.NewInput[hit]()
	out := streamtest.Collect(p.From(in).EventTime(hit.at).KeyBy(hit.key).
		Apply(online.Regress(newTally, hit.features, hit.y, online.MaxKeys(2)).PerKey, stream.TimeToLive(time.Hour)))
	d := streamtest.Start(t, p)
	for i, h := range []float64{0, 0.5, 1, 3, 3.5, 5, 5, 5} {
		in.Push(hit{Key: []string{"a", "a", "a", "a", "b", "c", "d", "a"}[i], At: morning.Add(time.Duration(h * float64(time.Hour)))})
		d.Settle()
	}
	var learnt []uint64
	for _, s := range out.Take() {
		learnt = append(learnt, s.Learnt)
	}
	require.Equal(t, []uint64{0, 1, 2, 0, 0, 0, 0, 0}, learnt)
}

func TestMistakes(t *testing.T) {
	var slot online.Slot[*strange]
	for want, f := range map[string]func(){
		"online: Classify: the function build is nil":              func() { online.Classify[*classes](nil, hit.features, hit.y) },
		"online: Classify: the function features is nil":           func() { online.Classify[*classes, hit](newClasses(2), nil, nil) },
		"online: Regress: the function build is nil":               func() { online.Regress[*tally](nil, hit.features, hit.y) },
		"online: Regress: the function features is nil":            func() { online.Regress[*tally, hit](newTally, nil, nil) },
		"online: Detect: the function build is nil":                func() { online.Detect[*strange](nil, hit.features, hit.y) },
		"online: Detect: the function features is nil":             func() { online.Detect[*strange, hit](newStrange, nil, nil) },
		"online: MaxKeys(0): the number of models is not positive": func() { online.MaxKeys(0) },
		"online: Swap: the Slot is nil":                            func() { online.Swap[*tally](nil) },
		"online: Regress: option 1 of 1 is nil":                    func() { online.Regress(newTally, hit.features, hit.y, nil) },
		"online: Regress: ScoreOnly and LearnOnly leave nothing to do": func() {
			online.Regress(newTally, hit.features, hit.y, online.ScoreOnly(), online.LearnOnly())
		},
		"online: Regress of a *online_test.tally: Swap of a Slot of *online_test.strange": func() {
			online.Regress(newTally, hit.features, hit.y, online.Swap(&slot))
		},
		"online: OfExamples: the task is nil":                       func() { online.OfExamples[hit](nil) },
		"online: OfExamples of Detect, which learns without labels": func() { online.OfExamples(online.Detect(newStrange, hit.features, nil)) },
		"online: Fitted: the function label is nil":                 func() { online.Fitted(newTally, hit.features, nil) },
		"online: NewLabels: the function label is nil":              func() { online.NewLabels(stream.Stream[hit]{}, hit.key, 0, nil) },
		"online: NewLabels: labels from 2ns to 1ns after their requests: there is no such time": func() {
			online.NewLabels(stream.Stream[hit]{}, hit.key, 1, hit.y, online.After(2))
		},
		"online: Watch: the function signal is nil": func() { online.Watch[*alarm, hit](newAlarm, nil) },
	} {
		require.PanicsWithValue(t, want, f)
	}
}

func TestEmptyRun(t *testing.T) {
	got, err := drive(t, nil, online.Regress(newTally, hit.features, hit.y).PerShard)
	require.NoError(t, err)
	require.Empty(t, got)
	p := stream.New("empty")
	p.From(source.Slice([]hit{})).KeyBy(online.All).Apply(online.Regress(newTally, hit.features, hit.y).PerKey).To(sink.Discard[online.Scored[hit]]())
	require.NoError(t, p.Run(context.Background()))
}
