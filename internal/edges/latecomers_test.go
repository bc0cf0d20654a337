package edges_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// latecomers are the operators that decide on what is late, each named "it", how often each takes the stream in, and how many
// of the two late events it counts as late and not as too late each time.
var latecomers = map[string]struct {
	add  func(s stream.Stream[row], it stream.Option)
	ways int64
	late int64
}{
	"asofjoin": {func(s stream.Stream[row], it stream.Option) {
		k := s.KeyBy(row.key)
		discard(k.AsOfJoin(k, stream.LeftOuter, both, it))
	}, 1, 0}, // versions that are late are taken in
	"intervaljoin": {func(s stream.Stream[row], it stream.Option) {
		k := s.KeyBy(row.key)
		discard(k.IntervalJoin(k, -time.Second, time.Second, stream.FullOuter, both, it))
	}, 2, 0},
	"temporaljoin": {func(s stream.Stream[row], it stream.Option) {
		k := s.KeyBy(row.key)
		discard(k.TemporalJoin(stream.LatestTable(k, stream.Name("versions")), stream.LeftOuter, both, it))
	}, 1, 0},
	"latesttable": {func(s stream.Stream[row], it stream.Option) {
		discard(stream.LatestTable(s.KeyBy(row.key), it).Changes())
	}, 1, 0},
	"aggregatetable": {func(s stream.Stream[row], it stream.Option) {
		discard(s.KeyBy(row.key).AggregateTable(window.Count[row](), it).Changes())
	}, 1, 0},
	"over": {func(s stream.Stream[row], it stream.Option) {
		discard(s.KeyBy(row.key).Over(over.Select(over.Row(func(n *int, r row) { *n = r.N })), it))
	}, 1, 0},
	"splitlate": {func(s stream.Stream[row], it stream.Option) {
		onTime, late := s.SplitLate(it)
		discard(onTime)
		discard(late)
	}, 1, 2},
	"processboth": {func(s stream.Stream[row], it stream.Option) {
		k := s.KeyBy(row.key)
		pass := func(c *stream.KeyContext[string, int, int], r row) error { return nil }
		discard(k.ProcessBoth(k, pass, pass, nil, stream.InOrder(), it))
	}, 2, 0},
	"cogroup": {func(s stream.Stream[row], it stream.Option) {
		k := s.KeyBy(row.key)
		discard(k.CoGroup(k, window.Tumbling(10*time.Second), func(stream.Pane[string, stream.Group[row, row]]) int { return 0 }, it))
	}, 2, 0},
	"cogroup of sessions": {func(s stream.Stream[row], it stream.Option) {
		k := s.KeyBy(row.key)
		discard(k.CoGroup(k, window.Session(time.Second), func(stream.Pane[string, stream.Group[row, row]]) int { return 0 }, it))
	}, 2, 0},
	"sum": {func(s stream.Stream[row], it stream.Option) {
		discard(s.KeyBy(row.key).Window(window.Tumbling(10 * time.Second)).Count(it))
	}, 1, 0},
	"sum that waits": {func(s stream.Stream[row], it stream.Option) {
		discard(s.KeyBy(row.key).Window(window.Tumbling(10*time.Second, window.Lateness(time.Hour))).Count(it))
	}, 1, 2},
	"max": {func(s stream.Stream[row], it stream.Option) {
		discard(latestOf(s, window.Tumbling(10*time.Second), it))
	}, 1, 0},
	"max that waits": {func(s stream.Stream[row], it stream.Option) {
		discard(latestOf(s, window.Tumbling(10*time.Second, window.Lateness(time.Hour)), it))
	}, 1, 2},
	"early": {func(s stream.Stream[row], it stream.Option) {
		discard(latestOf(s, window.Tumbling(10*time.Second, window.EarlyCount(9)), it))
	}, 1, 0},
	"sessions": {func(s stream.Stream[row], it stream.Option) { discard(latestOf(s, window.Session(time.Second), it)) }, 1, 0},
	"late": {func(s stream.Stream[row], it stream.Option) {
		w := s.KeyBy(row.key).Window(window.Tumbling(10*time.Second), it)
		discard(w.Late())
		discard(w.Count())
	}, 1, 0},
}

