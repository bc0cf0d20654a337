package eval

import (
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Losses judge probabilities: the logarithmic loss and the score of Brier. Both are least, on average, for who says the
// true probabilities (proper scoring rules).
//
// Figures of no events are NaN. Merge adds what another has seen. It takes constant memory and time.
type Losses struct {
	k             int
	weight        sum
	logs, squares sum
	unknown       uint64
}

// least is the smallest probability that the logarithm is taken of: that of scikit-learn.
const least = 0x1p-52

// NewLosses returns the losses of no events yet, of k classes. It panics if k is less than 2.
func NewLosses(k int) *Losses {
	if k < 2 {
		panic(fmt.Sprintf("eval: NewLosses: a classification has 2 classes or more, not %d", k))
	}
	return &Losses{k: k}
}

// Lose returns the losses of a batch: probabilities[i][c] was the probability of class c, and labels[i] was the case. Weights
// say how much each counts. Nil: 1 each.
func Lose(k int, labels []float64, probabilities [][]float64, weights []float64) *Losses {
	if len(labels) != len(probabilities) || weights != nil && len(weights) != len(labels) {
		panic(fmt.Sprintf("eval: Lose: %d labels, %d predictions and %d weights", len(labels), len(probabilities), len(weights)))
	}
	l := NewLosses(k)
	for i := range labels {
		l.AddWeighted(labels[i], probabilities[i], weightOf(weights, i))
	}
	return l
}

// LoseChances is [Lose] of two classes: chances[i] was the probability of class 1.
func LoseChances(labels, chances, weights []float64) *Losses {
	if len(labels) != len(chances) || weights != nil && len(weights) != len(labels) {
		panic(fmt.Sprintf("eval: LoseChances: %d labels, %d chances and %d weights", len(labels), len(chances), len(weights)))
	}
	l := NewLosses(2)
	for i, p := range chances {
		l.AddWeighted(labels[i], []float64{1 - p, p}, weightOf(weights, i))
	}
	return l
}

// Add judges an event.
func (l *Losses) Add(label float64, probabilities []float64) { l.AddWeighted(label, probabilities, 1) }

// AddWeighted judges an event as if it came weight times. If the label or one of the probabilities is NaN or infinite, only
// Unknown counts it. It panics if the label is no class, or if there are not k probabilities.
func (l *Losses) AddWeighted(label float64, probabilities []float64, weight float64) {
	weigh(weight, "Losses")
	if len(probabilities) != l.k {
		panic(fmt.Sprintf("eval: Losses: %d probabilities of %d classes", len(probabilities), l.k))
	}
	known := mining.Known(label)
	for _, p := range probabilities {
		known = known && mining.Known(p)
	}
	if !known {
		l.unknown++
		return
	}
	class := mining.ClassOf(label, l.k, "eval: Losses")
	squares := 0.0
	for c, p := range probabilities {
		if c == class {
			p = 1 - p
		}
		squares += p * p
	}
	l.weight.add(weight)
	l.logs.add(-math.Log(min(1, max(probabilities[class], least))) * weight)
	l.squares.add(squares * weight)
}

// Merge adds what o has seen. It panics if the numbers of classes differ.
func (l *Losses) Merge(o *Losses) {
	if l.k != o.k {
		panic(fmt.Sprintf("eval: Losses: Merge of %d and %d classes", l.k, o.k))
	}
	l.weight.merge(o.weight)
	l.logs.merge(o.logs)
	l.squares.merge(o.squares)
	l.unknown += o.unknown
}

// Scale multiplies the weight of all events by a factor, so that they fade: see [Confusion.Scale].
func (l *Losses) Scale(by float64) {
	fading(by, "Losses")
	l.weight.scale(by)
	l.logs.scale(by)
	l.squares.scale(by)
}

// Clone returns a copy.
func (l *Losses) Clone() *Losses { c := *l; return &c }

// Unknown returns the number of events that were not judged.
func (l *Losses) Unknown() uint64 { return l.unknown }

// Total returns the weight of all events.
func (l *Losses) Total() float64 { return l.weight.value() }

// LogLoss returns the mean of -ln p, where p is the probability that the label had. A p below 2^-52 counts
// as 2^-52, so that one event costs 36.04 at most.
func (l *Losses) LogLoss() float64 { return l.logs.value() / l.weight.value() }

// Brier returns the mean squared distance of the probabilities from what was the case. Of two classes it is that of
// class 1, from 0 to 1. Of more, it is the sum over the classes, from 0 to 2. It is Brier,
// "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78, 1950.
func (l *Losses) Brier() float64 {
	b := l.squares.value() / l.weight.value()
	if l.k == 2 {
		b /= 2
	}
	return b
}

type plainLosses Losses

var kindLosses = saved.As[plainLosses]("eval.Losses", 1)

// AppendBinary appends the losses.
func (l *Losses) AppendBinary(b []byte) ([]byte, error) {
	return kindLosses.Append(b, (*plainLosses)(l))
}

// UnmarshalBinary reads what AppendBinary appended.
func (l *Losses) UnmarshalBinary(data []byte) error {
	return kindLosses.Read(data, (*plainLosses)(l), func(p *plainLosses) error {
		if p.k < 2 {
			return fmt.Errorf("%d classes", p.k)
		}
		return nil
	})
}
