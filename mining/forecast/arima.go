package forecast

import (
	"fmt"
	"math"
	"slices"
)

// An Order is that of an ARIMA model, or of its season.
type Order struct {
	P int // how many values before count
	D int // how often the series is differenced
	Q int // how many errors before count
}

// An ARIMA says that a series, differenced, is due to values and errors before: Box and Jenkins, "Time Series Analysis", 1970. Its season multiplies: the
// model of orders (p, d, q)(P, D, Q) of a season of m. Beside them a series may depend on regressors, and what is left of it is the ARIMA: [ARIMA.FitWith].
//
// The parameters are those of the greatest exact Gaussian likelihood of the differenced series, among stationary and invertible ones; coefficients of
// regressors, the constant among them, are found by generalised least squares with each. A pass through n values takes n (max(p + Pm, q + Qm))
// additions, and n (q + Qm)² until its weights stand still; a fit takes some hundred passes. It takes two more values than parameters and differences.
type ARIMA struct {
	order, seasonal Order
	m               int
	constant        bool
	quick           bool // one of many that are compared: the nearest peak will do

	free       []float64 // AR, MA, seasonal AR, seasonal MA, without their bounds
	regressors int
	beta       []float64 // of the regressors, the constant's last
	errors     []float64 // of beta: standard ones
	y          []float64 // without what the regressors explain
	innovation []float64

	sigma2     float64
	likelihood float64
	used       int // values that are left by differencing
}

// An ARIMAOption sets the form of an ARIMA.
type ARIMAOption func(*ARIMA)

// Seasonal adds a season of m values, with orders of its own.
func Seasonal(m int, o Order) ARIMAOption {
	if m < 2 {
		panic(fmt.Sprintf("forecast: Seasonal with a season of %d: want 2 or more", m))
	}
	o.check("Seasonal")
	return func(a *ARIMA) { a.m, a.seasonal = m, o }
}

// Constant adds a mean to a series that is not differenced, and a drift, of so much a value, to one that is differenced once.
func Constant() ARIMAOption { return func(a *ARIMA) { a.constant = true } }

func (o Order) check(who string) {
	if min(o.P, o.D, o.Q) < 0 || max(o.P, o.Q) > 24 || o.D > 3 {
		panic(fmt.Sprintf("forecast: %s of order (%d, %d, %d): want P and Q from 0 to 24, and D from 0 to 3", who, o.P, o.D, o.Q))
	}
}

// NewARIMA returns a model of that order. It panics if an order is negative, or a constant goes with two differences or more, which have none.
func NewARIMA(o Order, opts ...ARIMAOption) *ARIMA {
	o.check("NewARIMA")
	a := &ARIMA{order: o, m: 1}
	for _, opt := range opts {
		opt(a)
	}
	if a.constant && a.order.D+a.seasonal.D > 1 {
		panic(fmt.Sprintf("forecast: NewARIMA with a Constant and %d differences: want one at most", a.order.D+a.seasonal.D))
	}
	return a
}

// Fit learns a series.
func (a *ARIMA) Fit(y []float64) error { return a.FitWith(y, nil) }

// FitWith learns a series that depends on regressors: x has those of each value, always as many. [Columns] makes them from dates, and [Fourier] from
// places in a long season. Of regressors that say the same it returns an error.
func (a *ARIMA) FitWith(y []float64, x [][]float64) error {
	lost := a.order.D + a.m*a.seasonal.D
	parameters := a.parameters()
	width := 0
	if len(x) > 0 {
		width = len(x[0])
	}
	if err := check(y, lost+parameters+width+a.constants()+2, a.String()); err != nil {
		return err
	}
	columns, err := a.columns(x, len(y), width, 0)
	if err != nil {
		return err
	}
	f := &arimaFit{model: a, y: a.difference(y)}
	for _, c := range columns {
		f.x = append(f.x, a.difference(c))
	}
	best, err := f.fit(parameters)
	if err != nil {
		return err
	}
	fitted := *a
	fitted.free, fitted.regressors = best, width
	if !f.whiten(best) {
		return fmt.Errorf("forecast: %v has no likelihood for these values", a)
	}
	fitted.beta, fitted.errors = f.beta, f.standardErrors()
	fitted.sigma2, fitted.likelihood, fitted.used = f.sigma2, f.likelihood, len(f.y)
	fitted.innovation = slices.Clone(f.rest)
	fitted.y = slices.Clone(y)
	for k, c := range columns {
		for i := range y {
			fitted.y[i] -= f.beta[k] * c[i]
		}
	}
	*a = fitted
	return nil
}

// parameters returns how many coefficients there are beside those of regressors.
func (a *ARIMA) parameters() int { return a.order.P + a.order.Q + a.seasonal.P + a.seasonal.Q }

