package eval

import (
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A Confusion counts how often each class was predicted where each class was the case. All
// figures of predicted classes follow from it: accuracy, precision, recall, F, kappa, MCC.
//
// Figures of no pairs at all are NaN. A division by zero gives what each
// method says: for precision, recall and F it is 0, as in scikit-learn.
//
// Merge adds what another counted: the order of merging does not matter. It takes 16 bytes
// for each pair of classes, and Add takes constant time and allocates nothing.
type Confusion struct {
	k       int
	cells   []sum // row: the label; column: what was predicted
	unknown uint64
}

// NewConfusion returns an empty matrix of k classes: 0, 1, ..., k-1. It panics if k is less than 2.
func NewConfusion(k int) *Confusion {
	if k < 2 {
		panic(fmt.Sprintf("eval: NewConfusion: a classification has 2 classes or more, not %d", k))
	}
	return &Confusion{k: k, cells: make([]sum, k*k)}
}

// Confuse returns the matrix of a batch: labels[i] was the case and predicted[i] was predicted. Weights
// say how much each pair counts. Nil: 1 each.
func Confuse(k int, labels, predicted, weights []float64) *Confusion {
	batch(labels, predicted, weights, "Confuse")
	c := NewConfusion(k)
	for i := range labels {
		c.AddWeighted(labels[i], predicted[i], weightOf(weights, i))
	}
	return c
}

// Add counts a pair.
func (c *Confusion) Add(label, predicted float64) { c.AddWeighted(label, predicted, 1) }

// AddWeighted counts a pair weight times. A pair in which one is NaN or infinite is
// not known, and only Unknown counts it. It panics if one is no class.
func (c *Confusion) AddWeighted(label, predicted, weight float64) {
	weigh(weight, "Confusion")
	if !mining.Known(label) || !mining.Known(predicted) {
		c.unknown++
		return
	}
	row, column := mining.ClassOf(label, c.k, "eval: Confusion"), mining.ClassOf(predicted, c.k, "eval: Confusion")
	c.cells[row*c.k+column].add(weight)
}

// Merge adds what o counted. It panics if the numbers of classes differ.
func (c *Confusion) Merge(o *Confusion) {
	if c.k != o.k {
		panic(fmt.Sprintf("eval: Confusion: Merge of %d and %d classes", c.k, o.k))
	}
	for i := range c.cells {
		c.cells[i].merge(o.cells[i])
	}
	c.unknown += o.unknown
}

// Scale multiplies all counts by a factor. Scale(0.999) before each Add has the past fade: an
// event counts for half after 693 more. Figures of what is faded are Gama, Sebastião and Rodrigues, "On evaluating
// stream learning algorithms", Machine Learning 90, 2013.
func (c *Confusion) Scale(by float64) {
	fading(by, "Confusion")
	for i := range c.cells {
		c.cells[i].scale(by)
	}
}

// Clone returns a copy.
func (c *Confusion) Clone() *Confusion {
	d := *c
	d.cells = append([]sum(nil), c.cells...)
	return &d
}

// Classes returns the number of classes.
func (c *Confusion) Classes() int { return c.k }

// Unknown returns the number of pairs that were not counted, as one of them was NaN or infinite.
func (c *Confusion) Unknown() uint64 { return c.unknown }

// Count returns the weight of the pairs of that label and prediction. It panics if one is no class, as all methods do that take a class.
func (c *Confusion) Count(label, predicted int) float64 {
	c.need(label, "Count")
	c.need(predicted, "Count")
	return c.cells[label*c.k+predicted].value()
}

// need panics if that is no class.
func (c *Confusion) need(class int, who string) {
	if class < 0 || class >= c.k {
		panic(fmt.Sprintf("eval: Confusion.%s: there is no class %d of %d", who, class, c.k))
	}
}

// Total returns the weight of all pairs.
func (c *Confusion) Total() float64 {
	var s sum
	for _, cell := range c.cells {
		s.merge(cell)
	}
	return s.value()
}

// Labelled returns the weight of the pairs with that label.
func (c *Confusion) Labelled(class int) float64 {
	c.need(class, "Labelled")
	var s sum
	for p := range c.k {
		s.merge(c.cells[class*c.k+p])
	}
	return s.value()
}

// Predicted returns the weight of the pairs with that prediction.
func (c *Confusion) Predicted(class int) float64 {
	c.need(class, "Predicted")
	var s sum
	for l := range c.k {
		s.merge(c.cells[l*c.k+class])
	}
	return s.value()
}

// right is the weight of the pairs that agree.
func (c *Confusion) right() float64 {
	var s sum
	for i := range c.k {
		s.merge(c.cells[i*c.k+i])
	}
	return s.value()
}

// Accuracy returns the share of pairs that agree.
func (c *Confusion) Accuracy() float64 { return c.right() / c.Total() }

type plainConfusion Confusion

var kindConfusion = saved.As[plainConfusion]("eval.Confusion", 1)

// AppendBinary appends the matrix.
func (c *Confusion) AppendBinary(b []byte) ([]byte, error) {
	return kindConfusion.Append(b, (*plainConfusion)(c))
}

// UnmarshalBinary reads what AppendBinary appended.
func (c *Confusion) UnmarshalBinary(data []byte) error {
	return kindConfusion.Read(data, (*plainConfusion)(c), func(p *plainConfusion) error {
		if p.k < 2 || p.k > 1<<15 || len(p.cells) != p.k*p.k {
			return fmt.Errorf("%d cells for %d classes", len(p.cells), p.k)
		}
		return nil
	})
}
