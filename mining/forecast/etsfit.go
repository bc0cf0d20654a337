package forecast

import (
	"math"
	"slices"
)

// choose returns the form of the least AICc, with the parameters and the first state of the greatest likelihood, and nil if the
// series is too short for all of them.
func choose(forms []form, y []float64, m int) (best *ETS) {
	var least float64
	from := []begin{{0.2, 0.05}} // slow ones: of several optima that is the one which foresees better
	begins := 1
	if len(forms) == 1 { // what one form can reach is what it was asked for
		from, begins = []begin{{0.2, 0.05}, {3, 0.3}, {3, 0.6}}, 5
	}
	for _, f := range forms {
		for _, b := range from {
			s := newSearch(f, y, m, b)
			if s == nil {
				continue
			}
			s.run(begins)
			if math.IsInf(s.least, 0) {
				continue
			}
			e := s.fit()
			if best == nil || e.aicc < best.aicc || e.aicc == best.aicc && e.form == best.form && s.least < least {
				best, least = e, s.least
			}
		}
	}
	return best
}

// A begin is where a search begins: alpha for a season of 1, and gamma.
type begin struct{ alpha, gamma float64 }

// run looks for the least likelihood, and begins anew from where it ends as long as that gains something.
func (s *search) run(begins int) {
	for range begins {
		before := s.least
		s.start, s.least = minimize(s.lik, s.start, s.steps, 2000, 1e-8)
		if before-s.least < 1e-4 {
			return
		}
	}
}

// aicc is the criterion: Hurvich and Tsai, Biometrika 76, 1989.
func (s *search) aicc() float64 {
	k, n := float64(s.f.count(s.m)), float64(len(s.y))
	if n <= k+1 {
		return math.Inf(1)
	}
	return s.least + 2*k + 2*k*(k+1)/(n-k-1)
}

// fit returns the model at the best point.
func (s *search) fit() *ETS {
	e := &ETS{form: s.f, n: len(s.y), aicc: s.aicc()}
	e.parameters, e.state = s.decode(s.start)
	e.state.season = slices.Clone(e.state.season)
	e.errors, e.residuals = make([]float64, len(s.y)), make([]float64, len(s.y))
	start := state{e.state.level, e.state.trend, slices.Clone(e.state.season)}
	_, e.squares = s.f.run(&e.state, &e.parameters, s.y, e.errors)
	for i, v := range s.y {
		expected, trended := s.f.next(&start, &e.parameters, i%s.m)
		e.residuals[i] = v - expected
		s.f.update(&start, &e.parameters, i%s.m, v, trended)
	}
	if at := len(s.y) % s.m; at > 0 { // the next value's figure first
		e.state.season = slices.Concat(e.state.season[at:], e.state.season[:at])
	}
	e.sigma = rms(e.errors, min(s.f.count(s.m)-1, len(s.y)-1))
	return e
}

// begin returns a first state from the beginning of the series, as the paper does in section 3.1: the season by a classical decomposition,
// level and trend by a line through the first values without it.
func (f form) begin(y []float64, m int) (s state, ok bool) {
	adjusted := y
	if f.Season != None {
		d, err := Decompose(y, m, f.Season == Multiplicative)
		if err != nil {
			return s, false
		}
		s.season = slices.Clone(d.Indices)
		adjusted = make([]float64, len(y))
		for i, v := range y {
			if f.Season == Multiplicative {
				if d.Indices[i%m] < 1e-2 {
					return s, false
				}
				adjusted[i] = v / d.Indices[i%m]
			} else {
				adjusted[i] = v - d.Indices[i%m]
			}
		}
	}
	beginning := adjusted[:min(len(y), max(10, 2*m))]
	if f.Trend == None {
		s.level = mean(beginning)
		return s, true
	}
	start, slope := line(beginning)
	s.level, s.trend = start-slope, slope
	return s, true
}

// A search is for the parameters of a form. A point has those that the form has, then the first state: how far it is from where the
// beginning of the series puts it, in standard deviations.
type search struct {
	f            form
	y            []float64
	m            int // 1 without a season
	first        state
	unit         float64
	start, steps []float64 // the best point, and first steps from it
	least        float64
	season       []float64
}

// newSearch returns the search for a form, and nil if the series is too short for it.
func newSearch(f form, y []float64, m int, b begin) *search {
	if f.Season == None {
		m = 1
	}
	if f.Season != None && len(y) < 2*m+1 {
		return nil
	}
	first, ok := f.begin(y, m)
	if !ok {
		return nil
	}
	s := &search{f: f, y: y, m: m, first: first, least: math.Inf(1), season: slices.Clone(first.season)}
	s.unit = spread(y)
	if s.unit == 0 {
		s.unit = max(1, math.Abs(y[0]))
	}
	add := func(start, step float64) { s.start, s.steps = append(s.start, start), append(s.steps, step) }
	alpha := min(0.3, b.alpha/float64(m))
	add(alpha, 0.1)
	if f.Trend == Additive {
		add(alpha/10, 0.02)
	}
	if f.Season != None {
		add(b.gamma, 0.05)
	}
	if f.Damped {
		add(0.978, -0.03)
	}
	add(0, 0.2)
	if f.Trend == Additive {
		add(0, 0.05)
	}
	for range s.m - 1 {
		add(0, 0.1)
	}
	return s
}

// spread returns the standard deviation.
func spread(y []float64) float64 {
	center, sum := mean(y), 0.0
	for _, v := range y {
		sum += (v - center) * (v - center)
	}
	return math.Sqrt(sum / float64(len(y)))
}

// lik returns what is to be least: +Inf outside of the bounds.
func (s *search) lik(x []float64) float64 {
	p, first := s.decode(x)
	if p.alpha < 1e-4 || p.alpha > 0.9999 || p.beta < 0 || p.beta > p.alpha || p.gamma < 0 || p.gamma > 1-p.alpha || s.f.Damped && (p.phi < 0.8 || p.phi > 0.98) {
		return math.Inf(1)
	}
	if s.f.Season == Multiplicative && slices.Min(first.season) <= 0 {
		return math.Inf(1)
	}
	lik, _ := s.f.run(&first, &p, s.y, nil)
	if lik != lik {
		return math.Inf(1)
	}
	return lik
}

// decode returns the parameters and the first state of a point. The season is used again.
func (s *search) decode(x []float64) (p parameters, first state) {
	next := func() float64 {
		v := x[0]
		x = x[1:]
		return v
	}
	p.phi = 1
	p.alpha = next()
	if s.f.Trend == Additive {
		p.beta = next()
	}
	if s.f.Season != None {
		p.gamma = next()
	}
	if s.f.Damped {
		p.phi = next()
	}
	first.level = s.first.level + s.unit*next()
	if s.f.Trend == Additive {
		first.trend = s.first.trend + s.unit*next()
	}
	if s.f.Season == None {
		return p, first
	}
	first.season = s.season
	scale, sum := s.unit, 0.0
	if s.f.Season == Multiplicative {
		scale = 1
	}
	for i := range s.m - 1 {
		first.season[i] = s.first.season[i] + scale*next()
		sum += first.season[i]
	}
	// The last figure makes them add up to 0, or to m.
	first.season[s.m-1] = -sum
	if s.f.Season == Multiplicative {
		first.season[s.m-1] = float64(s.m) - sum
	}
	return p, first
}
