package forecast

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Model continues a series. Before Fit, Forecast and Interval panic.
type Model interface {
	// Fit learns a series, and forgets what it had learnt. It keeps nothing of y.
	Fit(y []float64) error
	// Forecast returns the next h values: the first is that behind the series.
	Forecast(h int) []float64
	// Interval returns between what bounds each of the next h values is with the chance level, between 0 and 1, taken by itself.
	Interval(h int, level float64) (low, high []float64)
	// Residuals returns by how much each value of the series was above what the model said of it one step before: NaN for those of
	// which it says nothing.
	Residuals() []float64
}

// ErrShort says that a series is too short for a model.
var ErrShort = errors.New("the series is too short")

// check reports a series that cannot be fitted.
func check(y []float64, least int, who string) error {
	if len(y) < least {
		return fmt.Errorf("forecast: %s: %w: %d values, and it takes %d", who, ErrShort, len(y), least)
	}
	for i, v := range y {
		if v-v != 0 {
			return fmt.Errorf("forecast: %s: value %d of the series is %v", who, i, v)
		}
	}
	return nil
}

// season panics if m is no season.
func season(m int, who string) int {
	if m < 1 {
		panic(fmt.Sprintf("forecast: %s with a season of %d: want 1, for none, or more", who, m))
	}
	return m
}

// gaussian returns intervals of forecasts whose errors are normal, with a standard deviation for each step.
func gaussian(mean []float64, level float64, sd func(h int) float64) (low, high []float64) {
	z := quantile(level)
	for h, v := range mean {
		d := z * sd(h+1)
		low, high = append(low, v-d), append(high, v+d)
	}
	return low, high
}

// quantile returns how many standard deviations hold a level.
func quantile(level float64) float64 {
	if !(level > 0 && level < 1) {
		panic(fmt.Sprintf("forecast: Interval with a level of %v: want between 0 and 1", level))
	}
	return normal.Quantile(0.5 + level/2)
}

// fitted panics before Fit.
func fitted(is bool, who string) {
	if !is {
		panic("forecast: " + who + " is asked before Fit")
	}
}

// rms returns the root of the mean square of those that are known, with parameters taken off their number.
func rms(residuals []float64, parameters int) float64 {
	sum, n := 0.0, -parameters
	for _, r := range residuals {
		if r == r {
			sum += r * r
			n++
		}
	}
	return math.Sqrt(sum / float64(max(1, n)))
}

func mean(y []float64) float64 {
	sum := 0.0
	for _, v := range y {
		sum += v
	}
	return sum / float64(len(y))
}

// repeat returns h values, the last season of y again and again.
func repeat(y []float64, m, h int) []float64 {
	last := y[len(y)-m:]
	f := make([]float64, h)
	for i := range f {
		f[i] = last[i%m]
	}
	return f
}

// unknown returns n values that are not known.
func unknown(n int) []float64 { return slices.Repeat([]float64{math.NaN()}, n) }

// normal is the standard normal distribution.
var normal = distuv.UnitNormal
