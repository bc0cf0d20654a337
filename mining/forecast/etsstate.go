package forecast

import "math"

// A form says what an ETS is made of.
type form struct {
	Error, Trend, Season Component
	Damped               bool
}

// A Component is how a part of an ETS works.
type Component byte

// The components. An error is additive or multiplicative, a trend none or additive, a season any.
const (
	None           Component = 'N'
	Additive       Component = 'A'
	Multiplicative Component = 'M'
)

// String returns "ETS(M,Ad,M)".
func (f form) String() string {
	trend := string(rune(f.Trend))
	if f.Damped {
		trend += "d"
	}
	return "ETS(" + string(rune(f.Error)) + "," + trend + "," + string(rune(f.Season)) + ")"
}

// A state is where an ETS is: its level, its trend, and the season to come.
type state struct {
	level, trend float64
	season       []float64 // the next value's first
}

// parameters are how fast a state follows.
type parameters struct{ alpha, beta, gamma, phi float64 }

// next returns what comes after a state, and the part of it that is not the season.
func (f form) next(s *state, p *parameters, at int) (y, trended float64) {
	trended = s.level
	if f.Trend == Additive {
		trended += p.phi * s.trend
	}
	switch f.Season {
	case Additive:
		return trended + s.season[at], trended
	case Multiplicative:
		return trended * s.season[at], trended
	}
	return trended, trended
}

// update moves a state on by a value: Hyndman, Koehler, Ord and Snyder, "Forecasting with Exponential Smoothing", 2008, table 2.1. Beta is
// of the level's change, as in the book; errors of both kinds move it alike.
func (f form) update(s *state, p *parameters, at int, y, trended float64) {
	v := y
	switch f.Season {
	case Additive:
		v -= s.season[at]
	case Multiplicative:
		v /= s.season[at]
	}
	level := trended + p.alpha*(v-trended)
	if f.Trend == Additive {
		damped := p.phi * s.trend
		s.trend = damped + p.beta/p.alpha*(level-s.level-damped)
	}
	s.level = level
	switch f.Season {
	case Additive:
		s.season[at] += p.gamma * (y - trended - s.season[at])
	case Multiplicative:
		s.season[at] += p.gamma * (y/trended - s.season[at])
	}
}

// run takes a state, which it moves, through a series, and returns twice the negative logarithm of the likelihood, up to a constant, and the sum of the
// squares of the errors as they are. It leaves the season where it is: the next value's figure stands at len(y) mod m. Errors, where not nil, are set: relative ones of a multiplicative error.
func (f form) run(s *state, p *parameters, y, errors []float64) (lik, squares float64) {
	m := max(1, len(s.season))
	sum, logs, product, at := 0.0, 0.0, 1.0, 0
	for i, v := range y {
		expected, trended := f.next(s, p, at)
		e := v - expected
		squares += e * e
		if f.Error == Multiplicative {
			if !(expected > 0) {
				return math.Inf(1), math.Inf(1)
			}
			e /= expected
			// A logarithm costs as much as all else: most are of a product.
			if product *= expected; product > 1e200 || product < 1e-200 {
				logs += math.Log(product)
				product = 1
			}
		}
		sum += e * e
		if errors != nil {
			errors[i] = e
		}
		f.update(s, p, at, v, trended)
		if at++; at == m {
			at = 0
		}
	}
	return float64(len(y))*math.Log(max(sum, 1e-300)) + 2*(logs+math.Log(product)), squares
}

// ahead returns the next h values after a state.
func (f form) ahead(s *state, p *parameters, h int) []float64 {
	values := make([]float64, h)
	level, damp, sum := s.level, 1.0, 0.0
	for i := range values {
		damp *= p.phi
		sum += damp
		v := level
		if f.Trend == Additive {
			v += sum * s.trend
		}
		switch f.Season {
		case Additive:
			v += s.season[i%len(s.season)]
		case Multiplicative:
			v *= s.season[i%len(s.season)]
		}
		values[i] = v
	}
	return values
}
