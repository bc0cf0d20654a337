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
)

// An openCart is what has come of a cart so far.
type openCart struct {
	Items int
	Paid  bool
}

// openCarts holds carts for an hour, and puts out those that were not paid for. An item
// and the payment may come in any order.
type openCarts struct {
	carts  *stream.KeyedState[string, openCart]
	timers *stream.Timers[string]
}

func newOpenCarts(c *stream.OperatorContext) (stream.CoProcessor[string, Item, Checkout, string], error) {
	return openCarts{c.KeyedState[string, openCart]("carts"), c.Timers[string]()}, nil
}

func (o openCarts) ProcessLeft(in *stream.KeyedBatch[string, Item], _ *stream.Emitter[string]) error {
	for row := range in.All() {
		o.carts.At(in.Ref(row)).Items++
		o.timers.Set(in.Ref(row), in.Time(row).Add(time.Hour))
	}
	return nil
}

func (o openCarts) ProcessRight(in *stream.KeyedBatch[string, Checkout], _ *stream.Emitter[string]) error {
	for row := range in.All() {
		o.carts.At(in.Ref(row)).Paid = true
		o.timers.Set(in.Ref(row), in.Time(row).Add(time.Hour))
	}
	return nil
}

func (o openCarts) OnTimer(t stream.Timer[string], out *stream.Emitter[string]) error {
	if cart, open := o.carts.Get(t.KeyRef); open && !cart.Paid {
		out.Emit(fmt.Sprintf("%s has %d items and was not paid for", t.Key(), cart.Items), t.At)
		o.carts.Delete(t.KeyRef)
	}
	return nil
}

func ExampleKeyed_Connect() {
	p := stream.New("open carts")
	added := p.From(source.Slice(items)).EventTime(Item.addedAt).KeyBy(Item.cart)
	paid := p.From(source.Slice(checkouts)).EventTime(Checkout.paidAt).KeyBy(Checkout.cart)
	added.Connect(paid, newOpenCarts, stream.Name("open carts")).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output: c3 has 1 items and was not paid for
}

// away says when somebody has not been seen for ten minutes.
type away struct {
	last   *stream.KeyedState[string, stream.Time]
	timers *stream.Timers[string]
}

func newAway(c *stream.OperatorContext) (stream.KeyedProcessor[string, Order, string], error) {
	return away{c.KeyedState[string, stream.Time]("last"), c.Timers[string]()}, nil
}

func (a away) Process(in *stream.KeyedBatch[string, Order], _ *stream.Emitter[string]) error {
	for row := range in.All() {
		shop := in.Ref(row)
		if before, ok := a.last.Get(shop); ok {
			a.timers.Cancel(shop, before.Add(10*time.Minute))
		}
		a.last.Put(shop, in.Time(row))
		a.timers.Set(shop, in.Time(row).Add(10*time.Minute))
	}
	return nil
}

func (a away) OnTimer(t stream.Timer[string], out *stream.Emitter[string]) error {
	out.Emit(fmt.Sprintf("%s: nothing since %s", t.Key(), t.At.Add(-10*time.Minute).Std().Format("15:04")), t.At)
	return nil
}

// InOrder has the events come by their times, one at a time, and the timers between them.
func ExampleTimerProcessor() {
	p := stream.New("away")
	p.From(source.Slice(orders)).
		EventTime(Order.paidAt, stream.Disorder(2*time.Minute)).
		KeyBy(Order.shop).
		Apply(newAway, stream.InOrder(), stream.Name("away")).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// oslo: nothing since 09:03
	// lyon: nothing since 09:11
	// oslo: nothing since 09:15
}

// A Span is from the least to the greatest of some numbers.
type Span struct{ Low, High int }

func (s Span) join(t Span) Span { return Span{min(s.Low, t.Low), max(s.High, t.High)} }

// scaling puts out where in the span of all numbers so far a number is.
type scaling struct{ span *stream.State[Span] }

func newScaling(c *stream.OperatorContext) (stream.Processor[int, string], error) {
	// On another number of shards each begins with what all of them know.
	s := scaling{c.State("span", stream.ToEach(Span.join))}
	s.span.Put(Span{0, 1})
	return s, nil
}

func (s scaling) Process(in *stream.Batch[int], out *stream.Emitter[string]) error {
	for row, n := range in.All() {
		span := s.span.At()
		*span = span.join(Span{n, n})
		out.From(in, row, fmt.Sprintf("%d is at %d %%", n, 100*(n-span.Low)/(span.High-span.Low)))
	}
	return nil
}

func ExampleOperatorContext_State() {
	p := stream.New("scaled")
	p.From(source.Slice([]int{10, 5, 40, 20})).
		Apply(newScaling).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 10 is at 100 %
	// 5 is at 50 %
	// 40 is at 100 %
	// 20 is at 50 %
}
