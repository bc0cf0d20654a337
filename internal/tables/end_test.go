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

// Which rows stand at the end of a stream does not depend on the order in which its partitions end, nor on whether
// the run is stopped between two ends.
func TestEndOfPartitions(t *testing.T) {
	const a, b = 0, 1
	build := func() (*streamtest.Input[row], *stream.Pipeline, *streamtest.Output[stream.Change[shown]]) {
		in := streamtest.NewInput[row](2)
		p := stream.New("ends")
		rows := stream.LatestTable(p.From(in).
			EventTime(func(r row) time.Time { return time.Unix(r.Val, 0) }, stream.Disorder(2*time.Second)).
			KeyBy(row.key), stream.TimeToLive(ttl*time.Second))
		return in, p, streamtest.Collect(show(rows.GroupBy(ref).Aggregate(window.Count[row]())))
	}
	give := func(in *streamtest.Input[row]) {
		in.PushTo(a, row{1, 7, 97}, row{2, 7, 98}, row{3, 8, 60}) // the last one is late
		in.PushTo(b, row{4, 9, 30}, row{5, 9, 110}, row{6, 9, 109})
	}
	for _, order := range [][]int{{a, b}, {b, a}} {
		for _, shards := range []int{1, 3} {
			for _, stops := range []bool{false, true} {
				name := fmt.Sprintf("%v ends first, %d shards, stopped %v", order[0], shards, stops)
				store := checkpoint.Memory()
				in, p, out := build()
				d := streamtest.Start(t, p, streamtest.Shards(shards), streamtest.Checkpoints(store))
				f := folded{}
				give(in)
				in.EndOf(order[0])
				d.Settle()
				if stops {
					d.Checkpoint()
					f.take(t, out)
					d.Kill()
					in, p, out = build()
					give(in)
					in.EndOf(order[0])
					d = streamtest.Start(t, p, streamtest.Shards(4-shards), streamtest.Checkpoints(store))
					d.Settle()
				}
				in.EndOf(order[1])
				d.Settle()
				f.take(t, out)
				// The watermark comes to 108: the life of 1 ended at 107, that of 2 does at 108.
				require.Equal(t, map[int]string{7: "1", 9: "2"}, f.rows(), name)
				d.Kill()
			}
		}
	}
}
