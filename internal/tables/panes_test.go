package tables_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

type windowKey = stream.WindowKey[int]

type windowRow struct {
	Window windowKey
	N      int64
}

// A paned run has the panes, the table that they make, and the sum over it.
type paned struct {
	playing
	panes *streamtest.Output[stream.Pane[int, int64]]
	rows  *streamtest.Output[stream.Change[windowRow]]
	sum   *streamtest.Output[stream.Change[int64]]
}

func startPaned(t *testing.T, s scene, spec window.Spec, shards int, store checkpoint.Store) (paned, *streamtest.Driver) {
	g := paned{playing: playing{p: stream.New("panes")}}
	g.in[0] = streamtest.NewInput[change](s.parts)
	panes := g.p.From(g.in[0]).KeyBy(keyOf).Window(spec).Count()
	g.panes = streamtest.Collect(panes)
	table := stream.PaneTable(panes)
	g.rows = streamtest.Collect(table.MapValues(func(w windowKey, n int64) windowRow { return windowRow{w, n} }).Changes())
	g.sum = streamtest.Collect(table.GroupBy(func(windowKey, int64) int { return 0 }).
		Aggregate(window.Sum(func(n int64) int64 { return n })).Changes())
	return g, streamtest.Start(t, g.p, streamtest.Shards(shards), streamtest.BatchSize(3), streamtest.Checkpoints(store))
}

// A paneBook is what panes and the changes of their table come to.
type paneBook struct {
	last map[windowKey]int64 // by the panes
	rows map[windowKey]int64
	at   map[windowKey]stream.Time
	sum  int64
}

func (b *paneBook) take(t *testing.T, g paned) {
	for _, p := range g.panes.Take() {
		for _, w := range p.Replaces {
			delete(b.last, windowKey{Key: p.Key, Start: timeOf(w.Start), End: timeOf(w.End)})
		}
		b.last[windowKey{Key: p.Key, Start: timeOf(p.Start), End: timeOf(p.End)}] = p.Value
	}
	for _, e := range g.rows.TakeEvents() {
		c := e.Value
		w := c.Row().Window
		at, seen := b.at[w]
		require.True(t, !seen || e.Time > at, "changes of %v come in order, once for each time", w)
		b.at[w] = e.Time
		was, is := b.rows[w]
		require.Equal(t, is, c.HasBefore)
		if is {
			require.Equal(t, was, c.Before.N)
		}
		require.False(t, c.Kind == stream.Update && c.Before == c.After)
		if b.rows[w] = c.After.N; c.Kind == stream.Delete {
			delete(b.rows, w)
		}
	}
	for _, c := range g.sum.Take() {
		b.sum = c.After
	}
}

func timeOf(at time.Time) window.Time {
	t, _ := window.At(at)
	return t
}

// What panes come to in the end, late and early ones, and sessions that became one, is what the table holds, and
// what is aggregated of it is counted once.
func FuzzPaneTable(f *testing.F) {
	second := time.Second
	specs := []window.Spec{
		window.Tumbling(10*second, window.Lateness(20*second), window.EarlyCount(2)),
		window.Session(4*second, window.Lateness(20*second), window.EarlyCount(2)),
		window.Session(3*second, window.Lateness(9*second)),
		window.Sliding(8*second, 4*second, window.Lateness(5*second)),
		window.Tumbling(7*second, window.Lateness(100*second), window.Stamp(window.Latest)),
	}
	fuzzScenes(f, func(t *testing.T, s scene, n uint64) {
		for i, spec := range specs {
			for _, way := range [][2]int{{1, -1}, {3, -1}, {2, len(s.steps) / 2}, {1, 2 * len(s.steps) / 3}} {
				what := fmt.Sprint(spec, " on ", way[0], " shards, killed at ", way[1])
				book := paneBook{last: map[windowKey]int64{}, rows: map[windowKey]int64{}, at: map[windowKey]stream.Time{}}
				store := checkpoint.Memory()
				g, d := startPaned(t, s, spec, way[0], store)
				for at, x := range s.steps {
					if at == way[1] {
						d.Checkpoint()
						book.take(t, g)
						d.Kill()
						g, d = startPaned(t, s, spec, 3, store)
						for _, before := range s.steps[:at] {
							g.push(before)
						}
					}
					g.push(x)
					if x.watermark || at%5 == 0 {
						d.Settle()
						book.take(t, g)
					}
				}
				g.end()
				d.Settle()
				book.take(t, g)
				require.Equal(t, book.last, book.rows, what)
				total := int64(0)
				for _, n := range book.rows {
					total += n
				}
				require.Equal(t, total, book.sum, what)
				if way[1] < 0 && i == 4 {
					stats, _ := g.p.Stats().Operator("aggregate")
					events := int64(0)
					for _, x := range s.steps {
						if x.input == 0 && !x.watermark {
							events++
						}
					}
					require.Equal(t, events-stats.TooLate, total, what)
				}
				d.Kill()
			}
		}
	})
}
