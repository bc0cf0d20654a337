package source_test

import (
	"context"
	"fmt"
	"os"
	"testing/fstest"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

// Records that could not be read are written as JSON, with the cause.
func ExampleFiles_failures() {
	type order struct{ Shop string }
	dir := fstest.MapFS{"orders-1.csv": {Data: []byte("Shop\nBonn\nUlm,7\n")}}

	p := stream.New("orders")
	var bad stream.Failures[[]byte]
	orders := p.From(source.Files(dir, "orders-*.csv", codec.CSV[order]()), stream.Divert(&bad), stream.Name("orders"))
	bad.Stream().To(sink.JSONLines[stream.Failed[[]byte]](os.Stdout))
	orders.To(sink.Discard[order]())
	fmt.Println(p.Run(context.Background()))
	// Output:
	// {"Value":"VWxtLDc=","Time":null,"Operator":"orders","Position":"orders-1.csv line 3 byte 10","Err":"row has 2 fields, not 1"}
	// <nil>
}