func (a *ARIMA) constants() int {
	if a.constant {
		return 1
	}
	return 0
}

// columns turns rows of regressors, and the constant, into columns. The first row is of the value at place from.
func (a *ARIMA) columns(x [][]float64, n, width, from int) ([][]float64, error) {
	if len(x) > 0 && len(x) != n || width > 0 && len(x) != n {
		return nil, fmt.Errorf("forecast: %v: %d rows of regressors for %d values", a, len(x), n)
	}
	columns := make([][]float64, width, width+1)
	for i, row := range x {
		if len(row) != width {
			return nil, fmt.Errorf("forecast: %v: row %d of the regressors has %d, and the first %d", a, i, len(row), width)
		}
		for k, v := range row {
			if v-v != 0 {
				return nil, fmt.Errorf("forecast: %v: regressor %d of value %d is %v", a, k, i, v)
			}
			columns[k] = append(columns[k], v)
		}
	}
	if a.constant {
		c := make([]float64, n)
		for i := range c {
			c[i] = 1
			if a.order.D+a.seasonal.D > 0 {
				c[i] = float64(from + i)
			}
		}
		columns = append(columns, c)
	}
	return columns, nil
}

func (a *ARIMA) difference(y []float64) []float64 {
	return differenced(differenced(y, a.m, a.seasonal.D), 1, a.order.D)
}

// polynomials returns the coefficients for values and errors before, of the season and without, multiplied out.
func (a *ARIMA) polynomials(free []float64) (ar, ma []float64) {
	o, s := a.order, a.seasonal
	p, free := free[:o.P], free[o.P:]
	q, free := free[:o.Q], free[o.Q:]
	sp, sq := free[:s.P], free[s.P:]
	ar = negated(times(negated(partial(p, nil)), negated(partial(sp, nil)), a.m))
	ma = times(negated(partial(q, nil)), negated(partial(sq, nil)), a.m)
	return ar, ma
}

// String returns the form: "ARIMA(0,1,1)(0,1,1)[12]".
func (a *ARIMA) String() string {
	s := fmt.Sprintf("ARIMA(%d,%d,%d)", a.order.P, a.order.D, a.order.Q)
	if a.m > 1 {
		s += fmt.Sprintf("(%d,%d,%d)[%d]", a.seasonal.P, a.seasonal.D, a.seasonal.Q, a.m)
	}
	if a.constant && a.order.D+a.seasonal.D > 0 {
		return s + " with drift"
	} else if a.constant {
		return s + " with mean"
	}
	return s
}

// AR returns how much the values before count: those just before, and those of seasons before.
func (a *ARIMA) AR() (near, seasonal []float64) {
	fitted(a.y != nil, "ARIMA")
	o := a.order
	return partial(a.free[:o.P], nil), partial(a.free[o.P+o.Q:][:a.seasonal.P], nil)
}

// MA returns how much the errors before count: those just before, and those of seasons before.
func (a *ARIMA) MA() (near, seasonal []float64) {
	fitted(a.y != nil, "ARIMA")
	o := a.order
	return negated(partial(a.free[o.P:][:o.Q], nil)), negated(partial(a.free[o.P+o.Q+a.seasonal.P:], nil))
}

// Coefficients returns those of the regressors, and with a [Constant] last the mean or the drift, with their standard errors.
func (a *ARIMA) Coefficients() (values, errors []float64) {
	fitted(a.y != nil, "ARIMA")
	return slices.Clone(a.beta), slices.Clone(a.errors)
}

// Variance returns that of the errors.
func (a *ARIMA) Variance() float64 { return a.sigma2 }

// LogLikelihood returns the logarithm of the likelihood of the differenced series.
func (a *ARIMA) LogLikelihood() float64 { return a.likelihood }

// AIC returns Akaike's criterion. Of models with the same differences the one of the least is to be preferred.
func (a *ARIMA) AIC() float64 { return 2*float64(a.counted()) - 2*a.likelihood }

// AICc returns Akaike's criterion, corrected for short series. It is infinite where there are fewer values than parameters.
func (a *ARIMA) AICc() float64 {
	k, n := float64(a.counted()), float64(a.used)
	if n-k-1 <= 0 {
		return math.Inf(1)
	}
	return a.AIC() + 2*k*(k+1)/(n-k-1)
}

// counted returns how many parameters were found, the variance among them.
func (a *ARIMA) counted() int { return a.parameters() + len(a.beta) + 1 }

// Residuals returns the errors one step ahead: NaN for the first ones, which differencing takes.
func (a *ARIMA) Residuals() []float64 {
	fitted(a.y != nil, "ARIMA")
	return append(unknown(len(a.y)-len(a.innovation)), a.innovation...)
}
