package stream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// byKey returns the ticks of each key in the order in which an operator that
// goes by event time sees them.
func byKey(all []arrival) map[int][]tick {
	keys := map[int][]tick{}
	for _, e := range sorted(ticksOf(all), byTime) {
		keys[e.Key] = append(keys[e.Key], e)
	}
	return keys
}

func FuzzDeduplicate(f *testing.F) {
	addSeeds(f, 3)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		within := pick[int64](&sh.rest, 1, 5, 50)
		all := punctual(sh.ticks(data))

		var want []tick
		for _, events := range byKey(all) {
			span := int64(never)
			for _, e := range events {
				if span == never || e.At >= span+within {
					span = e.At
					want = append(want, e)
				}
			}
		}

		p := stream.New("twin")
		in := streamtest.NewInput[tick](sh.parts)
		out := streamtest.Collect(sh.disordered(p.From(in)).KeyBy(tickKey).Deduplicate(time.Duration(within) * time.Second))
		sh.drive(t, p, in, all)
		require.Equal(t, sorted(want, byTime), sorted(out.Take(), byTime), "within %d, %+v", within, sh)
		stats, _ := p.Stats().Operator("deduplicate")
		require.Equal(t, int64(len(all)-len(want)), stats.Duplicates)
		require.Zero(t, stats.Keys, "the watermark has passed every span")
	})
}

// What is late goes by what is still known, but is never passed on beside an
// event that it is a duplicate of, and nothing vanishes uncounted.
func FuzzDeduplicateLate(f *testing.F) {
	addSeeds(f, 1)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		all := sh.ticks(data)
		p := stream.New("twin")
		in := streamtest.NewInput[tick](sh.parts)
		out := streamtest.Collect(sh.disordered(p.From(in)).KeyBy(tickKey).Deduplicate(time.Hour))
		sh.drive(t, p, in, all)
		got := out.Take()
		stats, _ := p.Stats().Operator("deduplicate")
		require.Equal(t, int64(len(all)), int64(len(got))+stats.Duplicates)
		require.Len(t, got, len(byKey(all)), "one of each key")
	})
}

// Running totals in the order of event time, with and without an end to what
// is remembered.
func FuzzRunning(f *testing.F) {
	addSeeds(f, 3)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		ttl := pick[int64](&sh.rest, 0, 2, 10)
		all := punctual(sh.ticks(data))

		want := map[int][]int64{}
		for k, events := range byKey(all) {
			sum, last := int64(0), int64(never)
			for _, e := range events {
				if ttl > 0 && last != never && e.At >= last+ttl {
					sum = 0
				}
				sum, last = sum+e.Val, e.At
				want[k] = append(want[k], sum)
			}
		}

		opts := []stream.Option{stream.InOrder()}
		if ttl > 0 {
			opts = append(opts, stream.TimeToLive(time.Duration(ttl)*time.Second))
		}
		p := stream.New("twin")
		in := streamtest.NewInput[tick](sh.parts)
		out := streamtest.Collect(sh.disordered(p.From(in)).KeyBy(tickKey).Running(window.Sum(tickVal), opts...))
		sh.drive(t, p, in, all)
		got := map[int][]int64{}
		for _, kv := range out.Take() {
			got[kv.Key] = append(got[kv.Key], kv.Value)
		}
		requireSame(t, want, got, "time to live %d, %+v", ttl, sh)
	})
}

