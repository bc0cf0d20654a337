package tables_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

// tableOf is the table that changes make.
func tableOf(all []event) map[int]row {
	rows := map[int]row{}
	for _, e := range all {
		if e.Kind == stream.Delete {
			delete(rows, e.Before.Key)
		} else {
			rows[e.After.Key] = e.After
		}
	}
	return rows
}

// texts shows rows, those for which f returns true.
func texts[V any](rows map[int]row, f func(row) (V, bool)) map[int]string {
	all := map[int]string{}
	for k, r := range rows {
		if v, ok := f(r); ok {
			all[k] = fmt.Sprint(v)
		}
	}
	return all
}

func same(r row) (row, bool) { return r, true }

func even(_ int, r row) bool    { return r.Val%2 == 0 }
func halved(_ int, r row) int64 { return r.Val / 2 }
func ref(_ int, r row) int      { return r.Ref }
func identity(c change) change  { return c }
func changed(c change) int64    { return c.Row().Val }
func pairText(m match) string   { return fmt.Sprint(m) }
func rowOf(_ int, r row) row    { return r }
func byVal(a, b row) int        { return cmp.Or(cmp.Compare(a.Val, b.Val), cmp.Compare(a.Key, b.Key)) }

type match = stream.Match[row, row]

func FuzzTableOf(f *testing.F) {
	fuzz(f,
		subject{name: "TableOf",
			add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(stream.TableOf(a))
			},
			twin: func(a, _ []event) map[int]string { return texts(tableOf(a), same) }},
		subject{name: "ToTable, Filter",
			add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(a.ToTable(identity).Filter(even))
			},
			twin: func(a, _ []event) map[int]string {
				return texts(tableOf(a), func(r row) (row, bool) { return r, r.Val%2 == 0 })
			}},
		subject{name: "MapValues",
			add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(stream.TableOf(a).MapValues(halved))
			},
			twin: func(a, _ []event) map[int]string {
				return texts(tableOf(a), func(r row) (int64, bool) { return r.Val / 2, true })
			}},
	)
}

func FuzzLatestTable(f *testing.F) {
	fuzz(f, subject{name: "LatestTable",
		add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
			return show(stream.LatestTable(a).MapValues(func(_ int, c change) row { return c.Row() }))
		},
		twin: func(a, _ []event) map[int]string {
			rows := map[int]row{}
			for _, e := range a {
				rows[e.Row().Key] = e.Row()
			}
			return texts(rows, same)
		}})
}

func FuzzAggregateTable(f *testing.F) {
	fuzz(f,
		subject{name: "AggregateTable",
			add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(a.AggregateTable(window.Sum(changed)))
			},
			twin: func(a, _ []event) map[int]string {
				sums, all := map[int]int64{}, map[int]string{}
				for _, e := range a {
					k := e.Row().Key
					sums[k] += e.Row().Val
					all[k] = fmt.Sprint(sums[k])
				}
				return all
			}},
		subject{name: "AggregateTable by order",
			add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(a.AggregateTable(window.Then(window.Collect[change](), func(all []change) (vals []int64) {
					for _, c := range all {
						vals = append(vals, c.Row().Val)
					}
					return vals
				})))
			},
			twin: func(a, _ []event) map[int]string {
				vals, all := map[int][]int64{}, map[int]string{}
				for _, e := range a {
					k := e.Row().Key
					vals[k] = append(vals[k], e.Row().Val)
					all[k] = fmt.Sprint(vals[k])
				}
				return all
			}})
}

// A summary is what groups are aggregated to.
type summary struct {
	N, Sum, Low, High, Different int64
	Mean, Squares                float64
	Top                          []row
}

func summing() window.Aggregator[row, window.Fields, summary] {
	vals := window.Multiset(row.val)
	return window.Struct(
		window.Field(window.Count[row](), func(s *summary, n int64) { s.N = n }),
		window.Field(window.Sum(row.val), func(s *summary, n int64) { s.Sum = n }),
		window.Field(vals.Min(), func(s *summary, n int64) { s.Low = n }),
		window.Field(vals.Max(), func(s *summary, n int64) { s.High = n }),
		window.Field(vals.Distinct(), func(s *summary, n int64) { s.Different = n }),
		window.Field(window.ExactMean(row.val), func(s *summary, m float64) { s.Mean = m }),
		window.Field(window.ExactVariance(row.val), func(s *summary, m window.Moments) { s.Squares = m.Squares }),
		window.Field(window.MultisetFunc(func(r row) row { return r }, byVal).Top(2), func(s *summary, top []row) { s.Top = top }),
	)
}

