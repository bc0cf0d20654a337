package main

import (
	"fmt"
	"io"
	"sort"
	"text/tabwriter"
	"time"

	"golang.org/x/exp/constraints"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// found is what the pipeline finds.
type found struct {
	conversion       overall[Conversion]
	left             overall[[]window.Ranked[string, Money]]
	visits, unpriced overall[int64]
	abandoned        overall[int64] // by hour
	abandonedValue   overall[Money]
	letters          deadLetters
}

type overall[R any] = sink.Collector[stream.Pane[stream.NoKey, R]]

// print writes the report.
func (f *found) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(cells ...any) {
		for _, c := range cells {
			fmt.Fprint(w, c, "\t")
		}
		fmt.Fprintln(w)
	}

	c := single(&f.conversion)
	line("put into carts", count(c.Put.Items), c.Put.Value)
	line("bought within "+patience.String(), count(c.Bought.Items), c.Bought.Value)
	w.Flush()
	if c.Bought.Items > 0 {
		fmt.Fprintf(out, "\n%s of the items were bought, %v after they were put into a cart on average.\n",
			percent(c.Bought.Items, c.Put.Items), (c.Wait / time.Duration(c.Bought.Items)).Round(time.Second))
	}
	fmt.Fprintf(out, "%s items had no price. %s failed the check, such as\n\n", count(single(&f.unpriced)), count(f.letters.count))
	for _, l := range f.letters.first {
		fmt.Fprintf(out, "  %v\n", l.Err)
	}

	fmt.Fprintf(out, "\nMost value not bought in time\n\n")
	for _, p := range single(&f.left) {
		line(p.Key, p.Weight)
	}
	w.Flush()

	hours := f.byHour()
	var abandoned int64
	for _, h := range hours {
		abandoned += h.carts
	}
	visits := single(&f.visits)
	fmt.Fprintf(out, "\nOf %s visits %s (%s) left a cart behind, worth %v\n\n",
		count(visits), count(abandoned), percent(abandoned, visits), single(&f.abandonedValue))
	for _, h := range hours {
		line(h.start.Format("15:04"), count(h.carts))
	}
	w.Flush()
}

// hourly is how many carts were given up in an hour.
type hourly struct {
	start time.Time
	carts int64
}

func (f *found) byHour() (all []hourly) {
	for _, p := range f.abandoned.Values() {
		all = append(all, hourly{p.Start, p.Value})
	}
	byStart(all)
	return all
}

func byStart(all []hourly) {
	sort.Slice(all, func(i, j int) bool { return all[i].start.Before(all[j].start) })
}

// single returns the value of the one window of all time, or zero where no
// event fell in it.
func single[R any](panes *overall[R]) (value R) {
	for _, p := range panes.Values() {
		value = p.Value
	}
	return value
}

func percent[N constraints.Integer](a, b N) string {
	if b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", 100*float64(a)/float64(b))
}
