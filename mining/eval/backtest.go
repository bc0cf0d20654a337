package eval

import (
	"fmt"
	"math"
)

// A Forecaster predicts a series.
type Forecaster interface {
	// Fit learns a series from its beginning to now, and forgets what it had learnt. It keeps nothing of history.
	Fit(history []float64) error
	// Forecast returns the next values: the first is that behind the history.
	Forecast(horizon int) []float64
}

// A BacktestOption says how a [Backtest] tests.
type BacktestOption func(*Backtest)

// Gap leaves n values between the history and the first that is scored: as many as come before the forecast is of use. The default is 0.
func Gap(n int) BacktestOption {
	return func(b *Backtest) { b.gap = atLeast(0, n, "Gap") }
}

// Stride sets how many values lie between two origins. The default is 1.
func Stride(n int) BacktestOption {
	return func(b *Backtest) { b.stride = atLeast(1, n, "Stride") }
}

// Sliding has the history be the last n values before an origin. The default is all of them: the history expands.
func Sliding(n int) BacktestOption {
	return func(b *Backtest) { b.sliding = atLeast(1, n, "Sliding") }
}

func atLeast(least, n int, who string) int {
	if n < least {
		panic(fmt.Sprintf("eval: %s: %d or more, not %d", who, least, n))
	}
	return n
}

// A Backtest has forecasters predict what is known already: at each origin they learn the history up to it, and their forecasts are scored by
// what came. Beside them stand the naive ones: the mean of the history, its last value, the line through its first and last value (drift),
// and the value of a season before. It is Tashman, "Out-of-sample tests of forecasting accuracy", International Journal of Forecasting
// 16, 2000.
type Backtest struct {
	season, horizon      int
	gap, stride, sliding int
	results              []*ForecastResult
}

// A ForecastResult is what a forecaster reached.
type ForecastResult struct {
	Name     string
	Baseline bool
	Errors   *Errors   // of all forecasts together
	Steps    []*Errors // by how far ahead: the first is behind the gap
	Origins  int       // how many times it forecast
	model    Forecaster
	mase     sum
	scaled   int
}

// MASE returns the mean over the origins of the mean absolute error over the naive one of its history: see [Errors.MASE]. An origin whose
// history has no naive error, as it never changes or is no longer than a season, is left out. It is NaN if there is no other.
func (r *ForecastResult) MASE() float64 { return r.mase.value() / float64(r.scaled) }

// NewBacktest returns a test of forecasts of horizon values. A season is a number of values, 12 for months: 1 is none.
func NewBacktest(season, horizon int, opts ...BacktestOption) *Backtest {
	b := &Backtest{season: atLeast(1, season, "NewBacktest: season"), horizon: atLeast(1, horizon, "NewBacktest: horizon"), stride: 1}
	for _, o := range opts {
		o(b)
	}
	b.enter("mean", &naive{kind: 'm'}, true)
	b.enter("last value", &naive{kind: 's', season: 1}, true)
	b.enter("drift", &naive{kind: 'd'}, true)
	if season > 1 {
		b.enter("seasonal naive", &naive{kind: 's', season: season}, true)
	}
	return b
}

// Enter has a forecaster take part. The name is for the report.
func (b *Backtest) Enter(name string, f Forecaster) *ForecastResult { return b.enter(name, f, false) }

func (b *Backtest) enter(name string, f Forecaster, baseline bool) *ForecastResult {
	r := &ForecastResult{Name: name, Baseline: baseline, Errors: new(Errors), model: f}
	for range b.horizon {
		r.Steps = append(r.Steps, new(Errors))
	}
	b.results = append(b.results, r)
	return r
}

// Run tests on a series: the first origin has first values before it. The last origin is the last that has all of its horizon. It
// may be called for several series: the figures add up. The error is that of a Fit, and says where.
func (b *Backtest) Run(series []float64, first int) error {
	atLeast(1, first, "Backtest: Run: first")
	for origin := first; origin+b.gap+b.horizon <= len(series); origin += b.stride {
		history := series[:origin:origin]
		if b.sliding > 0 {
			history = history[max(0, origin-b.sliding):]
		}
		scale := NaiveScale(history, b.season)
		for _, r := range b.results {
			if err := r.model.Fit(history); err != nil {
				return fmt.Errorf("eval: backtest of %s, fitted to %d values before %d: %w", r.Name, len(history), origin, err)
			}
			forecast := r.model.Forecast(b.gap + b.horizon)
			if len(forecast) != b.gap+b.horizon {
				panic(fmt.Sprintf("eval: backtest of %s: Forecast(%d) returned %d values", r.Name, b.gap+b.horizon, len(forecast)))
			}
			here := new(Errors)
			for h := range b.horizon {
				label, predicted := series[origin+b.gap+h], forecast[b.gap+h]
				here.Add(label, predicted)
				r.Errors.Add(label, predicted)
				r.Steps[h].Add(label, predicted)
			}
			r.Origins++
			if m := here.MASE(scale); m == m {
				r.mase.add(m)
				r.scaled++
			}
		}
	}
	return nil
}

// Results returns what each forecaster reached: the baselines, then the others as they were entered.
func (b *Backtest) Results() []*ForecastResult { return b.results }

// Report returns the figures as a table: the forecasters, then the baselines.
func (b *Backtest) Report() *Report {
	r := &Report{Title: fmt.Sprintf("backtest, %d ahead", b.horizon), Columns: []string{"origins", "MAE", "RMSE", "MAPE", "sMAPE", "WAPE", "MASE"}}
	for _, of := range b.results {
		e := of.Errors
		r.Rows = append(r.Rows, ReportRow{Name: of.Name, Baseline: of.Baseline, Values: []float64{
			float64(of.Origins), e.MAE(), e.RMSE(), e.MAPE(), e.SMAPE(), e.WAPE(), of.MASE(),
		}})
	}
	r.settle(1, false, "MAE")
	return r
}

// A naive forecaster needs no fitting: mean, seasonal (a season of 1 is the last value), drift.
type naive struct {
	kind    byte
	season  int
	history []float64
}

func (n *naive) Fit(history []float64) error {
	n.history = append(n.history[:0], history...)
	return nil
}

func (n *naive) Forecast(horizon int) []float64 {
	to, size := make([]float64, horizon), len(n.history)
	last := n.history[size-1]
	for h := range to {
		switch n.kind {
		case 'm':
			to[h] = meanOf(n.history)
		case 'd':
			to[h] = last
			if size > 1 {
				to[h] += float64(h+1) * (last - n.history[0]) / float64(size-1)
			}
		case 's':
			season := min(n.season, size)
			to[h] = n.history[size-season+h%season]
		}
	}
	return to
}

// meanOf is NaN of nothing.
func meanOf(values []float64) float64 {
	var s sum
	for _, v := range values {
		s.add(v)
	}
	return s.value() / float64(len(values))
}

// varianceOf is that of a sample: NaN of fewer than two.
func varianceOf(values []float64) float64 {
	if len(values) < 2 {
		return math.NaN()
	}
	var s sum
	m := meanOf(values)
	for _, v := range values {
		s.add((v - m) * (v - m))
	}
	return s.value() / float64(len(values)-1)
}
