// Churn says which customers of a shop come back within 90 days, and how well it can know that: from a year
// of orders to a model that is judged beside baselines, and to a stream that scores each order as it comes, learns from
// what the customers then do, and watches whether the model still holds.
//
//	go run ./examples/churn                 a shop made up for the purpose, where a rival opens in July
//	go run ./examples/churn -retail FILE    Online Retail, the CSV, plain or .gz
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/freshet-go/freshet/examples/internal/retail"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

func main() {
	file := flag.String("retail", "", "read the orders of Online Retail from this `file`")
	seed := flag.Uint64("seed", 1, "of the shop that is made up")
	customers := flag.Int("customers", 4000, "of the shop that is made up")
	trials := flag.Int("trials", 40, "of the search for better settings")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	var s *shop
	var err error
	if *file != "" {
		s, err = readRetail(ctx, *file)
	} else {
		s = newShop(*seed, *customers)
	}
	if err == nil {
		err = run(ctx, os.Stdout, s, *trials)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "churn:", err)
		os.Exit(1)
	}
}

// run writes the report of a shop.
func run(ctx context.Context, w io.Writer, s *shop, trials int, opts ...stream.RunOption) error {
	table := s.snapshot()
	train, test := retail.Split(table)
	printShop(w, s, table)

	found, err := tuneTrees(ctx, train, trials)
	if err != nil {
		return err
	}
	all := []*entry{
		{name: "logistic regression", build: newLogistic},
		{name: "boosted trees", build: newTrees},
		{name: "boosted trees, tuned", build: found.build},
		{name: "who was here lately", build: func() candidate { return new(lately) }, baseline: true},
		{name: "everybody alike", build: func() candidate { return new(alike) }, baseline: true},
	}
	for _, e := range all {
		if err := e.enter(train, test); err != nil {
			return err
		}
	}
	printModels(w, all, train.Len(), found)
	if err := printChosen(w, choose(all), all[0], test); err != nil {
		return err
	}

	p := stream.New("churn")
	l := live(p.From(source.Slice(s.orders)).EventTime(Order.PlacedAt), s.last().Add(-horizon))
	if err := p.Run(ctx, opts...); err != nil {
		return err
	}
	printLive(w, l)
	return nil
}
