package recovery_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// sums is a keyed operator of a user's: the sum so far of each key, given at
// each watermark that finds it changed.
type sums struct {
	of      map[int]int
	changed map[int]bool
	seen    int
}

func newSums(*stream.OperatorContext) (stream.KeyedProcessor[int, tick, string], error) {
	return &sums{of: map[int]int{}, changed: map[int]bool{}}, nil
}

func (s *sums) Process(in *stream.KeyedBatch[int, tick], _ *stream.Emitter[string]) error {
	for row, e := range in.All() {
		k := in.Key(row)
		s.of[k] += e.Val
		s.changed[k] = true
		s.seen++
	}
	return nil
}

func (s *sums) Advance(wm stream.Time, out *stream.Emitter[string]) error {
	for k := range s.changed {
		out.Emit(fmt.Sprint(k, " ", s.of[k]), wm-1)
	}
	clear(s.changed)
	return nil
}

func (s *sums) Save(w *stream.StateWriter) error {
	if err := w.PutKeyed("of", maps.All(s.of)); err != nil {
		return err
	}
	return w.PutKeyed("changed", maps.All(s.changed))
}

func (s *sums) Restore(r *stream.StateReader) error {
	of, err := r.Keyed[int, int]("of")
	if err != nil {
		return err
	}
	for _, kv := range of {
		s.of[kv.Key] = kv.Value
	}
	changed, err := r.Keyed[int, bool]("changed")
	for _, kv := range changed {
		s.changed[kv.Key] = kv.Value
	}
	return err
}

// longest is an operator of a user's without keys: the highest value of the
// whole stream, given at its end.
type longest struct{ high int }

func (l *longest) Process(in *stream.Batch[tick], _ *stream.Emitter[int]) error {
	for _, e := range in.All() {
		l.high = max(l.high, e.ID)
	}
	return nil
}

func (l *longest) Finish(out *stream.Emitter[int]) error {
	out.Emit(l.high, 0)
	return nil
}

func (l *longest) Save(w *stream.StateWriter) error { return w.Put("high", l.high) }

func (l *longest) Restore(r *stream.StateReader) error {
	all, err := r.Get[int]("high")
	for _, h := range all {
		l.high = max(l.high, h)
	}
	return err
}

// A tallier has what the library holds: sums by key, timers of both kinds, and how much
// it has seen. It may have two inputs.
type tallier struct {
	tallies *stream.KeyedState[int, tally]
	timers  *stream.Timers[int]
	seen    *stream.State[int]
	now     func() time.Time
}

func newTallier[P any](c *stream.OperatorContext) (P, error) {
	return any(&tallier{c.KeyedState[int, tally]("tallies"), c.Timers[int](), c.State("seen", stream.ToOne(func(a, b int) int { return a + b })), c.Now}).(P), nil
}

func (x *tallier) Process(in *stream.KeyedBatch[int, tick], out *stream.Emitter[string]) error {
	for row, e := range in.All() {
		k := in.Ref(row)
		*x.seen.At() += e.Val
		x.tallies.At(k).Sum += e.Val
		x.timers.Set(k, in.Time(row).Add(7*time.Second))
		x.timers.Cancel(k, in.Time(row).Add(9*time.Second))
		x.timers.SetClock(k, x.now().Add(5*time.Second))
		out.From(&in.Batch, row, fmt.Sprint("event ", e.ID, *x.tallies.At(k)))
	}
	return nil
}

func (x *tallier) ProcessLeft(in *stream.KeyedBatch[int, tick], out *stream.Emitter[string]) error {
	return x.Process(in, out)
}

func (x *tallier) ProcessRight(in *stream.KeyedBatch[int, tick], out *stream.Emitter[string]) error {
	return x.Process(in, out)
}

func (x *tallier) OnTimer(t stream.Timer[int], out *stream.Emitter[string]) error {
	s := x.tallies.At(t.KeyRef)
	s.Timers++
	out.Emit(fmt.Sprint("timer ", t.Key(), t.OnClock, *s), t.At)
	if s.Timers%5 == 0 {
		x.tallies.Delete(t.KeyRef)
	}
	return nil
}

func TestOperatorsOfUsers(t *testing.T) {
	type keyed = stream.KeyedProcessor[int, tick, string]
	for name, opts := range map[string][]stream.Option{
		"held": nil, "held, in order": {stream.InOrder()}, "held, time to live": {stream.TimeToLive(15 * time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			law(t, func(left, _ stream.Stream[tick]) []streamtest.Drained {
				return collected(left.KeyBy(tick.key).Apply(newTallier[keyed], opts...))
			})
		})
	}
	t.Run("held, two inputs", func(t *testing.T) {
		law(t, func(left, right stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).Connect(right.KeyBy(tick.key), newTallier[stream.CoProcessor[int, tick, tick, string]]))
		})
	})
	t.Run("keyed", func(t *testing.T) {
		law(t, func(left, _ stream.Stream[tick]) []streamtest.Drained {
			return collected(left.KeyBy(tick.key).Apply(newSums))
		})
	})
	t.Run("unkeyed", func(t *testing.T) {
		law(t, func(_, right stream.Stream[tick]) []streamtest.Drained {
			return collected(right.Apply(func(*stream.OperatorContext) (stream.Processor[tick, int], error) {
				return &longest{}, nil
			}))
		})
	})
}
