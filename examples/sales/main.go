// Sales reads the order lines of a shop, cleans them, and says what was sold:
// in total, by minute and by hour and category, which products sell best in a
// sliding hour, and how much was paid back.
//
//	go run ./examples/sales                    a day of orders made up for the purpose
//	go run ./examples/sales -orders FILE...    JSON lines as the day has, or the CSV of Online Retail
//
// Files may end in .gz or .zst. The made-up day has late orders and broken
// lines; what the generator knows of it, its books, is compared with what the
// pipeline found, and the exit status is 1 if they differ.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/freshet-go/freshet/stream"
	_ "github.com/freshet-go/freshet/stream/filesystem/zstdfiles" // .zst
)

func main() {
	first := flag.String("orders", "", "read order lines from this `file` and those behind it")
	seed := flag.Uint64("seed", 1, "of the made-up day")
	lines := flag.Int("lines", 100_000, "in the made-up day")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	var err error
	if *first != "" {
		err = report(ctx, os.Stdout, append([]string{*first}, flag.Args()...), nil, stream.Progress(os.Stderr))
	} else {
		err = madeUpDay(ctx, os.Stdout, *seed, *lines, stream.Progress(os.Stderr))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "sales:", err)
		os.Exit(1)
	}
}

// madeUpDay makes a day of orders, and reports it as any other.
func madeUpDay(ctx context.Context, w io.Writer, seed uint64, lines int, opts ...stream.RunOption) error {
	dir, err := os.MkdirTemp("", "sales-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	day := newDay(seed, lines)
	files, err := day.write(dir)
	if err != nil {
		return err
	}
	return report(ctx, w, files, day, opts...)
}

// report runs the pipeline over the files and prints what it found. It
// compares that with the books, if there are any.
func report(ctx context.Context, w io.Writer, files []string, books *day, opts ...stream.RunOption) error {
	p := stream.New("sales")
	orders, unreadable := read(p, files)
	found := pipeline(orders, unreadable)
	if err := p.Run(ctx, opts...); err != nil {
		return err
	}
	sum := found.summary()
	sum.print(w)
	if books == nil {
		return nil
	}
	return books.check(w, sum)
}
