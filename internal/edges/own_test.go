package edges_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/drive"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// A custom is a keyed operator of the caller's own whose parts are functions.
type custom struct {
	stream.Stateless
	event func(k stream.KeyRef[string], r row, at stream.Time) error
	timer func(t stream.Timer[string], out *stream.Emitter[string]) error
}

func (x *custom) Process(in *stream.KeyedBatch[string, row], _ *stream.Emitter[string]) error {
	for i, r := range in.All() {
		if x.event == nil {
			continue
		}
		if err := x.event(in.Ref(i), r, in.Time(i)); err != nil {
			return err
		}
	}
	return nil
}

func (x *custom) OnTimer(t stream.Timer[string], out *stream.Emitter[string]) error {
	return x.timer(t, out)
}

// made returns the operator that f makes.
func made(f func(c *stream.OperatorContext, x *custom)) stream.KeyedOperator[string, row, string] {
	return func(c *stream.OperatorContext) (stream.KeyedProcessor[string, row, string], error) {
		x := &custom{}
		f(c, x)
		return x, nil
	}
}

func one(a, _ int) int { return a }

// What an operator asks its context for and cannot have is an error that says so,
// before anything is read.
func TestContextIsAskedForTooMuch(t *testing.T) {
	for want, f := range map[string]func(c *stream.OperatorContext, x *custom){
		`mine: two parts of its state are named "limits"`: func(c *stream.OperatorContext, _ *custom) {
			c.KeyedState[string, int]("limits")
			c.State("limits", stream.ToOne(one))
		},
		`mine: KeyedState: the name is empty`: func(c *stream.OperatorContext, _ *custom) { c.KeyedState[string, int]("") },
		`mine: State: "timers" is the name of its Timers`: func(c *stream.OperatorContext, _ *custom) {
			c.State("timers", stream.ToOne(one))
		},
		`mine: Timers was called twice`:                                           func(c *stream.OperatorContext, _ *custom) { c.Timers[string](); c.Timers[string]() },
		`mine: KeyedState by a int, and the key of its input is a string`:         func(c *stream.OperatorContext, _ *custom) { c.KeyedState[int, int]("limits") },
		`mine: Timers by a int, and the key of its input is a string`:             func(c *stream.OperatorContext, _ *custom) { c.Timers[int]() },
		`mine: State "model": the Merging is zero: make one with ToOne or ToEach`: func(c *stream.OperatorContext, _ *custom) { c.State("model", stream.Merging[int]{}) },
		`stream: ToEach: the function merge is nil`:                               func(c *stream.OperatorContext, _ *custom) { c.State("model", stream.ToEach[int](nil)) },
		`mine: KeyedState is asked for while the operator makes its processor, and not later`: func(c *stream.OperatorContext, x *custom) {
			x.event = func(stream.KeyRef[string], row, stream.Time) error { c.KeyedState[string, int]("late"); return nil }
		},
	} {
		c, left, _ := newCall()
		streamtest.Collect(c.left.KeyBy(row.key).Apply(made(f), stream.Name("mine")))
		left.Push(rows...)
		left.End()
		c.src.End()
		require.ErrorContains(t, settled(c), want)
	}
}

// settled runs a pipeline until nothing is left to do.
func settled(c *call) error {
	d, err := drive.New(c.p, 1, 512, time.Now, nil)
	if err != nil {
		return err
	}
	if err := d.Settle(); err != nil {
		return err
	}
	return d.Close()
}

