package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"golang.org/x/exp/constraints"
)

// print writes the report.
func (s *summary) print(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(cells ...any) {
		for _, c := range cells {
			fmt.Fprint(w, c, "\t")
		}
		fmt.Fprintln(w)
	}

	line("lines read", count(s.Lines()))
	line("unreadable", count(s.Unreadable))
	line("refunds", count(s.Refunds.Lines), s.Refunds.Amount)
	line("gifts and others", count(s.Others))
	line("clean", count(s.Sales.Lines), s.Sales.Amount)
	line("with a customer", count(s.Known.Lines), s.Known.Amount)
	w.Flush()
	fmt.Fprintf(out, "\n%s customers placed %s orders. Of each 100 taken, %.2f were paid back.\n",
		count(s.Known.Customers), count(s.Known.Orders), 100*ratio(s.Refunds.Amount, s.Sales.Amount))
	if len(s.Days) > 1 {
		best := slices.MaxFunc(s.Days, byRevenue)
		fmt.Fprintf(out, "Of %s trading days %s was the best, with %s.\n", count(int64(len(s.Days))), best.Start.Format(time.DateOnly), best.Revenue)
	}
	if s.Late.Lines > 0 {
		fmt.Fprintf(out, "%s sales of %s came too late for their minute.\n", count(s.Late.Lines), s.Late.Amount)
	}

	fmt.Fprintf(out, "\nSales by category\n\n")
	line("", "revenue", "share", "best hour", "", "best minute", "")
	minutes, hours := byName(s.Minutes), byName(s.Hours)
	names := slices.SortedFunc(maps.Keys(hours), func(a, b string) int {
		return cmp.Or(cmp.Compare(revenueOf(hours[b]), revenueOf(hours[a])), cmp.Compare(a, b))
	})
	for _, name := range names[:min(len(names), 8)] {
		hour, minute := slices.MaxFunc(hours[name], byRevenue), slices.MaxFunc(minutes[name], byRevenue)
		line(name, revenueOf(hours[name]), fmt.Sprintf("%.1f%%", 100*ratio(revenueOf(hours[name]), revenueOf(s.Hours))),
			hour.Start.Format("2006-01-02 15:00"), hour.Revenue, minute.Start.Format("2006-01-02 15:04"), minute.Revenue)
	}
	w.Flush()
	if more := len(names) - 8; more > 0 {
		fmt.Fprintf(out, "and %d more\n", more)
	}

	if len(s.Days) == 1 {
		fmt.Fprintf(out, "\nSales by hour\n\n")
		printHours(line, names, s.Hours)
		w.Flush()
	}

	fmt.Fprintf(out, "\nTop products, by units\n\n")
	for _, p := range s.Best {
		line(p.Key, count(p.Weight))
	}
	w.Flush()

	if len(s.Top) > 0 {
		best := slices.MaxFunc(s.Top, func(a, b topHour) int {
			return cmp.Or(cmp.Compare(a.Products[0].Weight, b.Products[0].Weight), b.Start.Compare(a.Start))
		})
		fmt.Fprintf(out, "\nTop products of the %s sliding hours: the best, from %s\n\n",
			count(int64(len(s.Top))), best.Start.Format("2006-01-02 15:04"))
		for _, p := range best.Products {
			line(p.Key, p.Weight)
		}
		w.Flush()
	}

	if s.Unreadable > 0 {
		fmt.Fprintf(out, "\nUnreadable: %s, such as\n\n", count(s.Unreadable))
		for _, l := range s.Letters {
			fmt.Fprintf(out, "  %s: %s\n", l.Position, l.Cause)
		}
	}
}

func printHours(line func(...any), categories []string, hours []cell) {
	row := []any{""}
	for _, c := range categories {
		row = append(row, c)
	}
	line(row...)
	for len(hours) > 0 {
		start := hours[0].Start
		sold := map[string]Money{}
		for len(hours) > 0 && hours[0].Start.Equal(start) {
			sold[hours[0].Category] = hours[0].Revenue
			hours = hours[1:]
		}
		row = append(row[:0], start.Format("15:04"))
		for _, c := range categories {
			row = append(row, sold[c])
		}
		line(row...)
	}
}

// byRevenue compares cells: of equal ones the earlier is greater.
func byRevenue(a, b cell) int {
	return cmp.Or(cmp.Compare(a.Revenue, b.Revenue), b.Start.Compare(a.Start))
}

func byName(cells []cell) map[string][]cell {
	m := map[string][]cell{}
	for _, c := range cells {
		m[c.Category] = append(m[c.Category], c)
	}
	return m
}

func revenueOf(cells []cell) (sum Money) {
	for _, c := range cells {
		sum += c.Revenue
	}
	return sum
}

func ratio[N constraints.Integer](a, b N) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
