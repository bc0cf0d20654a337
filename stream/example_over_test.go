package stream_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// A Purchase is an order among those of its shop.
type Purchase struct {
	Order  Order
	Number int64         // of the shop's orders so far
	Since  time.Duration // since the order before; 0 for the first
	Recent int64         // cents of the last ten minutes
}

func ExampleKeyed_Over() {
	p := stream.New("purchases")
	p.From(source.Slice(orders)).EventTime(Order.paidAt, stream.Disorder(time.Minute)).
		KeyBy(Order.shop).
		Over(over.Select(
			over.Rank(func(p *Purchase, o Order, r over.Ranks) { p.Order, p.Number = o, r.RowNumber }),
			over.Lag(1, func(p *Purchase, before Order, some bool) {
				if some {
					p.Since = p.Order.PaidAt.Sub(before.PaidAt)
				}
			}),
			over.Aggregate(over.Range(10*time.Minute, 0), window.Sum(Order.cents), func(p *Purchase, cents int64) { p.Recent = cents }))).
		Map(func(p Purchase) string {
			return fmt.Sprintf("%s %d: %v after the last, %d in ten minutes", p.Order.Shop, p.Number, p.Since, p.Recent)
		}).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// oslo 1: 0s after the last, 1200 in ten minutes
	// oslo 2: 2m0s after the last, 5700 in ten minutes
	// lyon 1: 0s after the last, 300 in ten minutes
	// lyon 2: 7m0s after the last, 1000 in ten minutes
	// oslo 3: 12m0s after the last, 800 in ten minutes
}

func byCents(a, b Offer) int { return cmp.Compare(a.Cents, b.Cents) }

func productOf(_ int, o Offer) string { return o.Product }

func ExampleTable_OrderBy() {
	p := stream.New("cheapest")
	all := offered(p).OrderBy(func(int, Offer) stream.NoKey { return stream.NoKey{} }, byCents)
	printChanges(p, all.Top(1).MapValues(offerCents))
	// Output:
	// 09:00 + 2 for 390
	// 09:05 - 2 for 390
	// 09:05 + 3 for 90
	// 09:25 + 2 for 390
	// 09:25 - 3 for 90
}

func ExampleOrdered_Top() {
	p := stream.New("cheapest of each product")
	cheapest := offered(p).OrderBy(productOf, byCents).Top(1)
	printChanges(p, cheapest.MapValues(offerCents))
	// Output:
	// 09:00 + 2 for 390
	// 09:05 + 3 for 90
	// 09:10 + 1 for 380
	// 09:10 - 2 for 390
	// 09:20 - 1 for 380
	// 09:20 + 2 for 390
	// 09:25 - 3 for 90
}

func ExampleOrdered_TopOver() {
	p := stream.New("the two cheapest")
	ranked := offered(p).OrderBy(productOf, byCents).TopOver(2, over.Select(
		over.Rank(func(text *string, o Offer, r over.Ranks) {
			*text = fmt.Sprintf("%s no. %d: offer %d", o.Product, r.RowNumber, o.ID)
		})))
	printChanges(p, ranked)
	// Output:
	// 09:00 + tea no. 1: offer 2
	// 09:00 + tea no. 2: offer 1
	// 09:05 + salt no. 1: offer 3
	// 09:10   tea no. 2: offer 1 → tea no. 1: offer 1
	// 09:10   tea no. 1: offer 2 → tea no. 2: offer 2
	// 09:20 - tea no. 1: offer 1
	// 09:20   tea no. 2: offer 2 → tea no. 1: offer 2
	// 09:25 - salt no. 1: offer 3
}

func ExampleOrdered_Over() {
	p := stream.New("how much dearer")
	dearer := offered(p).OrderBy(productOf, byCents).Over(over.Select(
		over.Row(func(text *string, o Offer) { *text = fmt.Sprint("offer ", o.ID) }),
		over.Lag(1, func(text *string, cheaper Offer, some bool) {
			if some {
				*text += fmt.Sprint(" is dearer than ", cheaper.ID)
			}
		})))
	printChanges(p, dearer)
	// Output:
	// 09:00 + offer 1 is dearer than 2
	// 09:00 + offer 2
	// 09:05 + offer 3
	// 09:10   offer 1 is dearer than 2 → offer 1
	// 09:10   offer 2 → offer 2 is dearer than 1
	// 09:20 - offer 1
	// 09:20   offer 2 is dearer than 1 → offer 2
	// 09:25 - offer 3
}
