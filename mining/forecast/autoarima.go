package forecast

import (
	"errors"
	"fmt"
	"math"
)

// AutoARIMA returns an ARIMA of the form that suits the series, already fitted: Hyndman and Khandakar, "Automatic Time Series Forecasting: The forecast
// Package for R", Journal of Statistical Software 27, 2008. It is differenced by the season once where the season's [Decomposition.Strength] is above 0.64, and
// then until KPSS no longer says at 5 % that it wanders, twice at most. Of the orders, from 0 to 5, and 0 to 2 for the season, and of a mean or a
// drift, the search takes steps from four usual ones as long as the AICc falls; forms with a root within 1.01 of the unit circle are passed over. It fits
// some ten to thirty models.
func AutoARIMA(y []float64, m int) (*ARIMA, error) { return AutoARIMAWith(y, m, nil) }

// AutoARIMAWith is [AutoARIMA] for a series that depends on regressors: see [ARIMA.FitWith]. The differences are those of what they leave of
// it by least squares.
func AutoARIMAWith(y []float64, m int, x [][]float64) (*ARIMA, error) {
	if err := check(y, 4, "AutoARIMA"); err != nil {
		return nil, err
	}
	s := stepwise{y: y, x: x, m: season(m, "AutoARIMA"), tried: map[shape]float64{}, best: math.Inf(1)}
	rest := y
	if len(x) > 0 {
		var err error
		if rest, err = leastSquares(y, x); err != nil {
			return nil, err
		}
	}
	if m > 1 && len(y) >= 2*m+2 {
		if d, err := STL(rest, m, Periodic()); err == nil {
			if _, strength := d.Strength(); strength > 0.64 {
				s.seasonal, rest = 1, differenced(rest, m, 1)
			}
		}
	} else {
		s.m = 1
	}
	for s.d < 2 && len(rest) > 4 {
		t, err := KPSS(rest, false, int(3*math.Sqrt(float64(len(rest)))/13))
		if err != nil || t.P > 0.05 || t.P == 0.05 && t.Statistic <= 0.463 {
			break
		}
		s.d, rest = s.d+1, differenced(rest, 1, 1)
	}
	return s.run()
}

// leastSquares returns what regressors, and a level, leave of a series.
func leastSquares(y []float64, x [][]float64) ([]float64, error) {
	m := NewARIMA(Order{}, Constant())
	if err := m.FitWith(y, x); err != nil {
		return nil, err
	}
	return m.Residuals(), nil
}

// A shape is what a search chooses.
type shape struct {
	p, q, sp, sq int
	constant     bool
}

type stepwise struct {
	y           []float64
	x           [][]float64
	m           int
	d, seasonal int // differences
	tried       map[shape]float64
	found       *ARIMA
	at          shape
	best        float64
	err         error
}

func (s *stepwise) run() (*ARIMA, error) {
	constant := s.d+s.seasonal <= 1
	begin := []shape{{2, 2, 1, 1, constant}, {0, 0, 0, 0, constant}, {1, 0, 1, 0, constant}, {0, 1, 0, 1, constant}, {0, 0, 0, 0, false}}
	for _, b := range begin {
		if s.m == 1 {
			b.sp, b.sq = 0, 0
		}
		s.try(b)
	}
	for better := true; better && s.found != nil; {
		better = false
		for _, n := range s.near() {
			if better = s.try(n); better {
				break
			}
		}
	}
	if s.found == nil {
		return nil, fmt.Errorf("forecast: AutoARIMA: no form fits: %w", s.err)
	}
	s.found.quick = false
	return s.found, s.found.FitWith(s.y, s.x)
}

// near returns the shapes a step away.
func (s *stepwise) near() (all []shape) {
	add := func(p, q, sp, sq int) {
		n := s.at
		n.p, n.q, n.sp, n.sq = n.p+p, n.q+q, n.sp+sp, n.sq+sq
		all = append(all, n)
	}
	if s.m > 1 {
		for _, d := range [][2]int{{-1, 0}, {0, -1}, {1, 0}, {0, 1}, {-1, -1}, {1, 1}} {
			add(0, 0, d[0], d[1])
		}
	}
	for _, d := range [][2]int{{-1, 0}, {0, -1}, {1, 0}, {0, 1}, {-1, -1}, {-1, 1}, {1, -1}, {1, 1}} {
		add(d[0], d[1], 0, 0)
	}
	if s.d+s.seasonal <= 1 {
		n := s.at
		n.constant = !n.constant
		all = append(all, n)
	}
	return all
}

// try fits a shape, if it may be, and reports whether it is the best so far.
func (s *stepwise) try(n shape) bool {
	if min(n.p, n.q, n.sp, n.sq) < 0 || max(n.p, n.q) > 5 || max(n.sp, n.sq) > 2 {
		return false
	}
	if _, done := s.tried[n]; done {
		return false
	}
	s.tried[n] = 0
	var opts []ARIMAOption
	if s.m > 1 {
		opts = append(opts, Seasonal(s.m, Order{n.sp, s.seasonal, n.sq}))
	}
	if n.constant {
		opts = append(opts, Constant())
	}
	a := NewARIMA(Order{n.p, s.d, n.q}, opts...)
	a.quick = true
	if err := a.FitWith(s.y, s.x); err != nil {
		if s.err == nil || errors.Is(s.err, ErrShort) {
			s.err = err
		}
		return false
	}
	c := a.AICc()
	if c != c || s.found != nil && c >= s.best || a.nearUnit() && n != (shape{}) {
		return false
	}
	s.found, s.at, s.best = a, n, c
	return true
}

// nearUnit reports whether a root is within 1.01 of the unit circle, so that the process is hardly stationary or invertible: it takes what
// weighs each coefficient by 1.01 to its power for the coefficients of one that is not.
func (a *ARIMA) nearUnit() bool {
	ar, sar := a.AR()
	ma, sma := a.MA()
	for k, c := range [][]float64{ar, negated(ma), sar, negated(sma)} {
		r := 1.01
		if k > 1 {
			r = math.Pow(r, float64(a.m))
		}
		scaled := make([]float64, len(c))
		for i, v := range c {
			scaled[i] = v * math.Pow(r, float64(i+1))
		}
		if !stationary(scaled) {
			return true
		}
	}
	return false
}

// stationary reports whether all partial autocorrelations that coefficients stand for are below 1: the recursion of Levinson backwards.
func stationary(ar []float64) bool {
	a := append([]float64(nil), ar...)
	for k := len(a) - 1; k >= 0; k-- {
		r := a[k]
		if !(math.Abs(r) < 1) {
			return false
		}
		before := make([]float64, k)
		for j := range before {
			before[j] = (a[j] + r*a[k-1-j]) / (1 - r*r)
		}
		a = before
	}
	return true
}
