package stream_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/streamtest"
	"github.com/freshet-go/freshet/window"
)

func sec(s float64) time.Time { return time.Unix(0, int64(s*1e9)).UTC() }

func TestSmoke(t *testing.T) {
	for shards := 1; shards <= 3; shards++ {
		for name, spec := range map[string]window.Spec{
			"tumbling": window.Tumbling(10*time.Second, window.Lateness(100*time.Second)),
			"sliding":  window.Sliding(10*time.Second, 4*time.Second),
			"session":  window.Session(10*time.Second, window.EarlyCount(2)),
			"trig":     window.Tumbling(10*time.Second, window.EarlyCount(2), window.Discarding()),
			"count":    window.ByCount(2),
			"cumul":    window.Cumulating(10*time.Second, 5*time.Second),
		} {
			in := streamtest.NewInput[int]()
			p := stream.New("x")
			w := p.From(in).KeyBy(func(i int) int { return i % 2 }).Window(spec)
			out := streamtest.Collect(w.Aggregate(window.Collect[int]()))
			late := streamtest.Collect(w.Late())
			d := streamtest.Start(t, p, streamtest.Shards(shards))
			show := func() {
				for _, p := range out.Take() {
					fmt.Println(shards, name, p.Key, p.Start.Unix(), p.End.Unix(), p.Timing, p.Index, p.Value)
				}
				for _, p := range late.Take() {
					fmt.Println("late", p)
				}
			}
			for _, i := range []int{1, 2, 3, 10, 11, 25} {
				in.PushAt(sec(float64(i)), i)
			}
			in.AdvanceWatermark(sec(100))
			d.Settle()
			show()
			in.PushAt(sec(7), 7)
			d.Settle()
			show()
			in.End()
			d.Settle()
			show()
		}
	}
}
