package source_test

import (
	"context"
	"fmt"
	"testing/fstest"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
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
