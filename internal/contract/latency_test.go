package contract_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A pulse is an event at a second.
type pulse struct{ At, Key int64 }

func (p pulse) time() time.Time { return time.Unix(p.At, 0) }
func (p pulse) key() int64      { return p.Key }

// What time brings has the latency of what moved it: of the batch that moved the watermark, or
// none where it was the clock. It is not that of the batch which the operator saw last.
func TestLatencyOfWhatTimeBrings(t *testing.T) {
	count := func(c *stream.OperatorContext) (stream.KeyedProcessor[int64, pulse, int64], error) {
		return &reminding{timers: c.Timers[int64]()}, nil
	}
	ticking := func(c *stream.OperatorContext) (stream.Processor[pulse, int64], error) { return &striking{}, nil }
	advancing := func(c *stream.OperatorContext) (stream.Processor[pulse, int64], error) { return &advanced{}, nil }
	values := func(s stream.Stream[stream.Pane[int64, int64]]) stream.Stream[int64] {
		return s.Map(func(p stream.Pane[int64, int64]) int64 { return p.Value })
	}
	for name, build := range map[string]func(stream.Stream[pulse]) stream.Stream[int64]{
		"timers": func(s stream.Stream[pulse]) stream.Stream[int64] { return s.KeyBy(pulse.key).Apply(count) },
		"clock timers": func(s stream.Stream[pulse]) stream.Stream[int64] {
			return s.KeyBy(pulse.key).Apply(func(c *stream.OperatorContext) (stream.KeyedProcessor[int64, pulse, int64], error) {
				return &reminding{timers: c.Timers[int64](), clock: true}, nil
			})
		},
		"process by the clock": func(s stream.Stream[pulse]) stream.Stream[int64] {
			return s.KeyBy(pulse.key).Process(func(c *stream.KeyContext[int64, int64, int64], _ pulse) error {
				c.SetClockTimer(c.Now().Add(30 * time.Minute))
				return nil
			}, func(c *stream.KeyContext[int64, int64, int64]) error { c.Emit(1); return nil })
		},
		"tickers": func(s stream.Stream[pulse]) stream.Stream[int64] { return s.Apply(ticking) },
		"advance": func(s stream.Stream[pulse]) stream.Stream[int64] { return s.Apply(advancing) },
		"tumbling": func(s stream.Stream[pulse]) stream.Stream[int64] {
			return values(s.KeyBy(pulse.key).Window(window.Tumbling(5 * time.Second)).Count())
		},
		"sessions": func(s stream.Stream[pulse]) stream.Stream[int64] {
			return values(s.KeyBy(pulse.key).Window(window.Session(5 * time.Second)).Count())
		},
		"early": func(s stream.Stream[pulse]) stream.Stream[int64] {
			return values(s.KeyBy(pulse.key).Window(window.Tumbling(time.Hour, window.EarlyEvery(30*time.Minute))).Count())
		},
		"process": func(s stream.Stream[pulse]) stream.Stream[int64] {
			return s.KeyBy(pulse.key).Process(func(c *stream.KeyContext[int64, int64, int64], _ pulse) error {
				c.SetTimer(c.Time().Add(5 * time.Second))
				return nil
			}, func(c *stream.KeyContext[int64, int64, int64]) error { c.Emit(1); return nil })
		},
		"in order": func(s stream.Stream[pulse]) stream.Stream[int64] {
			return s.KeyBy(pulse.key).Running(window.Count[pulse](), stream.InOrder()).Map(func(kv stream.KeyValue[int64, int64]) int64 { return kv.Value })
		},
	} {
		for shards := 1; shards <= 2; shards++ {
			in := streamtest.NewInput[pulse]()
			p := stream.New("latency")
			build(p.From(in).EventTime(pulse.time)).To(sink.Func(func(context.Context, stream.Event[int64]) error { return nil }), stream.Name("out"))
			d := streamtest.Start(t, p, streamtest.Shards(shards))
			in.Push(pulse{1, 1}, pulse{1, 2}, pulse{1, 3}, pulse{1, 4})
			d.Settle()
			d.Advance(time.Hour) // nobody has asked for anything
			in.Push(pulse{100, 5})
			d.Settle()
			s, ok := p.Stats().Operator("out")
			require.True(t, ok)
			require.GreaterOrEqual(t, s.Latency.Count(), int64(4), "%s, %d shards", name, shards)
			require.Less(t, s.Latency.Max, time.Second, "%s, %d shards", name, shards)
		}
	}
}

// reminding puts out a number for a timer 5 s after each event.
type reminding struct {
	stream.Stateless
	timers *stream.Timers[int64]
	clock  bool // half an hour after it, by the clock
}

func (r *reminding) Process(in *stream.KeyedBatch[int64, pulse], _ *stream.Emitter[int64]) error {
	for row := range in.All() {
		if r.clock {
			r.timers.SetClock(in.Ref(row), time.Date(2000, 1, 1, 0, 30, 0, 0, time.UTC))
			continue
		}
		r.timers.Set(in.Ref(row), in.Time(row).Add(5*time.Second))
	}
	return nil
}

func (r *reminding) OnTimer(t stream.Timer[int64], out *stream.Emitter[int64]) error {
	out.Emit(1, t.At)
	return nil
}

// striking puts out what it has seen half an hour after it.
type striking struct {
	stream.Stateless
	seen int
}

func (s *striking) Process(in *stream.Batch[pulse], _ *stream.Emitter[int64]) error {
	s.seen += in.Len()
	return nil
}

func (s *striking) Wake() (time.Time, bool) {
	return time.Date(2000, 1, 1, 0, 30, 0, 0, time.UTC), s.seen > 0
}

func (s *striking) Tick(_ time.Time, out *stream.Emitter[int64]) error {
	for ; s.seen > 0; s.seen-- {
		out.Emit(1, window.MinTime)
	}
	return nil
}

// advanced puts out what it has seen when the watermark has passed 50.
type advanced struct {
	stream.Stateless
	seen int
}

func (a *advanced) Process(in *stream.Batch[pulse], _ *stream.Emitter[int64]) error {
	a.seen += in.Len()
	return nil
}

func (a *advanced) Advance(wm stream.Time, out *stream.Emitter[int64]) error {
	if wm.Std().Unix() >= 50 {
		for ; a.seen > 0; a.seen-- {
			out.Emit(1, wm)
		}
	}
	return nil
}
