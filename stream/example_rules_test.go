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

// A limit says how much a shop may sell at once. It is edited while the shops are open.
type limit struct {
	Rule  string
	Cents int64 // 0 if the rule is gone
	From  time.Time
}

func (l limit) rule() string    { return l.Rule }
func (l limit) from() time.Time { return l.From }
func (l limit) change() stream.Change[int64] {
	if l.Cents == 0 {
		return stream.Change[int64]{Kind: stream.Delete}
	}
	return stream.Change[int64]{Kind: stream.Update, After: l.Cents}
}

// Each order is judged by the limits of its time, by whatever shard it is.
func ExampleKeyed_ConnectAll() {
	limits := []limit{
		{"large", 4000, clock("09:00")},
		{"huge", 9000, clock("09:02")},
		{"large", 600, clock("09:05")}, // edited
		{"huge", 0, clock("09:10")},    // taken back
	}
	p := stream.New("limits")
	rules := p.From(source.Slice(limits), stream.Name("limits")).EventTime(limit.from, stream.Name("valid from")).KeyBy(limit.rule)
	p.From(source.Slice(orders)).EventTime(Order.paidAt, stream.Disorder(5*time.Minute)).KeyBy(Order.shop).
		ConnectAll(rules, limit.change,
			func(c *stream.KeyContext[string, int, string], rules *stream.Rules[string, int64], o Order) error {
				*c.State()++ // the orders of this shop
				for name, cents := range rules.All() {
					if o.Cents > cents {
						c.Emit(fmt.Sprintf("%s: order %d of %s, %d > %d", name, *c.State(), o.Shop, o.Cents, cents))
					}
				}
				return nil
			}, nil, stream.InOrder()).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// large: order 2 of oslo, 4500 > 4000
	// large: order 2 of lyon, 700 > 600
	// large: order 3 of oslo, 800 > 600
}

// Orders of a shop and the limits of that shop, in one function's state: an order is held against the limit that came before it.
func ExampleKeyed_ProcessBoth() {
	limits := []limit{{"oslo", 1000, clock("09:00")}, {"lyon", 500, clock("09:05")}, {"oslo", 5000, clock("09:02")}}
	p := stream.New("limits of shops")
	set := p.From(source.Slice(limits), stream.Name("limits")).EventTime(limit.from, stream.Disorder(time.Hour), stream.Name("valid from")).KeyBy(limit.rule)
	p.From(source.Slice(orders)).EventTime(Order.paidAt, stream.Disorder(time.Hour)).KeyBy(Order.shop).
		ProcessBoth(set,
			func(c *stream.KeyContext[string, int64, string], o Order) error {
				if most := *c.State(); most > 0 && o.Cents > most {
					c.Emit(fmt.Sprintf("order %d of %s: %d > %d", o.ID, o.Shop, o.Cents, most))
				}
				return nil
			},
			func(c *stream.KeyContext[string, int64, string], l limit) error {
				*c.State() = l.Cents
				return nil
			}, nil, stream.InOrder()).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// order 1 of oslo: 1200 > 1000
	// order 4 of lyon: 700 > 500
}

// Orders go to one of three streams by their amount.
func ExampleStream_SplitBy() {
	p := stream.New("three")
	parts := p.From(source.Slice(orders)).SplitBy(3, func(o Order) int { return min(int(o.Cents/1000), 2) })
	for i, size := range []string{"small", "middle", "large"} {
		parts[i].Map(func(o Order) string { return fmt.Sprint(size, " ", o.ID) }).To(sink.Writer(os.Stdout, codec.Lines()))
	}
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// middle 1
	// small 2
	// large 3
	// small 4
	// small 5
}

// When a limit is set, all shops are held against it: what they have sold already may be too much.
func ExampleEachKey() {
	limits := []limit{{"most", 5000, clock("09:02")}, {"most", 1000, clock("09:12")}}
	p := stream.New("limits")
	rules := p.From(source.Slice(limits), stream.Name("limits")).EventTime(limit.from, stream.Name("valid from")).KeyBy(limit.rule)
	p.From(source.Slice(orders)).EventTime(Order.paidAt, stream.Disorder(5*time.Minute)).KeyBy(Order.shop).
		ConnectAll(rules, limit.change,
			func(c *stream.KeyContext[string, int64, string], _ *stream.Rules[string, int64], o Order) error {
				*c.State() += o.Cents // what this shop has sold
				return nil
			}, nil, stream.InOrder(),
			stream.EachKey(func(c *stream.KeyContext[string, int64, string], rules *stream.Rules[string, int64], name string) error {
				most, _ := rules.Get(name)
				c.Emit(fmt.Sprintf("%s %s: sold %d, may sell %d", c.Time().Format("15:04"), c.Key(), *c.State(), most))
				return nil
			})).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// 09:02 oslo: sold 1200, may sell 5000
	// 09:12 oslo: sold 5700, may sell 1000
	// 09:12 lyon: sold 1000, may sell 1000
}
