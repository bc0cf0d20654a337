package edges_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/drive"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// However OnTimer fails: the run ends with an error that names the operator and
// the timer, whatever the operator does with failures, as there is no event to leave out.
func TestOnTimerFails(t *testing.T) {
	for _, kind := range []string{"Keyed.Apply", "Keyed.Connect"} {
		for _, how := range ways {
			for _, opts := range [][]stream.Option{nil, {stream.SkipFailures()}, {divert[row]()}} {
				c, left, right := newCall()
				c.failing, c.how, c.opts = "timer", how, append(opts, stream.Name("it"))
				c.withTimes()
				for _, o := range operators {
					if o.name == kind {
						streamtest.Collect(o.add(c))
					}
				}
				d := streamtest.Start(t, c.p, streamtest.Shards(2))
				left.Push(rows...)
				right.Push(rows...)
				err := d.Try()
				var of *stream.OperatorError
				require.ErrorAs(t, err, &of)
				require.Equal(t, "it", of.Operator)
				if how == "goexit" {
					var cause *stream.GoexitError
					require.ErrorAs(t, err, &cause)
					continue
				}
				require.Equal(t, "timer of 1970-01-01T00:00:02Z", of.Position)
				require.ErrorIs(t, err, errBroken)
				if how == "panic" {
					require.ErrorContains(t, err, "internal/edges/operators_test.go:")
				}
			}
		}
	}
}

// Timers of event time need it, as those of Process do; those of the clock do not.
func TestOwnTimersWithoutEventTime(t *testing.T) {
	for _, first := range []string{"event", "clock", "state"} {
		c, left, _ := newCall()
		out := streamtest.Collect(c.left.KeyBy(row.key).Apply(made(func(c *stream.OperatorContext, x *custom) {
			timers, seen := c.Timers[string](), c.KeyedState[string, int]("seen")
			x.event = func(k stream.KeyRef[string], r row, _ stream.Time) error {
				if first == "event" {
					timers.Set(k, stream.Time(r.when().UnixNano()))
				}
				seen.Put(k, r.N)
				timers.SetClock(k, c.Now().Add(time.Minute))
				return nil
			}
			x.timer = func(at stream.Timer[string], out *stream.Emitter[string]) error {
				out.Emit("timer of "+at.Key(), window.MinTime)
				switch {
				case at.Key() == "a":
				case first == "clock":
					timers.Set(at.KeyRef, at.At)
				case first == "state":
					for k := range seen.All() {
						timers.Set(k, at.At)
					}
				}
				return nil
			}
		}), stream.Name("mine")))
		now := second(0)
		d, err := drive.New(c.p, 1, 512, func() time.Time { return now }, nil)
		require.NoError(t, err)
		left.Push(row{"a", 1, 1})
		if first == "event" {
			refused(t, d.Settle(), "mine", first)
			continue
		}
		require.NoError(t, d.Settle())
		now = second(60)
		require.NoError(t, d.Tick())
		require.Equal(t, []stream.Event[string]{{Value: "timer of a", Time: window.MinTime}}, out.TakeEvents())
		left.Push(row{"b", 1, 1})
		require.NoError(t, d.Settle())
		now = second(120)
		err = d.Tick()
		refused(t, err, "mine", first)
		require.ErrorContains(t, err, "mine at timer of 1970-01-01T00:02:00Z: panic: Timers.Set: ")
		require.Error(t, d.Close())
	}
}

// A timer for a time that has passed waits for the next watermark; what a timer sets for
// its own time fires with it, once; and what is set at the end of the stream does not fire.
func TestTimesOfOwnTimers(t *testing.T) {
	c, left, _ := newCall()
	out := streamtest.Collect(c.left.EventTime(row.when).KeyBy(row.key).Apply(made(func(c *stream.OperatorContext, x *custom) {
		timers, fired := c.Timers[string](), c.KeyedState[string, int]("fired")
		x.event = func(k stream.KeyRef[string], r row, at stream.Time) error {
			timers.Set(k, at.Add(-time.Minute))
			timers.Set(k, at.Add(-time.Minute)) // once more is no other
			timers.Set(k, at.Add(time.Minute))
			timers.Cancel(k, at.Add(time.Minute))
			timers.Cancel(k, at.Add(time.Hour)) // there is none
			return nil
		}
		x.timer = func(at stream.Timer[string], out *stream.Emitter[string]) error {
			n := fired.At(at.KeyRef)
			*n++
			out.Emit(fmt.Sprint(at.Key(), " ", at.At.Std().Unix(), " ", *n), at.At)
			timers.Set(at.KeyRef, at.At.Add(time.Duration(1-*n%2)*time.Hour)) // at once, and then in an hour
			return nil
		}
	})))
	d := streamtest.Start(t, c.p)
	left.Push(row{"a", 1, 100})
	d.Settle()
	require.Equal(t, []string{"a 40 1", "a 40 2"}, out.Take(), "with the watermark that follows the event")
	left.Push(row{"a", 2, 100})
	d.Settle()
	require.Empty(t, out.Take(), "the watermark has passed it, and stands")
	left.Push(row{"a", 3, 101})
	d.Settle()
	require.Equal(t, []string{"a 40 3", "a 40 4", "a 41 5", "a 41 6"}, out.Take())
	left.End()
	d.Settle()
	require.Equal(t, []string{"a 3640 7", "a 3641 8"}, out.Take(), "and none that these have set")
}
