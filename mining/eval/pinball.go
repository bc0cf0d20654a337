package eval

import (
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Pinball judges the prediction of a quantile: who predicts the quantile 0.9 wants 9 of 10 labels to be no greater. Its figures of
// no pairs are NaN. Merge adds what another has seen. It takes constant memory and time.
type Pinball struct {
	q                   float64
	weight, loss, below sum
	unknown             uint64
}

// NewPinball returns the loss of no pairs yet, of the quantile q, from 0 to 1: 0.5 is the median.
func NewPinball(q float64) *Pinball {
	if !(q >= 0 && q <= 1) {
		panic(fmt.Sprintf("eval: NewPinball: a quantile is from 0 to 1, not %v", q))
	}
	return &Pinball{q: q}
}

// Add adds a pair.
func (p *Pinball) Add(label, predicted float64) { p.AddWeighted(label, predicted, 1) }

// AddWeighted adds a pair as if it came weight times. A pair in which one is NaN or infinite is not known, and only
// Unknown counts it.
func (p *Pinball) AddWeighted(label, predicted, weight float64) {
	weigh(weight, "Pinball")
	if !mining.Known(label) || !mining.Known(predicted) {
		p.unknown++
		return
	}
	d := label - predicted
	loss := p.q * d
	if d < 0 {
		loss = (p.q - 1) * d
	}
	p.weight.add(weight)
	p.loss.add(weight * loss)
	if d <= 0 {
		p.below.add(weight)
	}
}

// Merge adds what o has seen. It panics if the quantiles differ.
func (p *Pinball) Merge(o *Pinball) {
	if p.q != o.q {
		panic(fmt.Sprintf("eval: Pinball: Merge of the quantiles %v and %v", p.q, o.q))
	}
	p.weight.merge(o.weight)
	p.loss.merge(o.loss)
	p.below.merge(o.below)
	p.unknown += o.unknown
}

// Scale multiplies the weight of all pairs by a factor, so that they fade: see [Confusion.Scale].
func (p *Pinball) Scale(by float64) {
	fading(by, "Pinball")
	p.weight.scale(by)
	p.loss.scale(by)
	p.below.scale(by)
}

// Clone returns a copy.
func (p *Pinball) Clone() *Pinball { c := *p; return &c }

// Unknown returns the number of pairs that were not counted.
func (p *Pinball) Unknown() uint64 { return p.unknown }

// Loss returns the mean of q·(label-predicted) where the label is greater, and (1-q)·(predicted-label) where it is not. It is
// least for the true quantile. It is Koenker and Bassett, "Regression quantiles", Econometrica 46, 1978.
func (p *Pinball) Loss() float64 { return p.loss.value() / p.weight.value() }

// Below returns the share of labels that are no greater than what was predicted: the nearer to q, the better.
func (p *Pinball) Below() float64 { return p.below.value() / p.weight.value() }

type plainPinball Pinball

var kindPinball = saved.As[plainPinball]("eval.Pinball", 1)

// AppendBinary appends the loss.
func (p *Pinball) AppendBinary(b []byte) ([]byte, error) {
	return kindPinball.Append(b, (*plainPinball)(p))
}

// UnmarshalBinary reads what AppendBinary appended.
func (p *Pinball) UnmarshalBinary(data []byte) error {
	return kindPinball.Read(data, (*plainPinball)(p), func(p *plainPinball) error {
		if !(p.q >= 0 && p.q <= 1) {
			return fmt.Errorf("a quantile of %v", p.q)
		}
		return nil
	})
}
