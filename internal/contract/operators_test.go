package contract_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// A reading is the value of a sensor at a time.
type reading struct {
	Sensor string
	Value  int
	At     time.Time
}

func (r reading) sensor() string { return r.Sensor }
func (r reading) at() time.Time  { return r.At }

func at(second int) time.Time { return time.Unix(int64(second), 0).UTC() }

// doubled is a stateless operator: it passes every event on twice.
type doubled struct{}

func (doubled) Process(in *stream.Batch[int], out *stream.Emitter[int]) error {
	for row, v := range in.All() {
		out.Emit(v, in.Time(row))
		out.Emit(v, in.Time(row))
	}
	return nil
}

func TestStateless(t *testing.T) {
	p := stream.New("doubled")
	out := sink.Collect[int]()
	p.From(source.Slice([]int{1, 2, 3})).
		Apply(func(*stream.OperatorContext) (stream.Processor[int, int], error) {
			return doubled{}, nil
		}).
		To(out)
	require.NoError(t, p.Run(t.Context(), stream.Shards(1)))
	require.Equal(t, []int{1, 1, 2, 2, 3, 3}, out.Values())
}

// highest gives the highest value so far each time the watermark moves, and
// once more at the end: an Advancer and a Finisher.
type highest struct{ value int }

func (h *highest) Process(in *stream.Batch[reading], _ *stream.Emitter[string]) error {
	for _, r := range in.All() {
		h.value = max(h.value, r.Value)
	}
	return nil
}

func (h *highest) Advance(wm stream.Time, out *stream.Emitter[string]) error {
	out.Emit(fmt.Sprintf("%v: %d", wm, h.value), wm-1)
	return nil
}

func (h *highest) Finish(out *stream.Emitter[string]) error {
	out.Emit("the end", 0)
	return nil
}

func TestAdvancerAndFinisher(t *testing.T) {
	in := streamtest.NewInput[reading]()
	p := stream.New("highest")
	out := streamtest.Collect(p.From(in).EventTime(reading.at).
		Apply(func(*stream.OperatorContext) (stream.Processor[reading, string], error) {
			return &highest{}, nil
		}))
	d := streamtest.Start(t, p)
	in.Push(reading{"a", 3, at(10)})
	d.Settle()
	in.Push(reading{"b", 9, at(20)})
	d.Settle()
	require.Equal(t, []string{"1970-01-01T00:00:10Z: 3", "1970-01-01T00:00:20Z: 9"}, out.Take())
	in.End()
	d.Settle()
	require.Equal(t, []string{"the end of time: 9", "the end"}, out.Take())
}

// heartbeat is a Ticker: it says once a minute of the clock how many events it
// has seen.
type heartbeat struct {
	seen int
	next time.Time
}

func (h *heartbeat) Process(in *stream.Batch[int], _ *stream.Emitter[int]) error {
	h.seen += in.Len()
	return nil
}

func (h *heartbeat) Wake() (time.Time, bool) { return h.next, true }

func (h *heartbeat) Tick(now time.Time, out *stream.Emitter[int]) error {
	out.Emit(h.seen, 0)
	h.next = h.next.Add(time.Minute)
	return nil
}

func TestTicker(t *testing.T) {
	in := streamtest.NewInput[int]()
	p := stream.New("heartbeat")
	out := streamtest.Collect(p.From(in).
		Apply(func(c *stream.OperatorContext) (stream.Processor[int, int], error) {
			return &heartbeat{next: c.Now().Add(time.Minute)}, nil
		}))
	d := streamtest.Start(t, p)
	in.Push(1, 2)
	d.Settle()
	d.Advance(59 * time.Second)
	require.Empty(t, out.Take())
	d.Advance(time.Second)
	require.Equal(t, []int{2}, out.Take())
	in.Push(3)
	d.Settle()
	d.Advance(time.Minute)
	require.Equal(t, []int{3}, out.Take())
}

// changes passes on a reading only if its sensor's value has changed: a keyed
// operator with state of its own.
type changes struct{ last map[string]int }

func (c *changes) Process(in *stream.KeyedBatch[string, reading], out *stream.Emitter[reading]) error {
	for row, r := range in.All() {
		if last, ok := c.last[in.Key(row)]; !ok || last != r.Value {
			c.last[in.Key(row)] = r.Value
			out.Emit(r, in.Time(row))
		}
	}
	return nil
}