// What an operator makes has to be something that can do what was asked for.
func TestOperatorMakesTooLittle(t *testing.T) {
	type op = stream.KeyedOperator[string, row, string]
	for want, x := range map[string]struct {
		op   op
		opts []stream.Option
	}{
		"stream: mine: the operator made no processor: it is nil, and so is the error": {
			op: func(*stream.OperatorContext) (stream.KeyedProcessor[string, row, string], error) { return nil, nil },
		},
		"stream: mine: it asked for Timers, and edges_test.deaf has no method OnTimer(stream.Timer[string], *stream.Emitter[string]) error for them to call": {
			op: func(c *stream.OperatorContext) (stream.KeyedProcessor[string, row, string], error) {
				c.Timers[string]()
				return deaf{}, nil
			},
		},
		"stream: mine: TimeToLive means nothing to it, as it has no KeyedState": {
			op:   func(*stream.OperatorContext) (stream.KeyedProcessor[string, row, string], error) { return deaf{}, nil },
			opts: []stream.Option{stream.TimeToLive(time.Minute)},
		},
		"stream: mine: no": {
			op: func(*stream.OperatorContext) (stream.KeyedProcessor[string, row, string], error) {
				return nil, errors.New("no")
			},
		},
	} {
		c, left, _ := newCall()
		streamtest.Collect(c.left.KeyBy(row.key).Apply(x.op, append(x.opts, stream.Name("mine"))...))
		left.End()
		require.ErrorContains(t, settled(c), want)
	}
}

// deaf has no OnTimer.
type deaf struct{ stream.Stateless }

func (deaf) Process(*stream.KeyedBatch[string, row], *stream.Emitter[string]) error { return nil }

// Without a key there is neither state by key nor a timer.
func TestUnkeyedOperatorHasNoKeyedState(t *testing.T) {
	for want, f := range map[string]func(c *stream.OperatorContext){
		"mine: KeyedState in an operator whose input has no key: State is for what it holds": func(c *stream.OperatorContext) { c.KeyedState[string, int]("limits") },
		"mine: Timers in an operator whose input has no key":                                 func(c *stream.OperatorContext) { c.Timers[string]() },
	} {
		c, left, _ := newCall()
		streamtest.Collect(c.left.Apply(func(x *stream.OperatorContext) (stream.Processor[row, string], error) {
			f(x)
			return echo{c: c}, nil
		}, stream.Name("mine")))
		left.End()
		require.ErrorContains(t, settled(c), want)
	}
}

// A value is held for as long as events use it; what only looks does not prolong its
// life, and a checkpoint has it with the time that is left.
func TestTimeToLiveOfKeyedState(t *testing.T) {
	store := checkpoint.Memory()
	for life := range 2 {
		c, left, _ := newCall()
		out := streamtest.Collect(c.left.EventTime(row.when).KeyBy(row.key).Apply(made(func(c *stream.OperatorContext, x *custom) {
			sums, timers := c.KeyedState[string, int]("sums"), c.Timers[string]()
			x.event = func(k stream.KeyRef[string], r row, at stream.Time) error {
				*sums.At(k) += r.N
				timers.Set(k, at.Add(50*time.Second))
				return nil
			}
			x.timer = func(at stream.Timer[string], out *stream.Emitter[string]) error {
				n, ok := sums.Get(at.KeyRef)
				out.Emit(fmt.Sprint(at.Key(), n, ok, sums.Len()), at.At)
				return nil
			}
		}), stream.TimeToLive(time.Minute)))
		d := streamtest.Start(t, c.p, streamtest.Checkpoints(store), streamtest.Shards(1+life))
		left.Push(row{"a", 1, 0}, row{"b", 2, 20})
		d.Settle()
		left.Push(row{"c", 0, 55})
		d.Settle()
		if life == 0 {
			require.Equal(t, []string{"a1 true 3"}, out.Take())
			d.Checkpoint()
			d.Kill()
			continue
		}
		left.Push(row{"c", 0, 65})
		d.Settle()
		stats, _ := c.p.Stats().Operator("apply")
		require.EqualValues(t, 2, stats.Keys, "a is forgotten: its timer has looked, and that is no event")
		left.Push(row{"c", 0, 79})
		d.Settle()
		require.Equal(t, []string{"b2 true 2"}, out.Take())
		left.Push(row{"b", 5, 80})
		d.Settle()
		left.End()
		d.Settle()
		require.Contains(t, out.Take(), "b5 true 2", "80 is a minute behind 20")
	}
}
