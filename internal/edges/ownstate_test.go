package edges_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// own adds a keyed operator that f makes.
func own(f func(c *stream.OperatorContext, x *custom)) adding {
	return func(c *call) {
		streamtest.Collect(c.left.KeyBy(row.key).Apply(made(func(oc *stream.OperatorContext, x *custom) { f(oc, x) }), stream.Name("mine")))
	}
}

// holds is an operator with a state by key, in which each key is.
func holds[V any](name string, v V) adding {
	return own(func(c *stream.OperatorContext, x *custom) {
		s := c.KeyedState[string, V](name)
		x.event = func(k stream.KeyRef[string], _ row, _ stream.Time) error { s.Put(k, v); return nil }
	})
}

// model is an operator with a value.
func model[V any](name string, v V) adding {
	return own(func(c *stream.OperatorContext, _ *custom) {
		c.State(name, stream.ToOne(func(a, _ V) V { return a })).Put(v)
	})
}

// timed is an operator with timers.
func timed() adding {
	return own(func(c *stream.OperatorContext, x *custom) {
		timers := c.Timers[string]()
		x.event = func(k stream.KeyRef[string], _ row, at stream.Time) error {
			timers.Set(k, at.Add(time.Hour))
			return nil
		}
		x.timer = func(stream.Timer[string], *stream.Emitter[string]) error { return nil }
	})
}

// saves is an operator that saves and restores by functions.
type saves struct {
	custom
	save    func(*stream.StateWriter) error
	restore func(*stream.StateReader) error
}

func (s *saves) Save(w *stream.StateWriter) error    { return s.save(w) }
func (s *saves) Restore(r *stream.StateReader) error { return s.restore(r) }

func saving(save func(*stream.StateWriter) error, restore func(*stream.StateReader) error) adding {
	return func(c *call) {
		streamtest.Collect(c.left.KeyBy(row.key).Apply(func(*stream.OperatorContext) (stream.KeyedProcessor[string, row, string], error) {
			return &saves{custom{}, save, restore}, nil
		}, stream.Name("mine")))
	}
}

// puts saves a part by key.
func puts[V any](name string, v V) adding {
	return func(c *call) {
		streamtest.Collect(c.left.KeyBy(row.key).Apply(func(*stream.OperatorContext) (stream.KeyedProcessor[string, row, string], error) {
			seen := map[string]V{}
			x := &saves{save: func(w *stream.StateWriter) error { return w.PutKeyed(name, maps.All(seen)) }}
			x.event = func(k stream.KeyRef[string], _ row, _ stream.Time) error { seen[k.Key()] = v; return nil }
			return x, nil
		}, stream.Name("mine")))
	}
}

// asks reads one.
func asks[V any](name string) adding {
	return saving(func(w *stream.StateWriter) error { return nil }, func(r *stream.StateReader) error { _, err := r.Keyed[string, V](name); return err })
}

