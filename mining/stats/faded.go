package stats

import (
	"errors"
	"math"
	"time"

	"golang.org/x/exp/constraints"

	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/window"
)

// A Faded is the exponentially weighted mean and variance of numbers. The weight of one halves as
// another halfLife passes: of event time (NewFaded), or of numbers (NewFadedCount). Add and
// Merge take constant time and allocate nothing. NaN and infinite values are missing, and
// change nothing.
//
// By time, a late number gets the weight that it would have had in time: numbers may come in any
// order, and Faded of parts merge. Weights are relative: sums are divided by the sum of the weights,
// as pandas' ewm(adjust=True).
//
// The update is West, "Updating mean and variance estimates: an improved method", Communications of
// the ACM 22(9), 1979, with weights 2^(-age/halfLife).
type Faded struct {
	halfLife float64 // in nanoseconds or numbers
	byCount  bool
	at       window.Time // of the newest
	count    int64
	weight   float64 // as of at
	weight2  float64
	mean     float64
	low      float64
	squares  float64
}

// NewFaded returns a Faded of no numbers by event time. It panics if halfLife is not positive.
func NewFaded(halfLife time.Duration) *Faded {
	if halfLife <= 0 {
		panic("stats: NewFaded: the halfLife has to be positive")
	}
	return &Faded{halfLife: float64(halfLife)}
}

// NewFadedCount returns a Faded of no numbers, whose weights halve as another halfLife numbers
// come. For a factor α of smoothing, halfLife = -ln 2/ln(1-α): see HalfLife. It panics if halfLife is not
// positive and finite.
func NewFadedCount(halfLife float64) *Faded {
	if !(halfLife > 0) || math.IsInf(halfLife, 1) {
		panic("stats: NewFadedCount: the halfLife has to be positive and finite")
	}
	return &Faded{halfLife: halfLife, byCount: true}
}

// HalfLife returns the half-life in numbers of exponential smoothing with factor alpha, where the newest
// number has weight alpha and what was before it 1-alpha. It panics if alpha is not between 0 and 1.
func HalfLife(alpha float64) float64 {
	if !(alpha > 0 && alpha < 1) {
		panic("stats: HalfLife: alpha has to be between 0 and 1")
	}
	return -math.Ln2 / math.Log1p(-alpha)
}

// Add adds a number. By count, at is not looked at, and may be 0.
func (f *Faded) Add(at window.Time, v float64) {
	if !known(v) {
		return
	}
	if f.byCount {
		at = window.Time(f.count)
	}
	if f.count++; f.count == 1 {
		f.at, f.weight, f.weight2, f.mean = at, 1, 1, v
		return
	}
	w := 1.0
	if at > f.at {
		f.fade(at)
	} else if at < f.at {
		w = f.keep(at, f.at)
	}
	f.mix(w, w*w, v, 0, 0)
}

// Merge adds the numbers of b. It panics if b has another half-life, or is by count: of numbers in
// two places, the order is not known.
func (f *Faded) Merge(b *Faded) {
	if f.byCount || b.byCount || f.halfLife != b.halfLife {
		panic("stats: Faded.Merge: only those by time and of the same halfLife merge")
	}
	f.merge(b)
}

func (f *Faded) merge(b *Faded) {
	switch {
	case b.count == 0:
		return
	case f.count == 0:
		byCount := f.byCount
		*f = *b
		f.byCount = byCount
		return
	}
	f.count += b.count
	keep := 1.0
	if b.at > f.at {
		f.fade(b.at)
	} else {
		keep = b.keep(b.at, f.at)
	}
	squares := b.squares * keep
	if keep == 0 {
		squares = 0 // of infinity, too
	}
	f.mix(b.weight*keep, b.weight2*keep*keep, b.mean, b.low, squares)
}

// mix adds numbers of that weight as of f.at, with that mean.
func (f *Faded) mix(weight, weight2, mean, low, squares float64) {
	before := f.weight
	f.weight += weight
	f.weight2 += weight2
	switch { // so old that nothing is left of it
	case weight == 0:
		return
	case before == 0:
		f.mean, f.low, f.squares = mean, low, squares
		return
	}
	share := weight / f.weight
	d := (mean - f.mean) + (low - f.low)
	if math.IsInf(d, 0) {
		f.mean, f.low, f.squares = f.mean*(1-share)+mean*share, 0, math.Inf(1)
		return
	}
	f.squares += squares + d*d*before*share
	f.mean, f.low = plus(f.mean, f.low, d*share)
}

