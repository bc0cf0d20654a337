package contract_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// A visit is a page that somebody has looked at.
type visit struct {
	User, Page string
	At         time.Time
}

func (v visit) user() string  { return v.User }
func (v visit) at() time.Time { return v.At }

// A checkout pattern: a cart, then a payment within a minute. What is not paid for in
// time goes to the side.
type checkouts struct {
	c      *stream.OperatorContext
	lost   *stream.Side[string]
	carts  *stream.KeyedState[string, stream.Time] // of each user, since when a cart is open
	timers *stream.Timers[string]
}

func (x *checkouts) Process(in *stream.KeyedBatch[string, visit], out *stream.Emitter[string]) error {
	for row, v := range in.All() {
		user, now := in.Ref(row), in.Time(row)
		switch cart, open := x.carts.Get(user); {
		case v.Page == "":
			if err := x.c.Fail(&in.Batch, row, errors.New("a visit of no page")); err != nil {
				return err
			}
		case v.Page == "cart":
			x.timers.Cancel(user, cart.Add(time.Minute))
			x.timers.Set(user, now.Add(time.Minute))
			x.carts.Put(user, now)
		case v.Page == "pay" && open:
			out.From(&in.Batch, row, fmt.Sprintf("%s paid after %v", v.User, now.Sub(cart)))
			x.timers.Cancel(user, cart.Add(time.Minute))
			x.carts.Delete(user)
		}
	}
	return nil
}

func (x *checkouts) OnTimer(t stream.Timer[string], _ *stream.Emitter[string]) error {
	x.c.Side(x.lost).Emit(t.Key()+" has left a cart", t.At)
	x.carts.Delete(t.KeyRef)
	return nil
}

func watch(visits stream.Stream[visit], lost *stream.Side[string], bad *stream.Failures[visit]) stream.Stream[string] {
	return visits.EventTime(visit.at).KeyBy(visit.user).
		Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[string, visit, string], error) {
			return &checkouts{c, lost, c.KeyedState[string, stream.Time]("carts"), c.Timers[string]()}, nil
		}, stream.Name("checkouts"), stream.SideOutput(lost), stream.Divert(bad), stream.InOrder())
}

// A pattern detector of one's own has state, a side output and failures, in event
// time, on any number of shards, and goes on from a checkpoint.
func TestPatternOfOnesOwn(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		store := checkpoint.Memory()
		run := func(f func(in *streamtest.Input[visit], d *streamtest.Driver)) (paid, left, refused []string) {
			p := stream.New("patterns")
			in := streamtest.NewInput[visit]()
			var lost stream.Side[string]
			var bad stream.Failures[visit]
			found := streamtest.Collect(watch(p.From(in, stream.Name("visits")), &lost, &bad), stream.Name("found"))
			carts := streamtest.Collect(lost.Stream(), stream.Name("carts"))
			letters := streamtest.Collect(bad.Stream(), stream.Name("letters"))
			d := streamtest.Start(t, p, streamtest.Shards(shards), streamtest.Checkpoints(store))
			f(in, d)
			d.Kill()
			for _, l := range letters.Take() {
				refused = append(refused, fmt.Sprint(l.Operator, " ", l.Value.User, " ", l.Err))
			}
			return sortedTexts(found.Take()), sortedTexts(carts.Take()), refused
		}
		first := []visit{{"ann", "cart", at(0)}, {"bob", "cart", at(1)}, {"cyd", "", at(2)}, {"ann", "pay", at(9)}, {"dan", "cart", at(10)}}
		paid, left, refused := run(func(in *streamtest.Input[visit], d *streamtest.Driver) {
			in.Push(first...)
			d.Settle()
			d.Checkpoint()
		})
		require.Equal(t, []string{"ann paid after 9s"}, paid)
		require.Empty(t, left)
		require.Equal(t, []string{"checkouts cyd a visit of no page"}, refused)

		paid, left, _ = run(func(in *streamtest.Input[visit], d *streamtest.Driver) {
			in.Push(append(first, visit{"bob", "pay", at(30)}, visit{"eve", "cart", at(200)})...)
			d.Settle()
			in.End()
			d.Settle()
		})
		require.Equal(t, []string{"bob paid after 29s"}, paid, "the cart was in the checkpoint")
		require.Equal(t, []string{"dan has left a cart", "eve has left a cart"}, left)
	}
}

func sortedTexts(all []string) []string {
	slices.Sort(all)
	return all
}

