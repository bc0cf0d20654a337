package source_test

import (
	"context"
	"fmt"
	"testing/fstest"
	"time"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/checkpoint"
	"github.com/freshet-go/freshet/stream/codec"
)

func ExampleFiles() {
	type Order struct {
		ID     int
		Amount float64
	}
	data := fstest.MapFS{"orders-1.jsonl": {Data: []byte(`{"ID":1,"Amount":9.5}
{"ID":2,"Amount":
{"ID":3,"Amount":4}
`)}}

	var bad stream.Failures[[]byte]
	p := stream.New("orders")
	p.From(source.Files(data, "orders-*.jsonl", codec.JSON[Order]()), stream.Divert(&bad)).
		To(printed[Order]{})
	bad.Stream().
		Map(func(f stream.Failed[[]byte]) string { return f.Position + ": " + string(f.Value) }).
		To(printed[string]{})
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// {1 9.5}
	// {3 4}
	// orders-1.jsonl line 2 byte 22: {"ID":2,"Amount":
}

// A log that is still written to is read now and then. The second line had no
// end yet when it was read first.
func ExampleGrowing() {
	store := checkpoint.Memory()
	run := func(log string) {
		p := stream.New("growing")
		files := fstest.MapFS{"app.log": {Data: []byte(log)}}
		p.From(source.Files(files, "*.log", codec.Lines(), source.Growing())).To(printed[string]{})
		if err := p.Run(context.Background(), stream.Checkpoints(store, time.Minute)); err != nil {
			fmt.Println(err)
		}
		fmt.Println("--")
	}
	run("started\nlisten")
	run("started\nlistening\nstopped\n")
	// Output:
	// started
	// --
	// listening
	// stopped
	// --
}

// Logs that are rotated are read one after the other.
func ExampleInOrder() {
	logs := fstest.MapFS{
		"app-2026-01-02.log": {Data: []byte("third\n")},
		"app-2026-01-01.log": {Data: []byte("first\nsecond\n")},
	}
	p := stream.New("logs")
	p.From(source.Files(logs, "app-*.log", codec.Lines(), source.InOrder())).To(printed[string]{})
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// first
	// second
	// third
}
