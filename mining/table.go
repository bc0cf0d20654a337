package mining

import (
	"fmt"
	"iter"
	"math/rand/v2"
)

// A Table is a set of events with their labels, in an order that matters where events are
// in time. It may be read by several goroutines at once.
type Table struct {
	X []Vector
	// Y has the labels: numbers, or the numbers of classes. A table without labels has none.
	Y []float64
	// Weight says how much each event counts. Nil: 1 each.
	Weight []float64
	// Names are of the features, for what people read. They may be missing.
	Names []string
}

// Collect returns the table of values. Features fills the vector of each, which is empty when it comes; label
// gives its label, and may be nil.
func Collect[T any](values iter.Seq[T], features func(T, *Vector), label func(T) float64) *Table {
	t := new(Table)
	var x Vector
	for v := range values {
		x.Reset()
		features(v, &x)
		t.X = append(t.X, x.Clone())
		if label != nil {
			t.Y = append(t.Y, label(v))
		}
	}
	return t
}

// Add appends an event. It keeps a copy of x.
func (t *Table) Add(x Vector, y float64) {
	t.X, t.Y = append(t.X, x.Clone()), append(t.Y, y)
	if t.Weight != nil {
		t.Weight = append(t.Weight, 1)
	}
}

// Len returns the number of events.
func (t *Table) Len() int { return len(t.X) }

// Features returns the number of places of the vectors: the greatest place that has a value, and one.
func (t *Table) Features() (n int) {
	for _, x := range t.X {
		n = max(n, len(x.Value)-len(x.Index))
		for _, p := range x.Index {
			n = max(n, int(p)+1)
		}
	}
	return n
}

// WeightOf returns how much event i counts.
func (t *Table) WeightOf(i int) float64 {
	if t.Weight == nil {
		return 1
	}
	return t.Weight[i]
}

// Select returns the table of the events with the numbers in rows, in that order. It
// shares the memory of the vectors.
func (t *Table) Select(rows []int) *Table {
	s := &Table{X: make([]Vector, len(rows)), Names: t.Names}
	if t.Y != nil {
		s.Y = make([]float64, len(rows))
	}
	if t.Weight != nil {
		s.Weight = make([]float64, len(rows))
	}
	for i, r := range rows {
		s.X[i] = t.X[r]
		if t.Y != nil {
			s.Y[i] = t.Y[r]
		}
		if t.Weight != nil {
			s.Weight[i] = t.Weight[r]
		}
	}
	return s
}

// Slice returns the table of the events from, from+1, ..., to-1. It shares memory.
func (t *Table) Slice(from, to int) *Table {
	s := &Table{X: t.X[from:to:to], Names: t.Names}
	if t.Y != nil {
		s.Y = t.Y[from:to:to]
	}
	if t.Weight != nil {
		s.Weight = t.Weight[from:to:to]
	}
	return s
}

// Check returns what is wrong with the table for a model that needs labels: that it is empty, that
// its parts differ in length, or a weight that is negative, NaN or infinite. Who names the model,
// "linear: Ridge".
func (t *Table) Check(who string) error {
	switch {
	case len(t.X) == 0:
		return fmt.Errorf("%s: the table is empty", who)
	case len(t.Y) != len(t.X):
		return fmt.Errorf("%s: the table has %d vectors and %d labels", who, len(t.X), len(t.Y))
	case t.Weight != nil && len(t.Weight) != len(t.X):
		return fmt.Errorf("%s: the table has %d vectors and %d weights", who, len(t.X), len(t.Weight))
	}
	for i, w := range t.Weight {
		if !(w >= 0) || !Known(w) {
			return fmt.Errorf("%s: the weight of event %d of the table is %v", who, i, w)
		}
	}
	return nil
}

// CheckFor returns what is wrong with the table for a model of that many features and classes: what Check
// does, an event with a place that the model does not have, or a label that is known and
// no class. Features 0 are any number of them, and classes 0 are labels that are any number. Who names the
// model, "bayes: Gaussian".
func (t *Table) CheckFor(features, classes int, who string) error {
	if err := t.Check(who); err != nil {
		return err
	}
	if n := t.Features(); features > 0 && n > features {
		return fmt.Errorf("%s: the table has %d features, and the model %d", who, n, features)
	}
	if classes > 0 {
		for i, y := range t.Y {
			if c := int(y); Known(y) && (float64(c) != y || c < 0 || c >= classes) {
				return fmt.Errorf("%s: the label of event %d of the table, %v, is none of the classes 0 to %d", who, i, y, classes-1)
			}
		}
	}
	return nil
}

// Learn has a model learn all events of a table, epochs times. The first time they come in
// the order of the table, then shuffled, drawn from the seed. Weights that
// are not 1 need a [WeightedLearner], and panic where the model is none.
func Learn(m Learner, t *Table, epochs int, seed uint64) {
	weighted, can := m.(WeightedLearner)
	if t.Weight != nil && !can {
		panic(fmt.Sprintf("mining: Learn: %T cannot weight events, and the table has weights", m))
	}
	order := make([]int, t.Len())
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(seed, 0))
	for epoch := range epochs {
		if epoch > 0 {
			random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		for _, i := range order {
			if t.Weight != nil {
				weighted.LearnWeighted(t.X[i], t.Y[i], t.Weight[i])
			} else {
				m.Learn(t.X[i], t.Y[i])
			}
		}
	}
}