// A model: the mean so far, by gradient steps. It scores each event before it learns
// from it; what is far off goes to the side as well.
type mean struct {
	c     *stream.OperatorContext
	odd   *stream.Side[reading]
	model *stream.State[weights]
}

type weights struct {
	Mean float64
	Seen int
}

// together is the model of what two have seen.
func together(a, b weights) weights {
	seen := max(a.Seen+b.Seen, 1)
	return weights{(a.Mean*float64(a.Seen) + b.Mean*float64(b.Seen)) / float64(seen), a.Seen + b.Seen}
}

func newMean(odd *stream.Side[reading]) stream.Operator[reading, float64] {
	return func(c *stream.OperatorContext) (stream.Processor[reading, float64], error) {
		return &mean{c, odd, c.State("model", stream.ToOne(together))}, nil
	}
}

func (m *mean) Process(in *stream.Batch[reading], out *stream.Emitter[float64]) error {
	for row, r := range in.All() {
		w := m.model.At()
		off := float64(r.Value) - w.Mean
		if w.Seen++; w.Seen > 3 && off*off > 100 {
			m.c.Side(m.odd).From(in, row, r)
		}
		w.Mean += off / float64(w.Seen)
		out.From(in, row, w.Mean)
	}
	return nil
}

// A model of one's own learns, and puts out what is odd beside its scores. An
// operator that is not told what to do with failures stops at the first.
func TestModelOfOnesOwn(t *testing.T) {
	p := stream.New("model")
	in := streamtest.NewInput[reading]()
	var odd stream.Side[reading]
	scores := streamtest.Collect(p.From(in).Apply(newMean(&odd), stream.SideOutput(&odd)))
	outliers := streamtest.Collect(odd.Stream().Map(func(r reading) int { return r.Value }))
	d := streamtest.Start(t, p)
	for _, v := range []int{10, 12, 11, 11, 90, 10} {
		in.Push(reading{Value: v})
	}
	d.Settle()
	got := scores.Take()
	require.Equal(t, []float64{10, 11, 11, 11}, got[:4])
	require.InDelta(t, 26.8, got[4], 1e-9)
	require.Equal(t, []int{90, 10}, outliers.Take(), "10 is odd to a model that has just learnt from 90")
}

// best keeps the n highest of each key, and puts out the list when it changes.
type best struct {
	c   *stream.OperatorContext
	n   int
	top *stream.KeyedState[string, []int]
}

func (b *best) Process(in *stream.KeyedBatch[string, reading], out *stream.Emitter[string]) error {
	for row, r := range in.All() {
		if r.Value < 0 {
			if err := b.c.Fail(&in.Batch, row, errors.New("below zero")); err != nil {
				return err
			}
			continue
		}
		top := b.top.At(in.Ref(row))
		i, _ := slices.BinarySearchFunc(*top, r.Value, func(a, v int) int { return v - a })
		if i >= b.n {
			continue
		}
		*top = slices.Insert(*top, i, r.Value)
		*top = (*top)[:min(len(*top), b.n)]
		out.From(&in.Batch, row, fmt.Sprint(r.Sensor, *top))
	}
	return nil
}

// A top-N of one's own: without a policy a failure stops the run and names the
// event; with one it is counted.
func TestTopOfOnesOwn(t *testing.T) {
	run := func(opts ...stream.Option) ([]string, stream.Stats, error) {
		p := stream.New("top")
		in := streamtest.NewInput[reading]()
		lists := streamtest.Collect(p.From(in).KeyBy(reading.sensor).
			Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[string, reading, string], error) {
				return &best{c, 2, c.KeyedState[string, []int]("top")}, nil
			}, append(opts, stream.Name("top"))...))
		d := streamtest.Start(t, p)
		in.Push(reading{Sensor: "a", Value: 3}, reading{Sensor: "b", Value: 9}, reading{Sensor: "a", Value: 1}, reading{Sensor: "a", Value: -1}, reading{Sensor: "a", Value: 7}, reading{Sensor: "a", Value: 2})
		err := d.Try()
		return sortedTexts(lists.Take()), p.Stats(), err
	}
	lists, stats, err := run(stream.SkipFailures())
	require.NoError(t, err)
	require.Equal(t, []string{"a[3 1]", "a[3]", "a[7 3]", "b[9]"}, lists)
	s, _ := stats.Operator("top")
	require.EqualValues(t, 1, s.Failed)

	_, _, err = run()
	require.ErrorContains(t, err, "stream: top at ")
	require.ErrorContains(t, err, "event 3: below zero")
}

