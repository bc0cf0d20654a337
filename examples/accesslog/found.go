package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"sort"
	"text/tabwriter"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// found is what the pipeline finds.
type found struct {
	traffic  overall[Traffic]
	sessions overall[Sessions]
	late     overall[Lateness]
	paths    overall[[]window.Ranked[string, int64]]
	days     counted[int64] // by the second in which they begin
	statuses counted[int64]
	methods  counted[string]
	letters  deadLetters
}

type (
	overall[R any]         = latest[stream.NoKey, R]
	counted[K cmp.Ordered] = latest[K, int64]
)

// print writes the report.
func (f *found) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(cells ...any) {
		for _, c := range cells {
			fmt.Fprint(w, c, "\t")
		}
		fmt.Fprintln(w)
	}

	t, late, s := single(&f.traffic), single(&f.late), single(&f.sessions)
	line("requests", count(t.Requests))
	unreadable, first := f.letters.read()
	line("unreadable lines", count(unreadable))
	line("bytes", count(t.Bytes))
	line("clients", count(t.Clients))
	line("late lines", count(late.Lines), "by "+late.Max.String()+" at most")
	w.Flush()

	fmt.Fprintf(out, "\nStatus\n\n")
	printCounts(line, &f.statuses)
	w.Flush()

	fmt.Fprintf(out, "\nMethod\n\n")
	printCounts(line, &f.methods)
	w.Flush()

	fmt.Fprintf(out, "\nTop paths\n\n")
	for _, p := range single(&f.paths) {
		line(p.Key, count(p.Weight))
	}
	w.Flush()

	fmt.Fprintf(out, "\nRequests by day\n\n")
	for _, d := range f.byDay() {
		line(d.Start.Format(time.DateOnly), count(d.Value))
	}
	w.Flush()

	fmt.Fprintf(out, "\nSessions, which end after a pause of more than %v\n\n", gap)
	line("sessions", count(s.Count))
	line("of one request", count(s.Single))
	line("requests in each", fmt.Sprintf("%.4f", mean(s.Hits, s.Count)))
	line("seconds in each", fmt.Sprintf("%.4f", mean(int64(s.Length), s.Count)/float64(time.Second)))
	w.Flush()

	if unreadable > 0 {
		fmt.Fprintf(out, "\nUnreadable: %s, such as\n\n", count(unreadable))
		for _, l := range first {
			fmt.Fprintf(out, "  %s: %s\n", l.Position, l.Cause)
		}
	}
}

// byDay returns the requests of each day, in order.
func (f *found) byDay() (days []stream.Pane[stream.NoKey, int64]) {
	for _, d := range f.days.Values() {
		start := time.Unix(d.Key, 0).UTC()
		days = append(days, stream.Pane[stream.NoKey, int64]{Start: start, End: start.Add(24 * time.Hour), Value: d.Value})
	}
	sort.Slice(days, func(i, j int) bool { return days[i].Start.Before(days[j].Start) })
	return days
}

// load has what a run that is followed has gone on with, from its checkpoint.
func (f *found) load(ctx context.Context) error {
	for _, load := range []func(context.Context) error{
		f.traffic.load, f.sessions.load, f.late.load, f.paths.load, f.days.load, f.statuses.load, f.methods.load, f.letters.load,
	} {
		if err := load(ctx); err != nil {
			return err
		}
	}
	return nil
}

// printCounts prints the keys, the most frequent first.
func printCounts[K cmp.Ordered](line func(...any), panes *counted[K]) {
	all := panes.Values()
	sort.Slice(all, func(i, j int) bool {
		a, b := all[i], all[j]
		return a.Value > b.Value || a.Value == b.Value && a.Key < b.Key
	})
	for _, p := range all {
		line(p.Key, count(p.Value))
	}
}

// single returns the value of the one window of all time, or zero where no
// event fell in it.
func single[R any](panes *overall[R]) (value R) {
	for _, p := range panes.Values() {
		value = p.Value
	}
	return value
}

func mean(sum, n int64) float64 { return float64(sum) / float64(max(n, 1)) }

// count writes a number that is not negative with commas: "541,909".
func count(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", count(n/1000), n%1000)
}
