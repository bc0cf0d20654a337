package lifecycle_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// The end of one partition is not the end of another one that is silent: its
// events are not late when they come.
func TestEndBesideSilence(t *testing.T) {
	for _, shards := range []int{1, 2, 3} {
		t.Run(fmt.Sprint(shards), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := make(chan int64), make(chan int64)
				go func() {
					for i := range int64(10) {
						a <- i
						b <- i
					}
					time.Sleep(10 * time.Second) // b is idle
					close(a)
					time.Sleep(10 * time.Second)
					for i := int64(10); i < 20; i++ {
						b <- i
					}
					close(b)
				}()
				p := stream.New("ends")
				at := func(i int64) time.Time { return time.Unix(i, 0) }
				left := p.From(source.Chan(a)).EventTime(at, stream.Idle(time.Second))
				right := p.From(source.Chan(b)).EventTime(at, stream.Idle(time.Second))
				var mu sync.Mutex
				got := map[string]bool{}
				left.Merge(right).KeyBy(func(i int64) int64 { return i % 3 }).Window(window.Tumbling(5 * time.Second)).Count().
					To(sink.Func(func(_ context.Context, e stream.Event[stream.Pane[int64, int64]]) error {
						mu.Lock()
						defer mu.Unlock()
						got[fmt.Sprint(e.Value.Key, e.Value.Start.Unix(), e.Value.Value)] = true
						return nil
					}))
				require.NoError(t, p.Run(t.Context(), stream.Shards(shards)))
				for _, o := range p.Stats().Operators {
					for _, i := range o.Instances {
						require.Zero(t, i.TooLate, "%s", o.Name)
					}
				}
				require.Len(t, got, 12)
			})
		})
	}
}
