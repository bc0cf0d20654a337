package eval

import (
	"fmt"
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Binned is what [Ranked] is for a stream without end: it counts the scores in bins of equal width from 0 to 1, takes those of a
// bin for a tie, and bounds the error that this makes. Merging is adding. It takes 32 bytes a bin, and
// Add takes constant time and allocates nothing.
type Binned struct {
	pos, neg []sum
	unknown  uint64
}

// NewBinned returns an empty one with that many bins. 1,000 are plenty for scores that are spread out. It panics if there are
// fewer than 2.
func NewBinned(bins int) *Binned {
	if bins < 2 {
		panic(fmt.Sprintf("eval: NewBinned: 2 bins or more, not %d", bins))
	}
	return &Binned{pos: make([]sum, bins), neg: make([]sum, bins)}
}

// Add adds an event with a score from 0 to 1: a probability. What is beyond counts as 0 or 1.
func (b *Binned) Add(label, score float64) { b.AddWeighted(label, score, 1) }

// AddWeighted adds an event as if it came weight times. If label or score is NaN or infinite, only Unknown counts it. It
// panics if the label is neither 0 nor 1.
func (b *Binned) AddWeighted(label, score, weight float64) {
	weigh(weight, "Binned")
	if !mining.Known(label) || !mining.Known(score) {
		b.unknown++
		return
	}
	i := int(min(1, max(0, score)) * float64(len(b.pos)))
	i = min(i, len(b.pos)-1)
	if mining.ClassOf(label, 2, "eval: Binned") == 1 {
		b.pos[i].add(weight)
	} else {
		b.neg[i].add(weight)
	}
}

// Merge adds the events of o. It panics if the numbers of bins differ.
func (b *Binned) Merge(o *Binned) {
	if len(b.pos) != len(o.pos) {
		panic(fmt.Sprintf("eval: Binned: Merge of %d and %d bins", len(b.pos), len(o.pos)))
	}
	for i := range b.pos {
		b.pos[i].merge(o.pos[i])
		b.neg[i].merge(o.neg[i])
	}
	b.unknown += o.unknown
}

// Scale multiplies the weight of all events by a factor, so that they fade. It goes over all bins: call it once in a while.
func (b *Binned) Scale(by float64) {
	fading(by, "Binned")
	for i := range b.pos {
		b.pos[i].scale(by)
		b.neg[i].scale(by)
	}
}

// Clone returns a copy.
func (b *Binned) Clone() *Binned {
	return &Binned{append([]sum(nil), b.pos...), append([]sum(nil), b.neg...), b.unknown}
}

// Unknown returns the number of events that were not counted.
func (b *Binned) Unknown() uint64 { return b.unknown }

// AUC returns the area under the ROC curve, and how far it can be from the exact one: within a bin each positive could be
// before each negative, or behind. Both are NaN if one of the classes is missing.
func (b *Binned) AUC() (area, bound float64) {
	var before, positives, negatives, doubt sum
	for i := len(b.pos) - 1; i >= 0; i-- {
		pos, neg := b.pos[i].value(), b.neg[i].value()
		before.add(neg * (positives.value() + pos/2))
		doubt.add(neg * pos / 2)
		positives.add(pos)
		negatives.add(neg)
	}
	pairs := positives.value() * negatives.value()
	return over(before.value(), pairs, math.NaN()), over(doubt.value(), pairs, math.NaN())
}

// Ranked returns the events as if all of a bin had the same score, its middle: for curves and gains, which are then those
// of ties.
func (b *Binned) Ranked() *Ranked {
	r := new(Ranked)
	for i := range b.pos {
		score := (float64(i) + 0.5) / float64(len(b.pos))
		r.AddWeighted(1, score, b.pos[i].value())
		r.AddWeighted(0, score, b.neg[i].value())
	}
	return r
}

type plainBinned Binned

var kindBinned = saved.As[plainBinned]("eval.Binned", 1)

// AppendBinary appends the bins.
func (b *Binned) AppendBinary(to []byte) ([]byte, error) {
	return kindBinned.Append(to, (*plainBinned)(b))
}

// UnmarshalBinary reads what AppendBinary appended.
func (b *Binned) UnmarshalBinary(data []byte) error {
	return kindBinned.Read(data, (*plainBinned)(b), func(p *plainBinned) error {
		if len(p.pos) < 2 || len(p.neg) != len(p.pos) {
			return fmt.Errorf("bins of %d positives and %d negatives", len(p.pos), len(p.neg))
		}
		return nil
	})
}
