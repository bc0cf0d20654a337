package stream_test

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// pairs is an operator of its user's own: it gives each event together with
// the one before.
type pairs[T any] struct {
	before T
	any    bool
}

func (p *pairs[T]) Process(in *stream.Batch[T], out *stream.Emitter[[2]T]) error {
	for row, v := range in.All() {
		if p.any {
			out.From(in, row, [2]T{p.before, v})
		}
		p.before, p.any = v, true
	}
	return nil
}

func ExampleStream_Apply() {
	inPairs := func(*stream.OperatorContext) (stream.Processor[int, [2]int], error) { return &pairs[int]{}, nil }
	p := stream.New("stock")
	p.From(source.Slice([]int{40, 38, 38, 50})).
		Apply(inPairs).
		Map(func(p [2]int) string { return fmt.Sprintf("%+d", p[1]-p[0]) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// -2
	// +0
	// +12
}

// changes passes on the prices that differ from the one before of their
// product.
type changes struct {
	cents *stream.KeyedState[string, int64]
}

func newChanges(c *stream.OperatorContext) (stream.KeyedProcessor[string, Price, Price], error) {
	return changes{c.KeyedState[string, int64]("cents")}, nil
}

func (c changes) Process(in *stream.KeyedBatch[string, Price], out *stream.Emitter[Price]) error {
	for row, v := range in.All() {
		product := in.Ref(row)
		if before, known := c.cents.Get(product); !known || before != v.Cents {
			out.From(&in.Batch, row, v)
			c.cents.Put(product, v.Cents)
		}
	}
	return nil
}

func ExampleKeyed_Apply() {
	list := []Price{
		{"tea", 400, clock("08:00")}, {"salt", 90, clock("08:00")},
		{"tea", 400, clock("09:00")}, {"salt", 95, clock("09:00")},
	}
	p := stream.New("price changes")
	p.From(source.Slice(list)).KeyBy(Price.product).
		Apply(newChanges).
		Map(func(p Price) string { return fmt.Sprint(p.Product, " ", p.Cents) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// tea 400
	// salt 90
	// salt 95
}

// A running total that begins anew when a customer has not been seen for five
// minutes.
func ExampleTimeToLive() {
	p := stream.New("since the last visit")
	p.From(source.Slice(orders)).
		EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
		KeyBy(Order.shop).
		Running(window.Sum(Order.cents), stream.InOrder(), stream.TimeToLive(8*time.Minute)).
		To(sink.Table[stream.KeyValue[string, int64]](os.Stdout))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key   value
	// oslo   1200
	// oslo   5700
	// lyon    300
	// lyon   1000
	// oslo    800
}

// Each order with the number that it has at its shop, by the time at which it
// was paid for and not by the order of arrival.
func ExampleInOrder() {
	type numbered struct{ n int }
	number := func(c *stream.KeyContext[string, numbered, string], o Order) error {
		c.State().n++
		c.Emit(fmt.Sprintf("%s #%d: order %d of %s", c.Key(), c.State().n, o.ID, o.PaidAt.Format("15:04")))
		return nil
	}
	p := stream.New("numbers")
	p.From(source.Slice(orders)).
		EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
		KeyBy(Order.shop).
		Process(number, nil, stream.InOrder()).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// oslo #1: order 1 of 09:01
	// oslo #2: order 3 of 09:03
	// lyon #1: order 2 of 09:04
	// lyon #2: order 4 of 09:11
	// oslo #3: order 5 of 09:15
}

// limits passes on what is within a limit, reports what is above, and refuses
// what is below zero.
type limits struct {
	stream.Stateless
	c     *stream.OperatorContext
	above *stream.Side[int]
}

func (l limits) Process(in *stream.Batch[int], out *stream.Emitter[int]) error {
	for row, v := range in.All() {
		switch {
		case v < 0:
			if err := l.c.Fail(in, row, fmt.Errorf("%d is below zero", v)); err != nil {
				return err
			}
		case v > 100:
			l.c.Side(l.above).From(in, row, v)
		default:
			out.From(in, row, v)
		}
	}
	return nil
}

func ExampleSideOutput() {
	p := stream.New("limits")
	var above stream.Side[int]
	var bad stream.Failures[int]
	within := p.From(source.Slice([]int{7, 300, -1})).
		Apply(func(c *stream.OperatorContext) (stream.Processor[int, int], error) {
			return limits{c: c, above: &above}, nil
		}, stream.Name("limits"), stream.SideOutput(&above), stream.Divert(&bad))
	within.Map(func(v int) string { return fmt.Sprint("within: ", v) }).
		Merge(above.Stream().Map(func(v int) string { return fmt.Sprint("above: ", v) })).
		Merge(bad.Stream().Map(func(f stream.Failed[int]) string { return fmt.Sprint(f.Operator, ": ", f.Err) })).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// within: 7
	// above: 300
	// limits: -1 is below zero
}
