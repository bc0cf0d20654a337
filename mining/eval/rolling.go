package eval

import (
	"fmt"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Rolling holds the last n pairs of a label and a prediction, and gives all figures of these. Adding a pair takes constant time and
// allocates nothing. A question goes over what is held, so that it is exact, whatever came and
// went: ask once in a while. It takes 24 bytes a pair.
//
// For windows of time use the aggregators of this package, [ConfusionOf] and others. For a past that fades use Scale.
type Rolling struct {
	size                       int
	next                       int // where the next one is put
	labels, predicted, weights []float64
}

// NewRolling returns an empty one that holds n pairs. It panics if n is less than 1.
func NewRolling(n int) *Rolling {
	if n < 1 {
		panic(fmt.Sprintf("eval: NewRolling: 1 pair or more, not %d", n))
	}
	return &Rolling{size: n}
}

// Add adds a pair and drops the one that is n before it.
func (r *Rolling) Add(label, predicted float64) { r.AddWeighted(label, predicted, 1) }

// AddWeighted adds a pair that counts weight times.
func (r *Rolling) AddWeighted(label, predicted, weight float64) {
	weigh(weight, "Rolling")
	if len(r.labels) < r.size {
		r.labels, r.predicted, r.weights = append(r.labels, label), append(r.predicted, predicted), append(r.weights, weight)
		return
	}
	r.labels[r.next], r.predicted[r.next], r.weights[r.next] = label, predicted, weight
	r.next = (r.next + 1) % r.size
}

// Len returns the number of pairs that are held.
func (r *Rolling) Len() int { return len(r.labels) }

// Confusion returns the matrix of the pairs, where predictions are classes.
func (r *Rolling) Confusion(k int) *Confusion { return Confuse(k, r.labels, r.predicted, r.weights) }

// Errors returns the errors of the pairs, where predictions are numbers.
func (r *Rolling) Errors() *Errors { return Measure(r.labels, r.predicted, r.weights) }

// Ranked returns the pairs as scores, for an AUC that is exact.
func (r *Rolling) Ranked() *Ranked { return Rank(r.labels, r.predicted, r.weights) }

// Losses returns the losses of the pairs, where predictions are the probability of class 1 of 2.
func (r *Rolling) Losses() *Losses {
	l := NewLosses(2)
	var both [2]float64
	for i, p := range r.predicted {
		both = [2]float64{1 - p, p}
		l.AddWeighted(r.labels[i], both[:], r.weights[i])
	}
	return l
}

// Calibration returns the calibration of the pairs, where predictions are the probability of class 1 of 2.
func (r *Rolling) Calibration(bins int) *Calibration {
	return Calibrate(bins, r.labels, r.predicted, r.weights)
}

type plainRolling Rolling

var kindRolling = saved.As[plainRolling]("eval.Rolling", 1)

// AppendBinary appends the pairs.
func (r *Rolling) AppendBinary(b []byte) ([]byte, error) {
	return kindRolling.Append(b, (*plainRolling)(r))
}

// UnmarshalBinary reads what AppendBinary appended.
func (r *Rolling) UnmarshalBinary(data []byte) error {
	return kindRolling.Read(data, (*plainRolling)(r), func(p *plainRolling) error {
		n := len(p.labels)
		if p.size < 1 || n > p.size || len(p.predicted) != n || len(p.weights) != n || p.next < 0 || p.next >= p.size || n < p.size && p.next != 0 {
			return fmt.Errorf("%d, %d and %d of %d pairs, the next at %d", n, len(p.predicted), len(p.weights), p.size, p.next)
		}
		return nil
	})
}
