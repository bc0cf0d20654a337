package main

import "github.com/samber/ro"

// github.com/samber/ro
var roPeer = peer{
	Name: "ro",
	Cannot: "windows of event time: windows close by the wall clock, a count, or when another stream says so. " +
		"State that outlives the run, checkpoints, joins by key, keys on several cores.",
	can: map[string]doing{
		"filter-map-filter": fromMemory(roFilters),
		"sum":               fromMemory(roSum),
	},
}

func roFilters(all []sale) (sum total, err error) {
	ro.Pipe3(
		ro.FromSlice(all),
		ro.Filter(sale.paid),
		ro.Map(sale.gross),
		ro.Filter(sale.large),
	).Subscribe(ro.NewObserver(
		func(s sale) { sum.add(0, 0, s.Cents) },
		func(e error) { err = e },
		func() {},
	))
	return sum, err
}

// roSum groups by shop without windows.
func roSum(all []sale) (sum total, err error) {
	ro.Pipe2(
		ro.FromSlice(all),
		ro.GroupBy(sale.shop),
		ro.MergeMap(func(group ro.Observable[sale]) ro.Observable[sale] {
			return ro.Pipe1(group, ro.Reduce(func(sum, s sale) sale {
				sum.Shop = s.Shop
				sum.Cents += s.Cents
				return sum
			}, sale{}))
		}),
	).Subscribe(ro.NewObserver(
		func(s sale) { sum.add(s.Shop, 0, s.Cents) },
		func(e error) { err = e },
		func() {},
	))
	return sum, err
}
