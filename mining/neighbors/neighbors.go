package neighbors

import (
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Classifier gives a class the share of the nearest events that are of it: Fix and Hodges,
// "Discriminatory Analysis, Nonparametric Discrimination", 1951; Cover and Hart, "Nearest Neighbor Pattern
// Classification", IEEE Trans. Inf. Theory 13(1), 1967.
type Classifier struct {
	w       window
	classes int
}

type plainClassifier Classifier

var kindClassifier = saved.As[plainClassifier]("neighbors.Classifier", 1)

// NewClassifier returns a model of events with that many features and classes, which looks at the k nearest of the
// last window ones. Options are By and Nearer.
func NewClassifier(features, classes, k, window int, opts ...Option) *Classifier {
	if classes < 2 {
		panic(fmt.Sprintf("neighbors: Classifier: a model has 2 classes or more, not %d", classes))
	}
	return &Classifier{newWindow(features, k, window, "Classifier", opts), classes}
}

// Learn keeps x and its class.
func (c *Classifier) Learn(x mining.Vector, y float64) {
	x.Within(c.w.Features, "neighbors: Classifier")
	if mining.Known(y) {
		c.w.learn(x, float64(mining.ClassOf(y, c.classes, "neighbors: Classifier")), "neighbors: Classifier")
	}
}

// Classes returns how many classes there are.
func (c *Classifier) Classes() int { return c.classes }

// Probabilities sets to to that of each class.
func (c *Classifier) Probabilities(x mining.Vector, to []float64) []float64 {
	to = mining.Sized(to, c.classes)
	clear(to)
	near := c.w.nearest(x, "neighbors: Classifier")
	sum := 0.0
	for i, n := range near {
		weight := c.w.weight(near, i)
		to[int(n.y)] += weight
		sum += weight
	}
	for k := range to {
		if sum == 0 {
			to[k] = 1 / float64(c.classes)
		} else {
			to[k] /= sum
		}
	}
	return to
}

// AppendBinary appends the model, with its window.
func (c *Classifier) AppendBinary(b []byte) ([]byte, error) {
	return kindClassifier.Append(b, (*plainClassifier)(c))
}

// UnmarshalBinary restores what AppendBinary appended.
func (c *Classifier) UnmarshalBinary(data []byte) error {
	return kindClassifier.Read(data, (*plainClassifier)(c), func(c *plainClassifier) error {
		for _, y := range c.w.Y {
			if k := int(y); float64(k) != y || k < 0 || k >= c.classes {
				return fmt.Errorf("it has an event of class %v", y)
			}
		}
		if c.classes < 2 {
			return fmt.Errorf("it has %d classes", c.classes)
		}
		return c.w.check()
	})
}

// A Regressor predicts the mean of the labels of the nearest events.
type Regressor struct {
	w window
}

type plainRegressor Regressor

var kindRegressor = saved.As[plainRegressor]("neighbors.Regressor", 1)

// NewRegressor returns a model of events with that many features, which looks at the k nearest of the last
// window ones. Options are By and Nearer.
func NewRegressor(features, k, window int, opts ...Option) *Regressor {
	return &Regressor{newWindow(features, k, window, "Regressor", opts)}
}

// Learn keeps x and its label. Labels beyond ±1e300 count as ±1e300.
func (r *Regressor) Learn(x mining.Vector, y float64) {
	x.Within(r.w.Features, "neighbors: Regressor")
	if mining.Known(y) {
		r.w.learn(x, min(1e300, max(-1e300, y)), "neighbors: Regressor")
	}
}

// Predict returns the mean.
func (r *Regressor) Predict(x mining.Vector) float64 {
	near := r.w.nearest(x, "neighbors: Regressor")
	mean, sum := 0.0, 0.0
	for i, n := range near {
		if weight := r.w.weight(near, i); weight > 0 {
			sum += weight
			mean += (n.y - mean) * (weight / sum)
		}
	}
	return mean
}

// AppendBinary appends the model, with its window.
func (r *Regressor) AppendBinary(b []byte) ([]byte, error) {
	return kindRegressor.Append(b, (*plainRegressor)(r))
}

// UnmarshalBinary restores what AppendBinary appended.
func (r *Regressor) UnmarshalBinary(data []byte) error {
	return kindRegressor.Read(data, (*plainRegressor)(r), func(r *plainRegressor) error { return r.w.check() })
}
