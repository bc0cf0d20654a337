// Nexmark runs the queries of Nexmark from memory to a sink that discards, next
// to the loops that a good engineer would write by hand for them:
//
//	go run ./nexmark [-queries q1,q5] [-events N] [-json] [-svg FILE]
//
// It prints a table, with how fast each query is on one core and on all,
// without checkpoints and with one each second and at least one, and how many
// times the loop's time it takes on one core. The number of results is compared
// with the loop's. Three more commands measure what that table does not:
//
//	go run ./nexmark latency    # how late results are, at a share of the highest rate
//	go run ./nexmark growth     # what a query takes as its events, or keys, grow
//	go run ./nexmark gaps       # for how long the machine itself takes a core away
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/freshet-go/freshet/bench/nexmark/auction"
	"github.com/freshet-go/freshet/bench/nexmark/query"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "nexmark:", err)
		os.Exit(1)
	}
}

func command(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case "latency":
			return latency(ctx, args[1:], out)
		case "growth":
			return growth(ctx, args[1:], out)
		case "gaps":
			return gaps(ctx, args[1:], out)
		}
	}
	var (
		flags   = flag.NewFlagSet("nexmark", flag.ContinueOnError)
		names   = flags.String("queries", "", "the `queries` to run, as q1,q5; all if empty")
		events  = flags.Int("events", 5_000_000, "how many events")
		rate    = flags.Float64("rate", 100_000, "events in a second of event time")
		seed    = flags.Uint64("seed", 1, "what the events are made from")
		rounds  = flags.Int("rounds", 3, "how often each is run; the median counts")
		short   = flags.Bool("short", false, "only one core without checkpoints, with a fifth of the events")
		asJSON  = flags.Bool("json", false, "print JSON")
		svg     = flags.String("svg", "", "write a chart to this `file`")
		against = flags.String("check", "", "fail if a ratio has worsened by half against this `file`")
		update  = flags.String("update", "", "write the ratios to this `file`")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *events < 1 || *rounds < 1 || *rate <= 0 {
		return errors.New("-events, -rounds and -rate have to be above 0")
	}
	queries, err := named(*names)
	if err != nil {
		return err
	}
	b := bench{
		config: auction.Config{Seed: *seed, Rate: *rate}, rounds: *rounds, short: *short,
	}
	if *short {
		*events /= 5
	}
	b.make(*events)
	var all []measured
	for _, q := range queries {
		start := time.Now()
		m, err := b.measure(ctx, q)
		if err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
		all = append(all, m)
		fmt.Fprintf(os.Stderr, "%s took %v\n", q.Name, time.Since(start).Round(time.Second/10))
	}
	if *asJSON {
		err = json.NewEncoder(out).Encode(all)
	} else {
		err = printTable(out, all, *short)
	}
	if err == nil && *svg != "" {
		err = writeChart(*svg, all)
	}
	if err == nil && *update != "" {
		err = keepRatios(*update, all)
	}
	if err == nil && *against != "" {
		err = checkRatios(*against, all, func(name string) (measured, error) {
			q, err := named(name)
			if err != nil {
				return measured{}, err
			}
			return b.measure(ctx, q[0])
		})
	}
	return err
}

// named returns the queries of these names, which commas separate.
func named(names string) (found []query.Query, err error) {
	if names == "" {
		return query.All, nil
	}
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(query.All, func(q query.Query) bool { return q.Name == strings.TrimSpace(name) })
		if i < 0 {
			return nil, fmt.Errorf("there is no query %q", name)
		}
		found = append(found, query.All[i])
	}
	return found, nil
}
