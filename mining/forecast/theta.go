package forecast

import (
	"math"
	"slices"
)

// A Theta is half the line through the series and half simple smoothing: Assimakopoulos and Nikolopoulos, "The theta model",
// International Journal of Forecasting 16, 2000, as Hyndman and Billah, "Unmasking the Theta method", 2003, write it: simple smoothing with a drift of
// half the slope. A season that is there by a test at 90 % is taken out first by a classical multiplicative decomposition, as in
// the M3 competition. It takes four values.
type Theta struct {
	m       int
	ses     *ETS
	slope   float64
	n       int
	indices []float64 // of the season to come
	y       []float64
}

// NewTheta returns a model with that season.
func NewTheta(m int) *Theta { return &Theta{m: season(m, "NewTheta")} }

// Fit learns a series.
func (t *Theta) Fit(y []float64) error {
	if err := check(y, 4, "Theta"); err != nil {
		return err
	}
	adjusted, indices := Deseasonalize(y, t.m)
	ses := NewETS(1, Kind(Additive, None, None))
	if err := ses.Fit(adjusted); err != nil {
		return err
	}
	t.ses, t.n, t.indices, t.y = ses, len(y), indices, slices.Clone(y)
	_, slope := line(adjusted)
	t.slope = slope / 2
	return nil
}

// Deseasonalize returns a series without its season, if it has one by the test and values above 0, and the indices of the season that follows.
func Deseasonalize(y []float64, m int) (adjusted, indices []float64) {
	if isSeasonal(y, m) && slices.Min(y) > 0 {
		if d, err := Decompose(y, m, true); err == nil && slices.Min(d.Indices) > 1e-6 {
			for i, v := range y {
				adjusted = append(adjusted, v/d.Seasonal[i])
			}
			for i := range m {
				indices = append(indices, d.Indices[(len(y)+i)%m])
			}
			return adjusted, indices
		}
	}
	return y, []float64{1}
}

// line returns the line of least squares through values at 0, 1, 2, ...
func line(y []float64) (start, slope float64) {
	center, middle := mean(y), float64(len(y)-1)/2
	var xy, xx float64
	for i, v := range y {
		x := float64(i) - middle
		xy += x * (v - center)
		xx += x * x
	}
	if xx > 0 {
		slope = xy / xx
	}
	return center - slope*middle, slope
}

// Forecast returns the next h values.
func (t *Theta) Forecast(h int) []float64 {
	fitted(t.ses != nil, "Theta")
	f := t.ses.Forecast(h)
	alpha := max(1e-10, t.ses.Alpha())
	for i := range f {
		f[i] += t.slope * (float64(i) + (1-math.Pow(1-alpha, float64(t.n)))/alpha)
		f[i] *= t.indices[i%len(t.indices)]
	}
	return f
}

// Interval returns the bounds of the next h values: those of simple smoothing, times the season.
func (t *Theta) Interval(h int, level float64) (low, high []float64) {
	fitted(t.ses != nil, "Theta")
	alpha, sd := t.ses.Alpha(), rms(t.ses.Residuals(), 3)
	return gaussian(t.Forecast(h), level, func(h int) float64 {
		return sd * math.Sqrt(float64(h-1)*alpha*alpha+1) * t.indices[(h-1)%len(t.indices)]
	})
}

// Residuals returns the errors one step ahead.
func (t *Theta) Residuals() []float64 {
	fitted(t.ses != nil, "Theta")
	r := t.ses.Residuals()
	m := len(t.indices)
	alpha := max(1e-10, t.ses.Alpha())
	for i := range r {
		// The season's place of value i, counted back from the end; and the drift that was known by then.
		r[i] = (r[i] - t.slope*(1-math.Pow(1-alpha, float64(i)))/alpha) * t.indices[((i-t.n)%m+m)%m]
	}
	return r
}
