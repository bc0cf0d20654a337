package edges_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// lateJoins are those that show what they drop. As-of joins take in late versions.
var lateJoins = map[string]func(left, right stream.Keyed[string, row], opts ...stream.Option) stream.Stream[string]{
	"intervaljoin": func(left, right stream.Keyed[string, row], opts ...stream.Option) stream.Stream[string] {
		return left.IntervalJoin(right, -time.Minute, time.Minute, stream.FullOuter, both, opts...)
	},
	"windowjoin": func(left, right stream.Keyed[string, row], opts ...stream.Option) stream.Stream[string] {
		return left.WindowJoin(right, window.Tumbling(10*time.Second), stream.FullOuter, both, opts...).Map(func(p stream.Pane[string, string]) string { return p.Value })
	},
	"cogroup": func(left, right stream.Keyed[string, row], opts ...stream.Option) stream.Stream[string] {
		return left.CoGroup(right, window.Tumbling(10*time.Second), func(p stream.Pane[string, stream.Group[row, row]]) string { return fmt.Sprint(p.Value) }, opts...).
			Map(func(p stream.Pane[string, string]) string { return p.Value })
	},
	"asofjoin": func(left, right stream.Keyed[string, row], opts ...stream.Option) stream.Stream[string] {
		return left.AsOfJoin(right, stream.LeftOuter, both, opts...)
	},
}

func both(m stream.Match[row, row]) string { return fmt.Sprint(m) }

// What a join drops as it is too late is in its side output, once, with its time, and is counted as before; what is not late joins as ever.
func TestLateSides(t *testing.T) {
	for name, add := range lateJoins {
		for shards := 1; shards <= 3; shards++ {
			t.Run(fmt.Sprint(name, shards), func(t *testing.T) {
				var results [2][]string
				for with := range 2 {
					c, left, right := newCall()
					var lefts, rights stream.Side[row]
					var opts []stream.Option
					var lost []*streamtest.Output[row]
					if with == 1 {
						opts = append(opts, stream.LateLeft(&lefts))
						if name != "asofjoin" {
							opts = append(opts, stream.LateRight(&rights))
						}
					}
					out := streamtest.Collect(add(c.left.EventTime(row.when).KeyBy(row.key), c.right.EventTime(row.when).KeyBy(row.key), opts...))
					if with == 1 {
						lost = append(lost, streamtest.Collect(lefts.Stream()))
						if name != "asofjoin" {
							lost = append(lost, streamtest.Collect(rights.Stream()))
						}
					}
					d := streamtest.Start(t, c.p, streamtest.Shards(shards))
					late := []row{{"a", 100, 3}, {"b", 101, 9}, {"a", 102, 0}}
					for i := range 20 {
						r := row{string(rune('a' + i%5)), i, int64(5 * i)}
						left.Push(r)
						right.Push(r)
					}
					d.Settle()
					for _, r := range late { // among others, and alone
						left.Push(row{"c", 200, 95}, r)
						right.Push(r)
						d.Settle()
					}
					left.End()
					right.End()
					d.Settle()
					results[with] = out.Take()
					slices.Sort(results[with])
					stats, _ := c.p.Stats().Operator(name)
					dropped := int64(2 * len(late))
					if name == "asofjoin" {
						dropped = int64(len(late))
					}
					require.Equal(t, dropped, stats.TooLate)
					require.Equal(t, int64(with)*dropped, stats.Kept)
					for _, o := range lost {
						var got []row
						for _, e := range o.TakeEvents() {
							require.Equal(t, e.Value.when().UnixNano(), e.Time.Std().UnixNano())
							got = append(got, e.Value)
						}
						require.ElementsMatch(t, late, got)
					}
					d.Kill()
				}
				require.NotEmpty(t, results[0])
				require.Equal(t, results[0], results[1])
			})
		}
	}
}

// A Side of another type, and one that is in use, are panics where the pipeline is built.
func TestLateSidesRefused(t *testing.T) {
	c, _, _ := newCall()
	k := c.left.KeyBy(row.key)
	require.PanicsWithValue(t, "stream: LateLeft: the Side is nil", func() { stream.LateLeft[int](nil) })
	require.PanicsWithValue(t, "stream: LateRight: the Side is nil", func() { stream.LateRight[int](nil) })
	require.PanicsWithValue(t, "stream: intervaljoin: the late left events are edges_test.row, and the Side is of others", func() {
		lateJoins["intervaljoin"](k, k, stream.LateLeft(new(stream.Side[int])))
	})
	var lost stream.Side[row]
	require.PanicsWithValue(t, "stream: joined and joined put out to the same Side", func() {
		lateJoins["intervaljoin"](k, k, stream.LateLeft(&lost), stream.LateRight(&lost), stream.Name("joined"))
	})
}
