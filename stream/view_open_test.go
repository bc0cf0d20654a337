package stream_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A stamped number is an event of the tests of open windows.
type stamped struct {
	Key, Val, At int
}

func (s stamped) key() int   { return s.Key }
func (s stamped) val() int64 { return int64(s.Val) }

// opensAt are the windows of a key that the watermark has not passed, with the sum of each, as text.
func opensAt(spec window.Spec, all []stamped, key, wm int) (text []string) {
	type opened struct {
		window.Window
		sum int
	}
	var open []opened
	at := func(s stamped) window.Time { return window.Time(s.At) * window.Time(time.Second) }
	add := func(w window.Window, s stamped) {
		for i := range open {
			if open[i].Window == w {
				open[i].sum += s.Val
				return
			}
		}
		open = append(open, opened{w, s.Val})
	}
	var mine []stamped
	for _, s := range all {
		if s.Key == key {
			mine = append(mine, s)
		}
	}
	switch spec.Kind() {
	case window.KindSession:
		slices.SortStableFunc(mine, func(a, b stamped) int { return a.At - b.At })
		for _, s := range mine {
			if n := len(open); n > 0 && at(s) < open[n-1].End {
				open[n-1].End = at(s).Add(spec.Gap())
				open[n-1].sum += s.Val
			} else {
				open = append(open, opened{window.Window{Start: at(s), End: at(s).Add(spec.Gap())}, s.Val})
			}
		}
	case window.KindCount:
		mine = mine[len(mine)/spec.N()*spec.N():]
		w := opened{Window: window.Window{Start: window.MaxTime, End: window.MinTime}}
		for _, s := range mine {
			w.Start, w.End, w.sum = min(w.Start, at(s)), max(w.End, at(s)+1), w.sum+s.Val
		}
		if len(mine) == 0 {
			return nil
		}
		return []string{fmt.Sprint(w.Start.Std().UTC(), w.End.Std().UTC(), " ", w.sum)} // no time closes it
	default:
		for _, s := range mine {
			for w := range spec.Windows(at(s)) {
				add(w, s)
			}
		}
	}
	slices.SortFunc(open, func(a, b opened) int {
		switch {
		case a.End < b.End:
			return -1
		case a.End > b.End:
			return 1
		}
		return 0
	})
	for _, w := range open {
		if w.End > window.Time(wm)*window.Time(time.Second) {
			text = append(text, fmt.Sprint(w.Start.Std().UTC(), w.End.Std().UTC(), " ", w.sum))
		}
	}
	return text
}

func shownPanes[R any](all []stream.Pane[int, R], sum func(R) int64) (text []string) {
	for _, p := range all {
		text = append(text, fmt.Sprint(p.Start, p.End, " ", sum(p.Value)))
	}
	return text
}

var openSpecs = map[string]window.Spec{
	"tumbling":                window.Tumbling(10 * time.Second),
	"tumbling, late":          window.Tumbling(10*time.Second, window.Lateness(30*time.Second)),
	"sliding":                 window.Sliding(25*time.Second, 10*time.Second),
	"sliding, late":           window.Sliding(30*time.Second, 10*time.Second, window.Lateness(15*time.Second)),
	"sliding by its size":     window.Sliding(10*time.Second, 10*time.Second),
	"cumulating":              window.Cumulating(time.Minute, 10*time.Second),
	"calendar":                window.Calendar(window.Day, time.UTC),
	"global":                  window.Global(),
	"sessions":                window.Session(7 * time.Second),
	"by count":                window.ByCount(4),
	"early panes":             window.Sliding(30*time.Second, 10*time.Second, window.EarlyCount(3)),
	"sessions of early panes": window.Session(7*time.Second, window.EarlyCount(2)),
}

