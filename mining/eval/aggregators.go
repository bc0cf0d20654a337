package eval

import "github.com/freshet-go/freshet/window"

// ConfusionOf returns the aggregator of the confusion matrices of windows, of k classes. Pair gives the label of an event and the
// class that was predicted.
func ConfusionOf[T any](k int, pair func(T) (label, predicted float64)) window.Aggregator[T, *Confusion, *Confusion] {
	NewConfusion(k) // which panics here, not at the first window
	return aggregate[T, Confusion, *Confusion]{
		func() *Confusion { return NewConfusion(k) },
		func(c *Confusion, v T) { c.Add(pair(v)) },
	}
}

// ErrorsOf returns the aggregator of the errors of windows. Pair gives the label of an event and what was predicted.
func ErrorsOf[T any](pair func(T) (label, predicted float64)) window.Aggregator[T, *Errors, *Errors] {
	return aggregate[T, Errors, *Errors]{
		func() *Errors { return new(Errors) },
		func(e *Errors, v T) { e.Add(pair(v)) },
	}
}

// LossesOf returns the aggregator of the losses of windows, of k classes. Pair gives the label of an event and the
// probabilities that were predicted.
func LossesOf[T any](k int, pair func(T) (label float64, probabilities []float64)) window.Aggregator[T, *Losses, *Losses] {
	NewLosses(k)
	return aggregate[T, Losses, *Losses]{
		func() *Losses { return NewLosses(k) },
		func(l *Losses, v T) { l.Add(pair(v)) },
	}
}

// RankedOf returns the aggregator of the scores of windows, exactly: it keeps all events of a window. Pair gives the label of an event, 0
// or 1, and its score.
func RankedOf[T any](pair func(T) (label, score float64)) window.Aggregator[T, *Ranked, *Ranked] {
	return aggregate[T, Ranked, *Ranked]{
		func() *Ranked { return new(Ranked) },
		func(r *Ranked, v T) { r.Add(pair(v)) },
	}
}

// BinnedOf returns the aggregator of the scores of windows, in bins. Pair gives the label of an event, 0 or 1, and its score, from 0 to 1.
func BinnedOf[T any](bins int, pair func(T) (label, score float64)) window.Aggregator[T, *Binned, *Binned] {
	NewBinned(bins)
	return aggregate[T, Binned, *Binned]{
		func() *Binned { return NewBinned(bins) },
		func(b *Binned, v T) { b.Add(pair(v)) },
	}
}

// CalibrationOf returns the aggregator of the calibration of windows. Pair gives the label of an event, 0 or 1, and the
// probability of 1.
func CalibrationOf[T any](bins int, pair func(T) (label, probability float64)) window.Aggregator[T, *Calibration, *Calibration] {
	NewCalibration(bins)
	return aggregate[T, Calibration, *Calibration]{
		func() *Calibration { return NewCalibration(bins) },
		func(c *Calibration, v T) { c.Add(pair(v)) },
	}
}

// PinballOf returns the aggregator of the pinball loss of windows, of the quantile q. Pair gives the label of an event and the
// quantile that was predicted.
func PinballOf[T any](q float64, pair func(T) (label, predicted float64)) window.Aggregator[T, *Pinball, *Pinball] {
	NewPinball(q)
	return aggregate[T, Pinball, *Pinball]{
		func() *Pinball { return NewPinball(q) },
		func(p *Pinball, v T) { p.Add(pair(v)) },
	}
}

// IntervalsOf returns the aggregator of the intervals of windows. Triple gives the label of an event and the interval that was predicted.
func IntervalsOf[T any](level float64, triple func(T) (label, lower, upper float64)) window.Aggregator[T, *Intervals, *Intervals] {
	NewIntervals(level)
	return aggregate[T, Intervals, *Intervals]{
		func() *Intervals { return NewIntervals(level) },
		func(i *Intervals, v T) { i.Add(triple(v)) },
	}
}

// ListsOf returns the aggregator of the scores of recommendations of windows, which [ScoreList] gives.
func ListsOf[T any](score func(T) ListScore) window.Aggregator[T, *Lists, *Lists] {
	return aggregate[T, Lists, *Lists]{
		func() *Lists { return new(Lists) },
		func(l *Lists, v T) { l.Add(score(v)) },
	}
}

// A merger is an accumulator of this package.
type merger[A any] interface {
	*A
	Merge(*A)
	Clone() *A
}

type aggregate[T, A any, P merger[A]] struct {
	empty func() P
	add   func(P, T)
}

func (a aggregate[T, A, P]) New() P           { return a.empty() }
func (a aggregate[T, A, P]) Add(acc P, v T) P { a.add(acc, v); return acc }
func (a aggregate[T, A, P]) Merge(x, y P) P   { x.Merge((*A)(y)); return x }
func (a aggregate[T, A, P]) Result(acc P) P   { return P(acc.Clone()) }
