package lifecycle_test

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// pace is a function of the user's that takes its time, and knows since when
// it must not be called.
type pace struct {
	began, until time.Time
	t            *testing.T
}

func (p *pace) call() {
	if time.Now().After(p.until) {
		p.t.Errorf("a call begins %v after the run began", time.Since(p.began))
	}
	time.Sleep(50 * ms) // of the bubble
}

func (p *pace) same(i int64) int64   { p.call(); return i }
func (p *pace) yes(int64) bool       { p.call(); return true }
func (p *pace) at(i int64) time.Time { p.call(); return at(i) }
func (p *pace) write(context.Context, stream.Event[int64]) error {
	p.call()
	return nil
}

// A paced value takes its time to be encoded, or decoded.
type paced struct{ P *pace }

func (v paced) MarshalText() ([]byte, error) { v.P.call(); return []byte("x"), nil }

func (p *pace) text(int64) paced { return paced{p} }

// Write is that of a slow terminal.
func (p *pace) Write(b []byte) (int, error) { p.call(); return len(b), nil }

// slow are pipelines with a slow function each.
func (p *pace) slow() map[string]func(stream.Stream[int64]) {
	try := func(_ context.Context, i int64) (int64, error) { return p.same(i), nil }
	keyed := func(s stream.Stream[int64]) stream.Keyed[int64, int64] { return s.EventTime(at).KeyBy(key) }
	return map[string]func(stream.Stream[int64]){
		"map":                    func(s stream.Stream[int64]) { discard(s.Map(p.same)) },
		"map behind a filter":    func(s stream.Stream[int64]) { discard(s.Filter(func(i int64) bool { return i%2 == 0 }).Map(p.same)) },
		"try":                    func(s stream.Stream[int64]) { discard(s.TryMap(try, stream.SkipFailures())) },
		"filter":                 func(s stream.Stream[int64]) { discard(s.Filter(p.yes, stream.SkipFailures())) },
		"filter behind a filter": func(s stream.Stream[int64]) { discard(s.Filter(func(i int64) bool { return i%2 == 0 }).Filter(p.yes)) },
		"filtermap": func(s stream.Stream[int64]) {
			discard(s.FilterMap(func(i int64) (int64, bool) { return p.same(i), true }))
		},
		"flatmap": func(s stream.Stream[int64]) { discard(s.FlatMap(func(i int64, emit func(int64)) { emit(p.same(i)) })) },
		"split": func(s stream.Stream[int64]) {
			a, b := s.Split(p.yes)
			discard(a)
			discard(b)
		},
		"tap":        func(s stream.Stream[int64]) { discard(s.Tap(func(i int64) { p.same(i) })) },
		"key":        func(s stream.Stream[int64]) { discard(s.KeyBy(p.same).Running(window.Sum(key))) },
		"event time": func(s stream.Stream[int64]) { discard(s.EventTime(p.at)) },
		"enrich":     func(s stream.Stream[int64]) { discard(s.Enrich(try, stream.Concurrency(1))) },
		"enrich that fails": func(s stream.Stream[int64]) {
			discard(s.Enrich(func(_ context.Context, i int64) (int64, error) { p.call(); return 0, errors.New("no") },
				stream.Retry(3, ms), stream.SkipFailures()))
		},
		"lookup": func(s stream.Stream[int64]) {
			discard(s.KeyBy(key).Lookup(func(context.Context, int64) (int64, error) { return 1, nil }, func(i, _ int64) int64 { return p.same(i) }))
		},
		"running add": func(s stream.Stream[int64]) { discard(s.KeyBy(key).Running(window.Sum(p.same))) },
		"process": func(s stream.Stream[int64]) {
			discard(s.KeyBy(key).Process(func(_ *stream.KeyContext[int64, none, int64], i int64) error { p.call(); return nil }, nil))
		},
		"timers": func(s stream.Stream[int64]) {
			discard(keyed(s).Process(func(c *stream.KeyContext[int64, none, int64], i int64) error { c.SetTimer(at(i)); return nil },
				func(*stream.KeyContext[int64, none, int64]) error { p.call(); return nil }))
		},
		"own timers": func(s stream.Stream[int64]) { discard(ringing(s, func(stream.Timer[int64]) { p.call() })) },
		"own timers between events": func(s stream.Stream[int64]) {
			discard(ringing(s, func(stream.Timer[int64]) { p.call() }, stream.InOrder()))
		},
		"sorted events": func(s stream.Stream[int64]) { discard(keyed(s).Running(window.Sum(p.same), stream.InOrder())) },
		"interval join": func(s stream.Stream[int64]) {
			k := keyed(s)
			discard(k.IntervalJoin(k, 0, 0, stream.Inner, func(m stream.Match[int64, int64]) int64 { return p.same(1) }))
		},
		"left alone": func(s stream.Stream[int64]) {
			k := keyed(s)
			discard(k.IntervalJoin(k, 1, 1, stream.LeftOuter, func(m stream.Match[int64, int64]) int64 { return p.same(1) }))
		},
		"window join": func(s stream.Stream[int64]) {
			k := s.EventTime(at).KeyBy(func(int64) int64 { return 0 })
			discard(k.WindowJoin(k, window.Tumbling(20*ms), stream.Inner, func(m stream.Match[int64, int64]) int64 { return p.same(1) }))
		},
		"as-of join": func(s stream.Stream[int64]) {
			k := keyed(s)
			discard(k.AsOfJoin(k, stream.Inner, func(m stream.Match[int64, int64]) int64 { return p.same(1) }))
		},
		"table join": func(s stream.Stream[int64]) {
			k := keyed(s)
			discard(k.TableJoin(k, stream.LeftOuter, func(m stream.Match[int64, int64]) int64 { return p.same(1) }))
		},
		"sink.Func":       func(s stream.Stream[int64]) { s.To(sink.Func(p.write)) },
		"sink.JSONLines":  func(s stream.Stream[int64]) { s.Map(p.text).To(sink.JSONLines[paced](io.Discard)) },
		"sink that skips": func(s stream.Stream[int64]) { s.To(sink.Func(p.write), stream.SkipFailures()) },
	}
}

