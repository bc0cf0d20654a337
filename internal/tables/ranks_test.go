package tables_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
	"github.com/freshet-go/freshet/window/over"
)

// A place is what columns say of a row: those that any partition can have, and of ranges what the test at hand has.
type place struct {
	Val                                      int64
	Ranks                                    over.Ranks
	Lag, Lead, First, Last                   string
	Three, SoFar, ToCome, Whole, Near, Least int64
	Around                                   []int64
}

// optional is how a row that there may be is shown.
func optional(val int64, some bool) string {
	if !some {
		return "none"
	}
	return fmt.Sprint(val)
}

// backColumns look back at most, or at one row ahead.
func backColumns[V any](val func(V) int64) []over.Column[V, place] {
	least := window.Multiset(val).Min()
	return []over.Column[V, place]{
		over.Row(func(p *place, v V) { p.Val = val(v) }),
		over.Rank(func(p *place, _ V, r over.Ranks) { p.Ranks = r }),
		over.Lag(2, func(p *place, v V, some bool) { p.Lag = optional(val(v), some) }),
		over.Aggregate(over.Rows(2, 0), window.Sum(val), func(p *place, n int64) { p.Three = n }),
		over.Aggregate(over.Rows(over.All, -1), window.Sum(val), func(p *place, n int64) { p.SoFar = n }),
		over.Aggregate(over.Rows(4, -2), least, func(p *place, n int64) { p.Least = n }),
		over.First(over.Rows(over.All, 0), func(p *place, v V, some bool) { p.First = optional(val(v), some) }),
		over.Last(over.Rows(3, -1), func(p *place, v V, some bool) { p.Last = optional(val(v), some) }),
	}
}

// tableColumns are those that a table has besides.
func tableColumns() over.Selection[row, place] {
	return over.Select(append(backColumns(row.val),
		over.Lead(1, func(p *place, r row, some bool) { p.Lead = optional(r.Val, some) }),
		over.Aggregate(over.Rows(0, over.All), window.Min(row.val), func(p *place, n int64) { p.ToCome = n }),
		over.Aggregate(over.Rows(over.All, over.All), window.Sum(row.val), func(p *place, n int64) { p.Whole = n }),
		over.Aggregate(over.RangeOf(row.val, 1, 2), window.Sum(row.val), func(p *place, n int64) { p.Near = n }),
		over.Aggregate(over.Rows(1, 1), window.Then(window.Collect[row](), vals), func(p *place, all []int64) { p.Around = all }),
	)...)
}

func vals(rows []row) (all []int64) {
	for _, r := range rows {
		all = append(all, r.Val)
	}
	return all
}

// between returns the elements from a to b, b too, of those that there are.
func between[T any](all []T, a, b int) []T {
	a, b = max(0, a), min(len(all), b+1)
	return all[min(a, len(all)):max(a, b, 0)]
}

func total(vals []int64) (n int64) {
	for _, v := range vals {
		n += v
	}
	return n
}

func least(vals []int64) int64 {
	if len(vals) == 0 {
		return 0
	}
	return slices.Min(vals)
}

func nth(vals []int64, i int) string {
	if i < 0 || i >= len(vals) {
		return "none"
	}
	return fmt.Sprint(vals[i])
}

// placeOf is what backColumns say of the i-th of some values, of which scale says who are peers.
func placeOf(vals, scale []int64, i int) place {
	p := place{Val: vals[i], Lag: nth(vals, i-2), First: nth(vals, 0), Last: nth(vals, i-1)}
	p.Ranks.RowNumber = int64(i) + 1
	p.Ranks.Rank = int64(slices.Index(scale, scale[i])) + 1
	p.Ranks.DenseRank = int64(len(slices.Compact(slices.Clone(scale[:i+1]))))
	p.Three, p.SoFar, p.Least = total(between(vals, i-2, i)), total(vals[:i]), least(between(vals, i-4, i-2))
	return p
}

// partitions are the rows of a table by their Ref, in the order of their values, and then of their keys.
func partitions(rows map[int]row) map[int][]row {
	parts := map[int][]row{}
	for _, r := range rows {
		parts[r.Ref] = append(parts[r.Ref], r)
	}
	for _, p := range parts {
		slices.SortFunc(p, byVal)
	}
	return parts
}

// places are what tableColumns say of the first n rows of each partition.
func places(rows map[int]row, n int) map[int]string {
	all := map[int]string{}
	for _, part := range partitions(rows) {
		vals := vals(part)
		for i, r := range part[:min(n, len(part))] {
			p := placeOf(vals, vals, i)
			p.Lead, p.ToCome, p.Whole = nth(vals, i+1), least(vals[i:]), total(vals)
			for _, v := range vals {
				if v >= r.Val-1 && v <= r.Val+2 {
					p.Near += v
				}
			}
			p.Around = between(vals, i-1, i+1)
			all[r.Key] = fmt.Sprint(p)
		}
	}
	return all
}

func onlyVal(a, b row) int { return cmp.Compare(a.Val, b.Val) }

func FuzzOrdered(f *testing.F) {
	ordered := func(a stream.Keyed[int, change]) stream.Ordered[int, int, row] {
		return stream.TableOf(a).OrderBy(ref, onlyVal)
	}
	fuzz(f,
		subject{name: "Top",
			add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(ordered(a).Top(2))
			},
			twin: func(a, _ []event) map[int]string {
				all := map[int]string{}
				for _, part := range partitions(tableOf(a)) {
					for _, r := range part[:min(2, len(part))] {
						all[r.Key] = fmt.Sprint(r)
					}
				}
				return all
			}},
		subject{name: "Over",
			add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(ordered(a).Over(tableColumns()))
			},
			twin: func(a, _ []event) map[int]string { return places(tableOf(a), 1<<30) }},
		subject{name: "TopOver",
			add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(ordered(a).TopOver(3, tableColumns()))
			},
			twin: func(a, _ []event) map[int]string { return places(tableOf(a), 3) }},
		subject{name: "Over without ranks",
			add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(ordered(a).Over(over.Select(
					over.Lag(1, func(p *[2]string, r row, some bool) { p[0] = optional(r.Val, some) }),
					over.Lead(2, func(p *[2]string, r row, some bool) { p[1] = optional(r.Val, some) }))))
			},
			twin: func(a, _ []event) map[int]string {
				all := map[int]string{}
				for _, part := range partitions(tableOf(a)) {
					for i, r := range part {
						all[r.Key] = fmt.Sprint([2]string{nth(vals(part), i-1), nth(vals(part), i+2)})
					}
				}
				return all
			}})
}