// inverse puts out 60 divided by each number: it panics on 0, and returns an error for 13.
type inverse struct {
	stream.Stateless
	c *stream.OperatorContext
}

func (x inverse) Process(in *stream.Batch[int], out *stream.Emitter[int]) error {
	return x.c.Each(in, func(row int) error {
		v := in.Value(row)
		if v == 13 {
			return errors.New("bad luck")
		}
		out.From(in, row, 60/v)
		return nil
	})
}

func newInverse(c *stream.OperatorContext) (stream.Processor[int, int], error) {
	return inverse{c: c}, nil
}

// Each has events that fail or panic go where the operator's policy sends them, one at a
// time, and the others of their batch stay.
func TestEachOfOnesOwn(t *testing.T) {
	for _, batch := range []int{1, 3, 512} {
		p := stream.New("each")
		in := streamtest.NewInput[int]()
		var bad stream.Failures[int]
		odd := p.From(in).Filter(func(v int) bool { return v != 7 })
		out := streamtest.Collect(odd.Apply(newInverse, stream.Name("inverse"), stream.Divert(&bad)))
		letters := streamtest.Collect(bad.Stream())
		d := streamtest.Start(t, p, streamtest.BatchSize(batch))
		in.Push(1, 0, 7, 2, 13, 13, 3, 0)
		d.Settle()
		require.Equal(t, []int{60, 30, 20}, out.Take())
		var failed []int
		for _, l := range letters.Take() {
			failed = append(failed, l.Value)
			_, panicked := l.Err.(*stream.PanicError)
			require.Equal(t, l.Value == 0, panicked)
		}
		require.Equal(t, []int{0, 13, 13, 0}, failed)
	}
	p := stream.New("each")
	in := streamtest.NewInput[int]()
	streamtest.Collect(p.From(in).Apply(newInverse, stream.Name("inverse")))
	d := streamtest.Start(t, p)
	in.Push(1, 0)
	require.ErrorContains(t, d.Try(), "stream: inverse at partition 0 event 1: panic: ")
}

// What an operator asks of its context that it was not given is a mistake of the
// program: a panic that says so.
func TestContextsMistakes(t *testing.T) {
	for name, ask := range map[string]func(c *stream.OperatorContext){
		"stream: mine: Side of a Side that it was not given SideOutput of": func(c *stream.OperatorContext) { c.Side(new(stream.Side[int])) },
		"stream: mine: Fail of a string, which is not its input": func(c *stream.OperatorContext) {
			_ = c.Fail(stream.NewIntake[string](1).Batch(), 0, context.Canceled)
		},
		"stream: mine: Each of a string, which is not its input": func(c *stream.OperatorContext) {
			_ = c.Each(stream.NewIntake[string](1).Batch(), func(int) error { return nil })
		},
	} {
		p := stream.New("mistakes")
		p.From(streamtest.NewInput[int]()).Apply(func(c *stream.OperatorContext) (stream.Processor[int, int], error) {
			ask(c)
			return doubled{}, nil
		}, stream.Name("mine")).To(sink.Discard[int]())
		err := p.Run(t.Context())
		require.ErrorContains(t, err, name)
	}
	var side stream.Side[int]
	require.Panics(t, func() { side.Stream() })
	p := stream.New("twice")
	in := p.From(streamtest.NewInput[int]())
	own := func(*stream.OperatorContext) (stream.Processor[int, int], error) { return doubled{}, nil }
	in.Apply(own, stream.Name("one"), stream.SideOutput(&side))
	require.PanicsWithValue(t, "stream: one and two put out to the same Side", func() { in.Apply(own, stream.Name("two"), stream.SideOutput(&side)) })
}

// A sink that only a side output feeds knows how long its events were under way.
func TestSideOutputsHaveLatency(t *testing.T) {
	p := stream.New("latency")
	var odd stream.Side[reading]
	p.From(source.Slice([]reading{{Value: 10}, {Value: 10}, {Value: 10}, {Value: 900}})).
		Apply(newMean(&odd), stream.SideOutput(&odd)).
		To(sink.Discard[float64]())
	odd.Stream().To(sink.Discard[reading](), stream.Name("odd"))
	require.NoError(t, p.Run(t.Context()))
	s, _ := p.Stats().Operator("odd")
	require.EqualValues(t, 1, s.In)
	require.Positive(t, s.Latency.Max)
}
