package forecast

import (
	"fmt"
	"math"
	"slices"
)

// Forecast returns the next h values. Of a model that was fitted with regressors use [ARIMA.ForecastWith].
func (a *ARIMA) Forecast(h int) []float64 {
	a.without("Forecast")
	columns, _ := a.columns(nil, h, 0, len(a.y))
	return a.ahead(h, columns)
}

// ForecastWith returns as many values as there are rows of regressors. It panics for rows of another length than those that it was fitted with.
func (a *ARIMA) ForecastWith(x [][]float64) []float64 {
	fitted(a.y != nil, "ARIMA")
	columns, err := a.columns(x, len(x), a.regressors, len(a.y))
	if err != nil {
		panic(err.Error())
	}
	return a.ahead(len(x), columns)
}

// Interval returns the bounds of the next h values, by the normal distribution, with the parameters taken to be right.
func (a *ARIMA) Interval(h int, level float64) (low, high []float64) {
	return gaussian(a.Forecast(h), level, a.deviation(h))
}

// IntervalWith is [ARIMA.Interval] with regressors.
func (a *ARIMA) IntervalWith(x [][]float64, level float64) (low, high []float64) {
	return gaussian(a.ForecastWith(x), level, a.deviation(len(x)))
}

func (a *ARIMA) without(who string) {
	fitted(a.y != nil, "ARIMA")
	if a.regressors > 0 {
		panic(fmt.Sprintf("forecast: %s of an ARIMA that was fitted with %d regressors: use %sWith", who, a.regressors, who))
	}
}

// ahead forecasts what is left beside the regressors, and adds them.
func (a *ARIMA) ahead(h int, columns [][]float64) []float64 {
	f := a.continued(h, nil)
	for k, c := range columns {
		for i := range f {
			f[i] += a.beta[k] * c[i]
		}
	}
	return f
}

// continued goes on with the series beside its regressors, with errors, or without where there are none.
func (a *ARIMA) continued(h int, errors []float64) []float64 {
	n := len(a.innovation)
	ar, ma := a.polynomials(a.free)
	process := arma{}
	process.set(ar, ma)
	process.prepare(n + h)
	x := append(a.difference(a.y), make([]float64, h)...)
	e := append(slices.Clone(a.innovation), make([]float64, h)...)
	for i := n; i < n+h; i++ {
		if errors != nil {
			e[i] = errors[i-n]
		}
		x[i] = process.expected(x, e, i) + e[i]
	}
	return a.summed(x[n:])
}

// summed undoes differencing, for values that follow the series.
func (a *ARIMA) summed(x []float64) []float64 {
	levels := [][]float64{a.y}
	lags := []int{}
	for range a.seasonal.D {
		levels, lags = append(levels, differenced(levels[len(levels)-1], a.m, 1)), append(lags, a.m)
	}
	for range a.order.D {
		levels, lags = append(levels, differenced(levels[len(levels)-1], 1, 1)), append(lags, 1)
	}
	for k := len(lags) - 1; k >= 0; k-- {
		level := slices.Clone(levels[k])
		for _, v := range x {
			level = append(level, v+level[len(level)-lags[k]])
		}
		x = level[len(levels[k]):]
	}
	return x
}

// deviation returns the standard deviation of the error of each of h steps: the errors until then, each with its weight in the value. Weights and variances
// are those at the end of this series, as the innovations algorithm has them: where a root of the errors lies near the unit circle, they are not yet those of the long run.
func (a *ARIMA) deviation(h int) func(int) float64 {
	n := len(a.innovation)
	ar, ma := a.polynomials(a.free)
	process := arma{}
	process.set(ar, ma)
	process.prepare(n + h)
	variance := make([]float64, h)
	x, e := make([]float64, n+h), make([]float64, n+h)
	for j := range h {
		if j == 0 || process.settled >= n+j {
			clear(x)
			e[n+j] = 1
			for i := n + j; i < n+h; i++ {
				x[i] = process.expected(x, e, i) + e[i]
			}
			e[n+j] = 0
			a.sum(x[n+j:])
		} else { // as the error before, a step later
			copy(x[n+j:], x[n+j-1:n+h-1])
		}
		for i := j; i < h; i++ {
			variance[i] += x[n+i] * x[n+i] * process.spread[n+j]
		}
	}
	return func(step int) float64 { return math.Sqrt(a.sigma2 * variance[step-1]) }
}

// sum undoes differencing in place, for values that follow nothing but zeros.
func (a *ARIMA) sum(x []float64) {
	for range a.order.D {
		for i := 1; i < len(x); i++ {
			x[i] += x[i-1]
		}
	}
	for range a.seasonal.D {
		for i := a.m; i < len(x); i++ {
			x[i] += x[i-a.m]
		}
	}
}
