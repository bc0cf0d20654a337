package stream_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// TestManyKeysBeforeTheExchange has so many keys that shards send events on by
// themselves, hot keys among them that are worth gathering, and late events.
func TestManyKeysBeforeTheExchange(t *testing.T) {
	type id struct {
		key   int64
		start int64
	}
	r := rand.New(rand.NewPCG(7, 8))
	parts := make([][]sale, 3)
	late := 0
	for i := range 300_000 {
		at := time.Duration(i) * 100 * time.Microsecond
		switch {
		case i%50 == 0:
			at -= 3 * time.Second // late, and within the lateness
			late++
		case i%10 == 0:
			at -= time.Duration(r.Int64N(int64(time.Second)))
		}
		key := r.Int64N(40_000)
		if i > 200_000 && i%2 == 0 {
			key = r.Int64N(10)
		}
		parts[i%3] = append(parts[i%3], sale{key, 1, day.Add(at)})
	}
	want := map[id]int64{}
	for _, part := range parts {
		for _, s := range part {
			want[id{s.Key, floorDiv(nanos(s.At), int64(5*time.Second))}]++
		}
	}
	for shards := 1; shards <= 3; shards++ {
		var panes sink.Collector[stream.Pane[int64, int64]]
		p := stream.New("test")
		p.From(source.Slice(parts...)).EventTime(saleAt, stream.Disorder(time.Second)).KeyBy(saleKey).
			Window(window.Tumbling(5*time.Second, window.Lateness(time.Minute))).
			Aggregate(window.Sum(saleAmount)).To(&panes)
		require.NoError(t, p.Run(t.Context(), stream.Shards(shards)))
		got := map[id]int64{}
		index := map[id]int{}
		for _, pane := range panes.Values() {
			k := id{pane.Key, floorDiv(nanos(pane.Start), int64(5*time.Second))}
			if old, ok := index[k]; !ok || pane.Index > old {
				got[k], index[k] = pane.Value, pane.Index
			}
		}
		require.Equal(t, len(want), len(got))
		for k, n := range want {
			require.Equal(t, n, got[k], "%d shards: key %d, window %d", shards, k.key, k.start)
		}
		stats, _ := p.Stats().Operator("aggregate")
		require.InDelta(t, late, stats.Late, float64(late)/10, "late events were meant to be among them")
		require.Zero(t, stats.TooLate)
	}
}
