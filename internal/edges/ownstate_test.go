package edges_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
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

// The values of the instances are merged for another number of them, for one or for
// each; as many as before find their own.
func TestValuesAreMerged(t *testing.T) {
	for _, each := range []bool{false, true} {
		for _, shards := range [][2]int{{3, 3}, {3, 1}, {1, 3}, {3, 2}} {
			store := checkpoint.Memory()
			run := func(shards int, f func(left *streamtest.Input[row], d *streamtest.Driver)) []string {
				c, left, _ := newCall()
				out := streamtest.Collect(c.left.KeyBy(row.key).Apply(func(x *stream.OperatorContext) (stream.KeyedProcessor[string, row, string], error) {
					merging := stream.ToOne(joined)
					if each {
						merging = stream.ToEach(joined)
					}
					l := &lister{c: x, all: x.State("all", merging)}
					l.all.Put([]string{"none"})
					return l, nil
				}, stream.Name("lister")))
				d := streamtest.Start(t, c.p, streamtest.Shards(shards), streamtest.Checkpoints(store))
				f(left, d)
				d.Kill()
				return slices.Sorted(slices.Values(out.Take()))
			}
			first := run(shards[0], func(left *streamtest.Input[row], d *streamtest.Driver) {
				left.Push(rows...)
				d.Settle()
				d.Checkpoint()
				left.End()
				d.Settle()
			})
			got := run(shards[1], func(left *streamtest.Input[row], d *streamtest.Driver) {
				left.Push(rows...)
				left.End()
				d.Settle()
			})
			var merged []string
			for _, line := range first { // by instance
				var i int
				var what string
				_, err := fmt.Sscanf(line, "%d %s", &i, &what)
				require.NoError(t, err)
				merged = append(merged, what)
			}
			var want []string
			for i := range shards[1] {
				switch {
				case shards[0] == shards[1]:
					want = append(want, first[i])
				case each || i == 0:
					want = append(want, fmt.Sprint(i, " ", slices.Concat(merged)[0]+rest(merged)))
				default:
					want = append(want, fmt.Sprint(i, " none"))
				}
			}
			require.Equal(t, want, got, "each %v, %v", each, shards)
		}
	}
}

func rest(all []string) (s string) {
	for _, x := range all[1:] {
		s += "+" + x
	}
	return s
}

func joined(a, b []string) []string { return append(a, b...) }

// lister holds the keys that it has seen, in one value, and says them at the end.
type lister struct {
	c   *stream.OperatorContext
	all *stream.State[[]string]
}

func (l *lister) Process(in *stream.KeyedBatch[string, row], _ *stream.Emitter[string]) error {
	for _, r := range in.All() {
		l.all.Put(append(l.all.Get(), r.Key))
	}
	return nil
}

func (l *lister) Finish(out *stream.Emitter[string]) error {
	text := (*l.all.At())[0]
	for _, k := range l.all.Get()[1:] {
		text += "+" + k
	}
	out.Emit(fmt.Sprint(l.c.Instance, " ", text), 0)
	return nil
}

// All yields each key once, also where the loop deletes it, and lets it be left.
func TestIterationOverKeyedState(t *testing.T) {
	c, left, _ := newCall()
	streamtest.Collect(c.left.KeyBy(row.key).Apply(made(func(c *stream.OperatorContext, x *custom) {
		s := c.KeyedState[string, int]("all")
		x.event = func(k stream.KeyRef[string], r row, _ stream.Time) error {
			s.Put(k, r.N)
			if s.Len() < 50 {
				return nil
			}
			seen := map[string]int{}
			for k, n := range s.All() {
				seen[k.Key()] = n
				if n%3 == 0 {
					s.Delete(k)
				}
			}
			require.Len(t, seen, 50)
			require.Equal(t, 33, s.Len())
			for k, n := range s.All() {
				require.Equal(t, fmt.Sprint("key ", n), k.Key())
				v, ok := s.Get(k)
				require.True(t, ok)
				require.Equal(t, n, v)
				break
			}
			return errBroken
		}
	})))
	for i := range 50 {
		left.Push(row{fmt.Sprint("key ", i), i, 0})
	}
	require.ErrorIs(t, settled(c), errBroken)
}
