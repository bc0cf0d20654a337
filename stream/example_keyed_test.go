package stream_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

func ExampleKeyed_Running() {
	p := stream.New("so far")
	p.From(source.Slice(orders)).KeyBy(Order.shop).
		Running(window.Sum(Order.cents)).
		To(sink.Table[stream.KeyValue[string, int64]](os.Stdout))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key   value
	// oslo   1200
	// lyon    300
	// oslo   5700
	// lyon   1000
	// oslo   6500
}

// The largest payment of each shop so far.
func ExampleKeyed_Running_largest() {
	p := stream.New("largest so far")
	p.From(source.Slice(orders)).KeyBy(Order.shop).
		Running(window.Max(Order.cents)).
		To(sink.Table[stream.KeyValue[string, int64]](os.Stdout))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// key   value
	// oslo   1200
	// lyon    300
	// oslo   4500
	// lyon    700
	// oslo   4500
}

// A browser sends a page view again when it gets no answer.
func ExampleKeyed_Deduplicate() {
	views := []View{
		{"ann", "/tea", clock("09:00")},
		{"ann", "/tea", clock("09:01")},
		{"bob", "/tea", clock("09:01")},
		{"ann", "/tea", clock("09:20")},
	}
	p := stream.New("once")
	p.From(source.Slice(views)).EventTime(View.at).
		KeyBy(func(v View) [2]string { return [2]string{v.Visitor, v.Page} }).
		Deduplicate(10 * time.Minute).
		Map(func(v View) string { return v.At.Format("15:04 ") + v.Visitor }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 09:00 ann
	// 09:01 bob
	// 09:20 ann
}

// A reminder for carts in which nothing has happened for an hour.
func ExampleKeyed_Process() {
	type cart struct {
		Items int
		Due   time.Time
	}
	type cartContext = stream.KeyContext[string, cart, string]
	added := func(c *cartContext, i Item) error {
		s := c.State()
		c.CancelTimer(s.Due)
		s.Items++
		s.Due = i.AddedAt.Add(time.Hour)
		c.SetTimer(s.Due)
		return nil
	}
	remind := func(c *cartContext) error {
		c.Emit(fmt.Sprintf("%s remind %s of %d items", c.Time().Format("15:04"), c.Key(), c.State().Items))
		c.Clear()
		return nil
	}
	p := stream.New("reminders")
	p.From(source.Slice([]Item{
		{"c1", "tea", clock("09:00")}, {"c1", "salt", clock("09:40")}, {"c2", "rice", clock("09:50")}, {"c1", "oats", clock("10:45")},
	})).EventTime(Item.addedAt).KeyBy(Item.cart).
		Process(added, remind, stream.InOrder()).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 10:40 remind c1 of 2 items
	// 10:50 remind c2 of 1 items
	// 11:45 remind c1 of 1 items
}

// Failures go to a dead-letter stream with where they came from and why.
func ExampleDivert() {
	priced := func(_ context.Context, o Order) (string, error) {
		if o.Cents == 300 {
			return "", errors.New("below the smallest price")
		}
		return fmt.Sprintf("order %d is fine", o.ID), nil
	}
	var bad stream.Failures[Order]
	p := stream.New("checked")
	p.From(source.Slice(orders), stream.Name("orders")).
		TryMap(priced, stream.Name("check"), stream.Divert(&bad)).
		To(sink.Writer(os.Stdout, codec.Lines()))
	bad.Stream().
		Map(func(f stream.Failed[Order]) string { return fmt.Sprintf("order %d: %v", f.Value.ID, f.Err) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// order 1 is fine
	// order 2: below the smallest price
	// order 3 is fine
	// order 4 is fine
	// order 5 is fine
}

func ExampleSkipFailures() {
	p := stream.New("skipped")
	p.From(source.Slice([]int{4, 0, 2})).
		Map(func(n int) int { return 8 / n }, stream.Name("divide"), stream.SkipFailures()).
		To(sink.Writer(os.Stdout, codec.JSON[int]()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	s, _ := p.Stats().Operator("divide")
	fmt.Println("failed:", s.Failed)
	// Output:
	// 2
	// 4
	// failed: 1
}

func ExampleTry() {
	cents := func(_ context.Context, text string) (n int64, err error) {
		_, err = fmt.Sscanf(text, "%d cents", &n)
		return n, err
	}
	p := stream.New("try")
	good, bad := stream.Try(p.From(source.Slice([]string{"12 cents", "no money"})), cents)
	good.To(sink.JSONLines[int64](os.Stdout))
	bad.Map(func(f stream.Failed[string]) string { return "bad: " + f.Value }).To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// 12
	// bad: no money
}

// Customers' names come from another service: four calls at once, each tried
// again twice, and what is known is kept for a minute.
func ExampleStream_Enrich() {
	name := func(_ context.Context, o Order) (string, error) {
		return map[string]string{"ann": "Ann Bly", "bob": "Bob Cay", "cyd": "Cyd Dow"}[o.Customer], nil
	}
	p := stream.New("names")
	p.From(source.Slice(orders)).
		Enrich(name, stream.Concurrency(4), stream.Timeout(time.Second), stream.Retry(2, 100*time.Millisecond)).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Ann Bly
	// Bob Cay
	// Cyd Dow
	// Ann Bly
	// Bob Cay
}

func ExampleKeyed_Lookup() {
	find := func(_ context.Context, customer string) (int, error) { return len(customer), nil }
	p := stream.New("lookup")
	p.From(source.Slice(orders[:2])).KeyBy(Order.customer).
		Lookup(find, func(o Order, n int) string { return fmt.Sprint(o.Customer, " ", n) }, stream.CacheResults(1000, time.Minute)).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ann 3
	// bob 3
}
