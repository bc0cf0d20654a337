package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"sort"
	"time"

	"github.com/freshet-go/freshet/window"
	"golang.org/x/exp/constraints"
)

var errBooks = errors.New("the figures differ from the generator's books")

// check compares what was found with the books, and says so on w.
func (d *day) check(w io.Writer, got *summary) error {
	want := d.books()
	fmt.Fprintf(w, "\nChecked against the generator's books\n\n")
	var err error
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"unreadable lines", got.Unreadable, want.Unreadable},
		{"sales, lines and total", got.Sales, want.Sales},
		{"sales to known customers", got.Known, want.Known},
		{"refunds", got.Refunds, want.Refunds},
		{"neither sales nor refunds", got.Others, want.Others},
		{"sales too late for their minute", got.Late, want.Late},
		{"sales by day", got.Days, want.Days},
		{"sales by minute and category", got.Minutes, want.Minutes},
		{"sales by hour and category", got.Hours, want.Hours},
		{"top products", got.Best, want.Best},
		{"top products of each sliding hour", got.Top, want.Top},
	} {
		if reflect.DeepEqual(c.got, c.want) {
			fmt.Fprintf(w, "  ok      %s\n", c.what)
			continue
		}
		fmt.Fprintf(w, "  DIFFER  %s: found %.300s, books %.300s\n", c.what, fmt.Sprint(c.got), fmt.Sprint(c.want))
		err = errBooks
	}
	return err
}

// books adds the day up in plain loops.
func (d *day) books() *summary {
	s := &summary{}
	orders, customers := map[string]bool{}, map[string]bool{}
	units := map[string]int64{}
	days, minutes, hours := map[cell]Money{}, map[cell]Money{}, map[cell]Money{}
	sliding := map[time.Time]map[string]Money{}
	for _, till := range d.tills {
		for _, e := range till {
			amount := e.Amount()
			switch {
			case e.broken != "":
				s.Unreadable++
				continue
			case e.Refund:
				s.Refunds.Lines++
				s.Refunds.Amount += amount
				continue
			case e.Price == 0:
				s.Others++
				continue
			}
			s.Sales.Lines++
			s.Sales.Amount += amount
			if e.Buyer != "" {
				s.Known.Lines++
				s.Known.Amount += amount
				orders[e.ID], customers[e.Buyer] = true, true
			}
			units[e.SKU] += e.Quantity
			days[cell{Start: e.Time.Truncate(24 * time.Hour)}] += amount
			if e.offline {
				s.Late.Lines++
				s.Late.Amount += amount
				continue
			}
			minutes[cell{Start: e.Time.Truncate(time.Minute), Category: e.Range}] += amount
			hours[cell{Start: e.Time.Truncate(time.Hour), Category: e.Range}] += amount
			for k := range 6 { // the hours that begin every ten minutes
				start := e.Time.Truncate(10 * time.Minute).Add(time.Duration(-k) * 10 * time.Minute)
				if sliding[start] == nil {
					sliding[start] = map[string]Money{}
				}
				sliding[start][e.SKU] += amount
			}
		}
	}
	s.Known.Orders, s.Known.Customers = int64(len(orders)), int64(len(customers))
	s.Days, s.Minutes, s.Hours = inOrder(days), inOrder(minutes), inOrder(hours)
	s.Best = ranked(units, 5)
	for start, amounts := range sliding {
		s.Top = append(s.Top, topHour{start, ranked(amounts, 3)})
	}
	sort.Slice(s.Top, func(i, j int) bool { return s.Top[i].Start.Before(s.Top[j].Start) })
	return s
}

func inOrder(sums map[cell]Money) (all []cell) {
	for c, sum := range sums {
		c.Revenue = sum
		all = append(all, c)
	}
	sortCells(all)
	return all
}

// ranked returns the n keys of the greatest weight.
func ranked[N constraints.Integer](weights map[string]N, n int) (all []window.Ranked[string, N]) {
	for key, weight := range weights {
		all = append(all, window.Ranked[string, N]{Key: key, Weight: weight})
	}
	slices.SortFunc(all, func(a, b window.Ranked[string, N]) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Key, b.Key))
	})
	return all[:min(n, len(all))]
}
