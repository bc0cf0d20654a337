package eval

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/freshet-go/freshet/mining"
)

// A Fold is what a model reached on a split.
type Fold struct{ Train, Test float64 }

// CrossValidate fits a model on each split of a table, and scores it on what it learnt and on what it did not. The error is that of fit, and
// says in which split. Score may be any figure, such as an AUC.
func CrossValidate[M any](t *mining.Table, splits []Split, fit func(train *mining.Table) (M, error), score func(m M, t *mining.Table) float64) ([]Fold, error) {
	results := make([]Fold, len(splits))
	for i, s := range splits {
		train, test := s.Of(t)
		m, err := fit(train)
		if err != nil {
			return nil, fmt.Errorf("eval: split %d of %d: %w", i, len(splits), err)
		}
		results[i] = Fold{score(m, train), score(m, test)}
	}
	return results, nil
}

// CrossPredict fits a model on each split of a table, and returns what each event is answered by the model that has not learnt it: the
// figures of such answers are those to expect of new events, of all events at once. An event that no split judges has a NaN, and one that several judge the
// last one's. The error is that of fit, and says in which split.
func CrossPredict[M any](t *mining.Table, splits []Split, fit func(train *mining.Table) (M, error), answer func(m M, x mining.Vector) float64) ([]float64, error) {
	answers := make([]float64, t.Len())
	for i := range answers {
		answers[i] = math.NaN()
	}
	for i, s := range splits {
		m, err := fit(t.Select(s.Train))
		if err != nil {
			return nil, fmt.Errorf("eval: split %d of %d: %w", i, len(splits), err)
		}
		for _, e := range s.Test {
			answers[e] = answer(m, t.X[e])
		}
	}
	return answers, nil
}

// Tests returns the scores on what was not learnt.
func Tests(folds []Fold) []float64 {
	scores := make([]float64, len(folds))
	for i, f := range folds {
		scores[i] = f.Test
	}
	return scores
}

// A Spread is the mean of some scores and their standard deviation, as of a sample: NaN of one.
type Spread struct{ Mean, StdDev float64 }

// SpreadOf returns the spread of scores.
func SpreadOf(scores []float64) Spread {
	return Spread{meanOf(scores), math.Sqrt(varianceOf(scores))}
}

// A CurvePoint is what models reached at one place of a curve, over all splits.
type CurvePoint[P any] struct {
	At          P
	Train, Test Spread
}

func point[P any](at P, folds []Fold) CurvePoint[P] {
	train := make([]float64, len(folds))
	for i, f := range folds {
		train[i] = f.Train
	}
	return CurvePoint[P]{at, SpreadOf(train), SpreadOf(Tests(folds))}
}

// LearningCurve fits models to more and more events of each split, and returns a point for each size: where the test score still rises, more
// events would help. Where the train score is far better, the model is too supple for them. The events of a size are
// drawn from the seed, and those of a smaller size are among those of a greater one. Sizes that a split does not have are cut to what it has. It panics
// if a size is less than 1.
func LearningCurve[M any](t *mining.Table, splits []Split, sizes []int, seed uint64, fit func(train *mining.Table) (M, error), score func(m M, t *mining.Table) float64) ([]CurvePoint[int], error) {
	shuffled := make([]Split, len(splits))
	for i, s := range splits {
		shuffled[i] = Split{append([]int(nil), s.Train...), s.Test}
		train := shuffled[i].Train
		rand.New(rand.NewPCG(seed, uint64(i))).Shuffle(len(train), func(a, b int) { train[a], train[b] = train[b], train[a] })
	}
	var curve []CurvePoint[int]
	for _, size := range sizes {
		atLeast(1, size, "LearningCurve: a size")
		cut := make([]Split, len(splits))
		for i, s := range shuffled {
			cut[i] = Split{s.Train[:min(size, len(s.Train))], s.Test}
		}
		folds, err := CrossValidate(t, cut, fit, score)
		if err != nil {
			return nil, err
		}
		curve = append(curve, point(size, folds))
	}
	return curve, nil
}

// ValidationCurve fits models with each value of a parameter to each split, and returns a point for each value.
func ValidationCurve[P, M any](t *mining.Table, splits []Split, values []P, fit func(value P, train *mining.Table) (M, error), score func(m M, t *mining.Table) float64) ([]CurvePoint[P], error) {
	var curve []CurvePoint[P]
	for _, v := range values {
		folds, err := CrossValidate(t, splits, func(train *mining.Table) (M, error) { return fit(v, train) }, score)
		if err != nil {
			return nil, fmt.Errorf("%w, with %v", err, v)
		}
		curve = append(curve, point(v, folds))
	}
	return curve, nil
}
