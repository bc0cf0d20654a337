package stream_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

// A late event can add a key to a window's table, and the table then grows
// while a batch is being added to it: the events behind the late one in the
// batch are counted all the same.
func TestTableGrowsWithinABatch(t *testing.T) {
	const keys = 4000
	p := stream.New("test")
	in := streamtest.NewInput[tick]()
	out := streamtest.Collect(p.From(in).EventTime(tickTime).KeyBy(tickKey).
		Window(window.Tumbling(100*time.Second, window.Lateness(time.Hour))).Count())
	d := streamtest.Start(t, p, streamtest.BatchSize(keys))
	var events []tick
	want := map[int]int64{}
	for i := range keys {
		e := tick{Key: i, At: 150} // the newest window
		if i%2 == 0 {
			e.At = 155 // late from the second on, though its window is open
		}
		events = append(events, e, tick{Key: i / 2, At: 160})
		want[e.Key]++
		want[i/2]++
	}
	in.Push(events...)
	in.End()
	d.Settle()
	got := map[int]int64{}
	latest := map[[2]int64]int64{} // the last pane of a window and key has all
	for _, pane := range out.Take() {
		latest[[2]int64{int64(pane.Key), pane.Start.Unix()}] = pane.Value
	}
	for k, n := range latest {
		got[int(k[0])] += n
	}
	requireSame(t, want, got, "events by key")
	require.Len(t, got, keys)
}
