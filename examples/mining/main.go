// Mining is what an analyst tells a shop after a year: who its customers are, what they buy together, what to show them, who comes back, how revenue
// goes on, which days were strange, and whether customers stay. Each question is a file, and each answer stands beside what one would say without
// a model.
//
//	go run ./examples/mining               a tea shop made up for the purpose
//	go run ./examples/mining -data FILE    Online Retail, the CSV, plain or .gz
//
// With -html FILE the answers are a page with charts, too.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/freshet-go/freshet/examples/internal/retail"
	"github.com/freshet-go/freshet/sink/report"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/stream/codec"
)

func main() {
	file := flag.String("data", "", "read Online Retail from this `file`")
	seed := flag.Uint64("seed", 1, "of the shop that is made up")
	page := flag.String("html", "", "write the answers to this `file` too, as a page with charts")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	name, rows := fmt.Sprintf("a made-up tea shop, seed %d", *seed), stream.Source[retail.Row](nil)
	if *file != "" {
		name, rows = "Online Retail (Chen, 2015)", source.Files(os.DirFS(filepath.Dir(*file)), filepath.Base(*file), codec.CSV[retail.Row]())
	} else {
		rows = source.Slice(teaShop(*seed, 700))
	}
	if err := run(ctx, os.Stdout, *page, name, rows); err != nil {
		fmt.Fprintln(os.Stderr, "mining:", err)
		os.Exit(1)
	}
}

// run writes the report of a shop, and a page if that has a name. A question prints its answer, and returns what the page has of it.
func run(ctx context.Context, w io.Writer, page, name string, rows stream.Source[retail.Row], opts ...stream.RunOption) error {
	s, err := read(ctx, rows, opts...)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%s\n\n%s orders, %s of them of %s customers who are known, %s products, £%s, from %s to %s.\n", name, count(len(s.orders)), count(len(s.known())),
		count(len(s.customers)), count(len(s.names)), count(int(s.revenue().Pounds())), s.orders[0].From.Format(day), s.last().Format(day))
	answers := s.summary(name)
	for _, question := range []func(io.Writer, *shop) ([]report.Part, error){segments, together, toShow, comesBack, goesOn, strange, stays} {
		parts, err := question(w, s)
		if err != nil {
			return err
		}
		answers.Parts = append(answers.Parts, parts...)
	}
	if page == "" {
		return nil
	}
	return writePage(page, answers)
}