// A processing with a timer that each event of the key puts off, in the order
// of event time: a session window of the user's own.
func FuzzProcess(f *testing.F) {
	addSeeds(f, 3)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		gap := pick[int64](&sh.rest, 0, 1, 4, 30)
		all := punctual(sh.ticks(data))

		// A timer fires before the events of its time, but not before the one
		// that has set it.
		want := map[int][]string{}
		for k, events := range byKey(all) {
			sum, due, pending := int64(0), int64(0), false
			fire := func() {
				want[k] = append(want[k], fmt.Sprint("timer ", due, " ", sum))
				sum, pending = 0, false
			}
			for _, e := range events {
				if pending && due <= e.At {
					fire()
				}
				sum += e.Val
				due, pending = e.At+gap, true
				want[k] = append(want[k], fmt.Sprint("event ", e.At, " ", sum))
			}
			if pending {
				fire()
			}
		}

		type state struct{ Sum, Due int64 }
		event := func(c *stream.KeyContext[int, state, stream.KeyValue[int, string]], e tick) error {
			s := c.State()
			if !c.Time().Equal(tickTime(e)) {
				return fmt.Errorf("time %v of an event at %v", c.Time(), tickTime(e))
			}
			c.CancelTimer(time.Unix(s.Due, 0))
			s.Sum += e.Val
			s.Due = e.At + gap
			c.SetTimer(time.Unix(s.Due, 0))
			c.SetTimer(time.Unix(s.Due, 0)) // fires once all the same
			c.Emit(stream.KeyValue[int, string]{Key: c.Key(), Value: fmt.Sprint("event ", e.At, " ", s.Sum)})
			return nil
		}
		timer := func(c *stream.KeyContext[int, state, stream.KeyValue[int, string]]) error {
			c.Emit(stream.KeyValue[int, string]{Key: c.Key(), Value: fmt.Sprint("timer ", c.Time().Unix(), " ", c.State().Sum)})
			c.Clear()
			return nil
		}
		p := stream.New("twin")
		in := streamtest.NewInput[tick](sh.parts)
		out := streamtest.Collect(sh.disordered(p.From(in)).KeyBy(tickKey).Process(event, timer, stream.InOrder()))
		sh.drive(t, p, in, all)
		got := map[int][]string{}
		for _, kv := range out.Take() {
			got[kv.Key] = append(got[kv.Key], kv.Value)
		}
		requireSame(t, want, got, "gap %d, %+v", gap, sh)
		stats, _ := p.Stats().Operator("process")
		require.Zero(t, stats.Keys, "every key has been cleared")
	})
}

// Every event goes one way or the other, and one that is behind its own
// partition's watermark is late however the partitions are read.
func FuzzSplitLate(f *testing.F) {
	addSeeds(f, 2)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		all := sh.ticks(data)
		var want [2][]tick
		for _, a := range all {
			if a.late() {
				want[1] = append(want[1], a.tick)
			} else {
				want[0] = append(want[0], a.tick)
			}
		}

		p := stream.New("twin")
		in := streamtest.NewInput[tick](sh.parts)
		onTime, late := sh.disordered(p.From(in)).SplitLate()
		got := [2]*streamtest.Output[tick]{streamtest.Collect(onTime), streamtest.Collect(late)}
		sh.drive(t, p, in, all)
		for i := range got {
			require.Equal(t, sorted(want[i], byTime), sorted(got[i].Take(), byTime), "%+v", sh)
		}
		stats, _ := p.Stats().Operator("splitlate")
		require.Equal(t, int64(len(want[1])), stats.Late)
	})
}

// Watermarks that the events carry themselves: a tick whose value is a
// multiple of three promises that nothing before its time follows.
func FuzzPunctuated(f *testing.F) {
	addSeeds(f, 2)
	f.Fuzz(func(t *testing.T, data []byte, n uint64) {
		sh := shapeOf(n)
		all := sh.ticks(data)
		marks := make([]int64, sh.parts)
		for i := range marks {
			marks[i] = never
		}
		promises := func(e tick) (time.Time, bool) { return tickTime(e), e.Val%3 == 0 }
		counts, late := map[string]int64{}, 0
		for _, a := range all {
			if a.At < marks[a.Part] {
				late++
				continue
			}
			if _, ok := promises(a.tick); ok {
				marks[a.Part] = max(marks[a.Part], a.At)
			}
			counts[fmt.Sprint(a.Key, " ", floor(a.At, 10))]++
		}

		p := stream.New("twin")
		in := streamtest.NewInput[tick](sh.parts)
		punctuated := p.From(in).EventTime(tickTime, stream.Punctuated(promises))
		onTime, behind := punctuated.SplitLate()
		out := streamtest.Collect(onTime.KeyBy(tickKey).Window(window.Tumbling(10 * time.Second)).Count())
		rest := streamtest.Collect(behind)
		sh.drive(t, p, in, all)
		got := map[string]int64{}
		for _, pane := range out.Take() {
			got[fmt.Sprint(pane.Key, " ", pane.Start.Unix())] += pane.Value
		}
		requireSame(t, counts, got, "%+v", sh)
		require.Len(t, rest.Take(), late)
	})
}

