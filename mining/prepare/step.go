package prepare

import (
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
)

// A Step makes a vector of a vector.
type Step interface {
	mining.WeightedLearner
	mining.Fitter // of a table that may have no labels, if the step has no use for them
	mining.Saved
	// Transform sets to to what the step makes of x. They do not share memory. It allocates only
	// if the memory of to is too small.
	Transform(x mining.Vector, to *mining.Vector)
	// Places returns how many places come out of a vector of as many places as the step was made for.
	Places() int
}

// A LabelStep is a step that learns from labels: in a pipeline it hands an event on before it learns
// it.
type LabelStep interface {
	Step
	// FitTransform forgets what it had learnt, learns the table, and returns what it makes of it,
	// where no event tells of its own label.
	FitTransform(t *mining.Table) (*mining.Table, error)
}

// far bounds what is learnt of a value, so that sums of squares stay finite.
const far = 1e140

// bound keeps a number finite, and what is missing missing.
func bound(v float64) float64 {
	if v > math.MaxFloat64 {
		return math.MaxFloat64
	}
	if v < -math.MaxFloat64 {
		return -math.MaxFloat64
	}
	return v
}

// places checks the number of places that a step is made for.
func places(n int, who string) {
	if n < 1 || n > math.MaxInt32 {
		panic(fmt.Sprintf("prepare: %s: a step has 1 to 2³¹-1 places, not %d", who, n))
	}
}

func weighed(weight float64, who string) {
	if !(weight >= 0) || !mining.Known(weight) {
		panic("prepare: " + who + ": a weight is negative, NaN or infinite")
	}
}

// expand sets to to x with a dense value at each of the first n places.
func expand(x mining.Vector, n int, to *mining.Vector) {
	to.Reset()
	to.Value = append(to.Value, x.Dense()...)
	for len(to.Value) < n {
		to.Value = append(to.Value, 0)
	}
	n = len(to.Value)
	for i, v := range x.Sparse() {
		if p := int(x.Index[i]); p < n {
			to.Value[p] += v
		} else {
			to.Put(p, v)
		}
	}
}

// first returns the values at the first n places: those of x, or, if it has them elsewhere,
// copies in scratch.
func first(x mining.Vector, n int, scratch *[]float64) []float64 {
	if len(x.Index) == 0 && len(x.Value) >= n {
		return x.Value[:n]
	}
	*scratch = mining.Sized(*scratch, n)
	return x.Expand(*scratch)
}

// fit has a step that knows nothing learn a table.
func fit(s Step, t *mining.Table, who string) error {
	if len(t.X) == 0 || t.Weight != nil && len(t.Weight) != len(t.X) || t.Y != nil && len(t.Y) != len(t.X) {
		return fmt.Errorf("prepare: %s: the table has %d vectors, %d labels and %d weights", who, len(t.X), len(t.Y), len(t.Weight))
	}
	for i, w := range t.Weight {
		if !(w >= 0) || !mining.Known(w) {
			return fmt.Errorf("prepare: %s: the weight of event %d of the table is %v", who, i, w)
		}
	}
	for i, x := range t.X {
		y := 0.0
		if t.Y != nil {
			y = t.Y[i]
		}
		s.LearnWeighted(x, y, t.WeightOf(i))
	}
	return nil
}
