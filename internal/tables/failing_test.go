package tables_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A row that a function fails on is taken as one that is not there, and is counted once for each change that
// makes it such.
func TestRowsThatFail(t *testing.T) {
	refuse := func(v int64) {
		if v < 0 {
			panic(errors.New("negative"))
		}
	}
	skip := stream.SkipFailures()
	other := func(p *stream.Pipeline) stream.Table[int, row] {
		in := streamtest.NewInput[change]()
		in.PushAt(time.Unix(1, 0), change{Kind: stream.Insert, After: row{1, 0, 1}}, change{Kind: stream.Insert, After: row{0, 0, 1}})
		in.End()
		return stream.TableOf(p.From(in).KeyBy(keyOf))
	}
	for name, x := range map[string]struct {
		op  string
		add func(p *stream.Pipeline, t stream.Table[int, row]) stream.Stream[stream.Change[shown]]
	}{
		"MapValues": {"maptable", func(_ *stream.Pipeline, t stream.Table[int, row]) stream.Stream[stream.Change[shown]] {
			return show(t.MapValues(func(_ int, r row) int64 { refuse(r.Val); return r.Val }, skip))
		}},
		"Filter": {"filtertable", func(_ *stream.Pipeline, t stream.Table[int, row]) stream.Stream[stream.Change[shown]] {
			return show(t.Filter(func(_ int, r row) bool { refuse(r.Val); return true }, skip).MapValues(func(_ int, r row) int64 { return r.Val }))
		}},
		"GroupBy": {"groupby", func(_ *stream.Pipeline, t stream.Table[int, row]) stream.Stream[stream.Change[shown]] {
			return show(t.GroupBy(func(k int, r row) int { refuse(r.Val); return k }, skip).Aggregate(window.Sum(row.val)))
		}},
		"Aggregate": {"grouptable", func(_ *stream.Pipeline, t stream.Table[int, row]) stream.Stream[stream.Change[shown]] {
			return show(t.GroupBy(func(k int, _ row) int { return k }).Aggregate(window.Sum(func(r row) int64 { refuse(r.Val); return r.Val }), skip))
		}},
		"Join": {"jointables", func(p *stream.Pipeline, t stream.Table[int, row]) stream.Stream[stream.Change[shown]] {
			return show(t.Join(other(p), stream.LeftOuter, func(m match) int64 { refuse(m.Left.Val); return m.Left.Val }, skip))
		}},
		"ForeignKeyJoin": {"foreignkeyjoin", func(p *stream.Pipeline, t stream.Table[int, row]) stream.Stream[stream.Change[shown]] {
			return show(t.ForeignKeyJoin(other(p), ref, stream.Inner, func(m match) int64 { refuse(m.Left.Val); return m.Left.Val }, skip))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			steps := []struct {
				v    int64
				want map[int]string
			}{
				{-1, map[int]string{}},
				{2, map[int]string{1: "2"}},
				{3, map[int]string{1: "3"}},
				{-4, map[int]string{}},
				{-5, map[int]string{}},
				{6, map[int]string{1: "6"}},
			}
			var each []output
			for _, together := range []bool{false, true} { // the watermark passes them one by one, or all at once
				in := streamtest.NewInput[change]()
				p := stream.New("failing")
				out := streamtest.Collect(x.add(p, stream.TableOf(p.From(in).KeyBy(keyOf))))
				d := streamtest.Start(t, p)
				f := folded{}
				var all []output
				for i, step := range steps {
					at := time.Unix(int64(100+10*i), 0)
					in.PushAt(at, change{Kind: stream.Update, After: row{1, 0, step.v}})
					if together {
						continue
					}
					in.AdvanceWatermark(at.Add(time.Second))
					d.Settle()
					all = append(all, f.take(t, out)...)
					require.Equal(t, step.want, f.rows(), "behind step %d", i)
				}
				if in.AdvanceWatermark(time.Unix(1000, 0)); together {
					d.Settle()
					require.Equal(t, each, f.take(t, out))
				}
				each = all
				stats, ok := p.Stats().Operator(x.op)
				require.True(t, ok)
				require.EqualValues(t, 3, stats.Failed)
				d.Kill()
			}
		})
	}
}

func TestChangeOfNoKind(t *testing.T) {
	in := streamtest.NewInput[change]()
	p := stream.New("no kind")
	var bad stream.Failures[change]
	out := streamtest.Collect(show(stream.TableOf(p.From(in).KeyBy(keyOf), stream.Divert(&bad))))
	failed := streamtest.Collect(bad.Stream())
	d := streamtest.Start(t, p)
	in.PushAt(time.Unix(1, 0), change{Kind: stream.Insert, After: row{Key: 1}}, change{After: row{Key: 1, Val: 5}})
	in.End()
	d.Settle()
	require.Len(t, out.Take(), 1)
	all := failed.Take()
	require.Len(t, all, 1)
	require.EqualError(t, all[0].Err, "ChangeKind(0) is no kind of a change")
}

func TestAggregatesThatTakeNothingBack(t *testing.T) {
	p := stream.New("mean")
	grouped := stream.TableOf(p.From(streamtest.NewInput[change]()).KeyBy(keyOf)).GroupBy(ref)
	require.PanicsWithValue(t, "stream: Aggregate of a Grouped table: the aggregator with accumulator window.Averaged takes nothing back: it is no window.Subtractor",
		func() { grouped.Aggregate(window.Mean(row.val)) })
}
