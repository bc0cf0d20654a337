package eval

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Errors judge predicted numbers. The zero value has seen none, and is ready. Figures of no pairs are NaN. Figures of errors
// whose squares are greater than 1.8e308 are infinite, and R2 may be NaN then.
//
// Merge adds what another has seen. It takes constant memory and time, and allocates nothing.
type Errors struct {
	weight                        sum
	bias, abs, squares, ape, sape sum
	labels                        sum // of their absolute values
	mean, spread                  float64
	events, unknown               uint64
}

// Measure returns the errors of a batch: labels[i] was the case and predicted[i] was predicted. Weights say how
// much each counts. Nil: 1 each.
func Measure(labels, predicted, weights []float64) *Errors {
	batch(labels, predicted, weights, "Measure")
	e := new(Errors)
	for i := range labels {
		e.AddWeighted(labels[i], predicted[i], weightOf(weights, i))
	}
	return e
}

// Add adds a pair.
func (e *Errors) Add(label, predicted float64) { e.AddWeighted(label, predicted, 1) }

// AddWeighted adds a pair as if it came weight times. A pair in which one is NaN or infinite is not known, and only
// Unknown counts it.
func (e *Errors) AddWeighted(label, predicted, weight float64) {
	weigh(weight, "Errors")
	if !mining.Known(label) || !mining.Known(predicted) {
		e.unknown++
		return
	}
	if weight == 0 {
		return
	}
	d := predicted - label
	a, y := math.Abs(d), math.Abs(label)
	e.events++
	e.weight.add(weight)
	e.bias.add(weight * d)
	e.abs.add(weight * a)
	e.squares.add(weight * d * d)
	e.ape.add(weight * (a / max(y, least)))
	if a > 0 {
		e.sape.add(weight * (2 * (a / (y + math.Abs(predicted)))))
	}
	e.labels.add(weight * y)
	// Welford's method with weights: West, "Updating mean and variance estimates", CACM 22, 1979.
	from := label - e.mean
	e.mean += from * weight / e.weight.value()
	e.spread += weight * from * (label - e.mean)
}

// Merge adds what o has seen.
func (e *Errors) Merge(o *Errors) {
	e.unknown += o.unknown
	if o.events == 0 {
		return
	}
	a, b := e.weight.value(), o.weight.value()
	d := o.mean - e.mean
	e.spread += o.spread + d*d*(a/(a+b))*b
	if e.mean += d * b / (a + b); a == 0 {
		e.mean, e.spread = o.mean, o.spread
	}
	e.events += o.events
	e.weight.merge(o.weight)
	e.bias.merge(o.bias)
	e.abs.merge(o.abs)
	e.squares.merge(o.squares)
	e.ape.merge(o.ape)
	e.sape.merge(o.sape)
	e.labels.merge(o.labels)
}

// Scale multiplies the weight of all pairs by a factor, so that they fade: see [Confusion.Scale].
func (e *Errors) Scale(by float64) {
	fading(by, "Errors")
	for _, s := range []*sum{&e.weight, &e.bias, &e.abs, &e.squares, &e.ape, &e.sape, &e.labels} {
		s.scale(by)
	}
	e.spread *= by
}

// Clone returns a copy.
func (e *Errors) Clone() *Errors { c := *e; return &c }

// Total returns the weight of all pairs.
func (e *Errors) Total() float64 { return e.weight.value() }

// Unknown returns the number of pairs that were not counted.
func (e *Errors) Unknown() uint64 { return e.unknown }

// Bias returns the mean of predicted - label: greater than 0 for who predicts too much.
func (e *Errors) Bias() float64 { return e.bias.value() / e.weight.value() }

// MAE returns the mean absolute error.
func (e *Errors) MAE() float64 { return e.abs.value() / e.weight.value() }

// MSE returns the mean squared error.
func (e *Errors) MSE() float64 { return e.squares.value() / e.weight.value() }

// RMSE returns the root of the mean squared error.
func (e *Errors) RMSE() float64 { return math.Sqrt(e.MSE()) }

// R2 returns the share of the labels' variance that the predictions explain: 1 - Σ(error²)/Σ(distance from the mean²). It is
// less than 0 for who predicts worse than the mean does. Where all labels are the same it is 1 if there is
// no error and else 0. It is NaN of fewer than two pairs.
func (e *Errors) R2() float64 {
	wrong := e.squares.value()
	switch {
	case e.events < 2:
		return math.NaN()
	case e.spread > 0:
		return 1 - wrong/e.spread
	case wrong > 0:
		return 0
	}
	return 1
}

// MAPE returns the mean of |error|/|label|: 0.1 is 10 %. A label of 0 counts as 2^-52, as in scikit-learn, which makes
// it huge: where labels may be 0 WAPE is better.
func (e *Errors) MAPE() float64 { return e.ape.value() / e.weight.value() }

// SMAPE returns the mean of 2·|error|/(|label|+|predicted|), from 0 to 2. Where both are 0 it is 0. (The M3 competition gives it in
// percent: 100 times this.)
func (e *Errors) SMAPE() float64 { return e.sape.value() / e.weight.value() }

// WAPE returns Σ|error|/Σ|label|: how much of what came was predicted wrongly. It is NaN if all labels are 0.
func (e *Errors) WAPE() float64 { return over(e.abs.value(), e.labels.value(), math.NaN()) }

// MASE returns the mean absolute error over that of a naive prediction, which [NaiveScale] gives: less than 1 is better than
// naive. It is NaN if the scale is 0 or NaN. It is Hyndman and Koehler, "Another look at measures of forecast accuracy",
// International Journal of Forecasting 22, 2006.
func (e *Errors) MASE(scale float64) float64 { return over(e.MAE(), scale, math.NaN()) }

// NaiveScale returns the mean of |series[i] - series[i-season]|: the error of who predicts what was a season before. A season
// of 1 is the value before. It is NaN if the series is no longer than a season.
func NaiveScale(series []float64, season int) float64 {
	if season < 1 {
		panic("eval: NaiveScale: a season is 1 or more")
	}
	var s sum
	n := 0
	for i := season; i < len(series); i++ {
		s.add(math.Abs(series[i] - series[i-season]))
		n++
	}
	return s.value() / float64(n)
}

type plainErrors Errors

var kindErrors = saved.As[plainErrors]("eval.Errors", 1)

// AppendBinary appends the errors.
func (e *Errors) AppendBinary(b []byte) ([]byte, error) {
	return kindErrors.Append(b, (*plainErrors)(e))
}

// UnmarshalBinary reads what AppendBinary appended.
func (e *Errors) UnmarshalBinary(data []byte) error {
	return kindErrors.Read(data, (*plainErrors)(e), nil)
}
