package edges_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// An input that gives nothing, not even a watermark, holds results back and
// changes none of them: what an operator has given once it ends is what it gives
// beside one that ends at once. Only a table has no say in time.
func TestBesideASilentInput(t *testing.T) {
	for _, o := range operators {
		for _, silent := range []string{"right", "partition"} {
			run := func(waits bool) []string {
				in, other := streamtest.NewInput[row](2), streamtest.NewInput[row]()
				p := stream.New("edges")
				c := &call{p: p, src: streamtest.NewInput[row](),
					left:  p.From(in, stream.Name("left")).EventTime(row.when, stream.Name("left time")),
					right: p.From(other, stream.Name("right")).EventTime(row.when, stream.Name("right time"))}
				out := streamtest.Collect(o.add(c))
				c.left.To(&streamtest.Output[row]{}, stream.Name("left end"))
				c.right.To(&streamtest.Output[row]{}, stream.Name("right end"))
				d := streamtest.Start(t, p)
				c.src.End()
				if silent == "partition" {
					other.Push(rows...)
					other.End()
					d.Settle()
				}
				last := func() {
					in.EndOf(1)
					if silent == "right" {
						other.End()
					}
					d.Settle()
				}
				if !waits {
					last()
				} else if silent == "right" {
					in.EndOf(1)
				}
				in.PushTo(0, rows...)
				d.Settle()
				in.PushTo(0, row{"c", 4, 500})
				in.EndOf(0)
				d.Settle()
				if waits {
					marks := out.Watermarks()
					// What has no key goes on in the task of its partition.
					keyed := o.behind != "" || o.name == "pattern.Match" || strings.HasSuffix(o.name, "Table") || strings.HasPrefix(o.name, "TableOf") || strings.HasPrefix(o.name, "Keyed.") || strings.HasPrefix(o.name, "Windowed.") || o.name == "Stream.Window" || o.name == "Stream.KeyBy"
					twoSided := false
					for _, side := range []string{"right", "versions", "other", "streams", "rules"} {
						twoSided = twoSided || declarationOf(t, o.name).params[side] != ""
					}
					switch {
					case o.name == "Pipeline.From" || o.name == "Stream.EventTime":
					case silent == "partition" && !keyed:
					case silent == "partition" || twoSided:
						require.Empty(t, marks, "%s beside a silent %s", o.name, silent)
					default:
						require.Contains(t, marks, window.MaxTime, "%s beside a silent %s", o.name, silent)
					}
					last()
				}
				var all []string
				for _, e := range out.TakeEvents() {
					all = append(all, fmt.Sprint(e.Value, " at ", e.Time))
				}
				slices.Sort(all)
				return all
			}
			want := run(false)
			if silent == "partition" && o.name != "Pipeline.From" {
				require.NotEmpty(t, want, o.name)
			}
			require.Equal(t, want, run(true), "%s beside a silent %s", o.name, silent)
		}
	}
}

// joinTable is a table join with a window behind it.
func joinTable(opts ...stream.Option) (p *stream.Pipeline, left, table *streamtest.Input[row], pairs *streamtest.Output[string], panes *streamtest.Output[stream.Pane[stream.NoKey, int64]]) {
	c, left, table := newCall()
	s := c.left.EventTime(row.when).KeyBy(row.key).TableJoin(c.right.KeyBy(row.key), stream.LeftOuter,
		func(m stream.Match[row, row]) string { return fmt.Sprint(m.Left.N, m.Right.N) }, opts...)
	return c.p, left, table, streamtest.Collect(s), streamtest.Collect(s.Window(window.Tumbling(time.Minute)).Count())
}

// The table of a TableJoin is taken as it comes: windows behind the join close
// by the watermark of its left side, whatever the table does.
func TestTableHasNoSayInTime(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		for name, table := range map[string]func(*streamtest.Input[row]){
			"silent":             func(*streamtest.Input[row]) {},
			"without event time": func(in *streamtest.Input[row]) { in.Push(row{"a", 7, 0}) },
			"far behind": func(in *streamtest.Input[row]) {
				in.PushAt(second(-1000), row{"a", 7, 0})
				in.AdvanceWatermark(second(-999))
			},
			"far ahead": func(in *streamtest.Input[row]) {
				in.PushAt(second(1e6), row{"a", 7, 0})
				in.AdvanceWatermark(second(1e6))
			},
			"at its end": func(in *streamtest.Input[row]) { in.Push(row{"a", 7, 0}); in.End() },
		} {
			p, left, in, pairs, panes := joinTable()
			d := streamtest.Start(t, p, streamtest.Shards(shards))
			table(in)
			d.Settle()
			left.Push(row{"a", 1, 10}, row{"a", 2, 20}, row{"a", 3, 70})
			d.Settle()
			want := []string{"1 7", "2 7", "3 7"}
			if name == "silent" {
				want = []string{"1 0", "2 0", "3 0"}
			}
			require.Equal(t, want, pairs.Take(), name)
			first := panes.Take()
			require.Len(t, first, 1, "%s on %d: the window of the first minute", name, shards)
			require.Equal(t, int64(2), first[0].Value, name)
			left.End()
			d.Settle()
			require.Len(t, panes.Take(), 1, "%s: the left side has ended", name)
			in.Push(row{"b", 9, 0})
			in.End()
			d.Settle()
			require.Empty(t, panes.Take())
		}
	}
}

// A value of the table lives from when it arrived, by the watermark of the
// left side; before the first watermark no time passes.
func TestTimeToLiveOfATable(t *testing.T) {
	p, left, table, pairs, _ := joinTable(stream.TimeToLive(time.Minute))
	d := streamtest.Start(t, p)
	pair := func(n int, at int64) string {
		left.Push(row{"a", n, at})
		d.Settle()
		return pairs.Take()[0]
	}
	keys := func() int64 {
		stats, _ := p.Stats().Operator("tablejoin")
		return stats.Keys
	}
	table.Push(row{"a", 7, 0}, row{"b", 7, 0})
	d.Settle()
	require.Equal(t, "1 7", pair(1, 100), "which begins its life")
	require.Equal(t, "2 7", pair(2, 159))
	require.Equal(t, int64(2), keys())
	table.Push(row{"b", 8, 0}) // at watermark 159
	d.Settle()
	require.Equal(t, "3 0", pair(3, 160))
	require.Equal(t, int64(1), keys(), "b was new at 159")
	left.Push(row{"c", 0, 218})
	d.Settle()
	require.Equal(t, int64(1), keys())
	left.Push(row{"c", 0, 219})
	d.Settle()
	require.Zero(t, keys())
}

// Watermarks of the left side and barriers of both: a table join goes on from
// a checkpoint with its table and its time, on other shards too.
func TestTableJoinGoesOn(t *testing.T) {
	streamtest.Recovery(t, func() streamtest.Scene {
		p, left, table, pairs, panes := joinTable(stream.TimeToLive(time.Minute))
		s := streamtest.Scene{Pipeline: p, Outputs: []streamtest.Drained{pairs, panes}}
		for i := range int64(9) {
			s.Steps = append(s.Steps,
				func(*streamtest.Driver) { table.Push(row{string(rune('a' + i%4)), int(i), 0}) },
				func(*streamtest.Driver) { left.Push(row{string(rune('a' + i%3)), int(i), 17 * i}) })
		}
		s.Steps = append(s.Steps, func(*streamtest.Driver) { left.End() }, func(*streamtest.Driver) { table.End() })
		return s
	})
}
