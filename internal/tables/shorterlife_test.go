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
	"github.com/freshet-go/freshet/window/over"
)

// A table that is restored with a shorter time to live has rows whose life has ended before the watermark. They go at the
// watermark: what is made of the table would drop a deletion behind it as late, and count the rows for ever.
func TestShorterLife(t *testing.T) {
	for _, shards := range []int{1, 2, 3} {
		for _, size := range []int{1, 512} {
			t.Run(fmt.Sprint(shards, " shards, batches of ", size), func(t *testing.T) {
				store := checkpoint.Memory()
				in := streamtest.NewInput[change]()
				var rows, counts *streamtest.Output[stream.Change[shown]]
				var p *stream.Pipeline
				begin := func(life time.Duration) *streamtest.Driver {
					p = stream.New("life")
					a := stream.TableOf(p.From(in).KeyBy(keyOf), stream.TimeToLive(life))
					rows = streamtest.Collect(show(a))
					counts = streamtest.Collect(show(a.GroupBy(ref).Aggregate(window.Count[row]())))
					return streamtest.Start(t, p, streamtest.Shards(shards), streamtest.BatchSize(size), streamtest.Checkpoints(store))
				}
				put := func(at int64, k int) {
					in.PushAt(time.Unix(at, 0), change{Kind: stream.Update, After: row{k, 7, at}})
				}
				d := begin(100 * time.Second)
				for k := range 4 {
					put(int64(k), k)
				}
				put(48, 4)
				in.AdvanceWatermark(time.Unix(50, 0))
				d.Settle()
				d.Checkpoint()
				require.Len(t, rows.Take(), 5)
				counts.Take()
				d.Kill()

				d = begin(10 * time.Second)
				put(55, 0) // of a row that is to be gone
				put(55, 9)
				in.AdvanceWatermark(time.Unix(57, 0))
				d.Settle()
				for _, c := range rows.Take() {
					if c.Kind == stream.Delete {
						require.Contains(t, []int{0, 1, 2, 3}, c.Before.Key)
					} else {
						require.Equal(t, stream.Insert, c.Kind, "%v", c)
						require.Contains(t, []int{0, 9}, c.After.Key)
					}
				}
				last := ""
				for _, c := range counts.Take() {
					last = c.After.Text
				}
				require.Equal(t, "3", last, "rows 0, 4 and 9")
				for _, o := range p.Stats().Operators {
					s, _ := p.Stats().Operator(o.Name)
					require.Zero(t, s.TooLate, o.Name)
				}
			})
		}
	}
}

// So have partitions of Over: their last results come at the watermark.
func TestShorterLifeOver(t *testing.T) {
	store := checkpoint.Memory()
	var p *stream.Pipeline
	in := streamtest.NewInput[change]()
	var out *streamtest.Output[stream.Change[shown]]
	begin := func(life time.Duration) *streamtest.Driver {
		p = stream.New("life")
		next := over.Lead(1, func(to *int64, c change, some bool) {
			if *to = -1; some {
				*to = changed(c)
			}
		})
		values := p.From(in).KeyBy(keyOf).Over(over.Select(next), stream.TimeToLive(life))
		out = streamtest.Collect(show(stream.LatestTable(values.KeyBy(func(n int64) int { return int(n) }))))
		return streamtest.Start(t, p, streamtest.Checkpoints(store))
	}
	put := func(at int64, k int) {
		in.PushAt(time.Unix(at, 0), change{Kind: stream.Update, After: row{k, 7, at}})
	}
	d := begin(100 * time.Second)
	put(1, 1)
	put(2, 2)
	in.AdvanceWatermark(time.Unix(50, 0))
	d.Checkpoint()
	d.Kill()

	d = begin(10 * time.Second)
	put(55, 2) // behind the end of what is held of its key
	in.AdvanceWatermark(time.Unix(57, 0))
	d.Settle()
	require.Equal(t, []stream.Change[shown]{{Kind: stream.Insert, After: shown{-1, "-1"}}}, out.Take())
	s, _ := p.Stats().Operator("latesttable")
	require.Zero(t, s.TooLate)
}
