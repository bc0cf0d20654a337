package stream_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// What a pipeline will do can be read before it runs.
func ExamplePipeline_Plan() {
	p := stream.New("takings")
	p.From(source.Slice(orders), stream.Name("orders")).
		EventTime(Order.paidAt, stream.Disorder(time.Minute)).
		Filter(func(o Order) bool { return o.Cents > 0 }, stream.Name("paid")).
		KeyBy(Order.shop, stream.Name("by shop")).
		Window(window.Tumbling(time.Hour)).
		Aggregate(window.Sum(Order.cents), stream.Name("takings")).
		To(sink.Discard[stream.Pane[string, int64]]())
	fmt.Print(p.Plan().String())
	fmt.Print(p.Plan().Mermaid())
	// Output:
	// pipeline takings
	//   orders (source): 5 in 1 slices
	//   eventtime: disorder 1m0s <- orders
	//   paid (filter) <- eventtime
	//   by shop (keyby) <- paid
	//   window: tumbling 1h0m0s <- by shop
	//   takings (aggregate) <= window
	//   sink <- takings
	// flowchart LR
	//     n0["orders (source): 5 in 1 slices"]
	//     n1["eventtime: disorder 1m0s"]
	//     n0 --> n1
	//     n2["paid (filter)"]
	//     n1 --> n2
	//     n3["by shop (keyby)"]
	//     n2 --> n3
	//     n4["window: tumbling 1h0m0s"]
	//     n3 --> n4
	//     n5["takings (aggregate)"]
	//     n4 ==> n5
	//     n6["sink"]
	//     n5 --> n6
}

// An error says which operator failed, on which record, and why.
func ExamplePipeline_Run() {
	number := func(_ context.Context, text string) (int, error) { return strconv.Atoi(text) }
	p := stream.New("numbers")
	p.From(source.Slice([]string{"12", "twelve"}), stream.Name("input")).
		TryMap(number, stream.Name("parse")).
		To(sink.Discard[int]())
	err := p.Run(context.Background())
	fmt.Println(err)

	var failed *stream.OperatorError
	if errors.As(err, &failed) {
		fmt.Println("operator:", failed.Operator)
		fmt.Println("position:", failed.Position)
	}
	fmt.Println("syntax:", errors.Is(err, strconv.ErrSyntax))
	// Output:
	// stream: parse at slice 0 event 1: strconv.Atoi: parsing "twelve": invalid syntax
	// operator: parse
	// position: slice 0 event 1
	// syntax: true
}

func ExamplePipeline_Stats() {
	p := stream.New("paid")
	p.From(source.Slice(orders), stream.Name("orders")).
		Filter(func(o Order) bool { return o.Cents >= 1000 }, stream.Name("large")).
		To(sink.Discard[Order]())
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	for _, o := range p.Stats().Operators {
		sum, _ := p.Stats().Operator(o.Name)
		fmt.Println(o.Kind, o.Name, sum.In, sum.Out)
	}
	// Output:
	// source orders 0 5
	// filter large 5 2
	// sink sink 2 0
}

// An output that leads nowhere is a mistake.
func ExamplePipeline_Validate() {
	p := stream.New("lost")
	p.From(source.Slice(orders), stream.Name("orders")).Filter(func(o Order) bool { return o.Cents > 0 }, stream.Name("paid"))
	fmt.Println(p.Validate())
	// Output:
	// stream: nothing consumes paid: end it with To, or take it out
}

func ExampleStream_TryMap() {
	number := func(_ context.Context, text string) (int, error) { return strconv.Atoi(text) }
	p := stream.New("numbers")
	p.From(source.Slice([]string{"12", "x", "30"})).
		TryMap(number, stream.SkipFailures()).
		To(sink.JSONLines[int](os.Stdout))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 12
	// 30
}
