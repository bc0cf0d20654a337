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

// A sold order is what revenue by minute and category needs of it.
type sold struct {
	Category string    `json:"category"`
	Amount   float64   `json:"amount"`
	PaidAt   time.Time `json:"paid_at"`
}

func (o sold) category() string  { return o.Category }
func (o sold) amount() float64   { return o.Amount }
func (o sold) paidAt() time.Time { return o.PaidAt }

// minutes adds up revenue by minute and category. An order may be five seconds
// late, and corrects its minute's sum for five minutes more.
func minutes(a contest.Args) (func() (contest.Result, error), error) {
	return func() (contest.Result, error) {
		type last struct {
			index   int
			revenue float64
		}
		cells := map[contest.Cell]last{} // a later pane of a minute replaces the one before
		p := stream.New("minutes")
		p.From(source.Files(os.DirFS(a.Data), "orders-*.jsonl", codec.JSON[sold]())).
			EventTime(sold.paidAt, stream.Disorder(5*time.Second)).
			KeyBy(sold.category).
			Window(window.Tumbling(time.Minute, window.Lateness(5*time.Minute))).
			Aggregate(window.SumFloat(sold.amount)).
			To(sink.Func(func(_ context.Context, e stream.Event[stream.Pane[string, float64]]) error {
				c := contest.Cell{Minute: e.Value.Start.Unix() / 60, Category: e.Value.Key}
				if was, ok := cells[c]; !ok || e.Value.Index > was.index {
					cells[c] = last{e.Value.Index, e.Value.Value}
				}
				return nil
			}))
		if err := p.Run(context.Background(), stream.Shards(a.Threads)); err != nil {
			return nil, err
		}
		revenue := map[contest.Cell]float64{}
		for c, l := range cells {
			revenue[c] = l.revenue
		}
		return contest.Cells(revenue), nil
	}, nil
}
