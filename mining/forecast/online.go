package forecast

import (
	"fmt"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// An Online smooths a series as it comes, one value at a time: Holt and Winters' level, trend and season, with parameters that the caller sets. It
// takes the memory of a season. The first values, a season and at least two, make its first state: their mean, the mean of their
// differences, and how each stands to the mean; until then Forecast returns nil. One goroutine at a time uses it.
//
// It is Winters, "Forecasting Sales by Exponentially Weighted Moving Averages", Management Science 6, 1960, as river has it: the season is
// moved by what the value is beside the level and trend before it.
type Online struct {
	m                  int
	alpha, beta, gamma float64
	multiplicative     bool

	first        []float64
	level, trend float64
	season       []float64 // of the values to come, from at on
	at           int
	n            int64
}

// NewOnline returns a model that has learnt nothing. How fast level, trend and season follow are alpha, beta and gamma, each from 0 to 1; a beta of 0
// keeps the first trend, and a season of 1 is none. It panics for what is beyond.
func NewOnline(m int, seasonal Component, alpha, beta, gamma float64) *Online {
	season(m, "NewOnline")
	for _, p := range []float64{alpha, beta, gamma} {
		if !(p >= 0 && p <= 1) {
			panic(fmt.Sprintf("forecast: NewOnline(alpha %v, beta %v, gamma %v): want each from 0 to 1", alpha, beta, gamma))
		}
	}
	if seasonal != None && seasonal != Additive && seasonal != Multiplicative || (seasonal == None) != (m == 1) {
		panic(fmt.Sprintf("forecast: NewOnline with a season of %d that is %c: want None for 1, and Additive or Multiplicative for more", m, seasonal))
	}
	return &Online{m: m, alpha: alpha, beta: beta, gamma: gamma, multiplicative: seasonal == Multiplicative}
}

// Learn learns the next value. One that is NaN or infinite is missing: the model goes on as if it had foreseen it. A value beyond ±1e100 counts as that; so
// does one that a multiplicative season cannot be divided by.
func (o *Online) Learn(y float64) {
	if mining.Known(y) {
		y = max(-1e100, min(1e100, y))
	}
	if o.season == nil {
		if !mining.Known(y) {
			return
		}
		if o.first = append(o.first, y); len(o.first) == max(2, o.m) {
			o.begin()
		}
		return
	}
	o.n++
	expected := o.level + o.trend
	s := o.season[o.at]
	if !mining.Known(y) {
		y = o.join(expected, s)
	}
	level := o.alpha*o.apart(y, s) + (1-o.alpha)*expected
	o.trend = o.beta*(level-o.level) + (1-o.beta)*o.trend
	o.level = level
	if o.m > 1 {
		o.season[o.at] = o.gamma*o.apart(y, expected) + (1-o.gamma)*s
	}
	o.at = (o.at + 1) % len(o.season)
}

func (o *Online) begin() {
	center := mean(o.first)
	o.level = center
	for i := 1; i < len(o.first); i++ {
		o.trend += (o.first[i] - o.first[i-1]) / float64(len(o.first)-1)
	}
	o.season = []float64{o.neutral()}
	if o.m > 1 {
		o.season = o.season[:0]
		for _, y := range o.first {
			o.season = append(o.season, o.apart(y, center))
		}
	}
	o.n, o.first = int64(len(o.first)), nil
}

// join puts a season on, and apart takes it off: where that would divide by nothing, it leaves the value as it is.
func (o *Online) join(v, s float64) float64 {
	switch {
	case o.m == 1:
		return v
	case o.multiplicative:
		return v * s
	}
	return v + s
}

func (o *Online) apart(v, s float64) float64 {
	switch {
	case o.m == 1:
		return v
	case !o.multiplicative:
		return v - s
	case s > -1e-9 && s < 1e-9:
		return o.neutral()
	}
	return max(-1e100, min(1e100, v/s))
}

func (o *Online) neutral() float64 {
	if o.multiplicative {
		return 1
	}
	return 0
}

// Len returns how many values it has learnt, missing ones behind the first state included.
func (o *Online) Len() int64 { return o.n + int64(len(o.first)) }

// Forecast returns the next h values, and nil as long as there is no state.
func (o *Online) Forecast(h int) []float64 {
	if o.season == nil {
		return nil
	}
	f := make([]float64, h)
	for i := range f {
		f[i] = o.join(o.level+float64(i+1)*o.trend, o.season[(o.at+i)%len(o.season)])
	}
	return f
}

type plainOnline struct {
	M                  int
	Alpha, Beta, Gamma float64
	Multiplicative     bool
	First              []float64
	Level, Trend       float64
	Season             []float64
	At                 int
	N                  int64
}

var kindOnline = saved.As[plainOnline]("forecast.Online", 1)

// AppendBinary appends all that o holds.
func (o *Online) AppendBinary(b []byte) ([]byte, error) {
	return kindOnline.Append(b, &plainOnline{o.m, o.alpha, o.beta, o.gamma, o.multiplicative, o.first, o.level, o.trend, o.season, o.at, o.n})
}

// UnmarshalBinary replaces all that o holds by what AppendBinary has appended.
func (o *Online) UnmarshalBinary(data []byte) error {
	var p plainOnline
	err := kindOnline.Read(data, &p, func(p *plainOnline) error {
		if p.M < 1 || p.Season != nil && (len(p.Season) != p.M || p.At < 0 || p.At >= p.M) || len(p.First) > max(2, p.M) {
			return fmt.Errorf("a season of %d with %d figures at %d, and %d first values", p.M, len(p.Season), p.At, len(p.First))
		}
		return nil
	})
	if err == nil {
		*o = Online{p.M, p.Alpha, p.Beta, p.Gamma, p.Multiplicative, p.First, p.Level, p.Trend, p.Season, p.At, p.N}
	}
	return err
}