// keep returns the part of a weight that is left from one time to a later one.
func (f *Faded) keep(from, to window.Time) float64 {
	if d := to - from; d >= 0 {
		return math.Exp2(-float64(d) / f.halfLife)
	}
	return math.Exp2(-(float64(to) - float64(from)) / f.halfLife) // the difference is no Time
}

// fade sets the time that weights are as of, which is not before at.
func (f *Faded) fade(at window.Time) {
	keep := f.keep(f.at, at)
	if f.at = at; keep == 0 {
		f.weight, f.weight2, f.squares = 0, 0, 0 // of infinity, too
		return
	}
	f.weight *= keep
	f.weight2 *= keep * keep
	f.squares *= keep
}

// Count returns how many numbers there were.
func (f *Faded) Count() int64 { return f.count }

// Weight returns the sum of the weights, as of the newest number, which has weight 1.
func (f *Faded) Weight() float64 { return f.weight }

// WeightAt returns the sum of the weights as of a time: over the half-life times 1.4427 (1/ln 2), a rate of
// numbers. By count it is Weight.
func (f *Faded) WeightAt(at window.Time) float64 {
	if f.byCount || f.count == 0 {
		return f.weight
	}
	return f.weight * math.Exp2(-(float64(at)-float64(f.at))/f.halfLife)
}

// Mean returns the weighted mean, or NaN of none.
func (f *Faded) Mean() float64 {
	if f.count == 0 {
		return math.NaN()
	}
	return f.mean
}

// Variance returns the weighted variance, Σw(x-mean)²/Σw, or NaN of none.
func (f *Faded) Variance() float64 { return f.squares / f.weight }

// SampleVariance returns the weighted variance without bias, Σw(x-mean)²/(Σw-Σw²/Σw), or NaN of fewer
// than two. Where the older ones have lost all their weight it is NaN too.
func (f *Faded) SampleVariance() float64 {
	if d := f.weight - f.weight2/f.weight; f.count >= 2 && d > 0 {
		return f.squares / d
	}
	return math.NaN()
}

// StdDev returns the square root of Variance.
func (f *Faded) StdDev() float64 { return math.Sqrt(f.Variance()) }

// FadedBy returns the Faded of numbers by the times of their events, as an aggregator of windows.
// It panics if halfLife is not positive or of is nil.
func FadedBy[T any, N constraints.Integer | constraints.Float](halfLife time.Duration, of func(T) N) window.Aggregator[T, Faded, Faded] {
	if of == nil {
		panic("stats: FadedBy: the function of is nil")
	}
	return fadedBy[T, N]{*NewFaded(halfLife), of}
}

type fadedBy[T any, N constraints.Integer | constraints.Float] struct {
	none Faded
	of   func(T) N
}

func (a fadedBy[T, N]) New() Faded { return a.none }

func (a fadedBy[T, N]) Add(acc Faded, v T) Faded { return a.AddAt(acc, v, window.Position{}) }

func (a fadedBy[T, N]) AddAt(acc Faded, v T, at window.Position) Faded {
	acc.Add(at.Time, float64(a.of(v)))
	return acc
}

func (a fadedBy[T, N]) Merge(x, y Faded) Faded { x.merge(&y); return x }

func (a fadedBy[T, N]) Result(acc Faded) Faded { return acc }

type plainFaded Faded

var kindFaded = saved.As[plainFaded]("stats.Faded", 1)

// AppendBinary appends the saved Faded.
func (f *Faded) AppendBinary(b []byte) ([]byte, error) { return kindFaded.Append(b, (*plainFaded)(f)) }

// UnmarshalBinary restores a saved Faded.
func (f *Faded) UnmarshalBinary(data []byte) error {
	return kindFaded.Read(data, (*plainFaded)(f), func(p *plainFaded) error {
		if p.count < 0 || !(p.weight >= 0) || !(p.halfLife > 0) || p.squares < 0 {
			return errors.New("a count, a weight or a half-life is impossible")
		}
		return nil
	})
}
