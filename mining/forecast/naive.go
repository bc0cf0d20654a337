package forecast

import (
	"math"
	"slices"
)

// The simplest models, beside which every other one stands: Hyndman and Athanasopoulos, "Forecasting: Principles and
// Practice", 3rd edition, section 5.2.
type naive struct {
	kind      byte // 'm' mean, 's' the value of a season before, 'd' drift
	m         int
	tail      []float64 // the last season
	slope     float64
	n         int
	residuals []float64
	sd        float64
}

// NewMean returns a model which says that all that comes is the mean of what was. It takes two values.
func NewMean() Model { return &naive{kind: 'm', m: 1} }

// NewNaive returns a model which says that all that comes is the last value. It takes two values.
func NewNaive() Model { return &naive{kind: 's', m: 1} }

// NewSeasonalNaive returns a model which says that each value is that of a season before. It takes a season and a value.
func NewSeasonalNaive(m int) Model {
	return &naive{kind: 's', m: season(m, "NewSeasonalNaive")}
}

// NewDrift returns a model which goes on along the line through the first and the last value. It takes three values.
func NewDrift() Model { return &naive{kind: 'd', m: 1} }

func (n *naive) name() string {
	switch {
	case n.kind == 'm':
		return "Mean"
	case n.kind == 'd':
		return "Drift"
	case n.m > 1:
		return "SeasonalNaive"
	}
	return "Naive"
}

func (n *naive) Fit(y []float64) error {
	least := n.m + 1
	if n.kind == 'd' {
		least = 3
	}
	if err := check(y, least, n.name()); err != nil {
		return err
	}
	n.n, n.slope = len(y), 0
	n.residuals = unknown(len(y))
	switch n.kind {
	case 'm':
		level := mean(y)
		n.tail = []float64{level}
		for i, v := range y {
			n.residuals[i] = v - level
		}
		n.sd = rms(n.residuals, 1)
	default:
		n.tail = slices.Clone(y[len(y)-n.m:])
		parameters := 0
		if n.kind == 'd' {
			n.slope = (y[len(y)-1] - y[0]) / float64(len(y)-1)
			parameters = 1
		}
		for i := n.m; i < len(y); i++ {
			n.residuals[i] = y[i] - y[i-n.m] - n.slope
		}
		n.sd = rms(n.residuals, parameters)
	}
	return nil
}

func (n *naive) Forecast(h int) []float64 {
	fitted(n.tail != nil, n.name())
	f := repeat(n.tail, n.m, h)
	for i := range f {
		f[i] += n.slope * float64(i+1)
	}
	return f
}

func (n *naive) Interval(h int, level float64) (low, high []float64) {
	return gaussian(n.Forecast(h), level, func(h int) float64 {
		switch n.kind {
		case 'm':
			return n.sd * math.Sqrt(1+1/float64(n.n))
		case 'd':
			return n.sd * math.Sqrt(float64(h)*(1+float64(h)/float64(n.n-1)))
		}
		return n.sd * math.Sqrt(float64((h-1)/n.m+1))
	})
}

func (n *naive) Residuals() []float64 { return slices.Clone(n.residuals) }
