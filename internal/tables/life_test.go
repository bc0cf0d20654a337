package tables_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

const ttl = 10

// living is the table as of a time where a row lives for ttl seconds.
func living[V any](all []event, now int64, set func(old V, had bool, e event) (V, bool)) map[int]V {
	rows, last := map[int]V{}, map[int]int64{}
	sweep := func(k int, at int64) {
		if last[k]+ttl <= at {
			delete(rows, k)
		}
	}
	for _, e := range all {
		k := e.Row().Key
		sweep(k, e.at)
		old, had := rows[k]
		if v, is := set(old, had, e); is {
			rows[k] = v
		} else {
			delete(rows, k)
		}
		last[k] = e.at
	}
	for k := range rows {
		sweep(k, now)
	}
	return rows
}

// Rows go when their time to live is over: at that time, neither before nor behind it. At the end of the stream those
// stand that live where its furthest partition has come, in whichever order the partitions end.
func FuzzTimeToLive(f *testing.F) {
	option := stream.TimeToLive(ttl * time.Second)
	subjects := []struct {
		add  func(stream.Keyed[int, change]) stream.Stream[stream.Change[shown]]
		twin func([]event, int64) map[int]string
	}{
		{
			func(a stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(stream.TableOf(a, option))
			},
			func(all []event, now int64) map[int]string {
				return texts(living(all, now, func(_ row, _ bool, e event) (row, bool) { return e.After, e.Kind != stream.Delete }), same)
			},
		},
		{
			func(a stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(a.AggregateTable(window.Sum(changed), option))
			},
			func(all []event, now int64) map[int]string {
				text := map[int]string{}
				for k, n := range living(all, now, func(old int64, _ bool, e event) (int64, bool) { return old + e.Row().Val, true }) {
					text[k] = fmt.Sprint(n)
				}
				return text
			},
		},
	}
	fuzzScenes(f, func(t *testing.T, s scene, n uint64) {
		for i, x := range subjects {
			sub := subject{name: fmt.Sprint("subject ", i), add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] { return x.add(a) }}
			sub.twin = nil
			for _, shards := range []int{1, 3} {
				g := sub.start(s.parts)
				d := streamtest.Start(t, g.p, streamtest.Shards(shards))
				fold := folded{}
				for j, step := range s.steps {
					g.push(step)
					if step.watermark {
						d.Settle()
						fold.take(t, g.out)
						wm := s.reached(j+1, false)
						require.Equal(t, x.twin(s.upTo(0, j+1, wm-1), wm-1), fold.rows(), "%s behind %d on %d shards", sub.name, wm, shards)
					}
				}
				for k := range s.parts {
					part := k
					if n%3 == 0 { // the last one ends first
						part = s.parts - 1 - k
					}
					g.in[0].EndOf(part)
					if n%2 == 0 {
						d.Settle()
					}
				}
				d.Settle()
				fold.take(t, g.out)
				all := s.upTo(0, len(s.steps), 1<<40)
				require.Equal(t, x.twin(all, s.furthest()-1), fold.rows(), "%s at the end on %d shards", sub.name, shards)
				d.Kill()
			}
		}
	})
}

// The law of recovery holds with a time to live too, and with rows that a View shows.
func TestRecovery(t *testing.T) {
	streamtest.Recovery(t, func() streamtest.Scene {
		in, other := streamtest.NewInput[change](), streamtest.NewInput[change]()
		p := stream.New("recovery")
		var view stream.View[int, row]
		a := stream.TableOf(p.From(in).KeyBy(keyOf), stream.TimeToLive(10*time.Second), stream.Expose(&view))
		b := stream.LatestTable(p.From(other).KeyBy(keyOf), stream.TimeToLive(4*time.Second)).MapValues(func(_ int, c change) row { return c.Row() })
		s := streamtest.Scene{Pipeline: p, Outputs: []streamtest.Drained{
			streamtest.Collect(show(a)),
			streamtest.Collect(show(a.Join(b, stream.FullOuter, pairText))),
			streamtest.Collect(show(b.ForeignKeyJoin(a, ref, stream.LeftOuter, pairText))),
			streamtest.Collect(show(a.GroupBy(ref).Aggregate(summing()))),
			streamtest.Collect(show(a.OrderBy(ref, onlyVal).TopOver(2, tableColumns()))),
		}}
		for i := range 8 {
			at := int64(100 + 3*i)
			s.Steps = append(s.Steps,
				func(*streamtest.Driver) {
					for k := range 3 {
						c := change{Kind: stream.Update, After: row{(i + k) % 5, (i * k) % 3, int64(i - k)}}
						if (i+k)%4 == 0 {
							c = change{Kind: stream.Delete, Before: row{Key: (i + k) % 5}}
						}
						in.PushAt(time.Unix(at-int64(k), 0), c)
						other.PushAt(time.Unix(at-int64(2*k), 0), c)
					}
				},
				func(*streamtest.Driver) { in.AdvanceWatermark(time.Unix(at-2, 0)) },
				func(*streamtest.Driver) { other.AdvanceWatermark(time.Unix(at-4, 0)) })
		}
		s.Steps = append(s.Steps, func(*streamtest.Driver) { in.End() }, func(*streamtest.Driver) { other.End() })
		return s
	})
}

