package forecast

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// An Adjusted forecasts a series without its season, which [STL] takes out, by another model, and adds the season as it was last. Its intervals are the
// model's: they take the season to be known.
type Adjusted struct {
	m     int
	of    Model
	opts  []STLOption
	ahead []float64 // the season to come
}

// NewAdjusted returns a model with a season of m, and another for what is beside it, which needs none: NewETS(1), an ARIMA.
func NewAdjusted(m int, of Model, opts ...STLOption) *Adjusted {
	if of == nil || m < 2 {
		panic(fmt.Sprintf("forecast: NewAdjusted with a season of %d: want 2 or more, and a model", m))
	}
	return &Adjusted{m: m, of: of, opts: opts}
}

// Fit learns a series of at least two seasons.
func (a *Adjusted) Fit(y []float64) error {
	d, err := STL(y, a.m, a.opts...)
	if err != nil {
		return err
	}
	rest := make([]float64, len(y))
	for i, v := range y {
		rest[i] = v - d.Seasonal[i]
	}
	if err := a.of.Fit(rest); err != nil {
		return err
	}
	a.ahead = nil
	for i := range a.m {
		a.ahead = append(a.ahead, d.Indices[(len(y)+i)%a.m])
	}
	return nil
}

// season adds the season to values that follow the series.
func (a *Adjusted) season(y []float64) []float64 {
	for i := range y {
		y[i] += a.ahead[i%a.m]
	}
	return y
}

// Forecast returns the next h values.
func (a *Adjusted) Forecast(h int) []float64 {
	fitted(a.ahead != nil, "Adjusted")
	return a.season(a.of.Forecast(h))
}

// Interval returns the bounds of the next h values.
func (a *Adjusted) Interval(h int, level float64) (low, high []float64) {
	fitted(a.ahead != nil, "Adjusted")
	low, high = a.of.Interval(h, level)
	return a.season(low), a.season(high)
}

// Residuals returns the model's.
func (a *Adjusted) Residuals() []float64 {
	fitted(a.ahead != nil, "Adjusted")
	return a.of.Residuals()
}

// Sample draws how the series may go on: see [Sampler]. It panics if the model is no Sampler.
func (a *Adjusted) Sample(h int, r *rand.Rand) []float64 { return a.season(sampler(a.of).Sample(h, r)) }

// A Logged forecasts the logarithms of a series by another model: for series that grow by rates, and whose swings grow with them. Its
// forecasts are medians, which are below the means.
type Logged struct {
	of Model
	y  []float64
}

// NewLogged returns a model for values above 0, and another for their logarithms.
func NewLogged(of Model) *Logged {
	if of == nil {
		panic("forecast: NewLogged of no model")
	}
	return &Logged{of: of}
}

// Fit learns a series of values above 0.
func (l *Logged) Fit(y []float64) error {
	logs := make([]float64, len(y))
	for i, v := range y {
		if !(v > 0) {
			return fmt.Errorf("forecast: Logged: value %d of the series is %v, which has no logarithm: add a number, or use the model itself", i, v)
		}
		logs[i] = math.Log(v)
	}
	if err := l.of.Fit(logs); err != nil {
		return err
	}
	l.y = append([]float64(nil), y...)
	return nil
}

func exponents(y []float64) []float64 {
	for i, v := range y {
		y[i] = math.Exp(v)
	}
	return y
}

// Forecast returns the medians of the next h values.
func (l *Logged) Forecast(h int) []float64 {
	fitted(l.y != nil, "Logged")
	return exponents(l.of.Forecast(h))
}

// Interval returns the bounds of the next h values.
func (l *Logged) Interval(h int, level float64) (low, high []float64) {
	fitted(l.y != nil, "Logged")
	low, high = l.of.Interval(h, level)
	return exponents(low), exponents(high)
}

// Residuals returns by how much each value was above what the model said of it one step before.
func (l *Logged) Residuals() []float64 {
	fitted(l.y != nil, "Logged")
	rest := l.of.Residuals()
	for i, r := range rest {
		rest[i] = l.y[i] - l.y[i]*math.Exp(-r)
	}
	return rest
}

// Sample draws how the series may go on: see [Sampler]. It panics if the model is no Sampler.
func (l *Logged) Sample(h int, r *rand.Rand) []float64 { return exponents(sampler(l.of).Sample(h, r)) }