// What a View shows of windows is what their events say that the watermark has not passed: now, as of a checkpoint, and behind a restart on
// another number of shards.
func TestViewOfWindows(t *testing.T) {
	for name, spec := range openSpecs {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(3) {
				rng := rand.New(rand.NewPCG(seed, 5))
				store := checkpoint.Memory()
				in := streamtest.NewInput[stamped]()
				var sums stream.View[int, []stream.Pane[int, int64]]
				var lists stream.View[int, []stream.Pane[int, []stamped]]
				begin := func(shards int) *streamtest.Driver {
					sums, lists = stream.View[int, []stream.Pane[int, int64]]{}, stream.View[int, []stream.Pane[int, []stamped]]{}
					p := stream.New("windows")
					w := p.From(in).KeyBy(stamped.key).Window(spec)
					w.Aggregate(window.Sum(stamped.val), stream.Expose(&sums)).To(sink.Discard[stream.Pane[int, int64]]())
					w.Aggregate(window.Collect[stamped](), stream.Expose(&lists)).To(sink.Discard[stream.Pane[int, []stamped]]())
					return streamtest.Start(t, p, streamtest.Shards(shards), streamtest.Checkpoints(store))
				}
				d := begin(1 + int(seed))
				var all []stamped
				wm := -100
				in.AdvanceWatermark(time.Unix(int64(wm), 0))
				d.Settle()
				check := func() {
					t.Helper()
					keys := 0
					for key := range 5 {
						want := opensAt(spec, all, key, wm)
						keys += min(1, len(want))
						got, known, err := sums.Get(t.Context(), key)
						require.NoError(t, err)
						require.Equal(t, len(want) > 0, known)
						require.Equal(t, want, shownPanes(got, func(n int64) int64 { return n }))
						list, _, err := lists.Get(t.Context(), key)
						require.NoError(t, err)
						require.Equal(t, want, shownPanes(list, func(all []stamped) (n int64) {
							for i := range all {
								n += all[i].val()
								all[i] = stamped{} // a copy
							}
							return n
						}))
					}
					for kv, err := range sums.All(t.Context()) {
						require.NoError(t, err)
						require.Equal(t, opensAt(spec, all, kv.Key, wm), shownPanes(kv.Value, func(n int64) int64 { return n }))
						keys--
					}
					require.Zero(t, keys, "each key comes once")
				}
				for n := range 60 {
					switch late := strings.HasSuffix(name, "late"); {
					case rng.IntN(8) == 0:
						wm += rng.IntN(15)
						in.AdvanceWatermark(time.Unix(int64(wm), 0))
					default:
						s := stamped{rng.IntN(5), rng.IntN(100), wm + rng.IntN(40)}
						if late && rng.IntN(4) == 0 {
							s.At = wm - rng.IntN(40)
						}
						all = append(all, s)
						in.PushAt(time.Unix(int64(s.At), 0), s)
					}
					d.Settle()
					check()
					if n%20 == 13 {
						d.Checkpoint()
						s, err := sums.AsOf(store, 0)
						require.NoError(t, err)
						l, err := lists.AsOf(store, 0)
						require.NoError(t, err)
						for key := range 5 {
							want := opensAt(spec, all, key, wm)
							got, known, err := s.Get(key)
							require.NoError(t, err)
							require.Equal(t, len(want) > 0, known)
							require.Equal(t, want, shownPanes(got, func(n int64) int64 { return n }))
							list, _, err := l.Get(key)
							require.NoError(t, err)
							require.Len(t, list, len(want))
						}
						d.Kill()
						d = begin(1 + rng.IntN(3))
						d.Settle()
						check()
					}
				}
				d.Kill()
			}
		})
	}
}

// A Group has no View: its function would be called for windows that go on. One of other types is refused, too.
func TestViewOfWindowsRefused(t *testing.T) {
	windowed := func() stream.Windowed[int, stamped] {
		return stream.New("p").From(source.Slice([]stamped{})).KeyBy(stamped.key).Window(window.Tumbling(time.Second))
	}
	require.PanicsWithValue(t, `stream: aggregate: Expose: the View is a stream.View[int,int64], and the operator holds a []stream.Pane[int,int64] by int`,
		func() { windowed().Aggregate(window.Sum(stamped.val), stream.Expose(new(stream.View[int, int64]))) })
	message := func(f func()) (text string) {
		defer func() { text = fmt.Sprint(recover()) }()
		f()
		return ""
	}
	require.Contains(t, message(func() {
		windowed().Group(func(p stream.Pane[int, []stamped]) int { return 0 }, stream.Expose(new(stream.View[int, []stream.Pane[int, int]])))
	}), "Expose means nothing to it")
	var v stream.View[int, []stream.Pane[int, int64]]
	w := windowed()
	w.Count(stream.Expose(&v))
	require.Contains(t, message(func() { w.Count(stream.Expose(&v)) }), "expose the same View")
}

// A result that panics is an error for who asks, and the run goes on.
func TestViewOfWindowsFails(t *testing.T) {
	var v stream.View[string, []stream.Pane[string, int]]
	in := streamtest.NewInput[move]()
	p := stream.New("windows")
	out := streamtest.Collect(p.From(in).KeyBy(move.product).Window(window.Tumbling(time.Minute)).Aggregate(sour{}, stream.Expose(&v), stream.SkipFailures()))
	d := streamtest.Start(t, p)
	in.PushAt(time.Unix(1, 0), move{"tea", 3})
	d.Settle()
	_, _, err := v.Get(t.Context(), "tea")
	require.ErrorContains(t, err, "stream: aggregate: view: ")
	require.ErrorContains(t, err, "no result")
	in.End()
	d.Settle()
	require.Empty(t, out.Take())
}

// What has each shop sold in the hour that goes on?
func ExampleExpose_windows() {
	var hours stream.View[string, []stream.Pane[string, int64]]
	sold := make(chan Order, len(orders))
	p := stream.New("hours")
	p.From(source.Chan(sold)).EventTime(Order.paidAt, stream.Disorder(time.Minute)).KeyBy(Order.shop).
		Window(window.Tumbling(time.Hour)).
		Aggregate(window.Sum(Order.cents), stream.Expose(&hours)).
		To(sink.Discard[stream.Pane[string, int64]]())
	ended := make(chan error)
	go func() { ended <- p.Run(context.Background()) }()
	for _, o := range orders {
		sold <- o
	}
	for {
		open, known, err := hours.Get(context.Background(), "oslo")
		if err == nil && known && open[0].Value == 6500 { // all three orders have come
			fmt.Println(open[0].Start.Format("15:04"), "to", open[0].End.Format("15:04"), "so far:", open[0].Value)
			break
		}
		time.Sleep(time.Millisecond)
	}
	close(sold)
	fmt.Println(<-ended)
	// Output:
	// 09:00 to 10:00 so far: 6500
	// <nil>
}