func latestOf(s stream.Stream[row], spec window.Spec, it stream.Option) stream.Stream[stream.Pane[string, int]] {
	return s.KeyBy(row.key).Window(spec).Aggregate(window.Max(func(r row) int { return r.N }), it)
}

func discard[T any](s stream.Stream[T]) { s.To(sink.Discard[T]()) }

// twoClocks is a source of two partitions, the second of which is far behind: what comes of each in turn.
func twoClocks(in *streamtest.Input[row], settle func()) {
	in.PushTo(0, row{"a", 0, 100})
	in.PushTo(1, row{"a", 1, 10})
	settle()
	in.PushTo(0, row{"a", 2, 50}, row{"a", 3, 100}) // late in its partition, and just not
	settle()
	in.PushTo(1, row{"a", 4, 9}, row{"a", 5, 10}) // late in it and for all, and just not
	settle()
	in.End()
	settle()
}

// An event is late if it is before the watermark of its own partition, wherever the others are: one at the watermark is on time.
func TestLatecomersByPartition(t *testing.T) {
	for name, x := range latecomers {
		for shards := 1; shards <= 3; shards++ {
			p, in := stream.New("late"), streamtest.NewInput[row](2)
			x.add(p.From(in).EventTime(row.when), stream.Name("it"))
			d := streamtest.Start(t, p, streamtest.Shards(shards))
			twoClocks(in, d.Settle)
			stats, ok := p.Stats().Operator("it")
			require.True(t, ok, name)
			require.Equal(t, [2]int64{(2 - x.late) * x.ways, x.late * x.ways}, [2]int64{stats.TooLate, stats.Late}, "%s on %d shards", name, shards)
			d.Kill()
		}
	}
}

// Who sees events in order gets the late ones at once, before those that wait, and none that is at the watermark.
func TestLatecomersInOrder(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		p, in := stream.New("late"), streamtest.NewInput[row](2)
		out := streamtest.Collect(p.From(in).EventTime(row.when).KeyBy(row.key).
			Process(func(c *stream.KeyContext[string, int, int], r row) error { c.Emit(r.N); return nil }, nil, stream.InOrder()))
		d := streamtest.Start(t, p, streamtest.Shards(shards))
		twoClocks(in, d.Settle)
		require.Equal(t, []int{2, 4, 1, 5, 0, 3}, out.Take(), "%d shards", shards)
		d.Kill()
	}
}

// So it is within one batch, before the watermark has moved: where what shards read is added up, and where so many keys have one event each that
// events are sent on by themselves.
func TestLatecomersOfOneBatch(t *testing.T) {
	list := window.Of(func() []int { return nil }, func(l []int, r row) []int { return append(l, r.N) },
		func(a, b []int) []int { return append(a, b...) }, func(l []int) int { return len(l) })
	for name, add := range map[string]func(w stream.Windowed[string, row]){
		"count": func(w stream.Windowed[string, row]) { discard(w.Count(stream.Name("it"))) },
		"list":  func(w stream.Windowed[string, row]) { discard(w.Aggregate(list, stream.Name("it"))) },
	} {
		for _, keys := range []int{10, 20000} {
			var all []row
			for i := range 20000 {
				all = append(all, row{fmt.Sprint(i % keys), i, 1})
			}
			all = append(all, row{"1", 0, 100}, row{"1", 1, 50}, row{"1", 2, 100}) // the second is late
			for shards := 1; shards <= 3; shards++ {
				for waits, want := range map[time.Duration][2]int64{0: {1, 0}, time.Hour: {0, 1}} {
					p := stream.New("late")
					add(p.From(source.Slice(all)).EventTime(row.when).KeyBy(row.key).Window(window.Tumbling(10*time.Second, window.Lateness(waits))))
					require.NoError(t, p.Run(t.Context(), stream.Shards(shards)))
					stats, ok := p.Stats().Operator("it")
					require.True(t, ok)
					require.Equal(t, want, [2]int64{stats.TooLate, stats.Late}, "%s of %d keys on %d shards, lateness %v", name, keys, shards, waits)
				}
			}
		}
	}
}
