package tree

import (
	"math"
	"slices"

	"github.com/freshet-go/freshet/mining"
)

// A leaf is where events end.
type leaf struct {
	depth  int32
	active bool // it observes
	counts []float64
	total  float64
	tried  float64 // the total at the last attempt to split
	// majorityRight and bayesRight are the weights of events that either would have classified.
	majorityRight, bayesRight float64
	subset                    []int32 // the features that it observes; none: all
	seen                      []gaussian
	names                     []names
}

// newLeaf returns a leaf that begins with the weights of its classes. Nil: none.
func (m *Hoeffding) newLeaf(depth int, counts []float64) leaf {
	l := leaf{depth: int32(depth), counts: make([]float64, m.classes), active: true}
	copy(l.counts, counts)
	l.total = sum(l.counts)
	l.tried = l.total
	if n := m.settings.subset; n > 0 && n < m.features {
		l.subset = draw(&m.random, m.features, n)
	}
	l.wake(m)
	return l
}

// wake has the leaf observe, from nothing.
func (l *leaf) wake(m *Hoeffding) {
	n := len(l.subset)
	if n == 0 {
		n = m.features
	}
	l.active = true
	if len(l.seen) == n*m.classes {
		clear(l.seen)
	} else {
		l.seen = make([]gaussian, n*m.classes)
	}
	l.names = nil
	if m.settings.nominal != nil {
		l.names = make([]names, n)
	}
}

// rest has the leaf observe no more.
func (l *leaf) rest() { l.active, l.seen, l.names = false, nil, nil }

// feature returns which feature the leaf observes in a slot.
func (l *leaf) feature(slot int) int {
	if len(l.subset) == 0 {
		return slot
	}
	return int(l.subset[slot])
}

func (l *leaf) slots(features int) int {
	if len(l.subset) == 0 {
		return features
	}
	return len(l.subset)
}

// shares sets to to the shares of the classes.
func (l *leaf) shares(to []float64) {
	for c, w := range l.counts {
		if l.total > 0 {
			to[c] = w / l.total
		} else {
			to[c] = 1 / float64(len(to))
		}
	}
}

func (m *Hoeffding) observe(l *leaf, x []float64, class int, weight float64) {
	for slot := range l.slots(m.features) {
		f := l.feature(slot)
		v := x[f]
		switch {
		case !known(v):
		case m.settings.nominal != nil && m.settings.nominal[f]:
			l.names[slot].add(v, class, m.classes, weight, m.settings.maxValues)
		default:
			l.seen[slot*m.classes+class].add(limit(v), weight)
		}
	}
}

// bayes sets to to the probabilities of naive Bayes: the shares of the classes, times the
// density of each value in each class. What is not known of a class has no say in it.
func (m *Hoeffding) bayes(l *leaf, x, to []float64) {
	if l.total == 0 {
		l.shares(to)
		return
	}
	m.logarithms(l, x, to)
	normalizeLogarithms(to)
}

// likeliest returns the class of the greatest probability of bayes.
func (m *Hoeffding) likeliest(l *leaf, x []float64) int {
	to := m.scratch[:m.classes]
	if l.total == 0 {
		l.shares(to)
		return mining.Class(to)
	}
	m.logarithms(l, x, to)
	best := 0
	for c, v := range to {
		if v > to[best] {
			best = c
		}
	}
	// What is less by a hair may be as probable once it is rounded, and then the first class wins.
	for c, v := range to {
		if c != best && !(to[best]-v > 1e-9) {
			normalizeLogarithms(to)
			return mining.Class(to)
		}
	}
	return best
}

// logarithms sets to to the logarithms of what the probabilities of bayes are to each other.
func (m *Hoeffding) logarithms(l *leaf, x, to []float64) {
	for c, w := range l.counts {
		if w > 0 {
			to[c] = math.Log(w / l.total)
		} else {
			to[c] = math.Inf(-1)
		}
	}
	for slot := range l.slots(m.features) {
		f := l.feature(slot)
		v := x[f]
		switch {
		case !known(v):
		case m.settings.nominal != nil && m.settings.nominal[f]:
			n := &l.names[slot]
			for c := range to {
				to[c] += n.logShare(v, c, m.classes)
			}
		default:
			v = limit(v)
			for c := range to {
				to[c] += l.seen[slot*m.classes+c].logDensity(v)
			}
		}
	}
}

// normalizeLogarithms makes logarithms the probabilities that they are of.
func normalizeLogarithms(to []float64) {
	best := slices.Max(to)
	total := 0.0
	for c := range to {
		if to[c] == best && !math.IsInf(best, 0) {
			to[c] = 1
		} else {
			to[c] = math.Exp(to[c] - best)
		}
		total += to[c]
	}
	for c := range to {
		to[c] /= total
	}
}
