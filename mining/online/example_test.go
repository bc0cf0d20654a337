package online_test

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/eval"
	"github.com/freshet-go/freshet/mining/linear"
	"github.com/freshet-go/freshet/mining/online"
	"github.com/freshet-go/freshet/mining/tune"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// An Order is of a shop; Sent says when it was sent back, if it was.
type Order struct {
	ID   int
	Shop string
	Euro float64
	Back bool
	At   time.Time
}

func (o Order) Number() int       { return o.ID }
func (o Order) In() string        { return o.Shop }
func (o Order) PaidAt() time.Time { return o.At }

// Features fills what a model sees of an order.
func (o Order) Features(x *mining.Vector) { x.Append(o.Euro) }

// Returned is the label.
func (o Order) Returned() float64 {
	if o.Back {
		return 1
	}
	return 0
}

// newRate makes a model that says how often the label was 1: of one's own, as small as one can be. Package
// mining/linear has better ones.
func newRate() *classes { return &classes{k: 2} }

func orders() []Order {
	at := func(day int) time.Time { return time.Date(2026, 11, day, 12, 0, 0, 0, time.UTC) }
	return []Order{
		{1, "oslo", 20, false, at(2)}, {2, "oslo", 90, true, at(3)}, {3, "lyon", 30, false, at(4)},
		{4, "oslo", 80, true, at(5)}, {5, "lyon", 40, false, at(6)}, {6, "oslo", 70, true, at(9)},
	}
}

func show(s online.Scored[Order]) string {
	return fmt.Sprintf("%d %s: %.2f, learnt from %d", s.Value.ID, s.Value.Shop, s.Probability, s.Learnt)
}

func ExampleClassify() {
	task := online.Classify(newRate, Order.Features, Order.Returned)
	p := stream.New("returns")
	p.From(source.Slice(orders())).
		KeyBy(online.All).Apply(task.PerKey).
		Map(show).To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1 oslo: 0.50, learnt from 0
	// 2 oslo: 0.33, learnt from 1
	// 3 lyon: 0.50, learnt from 2
	// 4 oslo: 0.40, learnt from 3
	// 5 lyon: 0.50, learnt from 4
	// 6 oslo: 0.43, learnt from 5
}

// A champion and a challenger: both learn, and the challenger answers once it is better for sure. Here the champion says of each order
// what share came back so far, whatever the shop, and the challenger looks at the shop.
func ExampleClassify_championAndChallenger() {
	task := online.Classify(func() *tune.Rivals {
		return tune.NewRivals(
			func() tune.Contender { return eval.NewMajority(2) },
			func() tune.Contender { return linear.NewLogistic(2, linear.Rate(0.1)) },
			0.01)
	}, func(o Order, x *mining.Vector) { x.Append(1, float64(len(o.Shop)%2)) }, Order.Returned)
	var year []Order
	for i := range 400 {
		year = append(year, Order{ID: i, Shop: []string{"oslo", "paris"}[i%2], Back: i%2 == 1})
	}
	p := stream.New("returns")
	scored := p.From(source.Slice(year)).KeyBy(online.All).Apply(task.PerKey)
	found := sink.Collect[online.Scored[Order]]()
	scored.To(found)
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range []int{21, 399} {
		s := found.Values()[i]
		_, chance := s.Chance()
		fmt.Printf("order %d: %.2f, version %d\n", i, chance, s.Version)
	}
	// Output:
	// order 21: 0.48, version 0
	// order 399: 0.90, version 1
}

// A model for each shop, which sees orders by their times.
func ExampleTask_PerKey() {
	task := online.Classify(newRate, Order.Features, Order.Returned, online.MaxKeys(1000))
	p := stream.New("returns")
	p.From(source.Slice(orders())).EventTime(Order.PaidAt).
		KeyBy(Order.In).Apply(task.PerKey, stream.InOrder(), stream.TimeToLive(90*24*time.Hour)).
		Filter(func(s online.Scored[Order]) bool { return s.Value.Shop == "oslo" }).
		Map(show).To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1 oslo: 0.50, learnt from 0
	// 2 oslo: 0.33, learnt from 1
	// 4 oslo: 0.50, learnt from 2
	// 6 oslo: 0.60, learnt from 3
}

func ExampleTask_PerShard() {
	task := online.Classify(newRate, Order.Features, Order.Returned)
	p := stream.New("returns")
	scored := p.From(source.Slice(orders())).EventTime(Order.PaidAt).Apply(task.PerShard)
	scored.Filter(online.Scored[Order].Judged).Map(online.Scored[Order].Missed).
		Window(window.Global()).Aggregate(window.Mean(func(missed float64) float64 { return missed })).
		Map(func(p stream.Pane[stream.NoKey, float64]) string { return fmt.Sprintf("wrong: %.0f %%", 100*p.Value) }).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output: wrong: 60 %
}

func ExampleRegress() {
	value := func(o Order) float64 { return o.Euro }
	task := online.Regress(newTally, func(Order, *mining.Vector) {}, value)
	p := stream.New("values")
	p.From(source.Slice(orders()[:3])).Apply(task.PerShard).
		Map(func(s online.Scored[Order]) string {
			return fmt.Sprintf("%.2f, and it was %.0f", s.Prediction, s.Label)
		}).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 0.50, and it was 20
	// 7.00, and it was 90
	// 27.75, and it was 30
}

