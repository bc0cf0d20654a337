package experiment

import (
	"cmp"
	"slices"
)

// BenjaminiHochberg returns the P of several tests, adjusted so that of those below α about a part α is
// wrong at most, where the tests are independent: Benjamini and Hochberg, "Controlling the false
// discovery rate", JRSS B 57, 1995. It panics if one is not from 0 to 1, as Holm and
// BenjaminiYekutieli.
func BenjaminiHochberg(ps ...float64) []float64 { return stepUp("BenjaminiHochberg", ps, 1) }

// BenjaminiYekutieli returns the P of several tests, adjusted as by BenjaminiHochberg, but whatever the
// tests have to do with each other: Benjamini and Yekutieli, "The control of the false discovery rate
// in multiple testing under dependency", Annals of Statistics 29, 2001.
func BenjaminiYekutieli(ps ...float64) []float64 {
	var sum float64
	for i := range ps {
		sum += 1 / float64(i+1)
	}
	return stepUp("BenjaminiYekutieli", ps, sum)
}

// stepUp has each P times factor·n over its place, and at most that of those behind it.
func stepUp(who string, ps []float64, factor float64) []float64 {
	order := ascending(who, ps)
	adjusted := make([]float64, len(ps))
	least := 1.0
	for i := len(order) - 1; i >= 0; i-- {
		least = min(least, ps[order[i]]*factor*float64(len(ps))/float64(i+1))
		adjusted[order[i]] = least
	}
	return adjusted
}

// Holm returns the P of several tests, adjusted so that with probability 1-α none of those below α is
// wrong: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
// Statistics 6, 1979.
func Holm(ps ...float64) []float64 {
	adjusted := make([]float64, len(ps))
	most := 0.0
	for i, k := range ascending("Holm", ps) {
		most = max(most, min(1, ps[k]*float64(len(ps)-i)))
		adjusted[k] = most
	}
	return adjusted
}

// ascending returns the places of ps in order.
func ascending(who string, ps []float64) []int {
	order := make([]int, len(ps))
	for i, p := range ps {
		if order[i] = i; !(p >= 0 && p <= 1) {
			panic("experiment: " + who + ": P is from 0 to 1")
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(ps[i], ps[j]) })
	return order
}
