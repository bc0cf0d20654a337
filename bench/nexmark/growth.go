package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/metrics"
	"text/tabwriter"
	"time"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A growing is a count by key in windows, of which one thing is made larger
// from row to row.
type growing struct {
	What    string // that grows
	Events  int64
	Keys    int64
	Windows int64 // that each event is in
	Shards  int

	slide time.Duration
	rate  int64 // events a second of event time
}

// A grown is a row of the table.
type grown struct {
	growing
	Results int64
	// Time is nanoseconds for each event, Each the same for each event and
	// result.
	Time, Each float64
	// Heap is the most that has been on the heap, garbage included, and Live
	// the most that was in use after a collection, in bytes.
	Heap, Live uint64
}

// growings are what grows: windows of 10 s for events and shards, of 100 s for
// keys, so that all of a million and two in three of ten million are in a window, and with a slide of a second for windows,
// so that results come as often however many windows an event is in.
func growings(events int64) (all []growing) {
	const many, few = 100_000, 10_000
	for n := events / 100; n <= events; n *= 10 {
		all = append(all, growing{"events", n, 10_000, 1, 1, 10 * time.Second, many})
	}
	for keys := int64(1000); keys <= events/10; keys *= 10 {
		all = append(all, growing{"keys", events / 5, keys, 1, 1, 100 * time.Second, many})
	}
	for _, windows := range []int64{1, 6, 60, 600} {
		all = append(all, growing{"windows", events / 10, 10_000, windows, 1, time.Second, few})
	}
	for shards := 1; shards <= min(runtime.NumCPU(), 128); shards *= 2 {
		all = append(all, growing{"shards", events / 5, 100_000, 1, shards, 10 * time.Second, many})
	}
	return all
}

// growth is the command that measures how the cost of an event grows.
func growth(ctx context.Context, args []string, out io.Writer) error {
	var (
		flags  = flag.NewFlagSet("nexmark growth", flag.ContinueOnError)
		events = flags.Int64("events", 100_000_000, "how many events there are at most; keys go up to a tenth")
		only   = flags.String("grow", "", "grow only this `thing`: events, keys, windows or shards")
		asJSON = flags.Bool("json", false, "print JSON")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *events < 1000 {
		return errors.New("-events has to be 1000 or more")
	}
	var all []grown
	for _, g := range growings(*events) {
		if *only != "" && *only != g.What {
			continue
		}
		start := time.Now()
		got, err := g.run(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%s: %d events, %d keys, %d windows, %d shards took %v\n", g.What, g.Events, g.Keys, g.Windows, g.Shards, time.Since(start).Round(time.Second/10))
		all = append(all, got)
	}
	if len(all) == 0 {
		return fmt.Errorf("there is no growth of %q", *only)
	}
	if *asJSON {
		return json.NewEncoder(out).Encode(all)
	}
	return printGrowth(out, all)
}

func printGrowth(out io.Writer, all []grown) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "grows\tevents\tkeys\twindows\tshards\tresults\tns/event\tns/event+result\theap MB\tlive MB\theap B/key\t")
	for i, g := range all {
		if i > 0 && g.What != all[i-1].What {
			fmt.Fprintln(w, "\t\t\t\t\t\t\t\t\t\t\t")
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%.1f\t%.1f\t%.1f\t%.1f\t%.0f\t\n", g.What, g.Events, g.Keys, g.Windows, g.Shards, g.Results,
			g.Time, g.Each, float64(g.Heap)/1e6, float64(g.Live)/1e6, float64(g.Heap)/float64(g.Keys))
	}
	return w.Flush()
}

// event makes event i; one in ten is up to 2.1 seconds behind its place.
func (g growing) event(i int64) tick {
	x := scattered(i)
	at := dawn + i*(int64(time.Second)/g.rate)
	if x%10 == 0 {
		at -= int64(x>>8) & (1<<31 - 1)
	}
	return tick{int64((x >> 16) % uint64(g.Keys)), at}
}

// run runs it on as many cores as shards.
func (g growing) run(ctx context.Context) (grown, error) {
	p := stream.New("growth")
	results := sink.Discard[stream.Pane[int64, int64]]()
	p.From(source.Generate(g.Events, g.event, source.Partitions(g.Shards))).
		EventTime(tick.time, stream.Disorder(disorder)).
		KeyBy(tick.key).
		Window(window.Sliding(time.Duration(g.Windows)*g.slide, g.slide)).
		Count().
		To(results)
	runtime.GC()
	heap := watchHeap()
	var err error
	d := onCores(g.Shards, func() { err = p.Run(ctx, stream.Shards(g.Shards)) })
	got := grown{growing: g, Results: shown(p), Time: float64(d) / float64(g.Events)}
	got.Each = float64(d) / float64(g.Events+got.Results)
	got.Heap, got.Live = heap()
	return got, err
}

// watchHeap looks at the heap every few milliseconds until it is asked for the
// most it has seen, less what there was before.
func watchHeap() (most func() (heap, live uint64)) {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(samples)
	before := [2]uint64{samples[0].Value.Uint64(), samples[1].Value.Uint64()}
	after := before
	stop, stopped := make(chan struct{}), make(chan struct{})
	look := func() {
		metrics.Read(samples)
		for i := range after {
			after[i] = max(after[i], samples[i].Value.Uint64())
		}
	}
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				look()
				return
			case <-ticker.C:
				look()
			}
		}
	}()
	return func() (heap, live uint64) {
		close(stop)
		<-stopped
		return after[0] - before[0], after[1] - before[1]
	}
}
