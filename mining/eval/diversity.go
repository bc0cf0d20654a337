package eval

import (
	"fmt"
	"math"
)

// CatalogueCoverage returns the share of a catalogue of that many items that is on one of the lists at least. A
// recommender of bestsellers has little of it. For a stream without end divide sketch.Distinct by the size. It panics if size is less
// than 1.
func CatalogueCoverage[T comparable](lists [][]T, size int) float64 {
	if size < 1 {
		panic(fmt.Sprintf("eval: CatalogueCoverage: a catalogue has 1 item or more, not %d", size))
	}
	seen := make(map[T]bool)
	for _, list := range lists {
		for _, item := range list {
			seen[item] = true
		}
	}
	return float64(len(seen)) / float64(size)
}

// Diversity returns the mean distance of the pairs of a list: how much its items differ. It is NaN of fewer than two. It is
// Ziegler et al., "Improving recommendation lists through topic diversification", WWW 2005.
func Diversity[T any](list []T, distance func(a, b T) float64) float64 {
	if len(list) < 2 {
		return math.NaN()
	}
	var s sum
	for i := range list {
		for j := range i {
			s.add(distance(list[i], list[j]))
		}
	}
	return s.value() / (float64(len(list)) * float64(len(list)-1) / 2)
}