// After StopTimeout no function of the user's is called any more.
func TestStopTimeout(t *testing.T) {
	for name := range (&pace{}).slow() {
		for _, shards := range []int{1, 3} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					begin := time.Now()
					slow := &pace{t: t, began: begin, until: begin.Add(1210*ms - 1)}
					p := stream.New("slow")
					slow.slow()[name](p.From(source.Generate(100_000, func(i int64) int64 { return i })))
					ctx, cancel := context.WithCancel(t.Context())
					time.AfterFunc(time.Second, cancel)
					err := p.Run(ctx, stream.Shards(shards), stream.StopTimeout(210*ms))
					require.ErrorIs(t, err, context.Canceled)
					require.ErrorContains(t, err, "had not come to rest")
					assert.LessOrEqual(t, time.Since(begin), 1260*ms)
				})
			})
		}
	}
}

// Sinks and sources that call a function for each event of a batch do not call it
// for the rest of them.
func TestStopTimeoutInBatch(t *testing.T) {
	lines := fstest.MapFS{"lines": {Data: bytes.Repeat([]byte("1\n"), 1000)}}
	for name, add := range map[string]func(*stream.Pipeline, *pace){
		"table": func(p *stream.Pipeline, slow *pace) {
			p.From(source.Slice(make([]int64, 1000))).To(sink.Table[int64](slow, sink.Every(1)))
		},
		"files": func(p *stream.Pipeline, slow *pace) {
			p.From(source.Slice(make([]int64, 1000))).Map(slow.text).To(sink.Files(t.TempDir(), "x-*", codec.JSON[paced]()))
		},
		"generate": func(p *stream.Pipeline, slow *pace) { discard(p.From(source.Generate(1000, slow.same))) },
		"seq": func(p *stream.Pipeline, slow *pace) {
			discard(p.From(source.Seq(func(yield func(int64) bool) {
				for i := int64(0); yield(i); i++ {
					slow.call()
				}
			})))
		},
		"decoder": func(p *stream.Pipeline, slow *pace) {
			own := json.WithUnmarshalers(json.UnmarshalFunc(func(b []byte, v *int64) error { slow.call(); return nil }))
			discard(p.From(source.Files(lines, "lines", codec.JSON[int64](own))))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := &pace{t: t, began: time.Now(), until: time.Now().Add(1210*ms - 1)}
				p := stream.New("slow")
				add(p, slow)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				require.ErrorIs(t, p.Run(ctx, stream.Shards(1), stream.StopTimeout(210*ms)), context.Canceled)
				assert.LessOrEqual(t, time.Since(slow.began), 1260*ms)
				assert.GreaterOrEqual(t, time.Since(slow.began), time.Second)
			})
		})
	}
}

// A run that is told to stop in the middle of a watermark stops there, and what
// the next run gives is the rest.
func TestStopInsideOfWatermark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := checkpoint.Memory()
		var slow atomic.Bool
		seen := map[int64]int{}
		run := func(ctx context.Context) error {
			p := stream.New("timers")
			p.From(source.Generate(300, func(i int64) int64 { return i }, source.Rate(1000))).
				EventTime(at, stream.Disorder(time.Second)).
				KeyBy(key).Process(func(c *stream.KeyContext[int64, none, int64], i int64) error {
				c.SetTimer(at(i))
				return nil
			}, func(c *stream.KeyContext[int64, none, int64]) error {
				if slow.Load() {
					time.Sleep(50 * ms)
				}
				c.Emit(c.Time().UnixMilli())
				return nil
			}).To(sink.Func(func(_ context.Context, e stream.Event[int64]) error { seen[e.Value]++; return nil }))
			return p.Run(ctx, stream.Shards(1), stream.Checkpoints(store, 40*ms), stream.StopTimeout(200*ms))
		}
		slow.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		err := run(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotContains(t, err.Error(), "had not come to rest")
		require.LessOrEqual(t, time.Since(began), 1200*ms)
		require.NotEmpty(t, seen)
		require.Less(t, len(seen), 300)
		slow.Store(false)
		require.NoError(t, run(t.Context()))
		require.Len(t, seen, 300)
		for at, n := range seen {
			require.Equal(t, 1, n, "timer of %d", at)
		}
	})
}
