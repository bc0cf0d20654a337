package edges_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/drive"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// An adding adds what a test is about to a pipeline.
type adding func(c *call)

// built returns the pipeline of an adding, with inputs that have event times.
func built(add adding) (c *call, left, right *streamtest.Input[row]) {
	c, left, right = newCall()
	c.withTimes()
	add(c)
	return c, left, right
}

// leave has a run leave a checkpoint of events that are in the middle of
// something.
func leave(t *testing.T, add adding) checkpoint.Store {
	c, left, right := built(add)
	store := checkpoint.Memory()
	d := streamtest.Start(t, c.p, streamtest.Checkpoints(store), streamtest.Shards(2))
	right.Push(rows...)
	left.Push(rows...)
	c.src.End()
	d.Checkpoint()
	d.Kill()
	return store
}

// goOn begins a run with what was left, and returns why it does not.
func goOn(add adding, store checkpoint.Store) error {
	c, left, right := built(add)
	left.End()
	right.End()
	c.src.End()
	d, err := drive.New(c.p, 3, 512, time.Now, store)
	if err != nil {
		return err
	}
	if err := d.Settle(); err != nil {
		return err
	}
	return d.Close()
}

// Every setting of every operator that holds something: changed, it is
// refused where its state depends on it.
func TestEachSettingIsChanged(t *testing.T) {
	for _, o := range operators {
		for name, param := range paramsOf(t, o) {
			if roleOf(param) != roleSetting {
				continue
			}
			usual := func(c *call) { o.add(c).To(&streamtest.Output[string]{}) }
			store := leave(t, usual)
			what := fmt.Sprint(o.name, " with another ", name)
			require.NoError(t, goOn(usual, store), what)
			err := goOn(func(c *call) {
				c.changed = name
				o.add(c).To(&streamtest.Output[string]{})
			}, leave(t, usual))
			if o.kind == "sample" || slices.Contains(o.forgets, name) {
				require.NoError(t, err, what)
				continue
			}
			kind := o.kind
			if kind == "window" {
				kind = "aggregate"
			}
			require.Error(t, err, what)
			if o.name == "pattern.Match" { // an operator of Apply has no settings that a run knows of, and says so itself
				require.Regexp(t, `^stream: apply: restore the state of checkpoint 1 .*: the checkpoint has partial matches of Begin.*, and the pattern is Begin.* now: `+
					`give the operator another name, or drop its state\. .*DropState\("apply"\)$`, err.Error(), what)
				continue
			}
			require.Regexp(t, `^stream: `+kind+` of checkpoint 1 was set to \w+ .*, and is now to .*: its state is not of use to it\. `+
				`Set it to what it was, or have its state dropped by DropState\("`+kind+`"\)$`, err.Error(), what)
		}
	}
}

// sums adds windows of a kind.
func sums(spec window.Spec) adding {
	return func(c *call) {
		streamtest.Collect(c.left.KeyBy(row.key).Window(spec).Aggregate(total{c}))
	}
}

