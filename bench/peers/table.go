package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
)

// print prints where Freshet is slower, the tables, and what is to be known of
// each program.
func (b *bench) print(out io.Writer, wanted []contested) error {
	said := b.slower(wanted)
	if len(said) == 0 {
		said = []string{"Nothing that was measured is faster than Freshet."}
	}
	fmt.Fprintf(out, "%s\n\n%s; medians of %s. \"of ours\" is Freshet's figure by the program's: above 1 the program is the better.\n",
		strings.Join(said, "\n"), machine(), b.counts(wanted))
	used := map[string]bool{}
	for _, c := range wanted {
		rows := b.rows(c)
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(out, "\n%s: %s\n", c.Name, b.meaning(c))
		w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		switch c.Kind {
		case ofFiles:
			fileRows(w, rows)
		case ofEvents:
			eventRows(w, rows)
		case ofLatency:
			latencyRows(w, rows)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		for _, r := range rows {
			used[r.Program] = true
		}
	}
	fmt.Fprintln(out)
	for _, d := range b.disturbed(wanted) {
		fmt.Fprintln(out, d)
	}
	for _, name := range programNames() {
		if p := programs[name]; used[name] {
			fmt.Fprintf(out, "%s: starts %s. Reads %s.\n", p.Title, p.Starts, p.Reads)
		}
	}
	_, err := fmt.Fprintln(out, fairness)
	return err
}

const fairness = `All: results are the same, by cents, counts and a mixture in which each result has a weight of its own. Orders are in the system's cache. Wall and CPU are of a
whole process, from its start to its end, with all threads and children; "work" is without what the program starts with. A run on one core is held to it by taskset, its
collector and compiler too. Over files nothing is warmed up. In memory each program makes its events before, the work is done three times in one process, and the first is not counted.`

func machine() string {
	name := runtime.GOARCH
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
				name = strings.TrimSpace(v)
				break
			}
		}
	}
	return fmt.Sprintf("%d cores of %s, %s", runtime.NumCPU(), name, runtime.GOOS)
}

// counts says how many runs there are of a row.
func (b *bench) counts(wanted []contested) string {
	least, most := 0, 0
	for _, c := range wanted {
		for _, r := range b.rows(c) {
			if r.Runs > 0 && (least == 0 || r.Runs < least) {
				least = r.Runs
			}
			most = max(most, r.Runs)
		}
	}
	if most == 1 {
		return "one run"
	}
	if least == most {
		return fmt.Sprintf("%d runs", most)
	}
	return fmt.Sprintf("%d to %d runs", least, most)
}

func (b *bench) meaning(c contested) string {
	if c.Kind == ofFiles {
		return fmt.Sprintf("%s; %d orders", c.Title, max(1000, int(b.size*float64(c.Orders))))
	}
	return c.Title
}

func fileRows(w io.Writer, rows []row) {
	fmt.Fprintln(w, "program\tversion\tthreads\theap\twall s\twork s\tCPU s\tpeak MB\tof ours")
	for _, r := range rows {
		if r.Missing {
			fmt.Fprintf(w, "%s\t%s\n", r.title(), notInstalled)
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%.2f\t%.2f\t%.2f\t%.0f\t%s\n", r.title(), r.Version, r.Threads, heap(r), r.Wall, r.Job, r.CPU, r.Peak, ratio(r))
	}
}

func eventRows(w io.Writer, rows []row) {
	fmt.Fprintln(w, "program\tversion\tcores\tcheckpoint\theap\tM events/s\tns/event\tCPU ns/event\tpeak MB\tof ours")
	for _, r := range rows {
		if r.Missing {
			fmt.Fprintf(w, "%s\t%s\n", r.title(), notInstalled)
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\t%.1f\t%.1f\t%.1f\t%.0f\t%s\n", r.title(), r.Version, r.Threads, saved(r), heap(r), 1e3/r.Nanos, r.Nanos, r.CPUNanos, r.Peak, ratio(r))
	}
}

func latencyRows(w io.Writer, rows []row) {
	fmt.Fprintln(w, "program\tversion\tshards\tcheckpoint\theap\tresults\tp50 ms\tp99\tp99.9\tp99.99\tmax\tbehind ms\tof ours")
	for _, r := range rows {
		if r.Missing {
			fmt.Fprintf(w, "%s\t%s\n", r.title(), notInstalled)
			continue
		}
		cells := []string{r.title(), r.Version, fmt.Sprint(r.Threads), saved(r), heap(r), fmt.Sprintf("%.0f", r.Results)}
		for _, p := range percentiles {
			cells = append(cells, fmt.Sprintf("%.2f", r.Percent[p]))
		}
		cells = append(cells, fmt.Sprintf("%.1f", r.Behind), ratio(r))
		if r.Behind > 50 { // a scheduler's slice
			cells = append(cells, "the rate is not sustained")
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
}

func saved(r row) string {
	if r.Saved {
		return "each second"
	}
	return "-"
}

func heap(r row) string {
	if h := programs[r.Program].Heap; h != "" {
		return h
	}
	return "-"
}

func ratio(r row) string {
	switch {
	case r.Ratio == 0:
		return "-"
	case r.Program == "freshet" && r.Way == "":
		return "1"
	}
	if r.Ratio < 0.1 {
		return fmt.Sprintf("%.2g", r.Ratio)
	}
	return fmt.Sprintf("%.2f", r.Ratio)
}
