package eval

import (
	"fmt"
	"math"
)

// A ROCPoint says what becomes of the events if all that have a score of Threshold or more are taken for positive.
type ROCPoint struct {
	Threshold         float64
	FalsePositiveRate float64 // the share of negative events that are taken for positive
	TruePositiveRate  float64 // the share of positive events that are found: the recall
}

// ROC returns the receiver operating characteristic: a point for each score, from the greatest down, behind a first
// one with an infinite threshold, where nothing is positive. A rate of events that there are none of is NaN.
func (r *Ranked) ROC() []ROCPoint {
	all := r.steps()
	points := make([]ROCPoint, 1, len(all)+1)
	points[0].Threshold = math.Inf(1)
	if len(all) == 0 {
		return points
	}
	end := all[len(all)-1]
	if end.fp == 0 {
		points[0].FalsePositiveRate = math.NaN()
	}
	if end.tp == 0 {
		points[0].TruePositiveRate = math.NaN()
	}
	for _, s := range all {
		points = append(points, ROCPoint{s.score, s.fp / end.fp, s.tp / end.tp})
	}
	return points
}

// A PrecisionPoint says what becomes of the events if all that have a score of Threshold or more are taken for positive.
type PrecisionPoint struct {
	Threshold, Precision, Recall float64
}

// PrecisionRecall returns a point for each score, from the greatest down, behind a first one with an infinite
// threshold, where nothing is positive: its precision is 1 by convention. Recall is NaN if there is no positive event.
func (r *Ranked) PrecisionRecall() []PrecisionPoint {
	all := r.steps()
	points := make([]PrecisionPoint, 1, len(all)+1)
	points[0] = PrecisionPoint{math.Inf(1), 1, 0}
	if len(all) == 0 {
		return points
	}
	positives := all[len(all)-1].tp
	if positives == 0 {
		points[0].Recall = math.NaN()
	}
	for _, s := range all {
		points = append(points, PrecisionPoint{s.score, s.tp / (s.tp + s.fp), s.tp / positives})
	}
	return points
}

// A GainRow is a part of the events, of those with the greatest scores the first.
type GainRow struct {
	Share     float64 // of all events, this part and those before it: 0.1, 0.2, ...
	Weight    float64 // of the events of this part
	Positives float64 // of them
	Rate      float64 // Positives / Weight
	Lift      float64 // Rate over that of all events
	Gain      float64 // the share of all positives that are in this part and those before it
	Total     float64 // the lift of this part and those before it together: Gain / Share
}

// Gains cuts the events, in the order of their scores, into parts of equal weight, and says how many of the
// positive ones are in each: who writes to the best tenth of all customers reaches Gain of those who will buy. Parts is 10 for
// the usual table. Where a cut falls into a tie, each part has its share of it: what one gets, on average, if the order among
// equals is drawn at random. Lift and Gain are NaN if there is no positive event. There are no rows of no events.
func (r *Ranked) Gains(parts int) []GainRow {
	if parts < 1 {
		panic(fmt.Sprintf("eval: Gains: 1 part or more, not %d", parts))
	}
	all := r.steps()
	if len(all) == 0 {
		return nil
	}
	end := all[len(all)-1]
	weight := end.tp + end.fp
	rows := make([]GainRow, parts)
	before, at := 0.0, 0
	for i := range rows {
		share := float64(i+1) / float64(parts)
		found := end.tp
		if i < parts-1 {
			found, at = reach(all, at, share*weight)
		}
		row := GainRow{Share: share, Weight: weight / float64(parts), Positives: found - before}
		row.Rate = row.Positives / row.Weight
		row.Lift = over(row.Rate, end.tp/weight, math.NaN())
		row.Gain = over(found, end.tp, math.NaN())
		row.Total = row.Gain / share
		rows[i], before = row, found
	}
	return rows
}

// reach returns how many positives are among the events up to a weight, and the step in which that ends.
func reach(all []step, at int, weight float64) (positives float64, last int) {
	for at < len(all)-1 && all[at].tp+all[at].fp < weight {
		at++
	}
	s := all[at]
	before := s.tp + s.fp - s.pos - s.neg
	return s.tp - s.pos + s.pos*min(1, (weight-before)/(s.pos+s.neg)), at
}