func TestKeyed(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		p := stream.New("changes")
		out := sink.Collect[reading]()
		var readings []reading
		for i := range 90 {
			readings = append(readings, reading{fmt.Sprint("sensor ", i%3), i / 9, at(i)})
		}
		p.From(source.Slice(readings)).EventTime(reading.at).KeyBy(reading.sensor).
			Apply(func(*stream.OperatorContext) (stream.KeyedProcessor[string, reading, reading], error) {
				return &changes{map[string]int{}}, nil
			}).
			To(out)
		require.NoError(t, p.Run(t.Context(), stream.Shards(shards)))
		got := out.Values()
		slices.SortFunc(got, func(a, b reading) int { return a.At.Compare(b.At) })
		require.Len(t, got, 30, "each of three sensors changes ten times")
		for i, r := range got {
			require.Equal(t, i/3, r.Value)
		}
	}
}

// alarms gives the readings that are above the limit of their sensor: an
// operator with two keyed inputs.
type alarms struct{ limit map[string]int }

func (a *alarms) ProcessLeft(in *stream.KeyedBatch[string, reading], out *stream.Emitter[string]) error {
	for row, r := range in.All() {
		if limit, ok := a.limit[in.Key(row)]; ok && r.Value > limit {
			out.Emit(fmt.Sprintf("%s at %d", r.Sensor, r.Value), in.Time(row))
		}
	}
	return nil
}

func (a *alarms) ProcessRight(in *stream.KeyedBatch[string, reading], _ *stream.Emitter[string]) error {
	for row, r := range in.All() {
		a.limit[in.Key(row)] = r.Value
	}
	return nil
}

func TestTwoInputs(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		readings, limits := streamtest.NewInput[reading](), streamtest.NewInput[reading]()
		p := stream.New("alarms")
		right := p.From(limits).KeyBy(reading.sensor)
		out := streamtest.Collect(p.From(readings).KeyBy(reading.sensor).
			Connect(right, func(*stream.OperatorContext) (stream.CoProcessor[string, reading, reading, string], error) {
				return &alarms{map[string]int{}}, nil
			}))
		d := streamtest.Start(t, p, streamtest.Shards(shards))
		limits.Push(reading{"a", 10, at(0)})
		d.Settle()
		readings.Push(reading{"a", 11, at(1)}, reading{"a", 9, at(2)}, reading{"b", 99, at(3)})
		d.Settle()
		require.Equal(t, []string{"a at 11"}, out.Take())
	}
}

// halving puts out half of each number, and leaves odd ones out.
type halving struct{ stream.Stateless }

func (halving) Process(in *stream.Batch[reading], out *stream.Emitter[int]) error {
	for row, r := range in.All() {
		if r.Value%2 == 0 {
			out.From(in, row, r.Value/2)
		}
	}
	return nil
}

// What From puts out has the time, the lateness and the place of its cause.
func TestFromKeepsWhatItsCauseHas(t *testing.T) {
	p := stream.New("from")
	in := streamtest.NewInput[reading](1)
	var bad stream.Failures[int]
	onTime, late := p.From(in).
		EventTime(reading.at, stream.Disorder(time.Second)).
		Apply(func(*stream.OperatorContext) (stream.Processor[reading, int], error) { return halving{}, nil }).
		Filter(func(n int) bool { return 12/n > 0 }, stream.Divert(&bad)).
		SplitLate()
	early, behind := streamtest.Collect(onTime), streamtest.Collect(late)
	letters := streamtest.Collect(bad.Stream())
	d := streamtest.Start(t, p)
	in.Push(reading{At: at(10), Value: 8}, reading{At: at(11), Value: 3}, reading{At: at(2), Value: 4}, reading{At: at(12), Value: 0})
	d.Settle()
	require.Equal(t, []int{4}, early.Take())
	require.Equal(t, []int{2}, behind.Take(), "it was late where it was read")
	all := letters.Take()
	require.Len(t, all, 1)
	require.Contains(t, all[0].Position, "event 3")
	require.Equal(t, at(12), all[0].Time.Std())
}
