package anomaly

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// Residual says how strange a number is beside a forecast of it, whoever made that: its distance from the forecast in standard
// deviations of the distances so far, which fade exponentially. A forecast that is wrong by the same each time is
// taken to be so: the mean distance is learnt, too.
//
// Add and Score take O(1) time. Of n values the variance is that of about min(n, 1/w) of them, for a weight w of a new one.
type Residual struct {
	w     float64
	grace int64
	error fadingMoments
}

// Moments that fade: the weight of a value is 1/n of the first ones and then w.
type fadingMoments struct {
	N              int64
	Mean, Variance float64
}

func (f *fadingMoments) add(x, w float64) {
	f.N++
	w = max(w, 1/float64(f.N))
	d := x - f.Mean
	f.Mean += w * d
	f.Variance = (1 - w) * (f.Variance + w*d*d)
}

func (f *fadingMoments) score(x float64) float64 {
	return ratio(math.Abs(x-f.Mean), math.Sqrt(f.Variance))
}

func (f fadingMoments) sound() bool {
	return f.N >= 0 && mining.Known(f.Mean) && f.Variance >= 0 && mining.Known(f.Variance)
}

type plainResidual Residual

var kindResidual = saved.As[plainResidual]("anomaly.Residual", 1)

// NewResidual returns a model of the distances from forecasts. Options: Fading, the weight of a new distance, 0.01; Grace, 30.
func NewResidual(opts ...Option) *Residual {
	r := &Residual{w: 0.01, grace: 30}
	for _, o := range opts {
		switch o.key {
		case fading:
			r.w = o.value
		case grace:
			r.grace = int64(o.value)
		default:
			o.refuse("Residual")
		}
	}
	need(r.sound(), "NewResidual: Fading is above 0 and at most 1, Grace is not negative: %v, %v", r.w, r.grace)
	return r
}

func (r *Residual) sound() bool { return r.w > 0 && r.w <= 1 && r.grace >= 0 && r.error.sound() }

// Score returns how many standard deviations x is from the forecast: 0 before Grace values, and where
// one of both is missing.
func (r *Residual) Score(x, forecast float64) float64 {
	if !mining.Known(x) || !mining.Known(forecast) || r.error.N < max(2, r.grace) {
		return 0
	}
	return r.error.score(clamp(x) - clamp(forecast))
}

// Add adds a value and what was forecast for it.
func (r *Residual) Add(x, forecast float64) {
	if mining.Known(x) && mining.Known(forecast) {
		r.error.add(clamp(x)-clamp(forecast), r.w)
	}
}

// AppendBinary appends the model.
func (r *Residual) AppendBinary(b []byte) ([]byte, error) {
	return kindResidual.Append(b, (*plainResidual)(r))
}

// UnmarshalBinary replaces the model.
func (r *Residual) UnmarshalBinary(data []byte) error {
	return kindResidual.Read(data, (*plainResidual)(r), func(p *plainResidual) error {
		if !(*Residual)(p).sound() {
			return errBroken
		}
		return nil
	})
}

// Smoothing says how strange a number is beside the forecast of exponential smoothing: the level of the last
// values, and what the place in the season adds to it. See [Residual] for how it is measured.
//
//	level  = w·(x - season) + (1-w)·level
//	season = w·(x - level) + (1-w)·season
//
// Memory is O(m) for seasons of m values; Add and Score take O(1) time. A missing value moves the season on, and nothing else.
//
// Source: Holt, "Forecasting seasonals and trends by exponentially weighted moving averages", 1957; Winters, "Forecasting sales by exponentially weighted moving
// averages", Management Science 6, 1960.
type Smoothing struct {
	w        float64
	residual Residual
	level    float64
	seasonal []float64
	n, place int
	seen     []bool // the places that had a value
	first    int    // how much of the first season is over
}

type plainSmoothing Smoothing

var kindSmoothing = saved.As[plainSmoothing]("anomaly.Smoothing", 1)

