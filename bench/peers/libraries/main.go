// Libraries does the same work with Freshet and with other Go libraries, and prints how long
// each takes beside the loop that one would write by hand:
//
//	go run [-tags beam] ./peers/libraries [-scale F] [-rounds N] [-json]
//
// Every result is compared with the loop's. What a peer cannot do stands below
// the table. Beam is among them with its tag only, as it takes minutes to compile.
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
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "libraries:", err)
		os.Exit(1)
	}
}

// peers are those that are compared: the loop comes first.
func peers() []peer {
	return append([]peer{byHand, freshetOn("Freshet", 1), freshetOn("Freshet, all cores", runtime.NumCPU()), goStreams, roPeer, watermillPeer}, optional...)
}

// optional are peers that a build tag adds.
var optional []peer

// A compared job is a cell of the table.
type compared struct {
	Job, Peer string
	Events    int
	Results   int64
	Nanos     float64 // for an event, the median of the rounds
	Loop      float64 // times the loop
	Freshet   float64 // times Freshet on one shard
}

func command(ctx context.Context, args []string, out io.Writer) error {
	var (
		flags  = flag.NewFlagSet("libraries", flag.ContinueOnError)
		scale  = flags.Float64("scale", 1, "how many times the events, of which there are a million and fewer for slow peers")
		rounds = flags.Int("rounds", 3, "how often each is run; the median counts")
		asJSON = flags.Bool("json", false, "print JSON")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *scale <= 0 || *rounds < 1 {
		return errors.New("-scale and -rounds have to be above 0")
	}
	var all []compared
	for _, j := range jobs {
		cells, err := compare(ctx, j, *scale, *rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", j.Name, err)
		}
		all = append(all, cells...)
	}
	if *asJSON {
		return json.NewEncoder(out).Encode(all)
	}
	return printComparison(out, all)
}

// compare does a job with all peers that can do it, in turn.
func compare(ctx context.Context, j job, scale float64, rounds int) (cells []compared, err error) {
	want := map[int]total{}
	var loop, freshet float64
	for _, p := range peers() {
		prepare, ok := p.can[j.Name]
		if !ok {
			continue
		}
		most := 1_000_000
		if n := p.most[j.Name]; n > 0 {
			most = n
		}
		n := max(100, int(scale*float64(most)))
		if _, ok := want[n]; !ok {
			want[n], _ = byHand.can[j.Name](n)()
		}
		run := prepare(n)
		var took []float64
		for range rounds {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			runtime.GC()
			start := time.Now()
			got, err := run()
			took = append(took, float64(time.Since(start))/float64(n))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.Name, err)
			}
			if got != want[n] {
				return nil, fmt.Errorf("%s comes to %+v, and the loop to %+v", p.Name, got, want[n])
			}
		}
		slices.Sort(took)
		c := compared{Job: j.Name, Peer: p.Name, Events: n, Results: want[n].Results, Nanos: took[len(took)/2]}
		switch len(cells) {
		case 0:
			loop = c.Nanos
		case 1:
			freshet = c.Nanos
		}
		c.Loop = c.Nanos / loop
		if freshet > 0 {
			c.Freshet = c.Nanos / freshet
		}
		cells = append(cells, c)
	}
	return cells, nil
}

func printComparison(out io.Writer, all []compared) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "job\t\tevents\tresults\tns/event\ttimes the loop\ttimes Freshet")
	last := ""
	for _, c := range all {
		name := c.Job
		if name == last {
			name = ""
		}
		last = c.Job
		freshet := "-"
		if c.Freshet > 0 {
			freshet = fmt.Sprintf("%.2f", c.Freshet)
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%.1f\t%.2f\t%s\n", name, c.Peer, c.Events, c.Results, c.Nanos, c.Loop, freshet)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for _, j := range jobs {
		fmt.Fprintf(out, "%s: %s.\n", j.Name, j.Meaning)
	}
	fmt.Fprintln(out)
	for _, p := range peers() {
		if p.Cannot != "" {
			fmt.Fprintf(out, "%s cannot do: %s\n", p.Name, p.Cannot)
		}
	}
	return nil
}
