package forecast

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/freshet-go/freshet/mining/internal/saved"
)

// An ETS smooths exponentially: a level, maybe with a trend, maybe damped, and a season, each of which follows what comes. It is the family of
// Hyndman, Koehler, Snyder and Grose, "A state space framework for automatic forecasting using exponential smoothing methods", International
// Journal of Forecasting 18, 2002. Its parameters and its first state are those of the greatest likelihood; without a Kind, the form is the one of the
// least AICc: of an additive or multiplicative error, no trend, an additive or a damped one, and no season, an additive or a multiplicative one, without
// those that are known to be unstable, and multiplicative ones for values above 0 only.
//
// A fit takes up to 2,000 passes through the series for each form, and passes for each figure of a season: one of 52 takes seconds. It takes four values, and two seasons and a bit for a form with one; for shorter
// ones forms without a season are tried.
type ETS struct {
	m     int
	fixed *form

	form       form
	parameters parameters
	state      state
	residuals  []float64
	errors     []float64 // relative ones of a multiplicative error
	sigma      float64   // of errors
	aicc       float64
	squares    float64
	n          int
}

// An ETSOption sets the form of an ETS.
type ETSOption func(*ETS)

// Kind sets the form: the error, the trend (None or Additive) and the season. It panics for what there is not.
func Kind(err, trend, season Component) ETSOption {
	if err != Additive && err != Multiplicative || trend != None && trend != Additive || season != None && season != Additive && season != Multiplicative {
		panic(fmt.Sprintf("forecast: Kind(%c, %c, %c): an error is A or M, a trend N or A, a season N, A or M", err, trend, season))
	}
	return func(e *ETS) {
		if season != None && e.m < 2 {
			panic("forecast: Kind with a season, of an ETS whose season is 1")
		}
		e.fixed = &form{Error: err, Trend: trend, Season: season}
	}
}

// Damped has the trend of a Kind flatten out. It panics unless a Kind with a trend stands before it.
func Damped() ETSOption {
	return func(e *ETS) {
		if e.fixed == nil || e.fixed.Trend != Additive {
			panic("forecast: Damped takes a Kind with a trend before it")
		}
		e.fixed.Damped = true
	}
}

// NewETS returns a model with that season.
func NewETS(m int, opts ...ETSOption) *ETS {
	e := &ETS{m: season(m, "NewETS")}
	for _, o := range opts {
		o(e)
	}
	return e
}

// NewSES returns simple exponential smoothing: a level alone. Brown, 1959.
func NewSES() *ETS { return NewETS(1, Kind(Additive, None, None)) }

// NewHolt returns smoothing of a level and a trend: Holt, 1957.
func NewHolt() *ETS { return NewETS(1, Kind(Additive, Additive, None)) }

// NewDampedHolt returns smoothing of a level and a trend that flattens out: Gardner and McKenzie, Management Science 31, 1985.
func NewDampedHolt() *ETS { return NewETS(1, Kind(Additive, Additive, None), Damped()) }

// NewHoltWinters returns smoothing of a level, a trend and a season, which is added or multiplies: Winters, Management Science 6, 1960.
func NewHoltWinters(m int, seasonal Component) *ETS {
	return NewETS(m, Kind(Additive, Additive, seasonal))
}

// Fit learns a series.
func (e *ETS) Fit(y []float64) error {
	if err := check(y, 4, "ETS"); err != nil {
		return err
	}
	forms := e.forms(y)
	best := choose(forms, y, e.m)
	if best == nil {
		return forms[0].refuses(y, e.m)
	}
	best.m, best.fixed = e.m, e.fixed
	*e = *best
	return nil
}

// refuses returns why a form cannot be fitted.
func (f form) refuses(y []float64, m int) error {
	switch {
	case f.Season != None && len(y) < 2*m+1:
		return fmt.Errorf("forecast: %v: %w: %d values, and a season of %d takes %d", f, ErrShort, len(y), m, 2*m+1)
	case (f.Season == Multiplicative || f.Error == Multiplicative) && slices.Min(y) <= 0:
		return fmt.Errorf("forecast: %v is of values above 0, and the least is %v: use an additive one", f, slices.Min(y))
	}
	return fmt.Errorf("forecast: %v has no likelihood for these values: are they too large, or too near to 0?", f)
}

// forms returns which forms are tried.
func (e *ETS) forms(y []float64) (all []form) {
	if e.fixed != nil {
		return []form{*e.fixed}
	}
	positive := slices.Min(y) > 0
	for _, trend := range []form{{Trend: None}, {Trend: Additive}, {Trend: Additive, Damped: true}} {
		for _, s := range []Component{None, Additive, Multiplicative} {
			if s != None && (e.m < 2 || len(y) < 2*e.m+1) {
				continue
			}
			for _, err := range []Component{Additive, Multiplicative} {
				if !positive && (err == Multiplicative || s == Multiplicative) || err == Additive && s == Multiplicative {
					continue
				}
				f := form{Error: err, Trend: trend.Trend, Season: s, Damped: trend.Damped}
				if f.count(e.m)+2 < len(y) || f == (form{Error: Additive, Trend: None, Season: None}) {
					all = append(all, f)
				}
			}
		}
	}
	return all
}

