package main

import (
	"math"

	"github.com/freshet-go/freshet/mining/calibrate"
)

// calibrated returns what a model says of those who are held back, corrected by how its chances turned out in parts: of
// customers whom it had not seen.
func (e *entry) calibrated() (*judged, error) {
	platt := calibrate.NewPlatt()
	if err := platt.Fit(odds(e.inParts.chances), e.inParts.labels, nil); err != nil {
		return nil, err
	}
	j := &judged{e.heldBack.labels, odds(e.heldBack.chances)}
	for i, o := range j.chances {
		j.chances[i] = platt.Probability(o)
	}
	return j, nil
}

// odds returns the logarithm of the odds of each chance, which is what is corrected.
func odds(chances []float64) []float64 {
	all := make([]float64, len(chances))
	for i, p := range chances {
		p = min(1-1e-9, max(1e-9, p))
		all[i] = math.Log(p / (1 - p))
	}
	return all
}
