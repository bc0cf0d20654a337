package stats

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// A Definition is one of the definitions of a sample's quantile in Hyndman and Fan, "Sample quantiles in
// statistical packages", The American Statistician 50(4), 1996. They differ in where between two
// values of the sample, in order, the quantile is. Their numbers are those of R, and their names those of
// numpy, which has the same.
type Definition int

// The nine.
const (
	Linear                  Definition = 0 // number 7, and 7 itself: between places (k-1)/(n-1), the default of numpy, pandas, R and spreadsheets
	InvertedCDF             Definition = 1 // the least value of which at least a part p of the sample is not greater
	AveragedInvertedCDF     Definition = 2 // as InvertedCDF, but the mean of two at a jump
	ClosestObservation      Definition = 3 // the value closest to the place np: of two, the one at an even place
	InterpolatedInvertedCDF Definition = 4 // between places k/n
	Hazen                   Definition = 5 // between places (k-1/2)/n
	Weibull                 Definition = 6 // between places k/(n+1)
	MedianUnbiased          Definition = 8 // between places (k-1/3)/(n+1/3): about median-unbiased whatever the distribution
	NormalUnbiased          Definition = 9 // between places (k-3/8)/(n+1/4): about unbiased for the normal
)

// Quantile returns the p-quantile of values by a definition, or NaN of none. Values that are NaN are left
// out; infinite ones are in order. It sorts a copy: O(n log n) time. It panics if p is not between 0 and 1.
func Quantile(values []float64, p float64, by Definition) float64 {
	return Quantiles(values, by, p)[0]
}

// Quantiles returns the quantiles of values for each of ps, as Quantile, with one sort.
func Quantiles(values []float64, by Definition, ps ...float64) []float64 {
	sorted := make([]float64, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(v) {
			sorted = append(sorted, v)
		}
	}
	slices.Sort(sorted)
	qs := make([]float64, len(ps))
	for i, p := range ps {
		qs[i] = quantile(len(sorted), func(i int) float64 { return sorted[i] }, p, by)
	}
	return qs
}

// Median returns the median of values, the mean of the two in the middle of an even number, or NaN of none.
func Median(values []float64) float64 { return Quantile(values, 0.5, Linear) }

// MAD returns the median distance of values from their median, or NaN of none. Times 1.4826 it
// estimates the standard deviation of a normal distribution, whatever less than half of the
// values are.
func MAD(values []float64) float64 {
	m := Median(values)
	d := make([]float64, len(values))
	for i, v := range values {
		if d[i] = math.Abs(v - m); v == m {
			d[i] = 0 // both infinite
		}
	}
	return Median(d)
}

// quantile is that of n values in order, of which at returns one.
func quantile(n int, at func(int) float64, p float64, by Definition) float64 {
	if !(p >= 0 && p <= 1) {
		panic("stats: Quantile: p has to be between 0 and 1, not " + strconv.FormatFloat(p, 'g', -1, 64))
	}
	if by < 0 || by > NormalUnbiased {
		panic("stats: Quantile: there is no such Definition")
	}
	if n == 0 {
		return math.NaN()
	}
	size := float64(n)
	place := func(i float64) float64 { return at(int(max(0, min(size-1, i)))) }
	// h is a place that counts from 1.
	var h float64
	switch by {
	case InvertedCDF:
		return place(math.Ceil(size*p) - 1)
	case AveragedInvertedCDF:
		h = size * p
		if h == math.Floor(h) {
			return between(place(h-1), place(h), 0.5)
		}
		return place(math.Ceil(h) - 1)
	case ClosestObservation:
		return place(math.RoundToEven(size*p) - 1)
	case InterpolatedInvertedCDF:
		h = size * p
	case Hazen:
		h = size*p + 0.5
	case Weibull:
		h = (size + 1) * p
	case MedianUnbiased:
		h = (size+1./3)*p + 1./3
	case NormalUnbiased:
		h = (size+0.25)*p + 0.375
	default:
		h = (size-1)*p + 1
	}
	h = max(1, min(size, h))
	below := math.Floor(h)
	return between(place(below-1), place(below), h-below)
}

// between returns the number that is share of the way from a to b, without overflow, and a and b
// exactly at the ends. An infinite one of the two is what it returns.
func between(a, b, share float64) float64 {
	d := b - a
	switch {
	case a == b || share == 0:
		return a
	case !known(a) && (known(b) || share < 0.5):
		return a
	case !known(b):
		return b
	case !known(d):
		return a - a*share + b*share
	case share >= 0.5:
		return b - d*(1-share)
	}
	return a + d*share
}

// WeightedQuantile returns the least of values of which, with those that are less, the weights are at
// least a part p of all weights: InvertedCDF with weights, the one definition that numpy has for them.
// Values that are NaN or have no weight are left out; it is NaN of none. It panics if the lengths
// differ, p is not between 0 and 1, or a weight is negative, NaN or infinite.
func WeightedQuantile(values, weights []float64, p float64) float64 {
	if len(values) != len(weights) {
		panic("stats: WeightedQuantile: as many weights as values are needed")
	}
	if !(p >= 0 && p <= 1) {
		panic("stats: WeightedQuantile: p has to be between 0 and 1")
	}
	type weighed struct{ v, w float64 }
	var all []weighed
	var sum float64
	for i, v := range values {
		if weighty(weights[i], "WeightedQuantile") && !math.IsNaN(v) {
			all = append(all, weighed{v, weights[i]})
		}
	}
	if len(all) == 0 {
		return math.NaN()
	}
	slices.SortFunc(all, func(a, b weighed) int { return cmp.Or(cmp.Compare(a.v, b.v), cmp.Compare(a.w, b.w)) })
	for _, e := range all {
		sum += e.w
	}
	var upTo float64
	for _, e := range all {
		if upTo += e.w; upTo >= p*sum {
			return e.v
		}
	}
	return all[len(all)-1].v
}
