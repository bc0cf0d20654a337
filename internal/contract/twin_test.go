package contract_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
)

// A deed is an event that says what is to be done with the state and the timers of its
// key.
type deed struct {
	ID, Key, What, By int
	At                int64
}

func (d deed) key() int        { return d.Key }
func (d deed) time() time.Time { return time.Unix(d.At, 0) }

// A turn is what a function of Process, and an operator of one's own, can do for the
// key at hand.
type turn struct {
	key                   int
	at                    stream.Time
	clock                 bool
	now                   time.Time
	state                 *int
	clear                 func()
	set, cancel           func(stream.Time)
	setClock, cancelClock func(time.Time)
	emit                  func(string)
}

func (t turn) do(d deed) error {
	by := time.Duration(d.By) * time.Second
	*t.state += d.By
	t.emit(fmt.Sprint("event ", d.ID, " finds ", *t.state))
	switch d.What {
	case 0:
		t.set(t.at.Add(by))
	case 1:
		t.set(t.at.Add(-by))
	case 2:
		t.cancel(t.at.Add(by))
	case 3:
		t.setClock(t.now.Add(by))
	case 4:
		t.cancelClock(t.now.Add(by))
	case 5:
		t.set(t.at)
		t.clear()
	case 6:
		t.set(t.at.Add(by))
		return errors.New("refused")
	}
	return nil
}

func (t turn) fire() error {
	*t.state++
	t.emit(fmt.Sprint("timer of ", t.at, t.clock, " finds ", *t.state))
	switch *t.state % 7 {
	case 1:
		t.set(t.at) // which fires at once
	case 3:
		t.set(t.at.Add(4 * time.Second))
		t.setClock(t.now.Add(2 * time.Second))
	case 5:
		t.clear()
	}
	return nil
}

// processed does the deeds by Process.
func processed(deeds stream.Keyed[int, deed], opts ...stream.Option) stream.Stream[string] {
	turnOf := func(c *stream.KeyContext[int, int, string]) turn {
		at := stream.Time(c.Time().UnixNano())
		return turn{c.Key(), at, c.OnClock(), c.Now(), c.State(), c.Clear,
			func(at stream.Time) { c.SetTimer(at.Std()) }, func(at stream.Time) { c.CancelTimer(at.Std()) },
			c.SetClockTimer, c.CancelClockTimer, func(s string) { c.Emit(fmt.Sprint(c.Key(), " ", s)) }}
	}
	return deeds.Process(func(c *stream.KeyContext[int, int, string], d deed) error { return turnOf(c).do(d) },
		func(c *stream.KeyContext[int, int, string]) error { return turnOf(c).fire() }, append(opts, stream.Name("process"))...)
}

// doer does them as an operator of one's own.
type doer struct {
	c      *stream.OperatorContext
	state  *stream.KeyedState[int, int]
	timers *stream.Timers[int]
}

func newDoer(c *stream.OperatorContext) (stream.KeyedProcessor[int, deed, string], error) {
	return &doer{c, c.KeyedState[int, int]("state"), c.Timers[int]()}, nil
}

func (x *doer) turnOf(k stream.KeyRef[int], at stream.Time, clock bool, emit func(string)) turn {
	return turn{k.Key(), at, clock, x.c.Now(), x.state.At(k), func() { x.state.Delete(k) },
		func(at stream.Time) { x.timers.Set(k, at) }, func(at stream.Time) { x.timers.Cancel(k, at) },
		func(at time.Time) { x.timers.SetClock(k, at) }, func(at time.Time) { x.timers.CancelClock(k, at) },
		func(s string) { emit(fmt.Sprint(k.Key(), " ", s)) }}
}

func (x *doer) Process(in *stream.KeyedBatch[int, deed], out *stream.Emitter[string]) error {
	for row, d := range in.All() {
		err := x.turnOf(in.Ref(row), in.Time(row), false, func(s string) { out.Emit(s, in.Time(row)) }).do(d)
		x.tidy(in.Ref(row))
		if err != nil {
			err = x.c.Fail(&in.Batch, row, err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *doer) OnTimer(t stream.Timer[int], out *stream.Emitter[string]) error {
	err := x.turnOf(t.KeyRef, t.At, t.OnClock, func(s string) { out.Emit(s, t.At) }).fire()
	x.tidy(t.KeyRef)
	return err
}

// tidy does what Process does: a state that is zero is none.
func (x *doer) tidy(k stream.KeyRef[int]) {
	if n, _ := x.state.Get(k); n == 0 {
		x.state.Delete(k)
	}
}

// An operator of one's own with state and timers gives what Process gives for the same
// functions, in the same order for each key: with any data, batches and shards, in
// order or not, with a time to live or not, and across restarts.
func TestTwinOfProcess(t *testing.T) {
	fired, restarts := 0, 0
	for seed := range uint64(120) {
		rng := rand.New(rand.NewPCG(seed, 7))
		opts := []stream.Option{stream.SkipFailures()}
		if rng.IntN(2) == 0 {
			opts = append(opts, stream.InOrder())
		}
		if rng.IntN(2) == 0 {
			opts = append(opts, stream.TimeToLive(time.Duration(1+rng.IntN(20))*time.Second))
		}
		store, now := checkpoint.Memory(), time.Unix(1000, 0)
		var all [2][]deed
		var in *streamtest.Input[deed]
		var theirs, ours *streamtest.Output[string]
		var d *streamtest.Driver
		start := func() {
			p := stream.New("twins")
			in = streamtest.NewInput[deed](2)
			deeds := p.From(in).EventTime(deed.time, stream.Disorder(5*time.Second)).KeyBy(deed.key)
			theirs = streamtest.Collect(processed(deeds, opts...), stream.Name("theirs"))
			ours = streamtest.Collect(deeds.Apply(newDoer, append(opts, stream.Name("own"))...), stream.Name("ours"))
			d = streamtest.Start(t, p, streamtest.Shards(1+rng.IntN(3)), streamtest.BatchSize(1+rng.IntN(9)), streamtest.At(now), streamtest.Checkpoints(store))
			for part := range all {
				in.PushTo(part, all[part]...)
			}
		}
		agree := func() {
			byKey := func(o *streamtest.Output[string]) map[string][]stream.Event[string] {
				keys := map[string][]stream.Event[string]{}
				for _, e := range o.TakeEvents() {
					var key, what string
					_, err := fmt.Sscan(e.Value, &key, &what)
					require.NoError(t, err)
					if what == "timer" {
						fired++
					}
					keys[key] = append(keys[key], e)
				}
				return keys
			}
			require.Equal(t, byKey(theirs), byKey(ours), "seed %d", seed)
		}
		start()
		clock := int64(0)
		for id := range 40 {
			clock += rng.Int64N(4)
			part := rng.IntN(2)
			e := deed{id, rng.IntN(3), rng.IntN(8), rng.IntN(12), clock - rng.Int64N(9)}
			all[part] = append(all[part], e)
			in.PushTo(part, e)
			if rng.IntN(3) == 0 {
				d.Settle()
				now = now.Add(time.Second)
				d.Advance(time.Second)
				agree()
			}
			if rng.IntN(10) == 0 {
				d.Settle()
				d.Checkpoint()
				agree()
				d.Kill()
				restarts++
				start()
			}
		}
		in.End()
		d.Settle()
		agree()
		d.Kill()
	}
	require.Greater(t, fired, 1000)
	require.Greater(t, restarts, 100)
}
