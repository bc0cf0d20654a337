package stream_test

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// An Offer is a row of a table: what a seller asks for a product.
type Offer struct {
	ID      int
	Product string
	Cents   int64
	At      time.Time // when it was changed
}

// offers are the changes of their table, in the order of their times.
var offers = []stream.Change[Offer]{
	{Kind: stream.Insert, After: Offer{1, "tea", 450, clock("09:00")}},
	{Kind: stream.Insert, After: Offer{2, "tea", 390, clock("09:00")}},
	{Kind: stream.Insert, After: Offer{3, "salt", 90, clock("09:05")}},
	{Kind: stream.Update, After: Offer{1, "tea", 380, clock("09:10")}},
	{Kind: stream.Update, After: Offer{1, "tea", 380, clock("09:15")}}, // as before, but for the time
	{Kind: stream.Delete, Before: Offer{1, "tea", 380, clock("09:20")}},
	{Kind: stream.Delete, Before: Offer{3, "salt", 90, clock("09:25")}},
}

func offerID(c stream.Change[Offer]) int       { return c.Row().ID }
func offerAt(c stream.Change[Offer]) time.Time { return c.Row().At }
func offerCents(_ int, o Offer) string         { return fmt.Sprint(o.ID, " for ", o.Cents) }
func offered(p *stream.Pipeline) stream.Table[int, Offer] {
	return stream.TableOf(p.From(source.Slice(offers)).EventTime(offerAt).KeyBy(offerID))
}

// printChanges runs a pipeline and prints the changes of a table of text, ordered where nothing else orders them.
func printChanges[K comparable](p *stream.Pipeline, t stream.Table[K, string], opts ...stream.RunOption) {
	out := sink.Collect[stream.Change[string]]()
	t.Changes().To(out)
	if err := p.Run(context.Background(), opts...); err != nil {
		fmt.Println(err)
	}
	events := out.Events()
	slices.SortFunc(events, func(a, b stream.Event[stream.Change[string]]) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Value.Row(), b.Value.Row()))
	})
	for _, e := range events {
		at := e.Time.Std().UTC().Format("15:04")
		switch c := e.Value; c.Kind {
		case stream.Insert:
			fmt.Println(at, "+", c.After)
		case stream.Update:
			fmt.Println(at, " ", c.Before, "→", c.After)
		case stream.Delete:
			fmt.Println(at, "-", c.Before)
		}
	}
}

func ExampleTableOf() {
	p := stream.New("offers")
	printChanges(p, offered(p).MapValues(offerCents))
	// Output:
	// 09:00 + 1 for 450
	// 09:00 + 2 for 390
	// 09:05 + 3 for 90
	// 09:10   1 for 450 → 1 for 380
	// 09:20 - 1 for 380
	// 09:25 - 3 for 90
}

// A message of a compacted topic is a key and a value, or a key alone: the row is no more.
func ExampleKeyed_ToTable() {
	type message struct {
		Key   string
		Value *int64
		At    time.Time
	}
	p := stream.New("stock")
	messages := []message{{"tea", new(int64(12)), clock("09:00")}, {"salt", new(int64(3)), clock("09:01")}, {"tea", nil, clock("09:02")}}
	stock := p.From(source.Slice(messages)).EventTime(func(m message) time.Time { return m.At }).
		KeyBy(func(m message) string { return m.Key }).
		ToTable(func(m message) stream.Change[int64] {
			if m.Value == nil {
				return stream.Change[int64]{Kind: stream.Delete}
			}
			return stream.Change[int64]{Kind: stream.Update, After: *m.Value}
		})
	printChanges(p, stock.MapValues(func(product string, n int64) string { return fmt.Sprint(n, " of ", product) }))
	// Output:
	// 09:00 + 12 of tea
	// 09:01 + 3 of salt
	// 09:02 - 12 of tea
}

func ExampleLatestTable() {
	p := stream.New("last orders")
	latest := stream.LatestTable(p.From(source.Slice(orders)).EventTime(Order.paidAt, stream.Disorder(time.Minute)).KeyBy(Order.shop))
	printChanges(p, latest.MapValues(func(shop string, o Order) string { return shop + " " + o.Customer }))
	// Output:
	// 09:01 + oslo ann
	// 09:03   oslo ann → oslo cyd
	// 09:04 + lyon bob
	// 09:11   lyon bob → lyon ann
	// 09:15   oslo cyd → oslo bob
}