// summaries are what summing gives, from all rows.
func summaries(rows map[int]row) map[int]string {
	groups := map[int][]row{}
	for _, r := range rows {
		groups[r.Ref] = append(groups[r.Ref], r)
	}
	all := map[int]string{}
	for ref, g := range groups {
		slices.SortFunc(g, func(a, b row) int { return -byVal(a, b) })
		s := summary{N: int64(len(g)), High: g[0].Val, Low: g[len(g)-1].Val, Top: g[:min(2, len(g))]}
		vals := map[int64]bool{}
		squares := int64(0)
		for _, r := range g {
			s.Sum += r.Val
			squares += r.Val * r.Val
			vals[r.Val] = true
		}
		s.Different = int64(len(vals))
		s.Mean = float64(s.Sum) / float64(s.N)
		s.Squares = float64(s.N*squares-s.Sum*s.Sum) / float64(s.N)
		all[ref] = fmt.Sprint(s)
	}
	return all
}

func FuzzGrouped(f *testing.F) {
	fuzz(f,
		subject{name: "GroupBy and Aggregate",
			add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(stream.TableOf(a).GroupBy(ref).Aggregate(summing()))
			},
			twin: func(a, _ []event) map[int]string { return summaries(tableOf(a)) }},
		subject{name: "groups of groups",
			add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				counts := stream.TableOf(a).GroupBy(ref).Aggregate(window.Count[row]())
				return show(counts.GroupBy(func(_ int, n int64) int { return int(n) }).Aggregate(window.Count[int64]()))
			},
			twin: func(a, _ []event) map[int]string {
				counts, of := map[int]int64{}, map[int]int64{}
				for _, r := range tableOf(a) {
					counts[r.Ref]++
				}
				all := map[int]string{}
				for _, n := range counts {
					of[int(n)]++
					all[int(n)] = fmt.Sprint(of[int(n)])
				}
				return all
			}})
}

// joined is a join as SQL defines it.
func joined(kind stream.JoinKind, a, b map[int]row) map[int]string {
	all := map[int]string{}
	for k, l := range a {
		if r, ok := b[k]; ok {
			all[k] = pairText(match{Left: l, Right: r, HasLeft: true, HasRight: true})
		} else if kind == stream.LeftOuter || kind == stream.FullOuter {
			all[k] = pairText(match{Left: l, HasLeft: true})
		}
	}
	for k, r := range b {
		if _, ok := a[k]; !ok && (kind == stream.RightOuter || kind == stream.FullOuter) {
			all[k] = pairText(match{Right: r, HasRight: true})
		}
	}
	return all
}

func FuzzTableJoins(f *testing.F) {
	var subjects []subject
	for _, kind := range []stream.JoinKind{stream.Inner, stream.LeftOuter, stream.RightOuter, stream.FullOuter} {
		subjects = append(subjects, subject{name: fmt.Sprint("Join, ", kind), both: true,
			add: func(a, b stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(stream.TableOf(a).Join(stream.TableOf(b), kind, pairText))
			},
			twin: func(a, b []event) map[int]string { return joined(kind, tableOf(a), tableOf(b)) }})
	}
	fuzz(f, append(subjects, subject{name: "Join of a table with itself",
		add: func(a, _ stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
			t := stream.TableOf(a)
			return show(t.Filter(even).Join(t.MapValues(rowOf), stream.FullOuter, pairText))
		},
		twin: func(a, _ []event) map[int]string {
			rows, evens := tableOf(a), map[int]row{}
			for k, r := range rows {
				if even(k, r) {
					evens[k] = r
				}
			}
			return joined(stream.FullOuter, evens, rows)
		}})...)
}

func FuzzForeignKeyJoins(f *testing.F) {
	twin := func(kind stream.JoinKind, a, b map[int]row) map[int]string {
		all := map[int]string{}
		for k, l := range a {
			if r, ok := b[l.Ref]; ok {
				all[k] = pairText(match{Left: l, Right: r, HasLeft: true, HasRight: true})
			} else if kind == stream.LeftOuter {
				all[k] = pairText(match{Left: l, HasLeft: true})
			}
		}
		return all
	}
	var subjects []subject
	for _, kind := range []stream.JoinKind{stream.Inner, stream.LeftOuter} {
		subjects = append(subjects, subject{name: fmt.Sprint("ForeignKeyJoin, ", kind), both: true,
			add: func(a, b stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
				return show(stream.TableOf(a).ForeignKeyJoin(stream.TableOf(b), ref, kind, pairText))
			},
			twin: func(a, b []event) map[int]string { return twin(kind, tableOf(a), tableOf(b)) }})
	}
	fuzz(f, append(subjects, subject{name: "groups of a ForeignKeyJoin", both: true,
		add: func(a, b stream.Keyed[int, change]) stream.Stream[stream.Change[shown]] {
			t := stream.TableOf(a).ForeignKeyJoin(stream.TableOf(b), ref, stream.Inner, func(m match) row {
				return row{m.Left.Key, m.Right.Ref, m.Left.Val * m.Right.Val}
			})
			return show(t.GroupBy(ref).Aggregate(summing()))
		},
		twin: func(a, b []event) map[int]string {
			rows, others := map[int]row{}, tableOf(b)
			for k, l := range tableOf(a) {
				if r, ok := others[l.Ref]; ok {
					rows[k] = row{k, r.Ref, l.Val * r.Val}
				}
			}
			return summaries(rows)
		}})...)
}
