// Fraud looks for cards that are misused, by rules that are edited while it runs; by a pattern, of payments that fail until one succeeds; by how
// much happens on a card and on a device; and by a model of what a card usually pays. Each alert has the payments that led to
// it, and whoever is about to take a card asks over HTTP whether to decline it.
//
//	go run ./examples/fraud
//
// It makes a day of payments up, with thieves in it, and has the service live through it: the rules are edited before noon, and the service is
// stopped once and goes on with another number of shards. In the end the alerts are compared with the generator's
// books: each of them has to be there once, and none else. If not the exit status is 1.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	seed := flag.Uint64("seed", 1, "of the made-up day")
	cards := flag.Int("cards", 200, "of honest people")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := show(ctx, os.Stdout, newDay(*seed, *cards)); err != nil {
		fmt.Fprintln(os.Stderr, "fraud:", err)
		os.Exit(1)
	}
}