func ExampleDetect() {
	task := online.Detect(newStrange, Order.Features, nil)
	p := stream.New("strange orders")
	p.From(source.Slice(orders())).Apply(task.PerShard).
		Filter(func(s online.Scored[Order]) bool { return s.Learnt > 0 && s.Prediction > 40 }).
		Map(func(s online.Scored[Order]) string {
			return fmt.Sprintf("order %d is %.0f from the mean", s.Value.ID, s.Prediction)
		}).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output: order 2 is 70 from the mean
}

// A model is trained elsewhere, and handed to a pipeline that runs.
func ExampleSlot() {
	var slot online.Slot[*classes]
	task := online.Classify(newRate, Order.Features, nil, online.Swap(&slot)) // which scores only
	p := stream.New("returns")
	p.From(source.Slice(orders()[:1])).Apply(task.PerShard).
		Map(func(s online.Scored[Order]) string {
			return fmt.Sprintf("version %d says %.2f", s.Version, s.Probability)
		}).
		To(sink.Writer(os.Stdout, codec.Lines()))

	trained := newRate()
	for _, o := range orders() {
		trained.Learn(mining.Dense(o.Euro), o.Returned())
	}
	if err := slot.Set(trained, 7); err != nil { // at any time, by any goroutine
		fmt.Println(err)
	}
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Output: version 7 says 0.50
}

// A model is fitted to each week, by all shards, and sent as an event.
func ExampleFitted() {
	p := stream.New("weekly")
	p.From(source.Slice(orders())).EventTime(Order.PaidAt).
		Window(window.Tumbling(7 * 24 * time.Hour)).
		Aggregate(online.Fitted(newTally, Order.Features, Order.Returned)).
		TryMap(online.ReleaseOf).
		Map(online.Release.String).To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// model "" version 1793836800000, 28 bytes
	// model "" version 1794441600000, 28 bytes
}

func ExampleTask_Served() {
	trained := &classes{k: 2, tally: tally{n: 98, sum: 96}}
	release, err := online.NewRelease("oslo", 3, trained)
	if err != nil {
		fmt.Println(err)
	}
	p := stream.New("served")
	releases := p.From(source.Slice([]online.Release{release})).KeyBy(online.Release.Key)
	task := online.Classify(newRate, Order.Features, nil)
	p.From(source.Slice(orders()[:3])).KeyBy(Order.In).
		Connect(releases, task.Served).
		Map(func(s online.Scored[Order]) string { return s.Value.Shop }).To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// oslo
	// oslo
	// lyon
}

// Orders are scored when they are placed. Whether one is sent back is known days later: then the model learns from it, as it was.
func ExampleNewLabels() {
	type back struct {
		order int
		at    time.Time
	}
	var returned []back
	for _, o := range orders() {
		if o.Back {
			returned = append(returned, back{o.ID, o.At.AddDate(0, 0, 2)})
		}
	}
	p := stream.New("returns")
	placed := p.From(source.Slice(orders())).EventTime(Order.PaidAt)
	backs := p.From(source.Slice(returned)).EventTime(func(b back) time.Time { return b.at })

	task := online.Classify(newRate, Order.Features, nil)
	labels := online.NewLabels(backs, func(b back) int { return b.order }, 3*24*time.Hour, func(back) float64 { return 1 }, online.Missing(0))
	scored := labels.Examples(placed, Order.Number).KeyBy(online.All).Apply(online.OfExamples(task).PerKey, stream.InOrder())
	judged := labels.Judge(scored, Order.Number)

	judged.Map(func(s online.Scored[Order]) string {
		return fmt.Sprintf("%d: %.2f, and it was %.0f; learnt from %d", s.Value.ID, s.Probability, s.Label, s.Learnt)
	}).To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background(), stream.Shards(1)); err != nil {
		fmt.Println(err)
	}
	// Unordered output:
	// 1: 0.50, and it was 0; learnt from 0
	// 2: 0.50, and it was 1; learnt from 0
	// 3: 0.50, and it was 0; learnt from 0
	// 4: 0.50, and it was 1; learnt from 2
	// 5: 0.50, and it was 0; learnt from 2
	// 6: 0.43, and it was 1; learnt from 5
}

func ExampleWatch() {
	missed := func(o Order) float64 {
		if o.Shop == "lyon" {
			return math.NaN() // which is passed over
		}
		return o.Returned()
	}
	p := stream.New("drift")
	p.From(source.Slice(orders())).
		KeyBy(online.All).Apply(online.Watch(newAlarm, missed).PerKey).
		Map(func(d online.Drift[Order]) string {
			return fmt.Sprintf("drift at order %d, after %d with a mean of %.2f", d.Value.ID, d.Seen, d.Mean)
		}).
		To(sink.Writer(os.Stdout, codec.Lines()))
	if err := p.Run(context.Background()); err != nil {
		fmt.Println(err)
	}
	// Output: drift at order 6, after 4 with a mean of 0.75
}
