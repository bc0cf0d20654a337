package source_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/source/sourcetest"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

func ExampleChan() {
	clicks := make(chan string, 2)
	clicks <- "home"
	clicks <- "basket"
	close(clicks)

	p := stream.New("clicks")
	p.From(source.Chan(clicks)).To(printed[string]{})
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// home
	// basket
}

func TestChanSuite(t *testing.T) {
	want := numbered(0, 50)
	for _, endless := range []bool{false, true} {
		t.Run(fmt.Sprintf("endless=%v", endless), func(t *testing.T) {
			sourcetest.Suite[string]{
				Source: func(testing.TB) stream.Source[string] {
					c := make(chan string, len(want))
					for _, v := range want {
						c <- v
					}
					if !endless {
						close(c)
					}
					return source.Chan(c)
				},
				Want: want, Endless: endless, Forgets: true,
			}.Run(t)
		})
	}
}

// An event is given as soon as it is there; ctx ends a Read that waits.
func TestChanWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(chan int)
		readers, err := source.Chan(c).Open(&stream.SourceContext{})
		assert.NoError(t, err)
		start := time.Now()
		go func() {
			time.Sleep(time.Hour) // of the bubble
			c <- 7
			time.Sleep(2 * time.Hour)
			close(c)
		}()
		b := stream.NewIntake[int](8)
		assert.NoError(t, readers[0].Read(context.Background(), b))
		assert.Equal(t, 1, b.Len())
		assert.Equal(t, time.Hour, time.Since(start))

		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		assert.ErrorIs(t, readers[0].Read(ctx, b), context.DeadlineExceeded)
		assert.Equal(t, 2*time.Hour, time.Since(start))
		assert.ErrorIs(t, readers[0].Read(context.Background(), b), io.EOF)
		assert.Equal(t, 3*time.Hour, time.Since(start))
	})
}

// Events come through though none follow, also when they fill batches to the
// last place, so that there might be more.
func TestChanGivesFullBatches(t *testing.T) {
	for _, shards := range []int{1, 2} {
		for _, n := range []int{1, 3, 4, 8, 12} {
			synctest.Test(t, func(t *testing.T) {
				c := make(chan int, n)
				for i := range n {
					c <- i
				}
				counts, windows := sink.Collect[stream.KeyValue[int, int64]](), sink.Collect[stream.Pane[int, int64]]()
				p := stream.New("full batches")
				keyed := p.From(source.Chan(c)).
					EventTime(func(i int) time.Time { return time.Unix(int64(i), 0) }).
					KeyBy(func(i int) int { return i % 2 })
				keyed.Running(window.Count[int]()).To(counts)
				keyed.Window(window.Tumbling(time.Second)).Count().To(windows)
				ctx, stop := context.WithCancel(context.Background())
				ended := make(chan error, 1)
				go func() { ended <- p.Run(ctx, stream.Shards(shards), stream.BatchSize(4)) }()
				time.Sleep(10 * time.Millisecond)
				synctest.Wait()
				assert.Len(t, counts.Values(), n, "shards=%d", shards)
				assert.Len(t, windows.Values(), n-1, "shards=%d", shards)
				stop()
				assert.ErrorIs(t, <-ended, context.Canceled)
			})
		}
	}
}
