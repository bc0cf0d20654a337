package main

import (
	"context"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// freshetOn has as many shards as cores, and a partition for each.
func freshetOn(name string, shards int) peer {
	on := func(build func(events stream.Stream[sale], sum *total)) doing {
		return func(n int) func() (total, error) {
			parts := make([][]sale, shards)
			for i, s := range sales(n) {
				parts[i%shards] = append(parts[i%shards], s)
			}
			return func() (sum total, err error) {
				p := stream.New("sales")
				build(p.From(source.Slice(parts...)), &sum)
				err = p.Run(context.Background(), stream.Shards(shards))
				return sum, err
			}
		}
	}
	return peer{
		Name: name,
		can: map[string]doing{
			"filter-map-filter": on(freshetFilters),
			"sum":               on(freshetSum),
			"tumbling":          on(freshetTumbling),
			"sliding":           on(freshetSliding),
		},
	}
}

func freshetFilters(events stream.Stream[sale], sum *total) {
	events.Filter(sale.paid).
		Map(sale.gross).
		Filter(sale.large).
		To(sink.Func(func(_ context.Context, e stream.Event[sale]) error {
			sum.add(0, 0, e.Value.Cents)
			return nil
		}))
}

func freshetSum(events stream.Stream[sale], sum *total) {
	events.EventTime(sale.time, stream.Disorder(disorder)).
		KeyBy(sale.shop).
		Window(window.Global()).
		Aggregate(window.Sum(sale.cents)).
		To(addingPanes(sum, false))
}

func freshetTumbling(events stream.Stream[sale], sum *total) {
	events.EventTime(sale.time, stream.Disorder(disorder)).
		KeyBy(sale.shop).
		Window(window.Tumbling(size)).
		Aggregate(window.Sum(sale.cents)).
		To(addingPanes(sum, true))
}

func freshetSliding(events stream.Stream[sale], sum *total) {
	events.EventTime(sale.time, stream.Disorder(disorder)).
		KeyBy(sale.shop).
		Window(window.Sliding(size, slide)).
		Count().
		To(addingPanes(sum, true))
}

// addingPanes is a sink that adds to a sum, with the windows or without.
func addingPanes(sum *total, windows bool) stream.Sink[stream.Pane[int64, int64]] {
	return sink.Func(func(_ context.Context, e stream.Event[stream.Pane[int64, int64]]) error {
		end := int64(0)
		if windows {
			end = e.Value.End.UnixNano()
		}
		sum.add(e.Value.Key, end, e.Value.Value)
		return nil
	})
}
