package lifecycle_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// What a later run finds behind the end of its input is too late for windows that have fired at the end of time, wherever that is decided: it is
// counted as TooLate and not as Late, and is in Late where that is asked for. A global window with triggers takes it.
func TestBehindTheEndOfTime(t *testing.T) {
	type keyed = stream.Keyed[int64, int64]
	id := func(i int64) int64 { return i }
	sum := window.Sum(id)
	for name, test := range map[string]struct {
		build func(k keyed, late *sink.Collector[int64])
		late  int // in Late
		takes bool
	}{
		"sums": {build: func(k keyed, _ *sink.Collector[int64]) {
			k.Window(window.Global()).Aggregate(sum, stream.Name("here")).To(sink.Discard[stream.Pane[int64, int64]]())
		}},
		"events": {build: func(k keyed, _ *sink.Collector[int64]) {
			k.Window(window.Global()).Group(func(p stream.Pane[int64, []int64]) int { return len(p.Value) }, stream.Name("here")).To(sink.Discard[stream.Pane[int64, int]]())
		}},
		"groups": {build: func(k keyed, _ *sink.Collector[int64]) {
			k.CoGroup(k, window.Global(), func(stream.Pane[int64, stream.Group[int64, int64]]) int { return 0 }, stream.Name("here")).To(sink.Discard[stream.Pane[int64, int]]())
		}},
		"late": {late: 2, build: func(k keyed, late *sink.Collector[int64]) {
			w := k.Window(window.Global(), stream.Name("here"))
			w.Late().To(late)
			w.Aggregate(sum).To(sink.Discard[stream.Pane[int64, int64]]())
		}},
		"triggered": {takes: true, build: func(k keyed, _ *sink.Collector[int64]) {
			k.Window(window.Global(window.EarlyCount(1))).Aggregate(sum, stream.Name("here")).To(sink.Discard[stream.Pane[int64, int64]]())
		}},
	} {
		for _, shards := range []int{1, 3} {
			t.Run(name+" "+strconv.Itoa(shards), func(t *testing.T) {
				store, rows := checkpoint.Memory(), []int64{1, 2, 3}
				late := sink.Collect[int64]()
				run := func() stream.InstanceStats {
					p := stream.New("behind")
					test.build(p.From(opens(func(c *stream.SourceContext) []stream.Reader[int64] {
						s := fullShelf("a", rows...)
						s.next, _ = strconv.Atoi(c.Offsets["a"])
						return []stream.Reader[int64]{s}
					})).EventTime(millis).KeyBy(id), late)
					require.NoError(t, p.Run(t.Context(), stream.Shards(shards), stream.Checkpoints(store, time.Hour)))
					here, ok := p.Stats().Operator("here")
					require.True(t, ok)
					return here
				}
				require.Zero(t, run().TooLate)
				rows = append(rows, 4, 5)
				got, want := run(), int64(2)
				if name == "groups" {
					want = 4 // by both sides
				}
				if test.takes {
					require.Zero(t, got.TooLate)
					require.Equal(t, want, got.Late)
					return
				}
				require.Equal(t, want, got.TooLate)
				require.Zero(t, got.Late)
				require.Len(t, late.Values(), test.late)
			})
		}
	}
}