// count returns how many parameters a form has: the first state and the variance among them.
func (f form) count(m int) int {
	n := 3
	if f.Trend == Additive {
		n += 2
	}
	if f.Damped {
		n++
	}
	if f.Season != None {
		n += m
	}
	return n
}

// String returns the form that was found: "ETS(M,Ad,M)".
func (e *ETS) String() string { return e.form.String() }

// Alpha returns how fast the level follows, from 0 to 1.
func (e *ETS) Alpha() float64 { return e.parameters.alpha }

// AICc returns the criterion that forms are chosen by.
func (e *ETS) AICc() float64 { return e.aicc }

// SSE returns the sum of the squares of the errors one step ahead.
func (e *ETS) SSE() float64 { return e.squares }

// Residuals returns the errors one step ahead.
func (e *ETS) Residuals() []float64 { return slices.Clone(e.residuals) }

// Forecast returns the next h values.
func (e *ETS) Forecast(h int) []float64 {
	fitted(e.residuals != nil, "ETS")
	return e.form.ahead(&e.state, &e.parameters, h)
}

// Interval returns the bounds of the next h values. Where error and season are additive they are exact: the book's table 6.1. Otherwise they
// are those of 2,000 series that are drawn, always the same.
func (e *ETS) Interval(h int, level float64) (low, high []float64) {
	center := e.Forecast(h)
	quantile(level) // which looks at it
	if e.form.Error == Additive && e.form.Season != Multiplicative {
		return gaussian(center, level, e.deviation())
	}
	const paths = 2000
	random := rand.New(rand.NewPCG(1, 2))
	all := make([][]float64, h)
	for range paths {
		s := state{e.state.level, e.state.trend, slices.Clone(e.state.season)}
		m := max(1, len(s.season))
		for i := range h {
			expected, trended := e.form.next(&s, &e.parameters, i%m)
			d := e.sigma * random.NormFloat64()
			if e.form.Error == Multiplicative {
				d *= expected
			}
			all[i] = append(all[i], expected+d)
			e.form.update(&s, &e.parameters, i%m, expected+d, trended)
		}
	}
	for _, drawn := range all {
		slices.Sort(drawn)
		low = append(low, drawn[int((1-level)/2*(paths-1))])
		high = append(high, drawn[int(math.Ceil((1+level)/2*(paths-1)))])
	}
	return low, high
}

// deviation returns the standard deviation of the error h steps ahead.
func (e *ETS) deviation() func(h int) float64 {
	p, m := e.parameters, max(1, len(e.state.season))
	return func(h int) float64 {
		sum, damp, phis := 1.0, 1.0, 0.0
		for j := 1; j < h; j++ {
			damp *= p.phi
			phis += damp
			c := p.alpha
			if e.form.Trend == Additive {
				c += p.beta * phis
			}
			if e.form.Season == Additive && j%m == 0 {
				c += p.gamma
			}
			sum += c * c
		}
		return e.sigma * math.Sqrt(sum)
	}
}

type plainETS struct {
	M                       int
	Fixed                   *form
	Form                    form
	Alpha, Beta, Gamma, Phi float64
	Level, Trend            float64
	Season                  []float64
	Residuals, Errors       []float64
	Sigma, AICc, Squares    float64
	N                       int
}

var kindETS = saved.As[plainETS]("forecast.ETS", 1)

// AppendBinary appends all that e holds.
func (e *ETS) AppendBinary(b []byte) ([]byte, error) {
	p, s := e.parameters, e.state
	return kindETS.Append(b, &plainETS{e.m, e.fixed, e.form, p.alpha, p.beta, p.gamma, p.phi, s.level, s.trend, s.season, e.residuals, e.errors, e.sigma, e.aicc, e.squares, e.n})
}

// UnmarshalBinary replaces all that e holds by what AppendBinary has appended.
func (e *ETS) UnmarshalBinary(data []byte) error {
	var p plainETS
	err := kindETS.Read(data, &p, func(p *plainETS) error {
		if p.M < 1 || p.Form.Season != None && p.Residuals != nil && len(p.Season) != p.M {
			return fmt.Errorf("a season of %d with %d figures", p.M, len(p.Season))
		}
		return nil
	})
	if err == nil {
		*e = ETS{p.M, p.Fixed, p.Form, parameters{p.Alpha, p.Beta, p.Gamma, p.Phi}, state{p.Level, p.Trend, p.Season}, p.Residuals, p.Errors, p.Sigma, p.AICc, p.Squares, p.N}
	}
	return err
}
