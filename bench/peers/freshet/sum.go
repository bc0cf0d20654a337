package main

import (
	"context"
	"os"
	"time"

	"github.com/freshet-go/freshet/bench/peers/contest"
	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
	"github.com/freshet-go/freshet/window"
)

// A priced order is what the sum needs of it. The window wants a time, which may be the
// same for all, as nothing depends on it.
type priced struct {
	Amount float64 `json:"amount"`
}

func (o priced) amount() float64    { return o.Amount }
func (priced) anyTime() stream.Time { return 0 }

// sum adds up the amounts of all orders.
func sum(a contest.Args) (func() (contest.Result, error), error) {
	return func() (contest.Result, error) {
		p := stream.New("sum")
		total := sink.Collect[stream.Pane[stream.NoKey, float64]]()
		p.From(source.Files(os.DirFS(a.Data), "orders-*.jsonl", codec.JSON[priced]())).
			EventTime(priced.anyTime).
			Window(window.Global()).
			Aggregate(window.SumFloat(priced.amount)).
			To(total)
		return runSum(p, a, total)
	}, nil
}

// A whole order is all of it.
type whole struct {
	ID       string    `json:"id"`
	Shop     string    `json:"shop"`
	Product  string    `json:"product"`
	Category string    `json:"category"`
	Amount   float64   `json:"amount"`
	Currency string    `json:"currency"`
	PaidAt   time.Time `json:"paid_at"`
	User     string    `json:"user"`
	Status   string    `json:"status"`
}

func (o whole) amount() float64   { return o.Amount }
func (o whole) paidAt() time.Time { return o.PaidAt }

// sumOfWhole does the same with a type that has every field.
func sumOfWhole(a contest.Args) (func() (contest.Result, error), error) {
	return func() (contest.Result, error) {
		p := stream.New("sum")
		total := sink.Collect[stream.Pane[stream.NoKey, float64]]()
		p.From(source.Files(os.DirFS(a.Data), "orders-*.jsonl", codec.JSON[whole]())).
			EventTime(whole.paidAt).
			Window(window.Global()).
			Aggregate(window.SumFloat(whole.amount)).
			To(total)
		return runSum(p, a, total)
	}, nil
}

func runSum(p *stream.Pipeline, a contest.Args, total *sink.Collector[stream.Pane[stream.NoKey, float64]]) (contest.Result, error) {
	if err := p.Run(context.Background(), stream.Shards(a.Threads)); err != nil {
		return nil, err
	}
	all := 0.0 // there is one pane, or none where there are no orders
	for _, pane := range total.Values() {
		all += pane.Value
	}
	return contest.Sum(all), nil
}