func ExampleKeyed_AggregateTable() {
	p := stream.New("revenue")
	revenue := p.From(source.Slice(orders)).EventTime(Order.paidAt, stream.Disorder(time.Minute)).
		KeyBy(Order.shop).
		AggregateTable(window.Sum(Order.cents))
	printChanges(p, revenue.MapValues(func(shop string, cents int64) string { return fmt.Sprint(shop, " ", cents) }))
	// Output:
	// 09:01 + oslo 1200
	// 09:03   oslo 1200 → oslo 5700
	// 09:04 + lyon 300
	// 09:11   lyon 300 → lyon 1000
	// 09:15   oslo 5700 → oslo 6500
}

func ExampleTable_Filter() {
	p := stream.New("cheap offers")
	cheap := offered(p).Filter(func(_ int, o Offer) bool { return o.Cents < 400 })
	printChanges(p, cheap.MapValues(offerCents))
	// Output:
	// 09:00 + 2 for 390
	// 09:05 + 3 for 90
	// 09:10 + 1 for 380
	// 09:20 - 1 for 380
	// 09:25 - 3 for 90
}

// The least price of each product, as offers come, change and go.
func ExampleGrouped_Aggregate() {
	p := stream.New("best offers")
	best := offered(p).
		GroupBy(func(_ int, o Offer) string { return o.Product }).
		Aggregate(window.Multiset(func(o Offer) int64 { return o.Cents }).Min())
	printChanges(p, best.MapValues(func(product string, cents int64) string { return fmt.Sprint(product, " from ", cents) }))
	// Output:
	// 09:00 + tea from 390
	// 09:05 + salt from 90
	// 09:10   tea from 390 → tea from 380
	// 09:20   tea from 380 → tea from 390
	// 09:25 - salt from 90
}

func ExampleTable_Join() {
	p := stream.New("offers and stock")
	stocked := []Price{{"tea", 12, clock("09:02")}, {"oil", 1, clock("09:30")}} // Cents are pieces
	stock := stream.LatestTable(p.From(source.Slice(stocked)).EventTime(Price.from).KeyBy(Price.product))
	counts := offered(p).GroupBy(func(_ int, o Offer) string { return o.Product }).Aggregate(window.Count[Offer]())
	joined := counts.Join(stock, stream.LeftOuter, func(m stream.Match[int64, Price]) string {
		if !m.HasRight {
			return fmt.Sprint(m.Left, " offers, no stock")
		}
		return fmt.Sprint(m.Left, " offers, ", m.Right.Cents, " in stock")
	})
	printChanges(p, joined.MapValues(func(product, text string) string { return product + ": " + text }))
	// Output:
	// 09:00 + tea: 2 offers, no stock
	// 09:02   tea: 2 offers, no stock → tea: 2 offers, 12 in stock
	// 09:05 + salt: 1 offers, no stock
	// 09:20   tea: 2 offers, 12 in stock → tea: 1 offers, 12 in stock
	// 09:25 - salt: 1 offers, no stock
}

// Each offer refers to its product, whose shelf changes.
func ExampleTable_ForeignKeyJoin() {
	type shelf struct {
		Product, Place string
		From           time.Time
	}
	p := stream.New("places")
	shelves := []shelf{{"tea", "A", clock("08:00")}, {"tea", "B", clock("09:12")}}
	places := stream.LatestTable(p.From(source.Slice(shelves)).EventTime(func(s shelf) time.Time { return s.From }).KeyBy(func(s shelf) string { return s.Product }))
	placed := offered(p).ForeignKeyJoin(places, func(_ int, o Offer) string { return o.Product }, stream.Inner,
		func(m stream.Match[Offer, shelf]) string { return fmt.Sprint(m.Left.ID, " at ", m.Right.Place) })
	printChanges(p, placed)
	// Output:
	// 09:00 + 1 at A
	// 09:00 + 2 at A
	// 09:12   1 at A → 1 at B
	// 09:12   2 at A → 2 at B
	// 09:20 - 1 at B
}

