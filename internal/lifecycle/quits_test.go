package lifecycle_test

import (
	"context"
	"runtime"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// exits ends its goroutine at the 700th call or so, as t.FailNow does.
func exits(i int64) {
	if i == 700 {
		runtime.Goexit()
	}
}

// A self is a number that encodes itself.
type self int64

func (s self) MarshalBinary() ([]byte, error) {
	exits(int64(s))
	return []byte{byte(s), byte(s >> 8)}, nil
}
func (s *self) UnmarshalBinary(data []byte) error { *s = self(data[0]) + self(data[1])<<8; return nil }

type none struct{}

// quitting is an operator of the caller's own that ends its goroutine in a
// place.
type quitting struct {
	stream.Stateless
	place string
}

func (q quitting) in(place string) {
	if q.place == place {
		runtime.Goexit()
	}
}

func (q quitting) Process(b *stream.Batch[int64], out *stream.Emitter[int64]) error {
	q.in("process")
	for row, v := range b.All() {
		out.Emit(v, b.Time(row))
	}
	return nil
}

func (q quitting) Advance(stream.Time, *stream.Emitter[int64]) error { q.in("advance"); return nil }
func (q quitting) Finish(*stream.Emitter[int64]) error               { q.in("finish"); return nil }
func (q quitting) Save(w *stream.StateWriter) error                  { q.in("save"); return nil }
func (q quitting) Close() error                                      { q.in("close"); return nil }

func applied(place string) func(stream.Stream[int64]) {
	return func(s stream.Stream[int64]) {
		s.Apply(func(*stream.OperatorContext) (stream.Processor[int64, int64], error) {
			q := quitting{place: place}
			q.in("new")
			return q, nil
		}, stream.Name("here")).To(sink.Discard[int64]())
	}
}

// written is a sink that ends its goroutine in a place.
type written struct{ quitting }

func (w written) Open(*stream.SinkContext) (stream.Writer[int64], error) { w.in("open"); return w, nil }
func (w written) Write(context.Context, *stream.Batch[int64]) error      { w.in("write"); return nil }
func (w written) Flush(context.Context) error                            { w.in("flush"); return nil }

// transacted is a transactional one.
type transacted struct{ written }

func (w transacted) Open(*stream.SinkContext) (stream.Writer[int64], error) { return w, nil }
func (w transacted) OpenCommitter(*stream.SinkContext) (stream.Committer, error) {
	w.in("open committer")
	return committer{w}, nil
}
func (w transacted) Prepare(context.Context) ([]byte, error) { w.in("prepare"); return []byte{1}, nil }

type committer struct{ transacted }

func (c committer) Commit(context.Context, int64, [][]byte) error { c.in("commit"); return nil }
func (c committer) Committed(context.Context) (int64, error)      { c.in("committed"); return 0, nil }
func (c committer) Abort(context.Context, int64) error            { c.in("abort"); return nil }

// A ringer is an operator of the caller's own that sets a timer for the time of each
// event, and puts out the time when it fires.
type ringer struct {
	timers *stream.Timers[int64]
	ring   func(stream.Timer[int64])
}

func (r ringer) Process(b *stream.KeyedBatch[int64, int64], _ *stream.Emitter[int64]) error {
	for row := range b.All() {
		r.timers.Set(b.Ref(row), b.Time(row))
	}
	return nil
}

func (r ringer) ProcessLeft(b *stream.KeyedBatch[int64, int64], out *stream.Emitter[int64]) error {
	return r.Process(b, out)
}

func (r ringer) ProcessRight(b *stream.KeyedBatch[int64, int64], out *stream.Emitter[int64]) error {
	return r.Process(b, out)
}

func (r ringer) OnTimer(t stream.Timer[int64], out *stream.Emitter[int64]) error {
	r.ring(t)
	out.Emit(t.At.Std().UnixMilli(), t.At)
	return nil
}

// newRinging makes ringers, as processors of a type.
func newRinging[P any](ring func(stream.Timer[int64])) func(*stream.OperatorContext) (P, error) {
	return func(c *stream.OperatorContext) (P, error) { return any(ringer{c.Timers[int64](), ring}).(P), nil }
}

func ringing(s stream.Stream[int64], ring func(stream.Timer[int64]), opts ...stream.Option) stream.Stream[int64] {
	return s.EventTime(at).KeyBy(key).Apply(newRinging[stream.KeyedProcessor[int64, int64, int64]](ring), opts...)
}

func at(i int64) time.Time { return time.UnixMilli(i) }
func key(i int64) int64    { return i % 7 }

func discard[T any](s stream.Stream[T]) { s.To(sink.Discard[T]()) }

var here = stream.Name("here")

// quits are pipelines, each with a function that ends its goroutine in the
// operator "here".
var quits = map[string]func(stream.Stream[int64]){
	"map": func(s stream.Stream[int64]) { discard(s.Map(func(i int64) int64 { exits(i); return i }, here)) },
	"try": func(s stream.Stream[int64]) {
		discard(s.TryMap(func(_ context.Context, i int64) (int64, error) { exits(i); return i, nil }, here, stream.SkipFailures()))
	},
	"filter": func(s stream.Stream[int64]) { discard(s.Filter(func(i int64) bool { exits(i); return true }, here)) },
	"filtermap": func(s stream.Stream[int64]) {
		discard(s.FilterMap(func(i int64) (int64, bool) { exits(i); return i, true }, here))
	},
	"flatmap": func(s stream.Stream[int64]) {
		s.FlatMap(func(i int64, emit func(int64)) {
			for range 3 {
				emit(i)
			}
			exits(i)
		}, here).Map(key).To(sink.Discard[int64]())
	},
	"split": func(s stream.Stream[int64]) {
		a, b := s.Split(func(i int64) bool { exits(i); return true }, here)
		discard(a)
		discard(b)
	},
	"enrich": func(s stream.Stream[int64]) {
		discard(s.Enrich(func(_ context.Context, i int64) (int64, error) { exits(i); return i, nil },
			here, stream.SkipFailures()))
	},
	"enrich unordered": func(s stream.Stream[int64]) {
		discard(s.Enrich(func(_ context.Context, i int64) (int64, error) { exits(i); return i, nil },
			stream.Concurrency(1), stream.Unordered(), here))
	},
	"behind unordered enrich": func(s stream.Stream[int64]) {
		discard(s.Enrich(func(_ context.Context, i int64) (int64, error) { return i, nil }, stream.Unordered()).
			Map(func(i int64) int64 { exits(i); return i }, here))
	},
	"lookup": func(s stream.Stream[int64]) {
		discard(s.KeyBy(func(i int64) int64 { return i }).Lookup(func(_ context.Context, i int64) (int64, error) { exits(i); return i, nil },
			func(a, b int64) int64 { return a }, here))
	},
	"key": func(s stream.Stream[int64]) {
		discard(s.KeyBy(func(i int64) int64 { exits(i); return i }, here).Running(window.Sum(key)))
	},
	"event time": func(s stream.Stream[int64]) {
		discard(s.EventTime(func(i int64) time.Time { exits(i); return at(i) }, here))
	},
	"add of a running aggregate": func(s stream.Stream[int64]) {
		discard(s.KeyBy(key).Running(window.Sum(func(i int64) int64 { exits(i); return i }), here))
	},
	"add of a window": func(s stream.Stream[int64]) {
		discard(s.EventTime(at).KeyBy(key).Window(window.Tumbling(time.Second)).
			Aggregate(window.Sum(func(i int64) int64 { exits(i); return i }), here))
	},
	"result of a window": func(s stream.Stream[int64]) {
		discard(s.EventTime(at).KeyBy(key).Window(window.Tumbling(time.Second)).
			Group(func(p stream.Pane[int64, []int64]) int64 { exits(700); return 1 }, here))
	},
	"process": func(s stream.Stream[int64]) {
		discard(s.KeyBy(key).Process(func(c *stream.KeyContext[int64, none, int64], i int64) error { exits(i); return nil }, nil, here))
	},
	"timer": func(s stream.Stream[int64]) {
		discard(s.EventTime(at).KeyBy(key).Process(func(c *stream.KeyContext[int64, none, int64], i int64) error {
			c.SetTimer(at(i))
			return nil
		}, func(c *stream.KeyContext[int64, none, int64]) error { exits(c.Time().UnixMilli()); return nil }, here))
	},
	"own timer": func(s stream.Stream[int64]) {
		discard(ringing(s, func(t stream.Timer[int64]) { exits(t.At.Std().UnixMilli()) }, here))
	},
	"own timer of two inputs": func(s stream.Stream[int64]) {
		k := s.EventTime(at).KeyBy(key)
		discard(k.Connect(k, newRinging[stream.CoProcessor[int64, int64, int64, int64]](func(t stream.Timer[int64]) { exits(t.At.Std().UnixMilli()) }), here))
	},
	"join": func(s stream.Stream[int64]) {
		k := s.EventTime(at).KeyBy(key)
		discard(k.IntervalJoin(k, 0, 0, stream.Inner, func(m stream.Match[int64, int64]) int64 { exits(m.Left); return 1 }, here))
	},
	"own: new":     applied("new"),
	"own: process": applied("process"),
	"own: finish":  applied("finish"),
	"own: close":   applied("close"),
	"sink.Func": func(s stream.Stream[int64]) {
		s.To(sink.Func(func(_ context.Context, e stream.Event[int64]) error { exits(e.Value); return nil }), here)
	},
	"sink: open":  func(s stream.Stream[int64]) { s.To(written{quitting{place: "open"}}, here) },
	"sink: write": func(s stream.Stream[int64]) { s.To(written{quitting{place: "write"}}, here) },
	"sink: flush": func(s stream.Stream[int64]) { s.To(written{quitting{place: "flush"}}, here) },
	"sink: close": func(s stream.Stream[int64]) { s.To(written{quitting{place: "close"}}, here) },
}

// saved are those that need checkpoints.
var saved = map[string]func(stream.Stream[int64]){
	"own: save":       applied("save"),
	"open committer":  func(s stream.Stream[int64]) { s.To(transacted{written{quitting{place: "open committer"}}}, here) },
	"committed":       func(s stream.Stream[int64]) { s.To(transacted{written{quitting{place: "committed"}}}, here) },
	"abort":           func(s stream.Stream[int64]) { s.To(transacted{written{quitting{place: "abort"}}}, here) },
	"prepare":         func(s stream.Stream[int64]) { s.To(transacted{written{quitting{place: "prepare"}}}, here) },
	"commit":          func(s stream.Stream[int64]) { s.To(transacted{written{quitting{place: "commit"}}}, here) },
	"close committer": func(s stream.Stream[int64]) { s.To(transacted{written{quitting{place: "close"}}}, here) },
	"codec": func(s stream.Stream[int64]) {
		discard(s.KeyBy(key).Process(func(c *stream.KeyContext[int64, self, int64], i int64) error {
			*c.State() = 700
			return nil
		}, nil, here))
	},
}
