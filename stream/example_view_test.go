package stream_test

import (
	"context"
	"fmt"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/window"
)

// What has this customer spent so far? The pipeline knows, and is asked while it runs.
func ExampleExpose() {
	var spent stream.View[string, int64]
	paid, summed := make(chan Order, 3), make(chan struct{}, 3)

	p := stream.New("spent")
	p.From(source.Chan(paid)).
		KeyBy(func(o Order) string { return o.Customer }).
		Running(window.Sum(func(o Order) int64 { return o.Cents }), stream.Expose(&spent)).
		To(sink.Func(func(context.Context, stream.Event[stream.KeyValue[string, int64]]) error {
			summed <- struct{}{}
			return nil
		}))
	ended := make(chan error)
	go func() { ended <- p.Run(context.Background()) }()

	for _, o := range orders[:3] {
		paid <- o
		<-summed
	}
	cents, known, err := spent.Get(context.Background(), "ann")
	fmt.Println(cents, known, err)

	close(paid)
	fmt.Println(<-ended)
	_, _, err = spent.Get(context.Background(), "ann")
	fmt.Println(err)
	// Output:
	// 1200 true <nil>
	// <nil>
	// stream: running: view: the pipeline is not running
}

// What had this customer spent by the last checkpoint? A program that runs nothing can tell.
func ExampleSavedView() {
	store := checkpoint.Memory() // a service has checkpoint.Dir
	spending := func() (*stream.Pipeline, *stream.View[string, int64]) {
		var spent stream.View[string, int64]
		p := stream.New("spent")
		p.From(source.Slice(orders)).
			KeyBy(func(o Order) string { return o.Customer }).
			Running(window.Sum(func(o Order) int64 { return o.Cents }), stream.Expose(&spent), stream.Name("spent so far")).
			To(sink.Discard[stream.KeyValue[string, int64]]())
		return p, &spent
	}
	service, _ := spending()
	fmt.Println(service.Run(context.Background(), stream.Checkpoints(store, time.Second)))

	_, spent := spending()
	saved, err := spent.AsOf(store, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(saved.Get("ann"))
	id, _ := saved.Checkpoint()
	fmt.Println("as of checkpoint", id)
	// Output:
	// <nil>
	// 1900 true <nil>
	// as of checkpoint 1
}
