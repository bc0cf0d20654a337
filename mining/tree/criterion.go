package tree

import "math"

// before returns what merit has to know of the weights of the classes before the split.
func (s *settings) before(weights []float64) float64 {
	if s.criterion == Information {
		return entropy(weights)
	}
	return 0
}

// counts reports whether two branches or more have their share of the events.
func (s *settings) counts(classes int, branches []float64) bool {
	total, enough := sum(branches), 0
	if !(total > 0) {
		return false
	}
	for b := 0; b < len(branches); b += classes {
		if sum(branches[b:b+classes])/total > s.minBranch {
			enough++
		}
	}
	return enough >= 2
}

// merit returns how good a split is into branches with these weights of classes, one branch after
// the other, and -∞ where it does not count.
func (s *settings) merit(before float64, classes int, branches []float64) float64 {
	if !s.counts(classes, branches) {
		return math.Inf(-1)
	}
	total := sum(branches)
	switch s.criterion {
	case Gini:
		impurity := 0.0
		for b := 0; b < len(branches); b += classes {
			w := sum(branches[b : b+classes])
			impurity += w / total * gini(branches[b:b+classes], w)
		}
		return 1 - impurity
	case Hellinger:
		return hellinger(branches)
	}
	mean := 0.0
	for b := 0; b < len(branches); b += classes {
		mean += sum(branches[b:b+classes]) * entropy(branches[b:b+classes])
	}
	return before - mean/total
}

// span returns the range of the criterion, R of the Hoeffding bound.
func (s *settings) span(before []float64) float64 {
	if s.criterion == Gini {
		return 1
	}
	seen := 0.0
	for _, w := range before {
		if w > 0 {
			seen++
		}
	}
	return math.Log2(max(2, seen))
}

// bound is Hoeffding's: the mean of n values in a range differs from its expectation by
// more with a chance of δ.
func bound(span, delta, n float64) float64 {
	return math.Sqrt(span * span * math.Log(1/delta) / (2 * n))
}

func sum(w []float64) (total float64) {
	for _, v := range w {
		total += v
	}
	return total
}

func entropy(weights []float64) float64 {
	h, total := 0.0, 0.0
	for _, w := range weights {
		if w > 0 {
			h -= w * math.Log2(w)
			total += w
		}
	}
	if total == 0 {
		return 0
	}
	return (h + total*math.Log2(total)) / total
}

func gini(weights []float64, total float64) float64 {
	impurity := 1.0
	if total != 0 {
		for _, w := range weights {
			impurity -= w / total * (w / total)
		}
	}
	return impurity
}

func hellinger(branches []float64) float64 {
	var total [2]float64
	for i, w := range branches {
		total[i%2] += w
	}
	if total[0] == 0 || total[1] == 0 {
		return 0
	}
	distance := 0.0
	for b := 0; b < len(branches); b += 2 {
		d := math.Sqrt(branches[b]/total[0]) - math.Sqrt(branches[b+1]/total[1])
		distance += d * d
	}
	return math.Sqrt(distance)
}
