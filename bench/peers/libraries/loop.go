package main

import "maps"

// The loops that one would write by hand.
var byHand = peer{
	Name: "loop",
	can: map[string]doing{
		"filter-map-filter": fromMemory(loopFilters),
		"sum":               fromMemory(loopSum),
		"tumbling":          fromMemory(loopTumbling),
		"sliding":           fromMemory(loopSliding),
	},
}

func loopFilters(all []sale) (sum total, _ error) {
	for _, s := range all {
		if !s.paid() {
			continue
		}
		if s = s.gross(); s.large() {
			sum.add(0, 0, s.Cents)
		}
	}
	return sum, nil
}

func loopSum(all []sale) (sum total, _ error) {
	cents := map[int64]int64{}
	for _, s := range all {
		cents[s.Shop] += s.Cents
	}
	for shop, c := range cents {
		sum.add(shop, 0, c)
	}
	return sum, nil
}

func loopTumbling(all []sale) (sum total, _ error) {
	open := map[int64]map[int64]int64{} // by minute and shop
	watermark, next := int64(-1<<62), int64(0)
	newest, newestCents := int64(-1), map[int64]int64(nil)
	fire := func(k int64) {
		for shop, c := range open[k] {
			sum.add(shop, (k+1)*int64(size), c)
		}
		delete(open, k)
	}
	for _, s := range all {
		k := s.At / int64(size)
		cents := newestCents
		if k != newest {
			if cents = open[k]; cents == nil {
				cents = map[int64]int64{}
				open[k] = cents
			}
			newest, newestCents = k, cents
			if next == 0 || k < next {
				next = k
			}
		}
		cents[s.Shop] += s.Cents
		if watermark = max(watermark, s.At-int64(disorder)); watermark >= (next+1)*int64(size) {
			fire(next)
			next++
		}
	}
	for k := range maps.Clone(open) {
		fire(k)
	}
	return sum, nil
}

// loopSliding counts by slices of a slide. A window's counts are those of the
// window before, with one slice more and one less.
func loopSliding(all []sale) (sum total, _ error) {
	const slices = int64(size / slide)
	open := map[int64]map[int64]int64{} // by slice and shop
	window := map[int64]int64{}         // of the last slices
	watermark, next, last := int64(-1<<62), int64(0), int64(0)
	newest, newestCounts := int64(-1), map[int64]int64(nil)
	fire := func() {
		for shop, n := range open[next] {
			window[shop] += n
		}
		for shop, n := range open[next-slices] {
			if window[shop] -= n; window[shop] == 0 {
				delete(window, shop)
			}
		}
		delete(open, next-slices)
		for shop, n := range window {
			sum.add(shop, (next+1)*int64(slide), n)
		}
		next++
	}
	for _, s := range all {
		k := s.At / int64(slide)
		counts := newestCounts
		if k != newest {
			if counts = open[k]; counts == nil {
				counts = map[int64]int64{}
				open[k] = counts
			}
			newest, newestCounts = k, counts
			if next == 0 || k < next {
				next = k
			}
			last = max(last, k)
		}
		counts[s.Shop]++
		if watermark = max(watermark, s.At-int64(disorder)); watermark >= (next+1)*int64(slide) {
			fire()
		}
	}
	for next < last+slices {
		fire()
	}
	return sum, nil
}