// What windows hold depends on where they lie, and on whether each of them is
// held by itself, and on how soon they are forgotten; not on the numbers of triggers.
func TestWindowsAreChanged(t *testing.T) {
	minute, second := time.Minute, time.Second
	berlin, tokyo := zone(t, "Europe/Berlin"), zone(t, "Asia/Tokyo")
	for _, x := range []struct {
		was, is window.Spec
		why     string // "" where it may change
	}{
		{window.Tumbling(time.Hour), window.Tumbling(4 * minute), "tumbling 1h0m0s, and is now to tumbling 4m0s"},
		{window.Tumbling(minute), window.Sliding(minute, 10*second), "tumbling 1m0s, and is now to sliding 1m0s every 10s"},
		{window.Sliding(minute, 10*second), window.Sliding(minute, 20*second), "sliding 1m0s every 10s, and is now to sliding 1m0s every 20s"},
		{window.Cumulating(minute, 10*second), window.Cumulating(minute, 20*second), "cumulating 1m0s every 10s"},
		{window.Tumbling(minute), window.Tumbling(minute, window.Offset(10*second)), "is now to tumbling 1m0s, offset 10s"},
		{window.Tumbling(minute, window.Offset(10*second)), window.Tumbling(minute, window.Offset(-50*second)), ""},
		{window.Session(minute), window.Session(4 * second), "session 1m0s, and is now to session 4s"},
		{window.Session(minute), window.Tumbling(minute), "session 1m0s, and is now to tumbling 1m0s"},
		{window.ByCount(9), window.ByCount(2), "count 9, and is now to count 2"},
		{window.Global(window.Once(9)), window.ByCount(9), "global, with triggers, and is now to count 9"},
		{window.Tumbling(minute), window.Tumbling(minute, window.EarlyCount(2)), "is now to tumbling 1m0s, with triggers"},
		{window.Tumbling(minute, window.EarlyCount(2)), window.Tumbling(minute), "tumbling 1m0s, with triggers, and is now to tumbling 1m0s"},
		{window.Session(minute, window.EarlyCount(2)), window.Session(minute, window.EarlyCount(2), window.Discarding()), "is now to session 1m0s, discarding"},
		{window.Tumbling(minute, window.EarlyCount(2), window.Lateness(minute)), window.Tumbling(minute, window.EarlyCount(3), window.Lateness(minute), window.LateCount(2)), ""},
		{window.Tumbling(minute), window.Tumbling(minute, window.Lateness(minute)), "had forgotten windows after a lateness of 0s, and would begin them anew with one of 1m0s"},
		{window.Session(minute), window.Session(minute, window.Lateness(minute)), "a lateness of 0s"},
		{window.Tumbling(minute, window.Lateness(minute)), window.Tumbling(minute, window.Lateness(second)), ""},
		{window.Tumbling(minute, window.Once(2)), window.Tumbling(minute, window.Once(3)), ""},
		{window.Tumbling(minute, window.Once(2)), window.Tumbling(minute, window.EarlyCount(2)), "fired windows once and for all, and now does not"},
		{window.Tumbling(minute, window.EarlyCount(2)), window.Tumbling(minute, window.Once(2)), ""},
		{window.Session(minute, window.Lateness(minute)), window.Session(minute, window.EarlyCount(2)), ""},
		{window.Calendar(window.Day, berlin), window.Calendar(window.Day, zone(t, "Europe/Berlin"), window.Offset(24*time.Hour)), ""},
		{window.Calendar(window.Day, berlin), window.Calendar(window.Day, tokyo), "calendar day in Europe/Berlin, and is now to calendar day in Asia/Tokyo"},
		{window.Calendar(window.Day, berlin), window.Calendar(window.Week, berlin), "calendar day in Europe/Berlin, and is now to calendar week from Monday in Europe/Berlin"},
		{window.Calendar(window.Week, berlin), window.Calendar(window.Week, berlin, window.FirstWeekday(time.Sunday)), "is now to calendar week from Sunday in Europe/Berlin"},
		{window.Calendar(window.Day, berlin), window.Calendar(window.Day, berlin, window.Offset(4*time.Hour)), "is now to calendar day in Europe/Berlin, offset 4h0m0s"},
		{window.Calendar(window.Day, berlin), window.Calendar(window.Day, berlin, window.EarlyCount(2)), "is now to calendar day in Europe/Berlin, with triggers"},
		{window.Calendar(window.Day, time.UTC), window.Tumbling(24 * time.Hour), "calendar day in UTC, and is now to tumbling 24h0m0s"},
		{
			window.CumulatingCalendar(window.Day, time.Hour, berlin), window.CumulatingCalendar(window.Day, minute, berlin),
			"cumulating calendar day every 1h0m0s in Europe/Berlin, and is now to cumulating calendar day every 1m0s in Europe/Berlin",
		},
		{window.CumulatingCalendar(window.Month, window.Week, berlin), window.CumulatingCalendar(window.Month, window.Day, berlin), "is now to cumulating calendar month every day in Europe/Berlin"},
		{window.Sliding(minute, second), window.Sliding(minute, second).OfPanes(), "was set to windows sliding 1m0s every 1s, and is now to sliding 1m0s every 1s, of panes"},
		{window.Calendar(window.Day, berlin, window.Lateness(minute)), window.Calendar(window.Day, berlin, window.Lateness(second)), ""},
		{window.Calendar(window.Day, time.FixedZone("shop", 3600)), window.Calendar(window.Day, time.FixedZone("shop", 7200)), "is now to calendar day in shop (+02:00:00)"},
	} {
		what := fmt.Sprint(x.was, " then ", x.is)
		store := leave(t, sums(x.was))
		err := goOn(sums(x.is), store)
		if x.why == "" {
			require.NoError(t, err, what)
			continue
		}
		require.ErrorContains(t, err, "stream: aggregate of checkpoint 1 ", what)
		require.ErrorContains(t, err, x.why, what)
	}
}