// Which offer a customer looked at: as of the time of the look.
func ExampleKeyed_TemporalJoin() {
	type look struct {
		Offer int
		At    time.Time
	}
	p := stream.New("looks")
	looks := []look{{1, clock("09:05")}, {1, clock("09:10")}, {1, clock("09:21")}}
	p.From(source.Slice(looks)).EventTime(func(l look) time.Time { return l.At }).
		KeyBy(func(l look) int { return l.Offer }).
		TemporalJoin(offered(p), stream.LeftOuter, func(m stream.Match[look, Offer]) string {
			if !m.HasRight {
				return m.Left.At.Format("15:04") + " is gone"
			}
			return fmt.Sprint(m.Left.At.Format("15:04"), " for ", m.Right.Cents)
		}).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 09:05 for 450
	// 09:10 for 380
	// 09:21 is gone
}

// The most orders that each shop has had within four minutes. Should a late order change a window, the result changes
// with it.
func ExamplePaneTable() {
	p := stream.New("busiest")
	panes := p.From(source.Slice(orders)).EventTime(Order.paidAt, stream.Disorder(time.Minute)).
		KeyBy(Order.shop).
		Window(window.Tumbling(4*time.Minute, window.Lateness(time.Hour))).
		Count()
	busiest := stream.PaneTable(panes).
		GroupBy(func(w stream.WindowKey[string], _ int64) string { return w.Key }).
		Aggregate(window.Multiset(func(n int64) int64 { return n }).Max())
	printChanges(p, busiest.MapValues(func(shop string, n int64) string { return fmt.Sprint(shop, " ", n) }))
	// Output:
	// 09:03 + oslo 2
	// 09:07 + lyon 1
}

// Sessions that grow: a late order of oslo makes one visit of two. What was counted of the shorter ones is taken back.
func ExamplePaneTable_sessions() {
	visits := []Order{
		{Shop: "oslo", PaidAt: clock("09:00")}, {Shop: "lyon", PaidAt: clock("09:00")},
		{Shop: "oslo", PaidAt: clock("09:08")}, {Shop: "oslo", PaidAt: clock("09:20")},
		{Shop: "oslo", PaidAt: clock("09:04")}, // late
	}
	p := stream.New("visits")
	panes := p.From(source.Slice(visits)).EventTime(Order.paidAt).
		KeyBy(Order.shop).
		Window(window.Session(5*time.Minute, window.Lateness(time.Hour))).
		Count()
	each := stream.PaneTable(panes).
		GroupBy(func(w stream.WindowKey[string], _ int64) window.Window {
			return window.Window{Start: w.Start, End: w.End}
		}).
		Aggregate(window.Sum(func(n int64) int64 { return n }))
	printChanges(p, each.MapValues(func(w window.Window, n int64) string {
		return fmt.Sprint(w.Start.Std().Format("15:04"), " to ", w.End.Std().Format("15:04"), ": ", n)
	}), stream.BatchSize(1), stream.Shards(1))
	// Output:
	// 09:04 + 09:00 to 09:05: 2
	// 09:12 + 09:08 to 09:13: 1
	// 09:20   09:00 to 09:05: 2 → 09:00 to 09:05: 1
	// 09:20 + 09:00 to 09:13: 3
	// 09:20 - 09:08 to 09:13: 1
	// 09:24 + 09:20 to 09:25: 1
}

// The changes of a table go to any sink that takes them.
func ExampleTable_Changes() {
	p := stream.New("last orders")
	latest := stream.LatestTable(p.From(source.Slice(orders)).EventTime(Order.paidAt, stream.Disorder(time.Minute)).KeyBy(Order.customer))
	latest.MapValues(func(customer string, o Order) string { return customer + " in " + o.Shop }).
		Filter(func(customer, _ string) bool { return customer == "bob" }).
		Changes().
		Map(func(c stream.Change[string]) string { return fmt.Sprint(c.Kind, ": ", c.After) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// insert: bob in lyon
	// update: bob in oslo
}