func TestLateChanges(t *testing.T) {
	in := streamtest.NewInput[change]()
	p := stream.New("late")
	out := streamtest.Collect(show(stream.TableOf(p.From(in).KeyBy(keyOf))))
	d := streamtest.Start(t, p)
	put := func(at int64, v int64) {
		in.PushAt(time.Unix(at, 0), change{Kind: stream.Update, After: row{1, 0, v}})
	}
	put(10, 1)
	in.AdvanceWatermark(time.Unix(20, 0))
	put(15, 2)
	put(20, 3)
	in.End()
	d.Settle()
	require.Len(t, out.Take(), 2)
	stats, _ := p.Stats().Operator("tableof")
	require.EqualValues(t, 1, stats.TooLate)
}

// A view of a table shows its rows while the pipeline runs.
func TestViews(t *testing.T) {
	ctx := context.Background()
	ch := make(chan row)
	var rows stream.View[int, row]
	var counts stream.View[int, int64]
	var sums stream.View[int, int64]
	p := stream.New("views")
	in := p.From(source.Chan(ch)).EventTime(func(r row) time.Time { return time.Unix(r.Val, 0) }).KeyBy(row.key)
	latest := stream.LatestTable(in, stream.Expose(&rows))
	latest.GroupBy(ref).Aggregate(window.Count[row](), stream.Expose(&counts)).Changes().To(sink.Discard[stream.Change[int64]]())
	in.AggregateTable(window.Sum(row.val), stream.Expose(&sums)).Changes().To(sink.Discard[stream.Change[int64]]())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, stream.Shards(2)) }()
	for i, r := range []row{{1, 5, 10}, {2, 5, 11}, {1, 6, 12}, {1, 6, 100}} {
		_ = i
		ch <- r
	}
	require.Eventually(t, func() bool {
		n, known, err := counts.Get(ctx, 6)
		return err == nil && known && n == 1
	}, 10*time.Second, time.Millisecond)
	r, known, err := rows.Get(ctx, 1)
	require.NoError(t, err)
	require.True(t, known)
	require.Equal(t, row{1, 6, 12}, r)
	_, known, err = counts.Get(ctx, 99)
	require.NoError(t, err)
	require.False(t, known)
	require.Eventually(t, func() bool {
		found := map[int]int64{}
		for kv, err := range sums.All(ctx) {
			if err != nil {
				return false
			}
			found[kv.Key] = kv.Value
		}
		return len(found) == 2 && found[1] == 22 && found[2] == 11
	}, 10*time.Second, time.Millisecond)
	close(ch)
	require.NoError(t, <-ended)
}

// Of the changes that a FlatMap makes of one event the last one counts, also where they wait in a checkpoint.
func TestChangesOfOneEvent(t *testing.T) {
	streamtest.Recovery(t, func() streamtest.Scene {
		in := streamtest.NewInput[int]()
		p := stream.New("one event")
		out := streamtest.Collect(show(stream.TableOf(p.From(in).
			FlatMap(func(n int, emit func(change)) {
				for k := range 3 {
					for i := range 5 {
						emit(change{Kind: stream.Update, After: row{k, n, int64(i)}})
					}
				}
			}).KeyBy(keyOf)).Filter(func(_ int, r row) bool { return r.Val == 4 })))
		s := streamtest.Scene{Pipeline: p, Outputs: []streamtest.Drained{out}}
		for i := range 3 {
			s.Steps = append(s.Steps,
				func(*streamtest.Driver) { in.PushAt(time.Unix(int64(i), 0), i) },
				func(*streamtest.Driver) { in.AdvanceWatermark(time.Unix(int64(i), 0)) })
		}
		s.Steps = append(s.Steps, func(*streamtest.Driver) { in.End() })
		return s
	})

	in := streamtest.NewInput[int]()
	p := stream.New("one event")
	out := streamtest.Collect(show(p.From(in).FlatMap(func(n int, emit func(int)) {
		for i := range n {
			emit(i)
		}
	}).KeyBy(func(int) int { return 1 }).ToTable(func(i int) change { return change{Kind: stream.Update, After: row{1, 0, int64(i)}} })))
	d := streamtest.Start(t, p, streamtest.BatchSize(2))
	in.PushAt(time.Unix(1, 0), 1000)
	in.End()
	d.Settle()
	require.Equal(t, []stream.Change[shown]{{Kind: stream.Insert, After: shown{1, "{1 0 999}"}}}, out.Take())
}
