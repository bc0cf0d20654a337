package eval

import (
	"fmt"
	"math"
	"slices"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Calibration says whether probabilities are what they say: of the events with a probability of about 0.3, are
// 3 of 10 positive? It gathers them in bins of equal width from 0 to 1: a bin has the probabilities that are above its lower
// edge, up to its upper one.
//
// Merge adds what another gathered. It takes 48 bytes a bin, and Add takes constant time and allocates nothing.
type Calibration struct {
	bins    []calibrated
	unknown uint64
}

type calibrated struct{ Weight, Said, Was sum }

// NewCalibration returns an empty one with that many bins: 10 are usual. It panics if there is none.
func NewCalibration(bins int) *Calibration {
	if bins < 1 {
		panic(fmt.Sprintf("eval: NewCalibration: 1 bin or more, not %d", bins))
	}
	return &Calibration{bins: make([]calibrated, bins)}
}

// Calibrate returns the calibration of a batch: probabilities[i] was that of class 1, and labels[i] was the case. Weights
// say how much each counts. Nil: 1 each.
func Calibrate(bins int, labels, probabilities, weights []float64) *Calibration {
	batch(labels, probabilities, weights, "Calibrate")
	c := NewCalibration(bins)
	for i := range labels {
		c.AddWeighted(labels[i], probabilities[i], weightOf(weights, i))
	}
	return c
}

// Add adds an event with the probability that it was of class 1.
func (c *Calibration) Add(label, probability float64) { c.AddWeighted(label, probability, 1) }

// AddWeighted adds an event as if it came weight times. If label or probability is NaN or infinite, only Unknown counts it. It
// panics if the label is neither 0 nor 1. A probability beyond 0 and 1 counts as these.
func (c *Calibration) AddWeighted(label, probability, weight float64) {
	weigh(weight, "Calibration")
	if !mining.Known(label) || !mining.Known(probability) {
		c.unknown++
		return
	}
	p := min(1, max(0, probability))
	i := min(int(p*float64(len(c.bins))), len(c.bins)-1)
	for i > 0 && p <= c.edge(i) {
		i--
	}
	for i < len(c.bins)-1 && p > c.edge(i+1) {
		i++
	}
	b := &c.bins[i]
	b.Weight.add(weight)
	b.Said.add(weight * p)
	b.Was.add(weight * float64(mining.ClassOf(label, 2, "eval: Calibration")))
}

func (c *Calibration) edge(i int) float64 { return float64(i) * (1 / float64(len(c.bins))) }

// Merge adds what o gathered. It panics if the numbers of bins differ.
func (c *Calibration) Merge(o *Calibration) {
	if len(c.bins) != len(o.bins) {
		panic(fmt.Sprintf("eval: Calibration: Merge of %d and %d bins", len(c.bins), len(o.bins)))
	}
	for i := range c.bins {
		c.bins[i].Weight.merge(o.bins[i].Weight)
		c.bins[i].Said.merge(o.bins[i].Said)
		c.bins[i].Was.merge(o.bins[i].Was)
	}
	c.unknown += o.unknown
}

// Scale multiplies the weight of all events by a factor, so that they fade: see [Confusion.Scale].
func (c *Calibration) Scale(by float64) {
	fading(by, "Calibration")
	for i := range c.bins {
		c.bins[i].Weight.scale(by)
		c.bins[i].Said.scale(by)
		c.bins[i].Was.scale(by)
	}
}

// Clone returns a copy.
func (c *Calibration) Clone() *Calibration { return &Calibration{slices.Clone(c.bins), c.unknown} }

// Unknown returns the number of events that were not counted.
func (c *Calibration) Unknown() uint64 { return c.unknown }

// A CalibrationPoint is a bin with events in it.
type CalibrationPoint struct {
	From, To  float64 // the edges of the bin
	Predicted float64 // the mean of the probabilities
	Observed  float64 // the share of positive events
	Weight    float64
}

// Curve returns the bins that have events.
func (c *Calibration) Curve() (points []CalibrationPoint) {
	for i, b := range c.bins {
		if w := b.Weight.value(); w > 0 {
			points = append(points, CalibrationPoint{c.edge(i), c.edge(i + 1), b.Said.value() / w, b.Was.value() / w, w})
		}
	}
	return points
}

// Error returns the expected calibration error: the mean of |Observed - Predicted| over the bins, each weighed by its
// events. It is NaN of none. It is Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
// binning", AAAI 2015. It depends on the number of bins: compare what has as many.
func (c *Calibration) Error() float64 {
	var wrong, weight sum
	for _, p := range c.Curve() {
		wrong.add(p.Weight * math.Abs(p.Observed-p.Predicted))
		weight.add(p.Weight)
	}
	return wrong.value() / weight.value()
}

// Worst returns the greatest |Observed - Predicted| of a bin: the maximum calibration error. It is NaN of no events.
func (c *Calibration) Worst() float64 {
	worst := math.NaN()
	for _, p := range c.Curve() {
		if d := math.Abs(p.Observed - p.Predicted); !(d <= worst) {
			worst = d
		}
	}
	return worst
}

type plainCalibration Calibration

var kindCalibration = saved.As[plainCalibration]("eval.Calibration", 1)

// AppendBinary appends the bins.
func (c *Calibration) AppendBinary(b []byte) ([]byte, error) {
	return kindCalibration.Append(b, (*plainCalibration)(c))
}

// UnmarshalBinary reads what AppendBinary appended.
func (c *Calibration) UnmarshalBinary(data []byte) error {
	return kindCalibration.Read(data, (*plainCalibration)(c), func(p *plainCalibration) error {
		if len(p.bins) < 1 {
			return fmt.Errorf("no bins")
		}
		return nil
	})
}
