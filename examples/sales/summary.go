package main

import (
	"cmp"
	"maps"
	"slices"
	"sort"
	"time"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// A summary is what was found, put in order.
type summary struct {
	Sales, Known, Refunds, Late Total
	Others                      int64
	Days                        []cell // of all categories
	Minutes, Hours              []cell
	Best                        []window.Ranked[string, int64]
	Top                         []topHour
	Unreadable                  int64
	Letters                     []letter
}

// A cell is what a category sold in a window.
type cell struct {
	Start    time.Time
	Category string
	Revenue  Money
}

// A topHour is an hour with its best products.
type topHour struct {
	Start    time.Time
	Products []window.Ranked[string, Money]
}

// Lines returns how many lines were read.
func (s *summary) Lines() int64 {
	return s.Unreadable + s.Refunds.Lines + s.Others + s.Sales.Lines
}

func (f *found) summary() *summary {
	s := &summary{
		Sales: single(&f.sales), Known: single(&f.known), Refunds: single(&f.refunds), Late: single(&f.late),
		Others: single(&f.others), Best: single(&f.best),
		Minutes: cells(&f.minutes), Hours: cells(&f.hours),
		Unreadable: f.letters.count, Letters: f.letters.first,
	}
	for _, p := range latest(&f.days) {
		s.Days = append(s.Days, cell{Start: p.Start, Revenue: p.Value})
	}
	for _, p := range latest(&f.top) {
		s.Top = append(s.Top, topHour{p.Start, p.Value})
	}
	return s
}

// single returns the value of the one window of all time, or zero where no
// event fell in it.
func single[R any](panes *overall[R]) (value R) {
	for _, p := range latest(panes) {
		value = p.Value
	}
	return value
}

func cells(panes *byCategory) (all []cell) {
	for _, p := range latest(panes) {
		all = append(all, cell{p.Start, p.Key, p.Value})
	}
	sortCells(all)
	return all
}

func sortCells(all []cell) {
	slices.SortFunc(all, func(a, b cell) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Category, b.Category))
	})
}

// latest returns the last pane of each window, by start: a late order makes a
// window emit its result again.
func latest[K comparable, R any](panes *kept[stream.Pane[K, R]]) []stream.Pane[K, R] {
	type id struct {
		key   K
		start int64
	}
	last := map[id]stream.Pane[K, R]{}
	for _, p := range panes.Values() {
		k := id{p.Key, p.Start.UnixNano()}
		if old, ok := last[k]; !ok || p.Index > old.Index {
			last[k] = p
		}
	}
	all := slices.Collect(maps.Values(last))
	sort.Slice(all, func(i, j int) bool { return all[i].Start.Before(all[j].Start) }) // compiled once for all types of panes
	return all
}
