package tables_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A tick is an event that has its time in itself, so that the pipeline's own watermark moves within batches.
type tick struct{ Key, At int }

func (x tick) key() int      { return x.Key }
func (x tick) at() time.Time { return time.Unix(int64(x.At), 0) }

// An ofWindow is how many keys have a window.
type ofWindow struct {
	Window window.Window
	Keys   int64
}

// Each event that was not too late is in one row in the end: also where early panes come before the first watermark, as a partition is
// silent at first, where sessions grow before the watermark has passed the table, and where stamps make the later pane the earlier one.
func FuzzPaneTableBooks(f *testing.F) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 8 {
		data := make([]byte, 60)
		for i := range data {
			data[i] = byte(rng.UintN(256))
		}
		f.Add(data)
	}
	f.Add([]byte(nil))
	second := time.Second
	specs := []window.Spec{
		window.Session(4*second, window.EarlyCount(1)),
		window.Session(4*second, window.EarlyCount(3), window.Lateness(15*second)),
		window.Session(4*second, window.EarlyCount(1), window.Lateness(15*second), window.Stamp(window.Earliest)),
		window.Session(4*second, window.Lateness(15*second), window.Stamp(window.Earliest)),
		window.Session(4*second, window.Lateness(15*second), window.Stamp(window.Latest)),
		window.Tumbling(10*second, window.Lateness(20*second), window.EarlyCount(1), window.Stamp(window.Earliest)),
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for i, spec := range specs {
			for _, way := range []struct{ shards, size, chunk, silent int }{{1, 1, 1, 0}, {1, 2, 3, len(data) / 2}, {3, 1, 7, 0}, {3, 5, 4, len(data) / 3}} {
				paneBooks(t, fmt.Sprint(i, " ", spec, way), data, spec, way.shards, way.size, way.chunk, way.silent)
			}
		}
	})
}

func paneBooks(t *testing.T, what string, data []byte, spec window.Spec, shards, size, chunk, silent int) {
	p, in := stream.New("books"), streamtest.NewInput[tick](2)
	table := stream.PaneTable(p.From(in).EventTime(tick.at, stream.Disorder(2*time.Second)).KeyBy(tick.key).Window(spec).Count())
	rows := streamtest.Collect(table.MapValues(func(w windowKey, n int64) windowRow { return windowRow{w, n} }).Changes())
	sum := streamtest.Collect(table.GroupBy(func(windowKey, int64) int { return 0 }).
		Aggregate(window.Sum(func(n int64) int64 { return n })).Changes())
	windows := streamtest.Collect(table.GroupBy(func(w windowKey, _ int64) window.Window { return window.Window{Start: w.Start, End: w.End} }).
		Aggregate(window.Count[int64]()).
		MapValues(func(w window.Window, n int64) ofWindow { return ofWindow{w, n} }).Changes())
	d := streamtest.Start(t, p, streamtest.Shards(shards), streamtest.BatchSize(size))
	for i, x := range data {
		part := 0
		if i >= silent {
			part = i % 2
		}
		in.PushTo(part, tick{int(x) % 2, i + int(x/2)%18 - 9})
		if i%chunk == chunk-1 {
			d.Settle()
		}
	}
	in.End()
	d.Settle()
	held, at := map[windowKey]int64{}, map[windowKey]stream.Time{}
	for _, e := range rows.TakeEvents() {
		c := e.Value
		w := c.Row().Window
		last, seen := at[w]
		require.True(t, !seen || e.Time > last, "%s: changes of %v come in order", what, w)
		if at[w], held[w] = e.Time, c.After.N; c.Kind == stream.Delete {
			delete(held, w)
		}
	}
	total, summed := int64(0), int64(0)
	for _, n := range held {
		total += n
	}
	for _, c := range sum.Take() {
		summed = c.After
	}
	keys := map[window.Window]int64{} // that have each window
	for w := range held {
		keys[window.Window{Start: w.Start, End: w.End}]++
	}
	byWindow := map[window.Window]int64{}
	for _, c := range windows.Take() {
		if byWindow[c.Row().Window] = c.After.Keys; c.Kind == stream.Delete {
			delete(byWindow, c.Row().Window)
		}
	}
	require.Equal(t, keys, byWindow, "%s: rows grouped by their windows", what)
	stats, ok := p.Stats().Operator("aggregate")
	require.True(t, ok)
	require.Equal(t, int64(len(data))-stats.TooLate, total, "%s: %v", what, held)
	require.Equal(t, total, summed, what)
	d.Kill()
}

// A row of an early pane that came before the first watermark lives from that on.
func TestLifeOfEarlyPanes(t *testing.T) {
	for name, spec := range map[string]window.Spec{
		"once":  window.Tumbling(time.Hour, window.Once(2)),
		"early": window.Tumbling(time.Hour, window.EarlyCount(1)),
	} {
		p, in := stream.New("life"), streamtest.NewInput[tick]()
		panes := p.From(in).EventTime(tick.at).KeyBy(tick.key).Window(spec).Count()
		out := streamtest.Collect(stream.PaneTable(panes, stream.TimeToLive(24*time.Hour)).Changes())
		d := streamtest.Start(t, p)
		held := func() (rows int) {
			d.Settle()
			for _, c := range out.Take() {
				switch c.Kind {
				case stream.Insert:
					rows++
				case stream.Delete:
					rows--
				}
			}
			return rows
		}
		begin := int(time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC).Unix())
		in.Push(tick{1, begin}, tick{1, begin + 60}, tick{1, begin + 120})
		require.Equal(t, 1, held(), name)
		in.Push(tick{2, begin + 23*3600})
		require.GreaterOrEqual(t, held(), 0, "%s: its life lasts a day", name)
		in.Push(tick{3, begin + 26*3600})
		require.LessOrEqual(t, held(), 0, "%s: its life is over", name)
	}
}
