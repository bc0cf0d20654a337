package stats

import (
	"math"

	"github.com/freshet-go/freshet/mining/internal/saved"
	"github.com/freshet-go/freshet/window"
)

// A Joint describes pairs of numbers: the mean and variance of each, their covariance and
// correlation, and the line through them by least squares. The zero Joint is that of no pairs.
// Add and Merge take constant time and allocate nothing. A pair with a NaN or an infinity is
// missing: it is counted apart, and changes nothing else.
//
// It is Pébay's merging of co-moments, as Summary, with means of twice the digits.
type Joint struct {
	count           int64
	weight, weight2 float64
	x, xLow         float64
	y, yLow         float64
	xx, yy, xy      float64
	missing         int64
}

// Add adds a pair.
func (j *Joint) Add(x, y float64) { j.AddWeighted(x, y, 1) }

// AddWeighted adds a pair that counts as weight pairs do. A weight of 0 is no pair; it
// panics if the weight is negative, NaN or infinite.
func (j *Joint) AddWeighted(x, y, weight float64) {
	switch {
	case !weighty(weight, "Joint.AddWeighted"):
	case !known(x) || !known(y):
		j.missing++
	default:
		one := Joint{count: 1, weight: weight, weight2: weight * weight, x: x, y: y}
		j.merge(&one)
	}
}

// Merge adds the pairs of b.
func (j *Joint) Merge(b Joint) { j.merge(&b) }

func (j *Joint) merge(b *Joint) {
	missing := j.missing + b.missing
	switch {
	case b.count == 0:
	case j.count == 0:
		*j = *b
	default:
		before := j.weight
		j.count += b.count
		j.weight += b.weight
		j.weight2 += b.weight2
		share := b.weight / j.weight
		dx, dy := (b.x-j.x)+(b.xLow-j.xLow), (b.y-j.y)+(b.yLow-j.yLow)
		j.xx += b.xx + dx*dx*before*share
		j.yy += b.yy + dy*dy*before*share
		j.xy += b.xy + dx*dy*before*share
		j.x, j.xLow = j.towards(j.x, j.xLow, b.x, dx, share)
		j.y, j.yLow = j.towards(j.y, j.yLow, b.y, dy, share)
	}
	j.missing = missing
}

// towards moves a mean by its share of the distance d to another. Where that is no float64, the
// covariance is not known.
func (j *Joint) towards(mean, low, other, d, share float64) (float64, float64) {
	if math.IsInf(d, 0) {
		j.xy = math.NaN()
		return mean*(1-share) + other*share, 0
	}
	return plus(mean, low, d*share)
}

// Count returns the number of pairs, whatever their weights.
func (j *Joint) Count() int64 { return j.count }

// Missing returns the number of pairs that had a NaN or an infinity.
func (j *Joint) Missing() int64 { return j.missing }

// Weight returns the sum of the weights.
func (j *Joint) Weight() float64 { return j.weight }

// X returns the Summary of the first numbers. It does not know their least, greatest, skewness and
// kurtosis: these are NaN.
func (j *Joint) X() Summary { return j.side(j.x, j.xLow, j.xx) }

// Y returns the Summary of the second numbers, as X does.
func (j *Joint) Y() Summary { return j.side(j.y, j.yLow, j.yy) }

func (j *Joint) side(mean, low, squares float64) Summary {
	if j.count == 0 {
		return Summary{}
	}
	nan := math.NaN()
	return Summary{m: moments{Count: j.count, Weight: j.weight, Weight2: j.weight2, Mean: mean, Low: low, Squares: squares, Cubes: nan, Fourths: nan, Min: nan, Max: nan}}
}

// Covariance returns Σw(x-mean)(y-mean)/Σw, of the pairs as a population: NaN of none.
func (j *Joint) Covariance() float64 { return j.xy / j.weight }

// SampleCovariance returns the unbiased estimate of the covariance of what the pairs are a sample
// of, with weights as Summary.SampleVariance has them: NaN of fewer than two.
func (j *Joint) SampleCovariance() float64 {
	if j.count < 2 {
		return math.NaN()
	}
	return j.xy / (j.weight - j.weight2/j.weight)
}

// Correlation returns Pearson's coefficient of correlation, from -1 to 1: NaN where one of the
// numbers has no variance.
func (j *Joint) Correlation() float64 {
	if !spread(j.xx) || !spread(j.yy) {
		return math.NaN()
	}
	r := j.xy / math.Sqrt(j.xx*j.yy)
	if p := j.xx * j.yy; p < 1e-290 || math.IsInf(p, 1) {
		r = j.xy / math.Sqrt(j.xx) / math.Sqrt(j.yy)
	}
	return max(-1, min(1, r))
}

// Line returns the slope and intercept of the line y = slope·x + intercept through the pairs by
// least squares: NaN where x has no variance.
func (j *Joint) Line() (slope, intercept float64) {
	if !spread(j.xx) {
		return math.NaN(), math.NaN()
	}
	slope = j.xy / j.xx
	return slope, (j.y - slope*j.x) + (j.yLow - slope*j.xLow)
}

// Relate returns the Joint of two numbers of events, as an aggregator of windows. It panics if a function
// is nil.
func Relate[T any](x, y func(T) float64) window.Aggregator[T, Joint, Joint] {
	if x == nil || y == nil {
		panic("stats: Relate: a function is nil")
	}
	return window.Of(
		func() Joint { return Joint{} },
		func(acc Joint, v T) Joint { acc.Add(x(v), y(v)); return acc },
		func(a, b Joint) Joint { a.Merge(b); return a },
		func(acc Joint) Joint { return acc },
	)
}

type plainJoint Joint

var kindJoint = saved.As[plainJoint]("stats.Joint", 1)

// AppendBinary appends the saved Joint.
func (j *Joint) AppendBinary(b []byte) ([]byte, error) { return kindJoint.Append(b, (*plainJoint)(j)) }

// UnmarshalBinary restores a saved Joint.
func (j *Joint) UnmarshalBinary(data []byte) error {
	return kindJoint.Read(data, (*plainJoint)(j), func(p *plainJoint) error {
		if p.count < 0 || !(p.weight >= 0) || !(p.weight2 >= 0) || (p.count == 0) != (p.weight == 0) || p.xx < 0 || p.yy < 0 {
			return errCounts
		}
		return nil
	})
}