func floor(at, size int64) int64 { return at - ((at%size)+size)%size }

// A state that has been silent for its time to live is freed, not only
// forgotten.
func TestTimeToLiveFrees(t *testing.T) {
	p := stream.New("test")
	in := streamtest.NewInput[tick]()
	streamtest.Collect(p.From(in).EventTime(tickTime).KeyBy(tickKey).
		Running(window.Sum(tickVal), stream.TimeToLive(10*time.Second)))
	d := streamtest.Start(t, p)
	keys := func() int64 { s, _ := p.Stats().Operator("running"); return s.Keys }
	for i := range 100 {
		in.Push(tick{Key: i, At: int64(i)})
	}
	d.Settle()
	require.Equal(t, int64(10), keys(), "those of the last ten seconds")
	in.Push(tick{Key: 99, At: 1000})
	d.Settle()
	require.Equal(t, int64(1), keys())
}

// Timers of processing time fire in order when the clock moves, and not when
// they have been cancelled.
func TestClockTimers(t *testing.T) {
	type state struct{ N int }
	start := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	p := stream.New("test")
	in := streamtest.NewInput[int]()
	out := streamtest.Collect(p.From(in).KeyBy(func(int) string { return "k" }).Process(
		func(c *stream.KeyContext[string, state, string], v int) error {
			c.SetClockTimer(start.Add(time.Duration(v) * time.Second))
			if v == 7 {
				c.CancelClockTimer(start.Add(5 * time.Second))
			}
			return nil
		},
		func(c *stream.KeyContext[string, state, string]) error {
			if !c.OnClock() {
				return fmt.Errorf("timer at %v says it is one of event time", c.Time())
			}
			c.State().N++
			c.Emit(fmt.Sprint(c.Time().Sub(start), " ", c.State().N))
			return nil
		}))
	d := streamtest.Start(t, p, streamtest.At(start))
	in.Push(9, 3, 5, 7, 3)
	d.Settle()
	require.Empty(t, out.Take())
	d.Advance(3 * time.Second)
	require.Equal(t, []string{"3s 1"}, out.Take())
	d.Advance(time.Minute)
	require.Equal(t, []string{"7s 2", "9s 3"}, out.Take())
}

// A timer that fails stops the run and says which one it was.
func TestTimerFailure(t *testing.T) {
	type state struct{}
	p := stream.New("test")
	in := streamtest.NewInput[tick]()
	streamtest.Collect(p.From(in).EventTime(tickTime).KeyBy(tickKey).Process(
		func(c *stream.KeyContext[int, state, int], e tick) error {
			c.SetTimer(c.Time().Add(time.Second))
			return nil
		},
		func(*stream.KeyContext[int, state, int]) error { panic("no money") }, stream.Name("remind"), stream.SkipFailures()))
	d := streamtest.Start(t, p)
	in.Push(tick{At: 4}, tick{At: 9})
	err := d.Try()
	var failed *stream.OperatorError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "remind", failed.Operator)
	require.Equal(t, "timer of 1970-01-01T00:00:05Z", failed.Position)
	require.ErrorContains(t, err, "no money")
}

// Events in order, whatever the order of arrival: what the operator sees is
// what it would see of a sorted input.
func TestInOrder(t *testing.T) {
	p := stream.New("test")
	in := streamtest.NewInput[tick]()
	var seen []int64
	streamtest.Collect(p.From(in).EventTime(tickTime, stream.Disorder(10*time.Second)).KeyBy(tickKey).Process(
		func(_ *stream.KeyContext[int, struct{}, int], e tick) error { seen = append(seen, e.At); return nil }, nil, stream.InOrder()))
	d := streamtest.Start(t, p)
	in.Push(tick{At: 5}, tick{At: 3}, tick{At: 9}, tick{At: 1}, tick{At: 16})
	d.Settle()
	require.Equal(t, []int64{1, 3, 5}, seen, "the watermark is at 6")
	in.Push(tick{At: 2}) // late: it is not held back
	d.Settle()
	require.Equal(t, []int64{1, 3, 5, 2}, seen)
	in.End()
	d.Settle()
	require.Equal(t, []int64{1, 3, 5, 2, 9, 16}, seen)
}