func zone(t *testing.T, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

// Types and options that state is made of: those that fit go on.
func TestTypesAreChanged(t *testing.T) {
	type shop string
	type small struct{ N int8 }
	type grown struct{ N, M int }
	type other struct{ M string }
	type text struct{ N string }
	count := aggregated(window.Count[row]())
	number := window.Field(window.Count[row](), func(r *row, n int64) { r.At = n })
	greatest := window.Field(window.Max(func(r row) int { return r.N }), func(r *row, n int) { r.N = n })
	both, turned, more := aggregated(window.Struct(number, greatest)), aggregated(window.Struct(greatest, number)), aggregated(window.Struct(number, greatest, number))
	for _, x := range []struct {
		was, is adding
		why     string
	}{
		{count, func(c *call) {
			streamtest.Collect(c.left.KeyBy(func(r row) shop { return shop(r.Key) }).Running(window.Count[row]()))
		}, ""},
		{count, func(c *call) {
			streamtest.Collect(c.left.KeyBy(func(r row) int { return r.N }).Running(window.Count[row]()))
		}, "running of checkpoint 1 had keys of string, and now has int64"},
		{count, aggregated(window.Sum(func(r row) int64 { return int64(r.N) })), "was set to aggregator window.count, and is now to window.sum"},
		{count, aggregated(window.Then(window.Count[row](), func(n int64) int64 { return -n })), ""},
		{count, aggregated(window.Where(func(row) bool { return true }, window.Count[row]())), ""},
		{aggregated(window.MapReduce(row.key, func(a, b string) string { return max(a, b) })), count, "was set to aggregator github.com/freshet-go/freshet/stream.reducing, and is"}, // its name in v0.1.0
		{both, count, "window.structOf(window.count int64, window.greatest {Value int64, Some bool}), and is now to window.count"},
		{both, both, ""},
		{both, turned, "and is now to window.structOf(window.greatest {Value int64, Some bool}, window.count int64)"},
		{both, more, "and is now to window.structOf(window.count int64, window.greatest {Value int64, Some bool}, window.count int64)"},
		{aggregated(window.First[row]()), aggregated(window.Last[row]()), "window.end(first true), and is now to window.end(first false)"},
		{aggregated(window.Max(func(r row) int { return r.N })), aggregated(window.Min(func(r row) int { return r.N })), "window.greatest, and is now to window.least"},
		{count, aggregated(window.Count[row](), stream.TimeToLive(time.Hour)), ""},
		{count, aggregated(window.Count[row](), stream.InOrder()), ""},
		{aggregated(window.Count[row](), stream.InOrder()), count, "held events back to see them in order, and now has no InOrder"},
		{stated[small](false), stated[grown](false), ""},
		{stated[grown](false), stated[small](false), ""},
		{stated[small](false), stated[other](false), "held values of {N int8}, and now holds {M string} (no field is left of it)"},
		{stated[small](false), stated[text](false), "held values of {N int8}, and now holds {N string} (N: int8 is not read as string)"},
		{stated[small](true), stated[small](false), "had a timer function, and now has none"},
		{stated[small](false), stated[small](true), ""},
	} {
		err := goOn(x.is, leave(t, x.was))
		if x.why == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, x.why)
		}
	}
}

func aggregated[A, R any](agg window.Aggregator[row, A, R], opts ...stream.Option) adding {
	return func(c *call) { streamtest.Collect(c.left.KeyBy(row.key).Running(agg, opts...)) }
}

// stated is a Process with a state of a type, and with timers or without.
func stated[S any](timers bool) adding {
	return func(c *call) {
		var timer func(*stream.KeyContext[string, S, string]) error
		if timers {
			timer = func(*stream.KeyContext[string, S, string]) error { return nil }
		}
		streamtest.Collect(c.left.KeyBy(row.key).Process(func(*stream.KeyContext[string, S, string], row) error { return nil }, timer))
	}
}

// DropState lets a run begin with other settings, and once: what has come
// about since is kept when the program starts again.
func TestDropStateOfOtherSettings(t *testing.T) {
	store := leave(t, sums(window.Tumbling(time.Hour)))
	run := func(size time.Duration, drop ...string) (panes []stream.Pane[string, int64], err error) {
		c, left, right := newCall()
		c.withTimes()
		out := streamtest.Collect(c.left.KeyBy(row.key).Window(window.Tumbling(size)).Aggregate(total{c}))
		opts := []stream.RunOption{stream.Checkpoints(store, time.Hour)}
		if drop != nil {
			opts = append(opts, stream.DropState(drop...))
		}
		left.Push(slices.Repeat(rows, 4)...) // from the first on: left goes on behind three
		right.Push(rows...)
		left.End()
		right.End()
		err = c.p.Run(t.Context(), opts...)
		return out.Take(), err
	}
	_, err := run(4 * time.Minute)
	require.ErrorContains(t, err, `was set to windows tumbling 1h0m0s, and is now to tumbling 4m0s`)
	panes, err := run(4*time.Minute, "aggregate")
	require.NoError(t, err)
	sum := int64(0)
	for _, p := range panes {
		sum += p.Value
	}
	require.Equal(t, int64(3*6), sum, "what was read since, without what was dropped")
	_, err = run(4*time.Minute, "aggregate")
	require.NoError(t, err)
	_, err = run(time.Second, "aggregate")
	require.NoError(t, err, "it is dropped again, as it does not fit")
}

// A checkpoint says what it depends on. One that says nothing, as early
// versions wrote them, is gone on from: see TestReleases of internal/recovery.
func TestSettingsOfACheckpoint(t *testing.T) {
	store := leave(t, sums(window.Tumbling(time.Hour)))
	all, err := checkpoint.Inspect(store)
	require.NoError(t, err)
	var of []checkpoint.Setting
	for _, o := range all[0].Operators {
		if o.Name == "aggregate" {
			of = o.Settings
		}
	}
	require.Equal(t, []checkpoint.Setting{
		{Name: "windows", Value: "tumbling 1h0m0s"},
		{Name: "lateness", Value: "0s"},
		{Name: "aggregator", Value: "github.com/freshet-go/freshet/internal/edges_test.total"},
		{Name: "key", Value: "string"},
		{Name: "state", Value: "int64"},
	}, of)
}
