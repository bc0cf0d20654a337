package main

import (
	"time"

	"github.com/reugn/go-streams"
	"github.com/reugn/go-streams/extension"
	"github.com/reugn/go-streams/flow"
)

// github.com/reugn/go-streams
var goStreams = peer{
	Name: "go-streams",
	Cannot: "windows of event time over events that were recorded: windows close by the wall clock, and lose their key and bounds. " +
		"State, checkpoints, joins, errors, stopping.",
	most: map[string]int{"filter-map-filter": 300_000, "sum": 300_000},
	can: map[string]doing{
		"filter-map-filter": fromMemory(goStreamsFilters),
		"sum":               fromMemory(goStreamsSum),
	},
}

func goStreamsFilters(all []sale) (sum total, _ error) {
	out := make(chan any, 1024)
	go extension.NewChanSource(sent(all)).
		Via(flow.NewFilter(sale.paid, 1)).
		Via(flow.NewMap(sale.gross, 1)).
		Via(flow.NewFilter(sale.large, 1)).
		To(extension.NewChanSink(out))
	for s := range out {
		sum.add(0, 0, s.(sale).Cents)
	}
	return sum, nil
}

// goStreamsSum has a window for each shop that is longer than the run, and that
// the end of the input closes.
func goStreamsSum(all []sale) (sum total, _ error) {
	type shopSum struct{ shop, cents int64 }
	keyed := flow.NewKeyed(sale.shop,
		func() streams.Flow { return flow.NewTumblingWindow[sale](time.Hour) },
		func() streams.Flow {
			return flow.NewMap(func(window []sale) (sum shopSum) {
				for _, s := range window {
					sum.shop = s.Shop
					sum.cents += s.Cents
				}
				return sum
			}, 1)
		})
	out := make(chan any, 1024)
	go extension.NewChanSource(sent(all)).
		Via(keyed).
		To(extension.NewChanSink(out))
	for r := range out {
		s := r.(shopSum)
		sum.add(s.shop, 0, s.cents)
	}
	return sum, nil
}

// sent sends sales to a channel.
func sent(all []sale) chan any {
	in := make(chan any, 1024)
	go func() {
		defer close(in)
		for _, s := range all {
			in <- s
		}
	}()
	return in
}
