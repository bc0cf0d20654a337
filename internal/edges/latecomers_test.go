package edges_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// latecomers are the operators that drop what is late, each named "it", and how often each takes the stream in.
var latecomers = map[string]struct {
	add  func(s stream.Stream[row], it stream.Option)
	ways int64
}{
	"asofjoin": {func(s stream.Stream[row], it stream.Option) {
		k := s.KeyBy(row.key)
		discard(k.AsOfJoin(k, stream.LeftOuter, both, it))
	}, 1}, // versions that are late are taken in
	"intervaljoin": {func(s stream.Stream[row], it stream.Option) {
		k := s.KeyBy(row.key)
		discard(k.IntervalJoin(k, -time.Second, time.Second, stream.FullOuter, both, it))
	}, 2},
	"temporaljoin": {func(s stream.Stream[row], it stream.Option) {
		k := s.KeyBy(row.key)
		discard(k.TemporalJoin(stream.LatestTable(k, stream.Name("versions")), stream.LeftOuter, both, it))
	}, 1},
	"latesttable": {func(s stream.Stream[row], it stream.Option) {
		discard(stream.LatestTable(s.KeyBy(row.key), it).Changes())
	}, 1},
	"aggregatetable": {func(s stream.Stream[row], it stream.Option) {
		discard(s.KeyBy(row.key).AggregateTable(window.Count[row](), it).Changes())
	}, 1},
	"over": {func(s stream.Stream[row], it stream.Option) {
		discard(s.KeyBy(row.key).Over(over.Select(over.Row(func(n *int, r row) { *n = r.N })), it))
	}, 1},
	"splitlate": {func(s stream.Stream[row], it stream.Option) {
		onTime, late := s.SplitLate(it)
		discard(onTime)
		discard(late)
	}, 1},
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
			require.Equal(t, 2*x.ways, stats.TooLate+stats.Late, "%s on %d shards", name, shards)
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