// A run that goes on from a checkpoint finds each part of the state by its name. One
// that is gone or of another type is an error that names the operator, the part and the way out;
// what is new begins empty.
func TestPartsOfStateAreChanged(t *testing.T) {
	type small struct{ N int8 }
	type grown struct{ N, M int }
	type other struct{ M string }
	nothing := own(func(*stream.OperatorContext, *custom) {})
	forgets := func(names ...string) adding {
		return own(func(c *stream.OperatorContext, _ *custom) { c.Forget(names...) })
	}
	both := own(func(c *stream.OperatorContext, _ *custom) {
		c.KeyedState[string, int]("limits")
		c.KeyedState[string, string]("names")
	})
	for _, x := range []struct {
		was, is adding
		why     string // "" where it is gone on from
	}{
		{holds("limits", 3), holds("limits", int64(3)), ""},
		{holds("limits", 3), both, ""},
		{both, holds("limits", 3), `it has the part "names", state by key, and the operator asks for none of that name: ask for it, or say by OperatorContext.Forget`},
		{holds("limits", 3), holds("limit", 3), `it has the part "limits", state by key, and the operator asks for none of that name`},
		{holds("limits", 3), nothing, `it has the part "limits", state by key`},
		{holds("limits", 3), forgets("limits"), ""},
		{holds("limits", 3), forgets("limit"), `it has the part "limits", state by key`},
		{holds("limits", small{}), holds("limits", grown{}), ""},
		{holds("limits", small{}), holds("limits", other{}), `its part "limits": it held values of {N int8}, and now holds {M string} (no field is left of it)`},
		{holds("limits", 3), holds("limits", "three"), `its part "limits": it held values of int64, and now holds string`},
		{holds("limits", 3), model("limits", 3), `its part "limits": it was state by key, and is now a value`},
		{model("limits", 3), holds("limits", 3), `its part "limits": it was a value, and is now state by key`},
		{model("limits", small{}), model("limits", other{}), `its part "limits": it held values of {N int8}, and now holds {M string}`},
		{model("limits", small{}), model("limits", grown{}), ""},
		{timed(), timed(), ""},
		{timed(), nothing, `it has the part "timers", timers, and the operator asks for none`},
		{timed(), forgets("timers"), ""},
		{nothing, timed(), ""},
		{puts("limits", 3), holds("limits", 3), ""},
		{puts("limits", 3), holds("limits", "three"), `its part "limits": it held values of int64, and now holds string`},
		{holds("limits", 3), asks[int]("limits"), ""},
		{holds("limits", 3), asks[string]("limits"), `its part "limits": it held values of int64, and now holds string`},
		{holds("limits", 3), asks[int]("limit"), `it has the part "limits", state by key`},
		{model("limits", 3), asks[int]("limits"), `its part "limits": it was a value, and is now state by key`},
	} {
		err := goOn(x.is, leave(t, x.was))
		if x.why == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, "stream: mine: restore the state of checkpoint 1 in state-")
		require.ErrorContains(t, err, x.why)
		require.ErrorContains(t, err, `have the state dropped by DropState("mine")`)
	}
}

// What one saves itself has names as well, each once; what cannot be saved is an error
// that names the part.
func TestPartsThatCannotBeSaved(t *testing.T) {
	put := func(f func(w *stream.StateWriter) error) adding {
		return saving(f, func(*stream.StateReader) error { return nil })
	}
	for want, add := range map[string]adding{
		`mine: save the state: two parts of its state are named "limits"`: put(func(w *stream.StateWriter) error {
			return errors.Join(w.Put("limits", 1), w.PutKeyed("limits", maps.All(map[string]int{"a": 1})))
		}),
		`mine: save the state: the name of a part of its state is empty`:                                                           put(func(w *stream.StateWriter) error { return w.Put("", 1) }),
		`mine: save the state: "timers" is the name of its Timers`:                                                                 put(func(w *stream.StateWriter) error { return w.Put("timers", 1) }),
		`mine: save the state: its part "wires": `:                                                                                 put(func(w *stream.StateWriter) error { return w.Put("wires", make(chan int)) }),
		`mine: its state "wires" cannot be saved in a checkpoint: it holds values of chan int, and codec.Binary cannot store them`: holds[chan int]("wires", nil),
		`mine: its state "model" cannot be saved in a checkpoint: it holds values of func()`:                                       model[func()]("model", nil),
		`mine: save the state: its part "torn": codec: `:                                                                           holds("torn", torn{new(int)}),
		`mine: save the state: its part "limits": PutKeyed of the key elsewhere, whose events go to another instance`: put(func(w *stream.StateWriter) error {
			return w.PutKeyed("limits", maps.All(map[string]int{"elsewhere": 1}))
		}),
	} {
		c, left, right := built(add)
		left.Push(rows...)
		left.End()
		right.End()
		c.src.End()
		err := c.p.Run(t.Context(), stream.Checkpoints(checkpoint.Memory(), time.Hour), stream.Shards(2))
		require.ErrorContains(t, err, want)
		if want == `mine: its state "wires" cannot be saved in a checkpoint: it holds values of chan int, and codec.Binary cannot store them` {
			c, left, right := built(add) // without checkpoints all can be held
			left.Push(rows...)
			left.End()
			right.End()
			require.NoError(t, settled(c))
		}
	}
}

// torn is a value that does not let itself be encoded.
type torn struct{ p *int }

func (torn) AppendBinary([]byte) ([]byte, error) { return nil, errors.New("torn") }
func (*torn) UnmarshalBinary([]byte) error       { return nil }
