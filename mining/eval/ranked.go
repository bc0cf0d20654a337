package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Ranked holds the scores of events of two classes, and says how well they put the positive ones, those of class 1, before
// the others. What it says is exact: events with equal scores are a tie, and the order among them does not matter.
//
// It keeps all events: 24 bytes for each. For a stream without end use [Rolling], a window, or [Binned]. Each
// question sorts: O(n log n).
type Ranked struct {
	labels, scores, weights []float64
	unknown                 uint64
}

// Rank returns the scores of a batch. A score may be any number: only the order counts. Weights say how
// much each counts. Nil: 1 each.
func Rank(labels, scores, weights []float64) *Ranked {
	batch(labels, scores, weights, "Rank")
	r := new(Ranked)
	for i := range labels {
		r.AddWeighted(labels[i], scores[i], weightOf(weights, i))
	}
	return r
}

// Add adds an event.
func (r *Ranked) Add(label, score float64) { r.AddWeighted(label, score, 1) }

// AddWeighted adds an event as if it came weight times. If label or score is NaN or infinite, only Unknown counts it. It
// panics if the label is neither 0 nor 1.
func (r *Ranked) AddWeighted(label, score, weight float64) {
	weigh(weight, "Ranked")
	if !mining.Known(label) || !mining.Known(score) {
		r.unknown++
		return
	}
	mining.ClassOf(label, 2, "eval: Ranked")
	if weight > 0 {
		r.labels, r.scores, r.weights = append(r.labels, label), append(r.scores, score), append(r.weights, weight)
	}
}

// Merge adds the events of o.
func (r *Ranked) Merge(o *Ranked) {
	r.labels, r.scores, r.weights = append(r.labels, o.labels...), append(r.scores, o.scores...), append(r.weights, o.weights...)
	r.unknown += o.unknown
}

// Clone returns a copy.
func (r *Ranked) Clone() *Ranked {
	return &Ranked{slices.Clone(r.labels), slices.Clone(r.scores), slices.Clone(r.weights), r.unknown}
}

// Len returns the number of events with a weight.
func (r *Ranked) Len() int { return len(r.labels) }

// Unknown returns the number of events that were not counted.
func (r *Ranked) Unknown() uint64 { return r.unknown }

// A step is all events with the same score, and the weights so far.
type step struct {
	score    float64
	pos, neg float64 // of this score
	tp, fp   float64 // of this score and greater ones
}

// steps are the scores from the greatest down.
func (r *Ranked) steps() []step {
	order := make([]int, len(r.scores))
	for i := range order {
		order[i] = i
	}
	// Ties are sorted, too, so that sums do not depend on the order in which events came.
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(r.scores[j], r.scores[i]), cmp.Compare(r.labels[i], r.labels[j]), cmp.Compare(r.weights[i], r.weights[j]))
	})
	var all []step
	var tp, fp, pos, neg sum
	for n, i := range order {
		if n == 0 || r.scores[i] != all[len(all)-1].score {
			all = append(all, step{score: r.scores[i]})
			pos, neg = sum{}, sum{}
		}
		if r.labels[i] == 1 {
			tp.add(r.weights[i])
			pos.add(r.weights[i])
		} else {
			fp.add(r.weights[i])
			neg.add(r.weights[i])
		}
		last := &all[len(all)-1]
		last.pos, last.neg, last.tp, last.fp = pos.value(), neg.value(), tp.value(), fp.value()
	}
	return all
}

// AUC returns the area under the ROC curve: the probability that a positive event has a greater score than a negative
// one, where a tie counts half. It is NaN if one of the classes is missing. It is Hanley and McNeil, "The meaning and
// use of the area under a receiver operating characteristic (ROC) curve", Radiology 143, 1982.
func (r *Ranked) AUC() float64 {
	all := r.steps()
	if len(all) == 0 {
		return math.NaN()
	}
	end := all[len(all)-1]
	var area sum
	for _, s := range all {
		area.add(s.neg * (s.tp - s.pos/2))
	}
	return over(area.value(), end.tp*end.fp, math.NaN())
}

// AveragePrecision returns Σ (R(i)-R(i-1))·P(i) over the scores from the greatest down, where P(i) and R(i) are precision
// and recall of all that has this score or a greater one. It is NaN if there is no positive event. (It does not draw lines between the
// points of the curve, as the area of trapezoids would: that is too kind.)
func (r *Ranked) AveragePrecision() float64 {
	var area sum
	positives := 0.0
	for _, s := range r.steps() {
		area.add(s.pos * s.tp / (s.tp + s.fp))
		positives = s.tp
	}
	return over(area.value(), positives, math.NaN())
}

type plainRanked Ranked

var kindRanked = saved.As[plainRanked]("eval.Ranked", 1)

// AppendBinary appends the events.
func (r *Ranked) AppendBinary(b []byte) ([]byte, error) {
	return kindRanked.Append(b, (*plainRanked)(r))
}

// UnmarshalBinary reads what AppendBinary appended.
func (r *Ranked) UnmarshalBinary(data []byte) error {
	return kindRanked.Read(data, (*plainRanked)(r), func(p *plainRanked) error {
		if len(p.scores) != len(p.labels) || len(p.weights) != len(p.labels) {
			return fmt.Errorf("%d labels, %d scores, %d weights", len(p.labels), len(p.scores), len(p.weights))
		}
		return nil
	})
}
