package eval

import (
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Intervals judge predicted intervals: how many labels fall into theirs, ends included, and how wide they are. Figures of no events are
// NaN. Merge adds what another has seen. It takes constant memory and time.
type Intervals struct {
	level                       float64
	weight, inside, width, cost sum
	unknown                     uint64
}

// NewIntervals returns the figures of no intervals yet. Level is the share of labels that intervals are meant to have, between 0 and 1:
// 0.95.
func NewIntervals(level float64) *Intervals {
	if !(level > 0 && level < 1) {
		panic(fmt.Sprintf("eval: NewIntervals: a level is between 0 and 1, not %v", level))
	}
	return &Intervals{level: level}
}

// Add adds an interval and the label that came.
func (v *Intervals) Add(label, lower, upper float64) { v.AddWeighted(label, lower, upper, 1) }

// AddWeighted adds an interval as if it came weight times. If one of the three is NaN or infinite, only Unknown counts it.
func (v *Intervals) AddWeighted(label, lower, upper, weight float64) {
	weigh(weight, "Intervals")
	if !mining.Known(label) || !mining.Known(lower) || !mining.Known(upper) {
		v.unknown++
		return
	}
	v.weight.add(weight)
	v.width.add(weight * (upper - lower))
	cost := upper - lower
	switch {
	case label < lower:
		cost += 2 / (1 - v.level) * (lower - label)
	case label > upper:
		cost += 2 / (1 - v.level) * (label - upper)
	default:
		v.inside.add(weight)
	}
	v.cost.add(weight * cost)
}

// Merge adds what o has seen. It panics if the levels differ.
func (v *Intervals) Merge(o *Intervals) {
	if v.level != o.level {
		panic(fmt.Sprintf("eval: Intervals: Merge of the levels %v and %v", v.level, o.level))
	}
	v.weight.merge(o.weight)
	v.inside.merge(o.inside)
	v.width.merge(o.width)
	v.cost.merge(o.cost)
	v.unknown += o.unknown
}

// Scale multiplies the weight of all intervals by a factor, so that they fade: see [Confusion.Scale].
func (v *Intervals) Scale(by float64) {
	fading(by, "Intervals")
	v.weight.scale(by)
	v.inside.scale(by)
	v.width.scale(by)
	v.cost.scale(by)
}

// Clone returns a copy.
func (v *Intervals) Clone() *Intervals { c := *v; return &c }

// Unknown returns the number of intervals that were not counted.
func (v *Intervals) Unknown() uint64 { return v.unknown }

// Coverage returns the share of labels within their intervals: the nearer to the level, the better.
func (v *Intervals) Coverage() float64 { return v.inside.value() / v.weight.value() }

// Width returns the mean width.
func (v *Intervals) Width() float64 { return v.width.value() / v.weight.value() }

// Score returns the mean of width + 2/(1-level)·(how far the label is outside), which is least for the true interval of equal
// tails. It is Winkler, "A decision-theoretic approach to interval estimation", JASA 67, 1972.
func (v *Intervals) Score() float64 { return v.cost.value() / v.weight.value() }

type plainIntervals Intervals

var kindIntervals = saved.As[plainIntervals]("eval.Intervals", 1)

// AppendBinary appends the figures.
func (v *Intervals) AppendBinary(b []byte) ([]byte, error) {
	return kindIntervals.Append(b, (*plainIntervals)(v))
}

// UnmarshalBinary reads what AppendBinary appended.
func (v *Intervals) UnmarshalBinary(data []byte) error {
	return kindIntervals.Read(data, (*plainIntervals)(v), func(p *plainIntervals) error {
		if !(p.level > 0 && p.level < 1) {
			return fmt.Errorf("a level of %v", p.level)
		}
		return nil
	})
}
