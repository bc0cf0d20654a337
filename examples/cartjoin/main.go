// Cartjoin follows a shop's carts. It joins three streams: what is put into
// carts, which carts are ordered, and what products cost from when on. It
// says which items were bought within half an hour, at the price of the time,
// and which carts were left behind.
//
//	go run ./examples/cartjoin
//
// The day is made up, and the generator's books are compared with what the
// pipeline found: the exit status is 1 if they differ.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

func main() {
	seed := flag.Uint64("seed", 1, "of the made-up day")
	visits := flag.Int("visits", 20_000, "to the shop in the made-up day")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	if err := run(ctx, os.Stdout, newDay(*seed, *visits), stream.Progress(os.Stderr)); err != nil {
		fmt.Fprintln(os.Stderr, "cartjoin:", err)
		os.Exit(1)
	}
}

// run runs the pipeline over a day, prints what it found, and compares that
// with the books.
func run(ctx context.Context, w io.Writer, d *day, opts ...stream.RunOption) error {
	p := stream.New("cartjoin")
	found := pipeline(
		p.From(source.Slice(d.items...), stream.Name("items")),
		p.From(source.Slice(d.orders), stream.Name("orders")),
		p.From(source.Slice(d.prices), stream.Name("prices")),
	)
	if err := p.Run(ctx, opts...); err != nil {
		return err
	}
	found.print(w)
	return d.check(w, found)
}