// NewSmoothing returns a model of a number. Options: Fading, the weight of a new value in the level and the season, 0.2; Season, none; Grace, 30 values or two
// seasons.
func NewSmoothing(opts ...Option) *Smoothing {
	s := &Smoothing{w: 0.2, residual: *NewResidual()}
	m := 0
	graceful := false
	for _, o := range opts {
		switch o.key {
		case fading:
			s.w = o.value
		case season:
			m = int(o.value)
		case grace:
			s.residual.grace, graceful = int64(o.value), true
		default:
			o.refuse("Smoothing")
		}
	}
	need(m >= 0 && m <= largest, "NewSmoothing: Season is between 0 and %d, not %d", largest, m)
	s.seasonal, s.seen = make([]float64, m), make([]bool, m)
	if !graceful {
		s.residual.grace = max(s.residual.grace, int64(2*m))
	}
	need(s.sound(), "NewSmoothing: Fading is above 0 and at most 1, Grace is not negative: %v, %v", s.w, s.residual.grace)
	return s
}

func (s *Smoothing) sound() bool {
	for _, v := range s.seasonal {
		if !mining.Known(v) {
			return false
		}
	}
	return s.w > 0 && s.w <= 1 && s.residual.sound() && mining.Known(s.level) && s.n >= 0 && s.place >= 0 && (s.place == 0 || s.place < len(s.seasonal)) &&
		len(s.seen) == len(s.seasonal) && s.first >= 0 && s.first <= len(s.seasonal)
}

// Forecast returns what is expected next, and 0 before anything was added. At a place of the season that never had a value it is the level.
func (s *Smoothing) Forecast() float64 {
	if len(s.seasonal) == 0 {
		return s.level
	}
	return s.level + s.seasonal[s.place]
}

// Score returns how many standard deviations x is from the forecast: 0 before Grace values, and of a missing value.
func (s *Smoothing) Score(x float64) float64 { return s.residual.Score(x, s.Forecast()) }

// Add adds a value. The values of the first season, which begins with the first value, make its pattern: their distances from their
// mean. A place that had no value then adds nothing to the level, until its first value makes it what that is beside the level.
func (s *Smoothing) Add(x float64) {
	if mining.Known(x) {
		s.n++
		s.learn(clamp(x))
	}
	m := len(s.seasonal)
	if m == 0 {
		return
	}
	s.place = (s.place + 1) % m
	if s.n == 0 || s.first == m {
		return
	}
	if s.first++; s.first == m {
		for i := range s.seasonal {
			if s.seen[i] {
				s.seasonal[i] -= s.level
			}
		}
	}
}

func (s *Smoothing) learn(x float64) {
	m := len(s.seasonal)
	switch {
	case m == 0 && s.n == 1:
		s.level = x
	case m == 0:
		s.residual.Add(x, s.level)
		s.level += s.w * (x - s.level)
	case s.first < m:
		// The level is the mean so far, and the season holds the values, until the first one is over.
		s.level += (x - s.level) / float64(s.n)
		s.seasonal[s.place], s.seen[s.place] = x, true
	case !s.seen[s.place]:
		s.seasonal[s.place], s.seen[s.place] = x-s.level, true
	default:
		s.residual.Add(x, s.Forecast())
		season := s.seasonal[s.place]
		s.level = s.w*(x-season) + (1-s.w)*s.level
		s.seasonal[s.place] = s.w*(x-s.level) + (1-s.w)*season
	}
}

// AppendBinary appends the model.
func (s *Smoothing) AppendBinary(b []byte) ([]byte, error) {
	return kindSmoothing.Append(b, (*plainSmoothing)(s))
}

// UnmarshalBinary replaces the model.
func (s *Smoothing) UnmarshalBinary(data []byte) error {
	return kindSmoothing.Read(data, (*plainSmoothing)(s), func(p *plainSmoothing) error {
		(*Smoothing)(p).older()
		if !(*Smoothing)(p).sound() {
			return errBroken
		}
		return nil
	})
}

// older has what was saved before places were marked know which ones had a value.
func (s *Smoothing) older() {
	m := len(s.seasonal)
	if m == 0 || len(s.seen) != 0 {
		return
	}
	s.seen, s.first = make([]bool, m), min(m, max(s.n, s.place))
	for i, v := range s.seasonal {
		s.seen[i] = s.n >= m || v != 0
	}
}
