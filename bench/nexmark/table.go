package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// printTable prints a row for each query. Rates are in millions of events a
// second, and state is in megabytes.
func printTable(out io.Writer, all []measured, short bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	if short {
		fmt.Fprintln(w, "query\tevents\tresults\tloop M/s\tM/s\ttimes the loop\tallocs\t")
		for _, m := range all {
			fmt.Fprintf(w, "%s\t%d\t%d\t%.1f\t%.1f\t%.2f\t%.3f\t\n", m.Query, m.Events, m.Rows, m.Floor/1e6, m.One.Plain/1e6, m.One.PlainRatio, m.Allocs)
		}
		return w.Flush()
	}
	fmt.Fprintln(w, "\t\t\tloop\tone core\t\tall cores\t\ttimes the loop\t\tallocs\tstate\t")
	fmt.Fprintln(w, "query\tevents\tresults\tM/s\tM/s\tsaved\tM/s\tsaved\tplain\tsaved\ta event\tMB\t")
	for _, m := range all {
		fmt.Fprintf(w, "%s\t%d\t%d\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t%.2f\t%.2f\t%.3f\t%.2f\t\n", m.Query, m.Events, m.Rows,
			m.Floor/1e6, m.One.Plain/1e6, m.One.Saved/1e6, m.All.Plain/1e6, m.All.Saved/1e6, m.One.PlainRatio, m.One.SavedRatio, m.Allocs, float64(m.State)/1e6)
	}
	return w.Flush()
}
