package bench

import (
	"context"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/reugn/go-streams"
	"github.com/reugn/go-streams/extension"
	"github.com/reugn/go-streams/flow"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A sale is an event of the comparison.
type sale struct {
	Shop  int64
	Cents int64
	At    time.Time
}

func (s sale) paid() bool      { return s.Cents > 0 }
func (s sale) shop() int64     { return s.Shop }
func (s sale) cents() int64    { return s.Cents }
func (s sale) time() time.Time { return s.At }

// gross adds a fifth: the map of the comparison.
func (s sale) gross() sale {
	s.Cents += s.Cents / 5
	return s
}

const shops = 100

// hour returns n sales of one hour, one in eleven of them unpaid.
func hour(n int) []sale {
	start := time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC)
	all := make([]sale, n)
	for i := range all {
		all[i] = sale{int64(i*7919) % shops, int64(i%11) * 100, start.Add(time.Duration(i) * time.Hour / time.Duration(n))}
	}
	return all
}

// total is what a run comes to: how many shops, and their sums in all.
type total struct {
	shops int
	cents int64
}

func byFreshet(t testing.TB, all []sale, shards int) (sum total) {
	p := stream.New("sales")
	p.From(source.Slice(all)).
		EventTime(sale.time).
		Filter(sale.paid).
		Map(sale.gross).
		KeyBy(sale.shop).
		Window(window.Tumbling(time.Hour)).
		Aggregate(window.Sum(sale.cents)).
		To(sink.Func(func(_ context.Context, e stream.Event[stream.Pane[int64, int64]]) error {
			sum.shops++
			sum.cents += e.Value.Value
			return nil
		}))
	require.NoError(t, p.Run(context.Background(), stream.Shards(shards)))
	return sum
}

// byGoStreams does the same with go-streams. Its tumbling window goes by the
// wall clock and loses the key, so the window is an hour of the wall clock,
// which the end of the input closes.
func byGoStreams(all []sale) (sum total) {
	in, out := make(chan any, 1024), make(chan any, 1024)
	go func() {
		defer close(in)
		for _, s := range all {
			in <- s
		}
	}()
	keyed := flow.NewKeyed(sale.shop,
		func() streams.Flow { return flow.NewTumblingWindow[sale](time.Hour) },
		func() streams.Flow {
			return flow.NewMap(func(window []sale) int64 {
				var cents int64
				for _, s := range window {
					cents += s.Cents
				}
				return cents
			}, 1)
		})
	go extension.NewChanSource(in).
		Via(flow.NewFilter(sale.paid, 1)).
		Via(flow.NewMap(sale.gross, 1)).
		Via(keyed).
		To(extension.NewChanSink(out))
	for cents := range out {
		sum.shops++
		sum.cents += cents.(int64)
	}
	return sum
}

// The budget of the ratio is 0.1: ten times as fast.
func BenchmarkAgainstGoStreams(b *testing.B) {
	all := hour(300_000)
	for _, shards := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(map[bool]string{true: "shards=1", false: "shards=all"}[shards == 1], func(b *testing.B) {
			require.Equal(b, byGoStreams(all), byFreshet(b, all, shards))
			var theirs, ours []time.Duration
			for b.Loop() {
				start := time.Now()
				byGoStreams(all)
				theirs = append(theirs, time.Since(start))
				start = time.Now()
				byFreshet(b, all, shards)
				ours = append(ours, time.Since(start))
			}
			slices.Sort(theirs)
			slices.Sort(ours)
			t, o := theirs[len(theirs)/2], ours[len(ours)/2]
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(t)/float64(len(all)), "gostreams-ns/event")
			b.ReportMetric(float64(o)/float64(len(all)), "ns/event")
			b.ReportMetric(float64(o)/float64(t), "ratio")
		})
	}
}

func TestBothComeToTheSame(t *testing.T) {
	all := hour(10_000)
	want := total{shops: shops}
	for _, s := range all {
		if s.paid() {
			want.cents += s.gross().Cents
		}
	}
	require.Equal(t, want, byGoStreams(all))
	require.Equal(t, want, byFreshet(t, all, 1))
	require.Equal(t, want, byFreshet(t, all, 2))
}
