package anomaly

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// A baseline is what a number should be: given, or learnt from the first values.
type baseline struct {
	Mean, SD           float64
	MeanGiven, SDGiven bool
	Grace              int64
	Learnt             moments
}

func (b *baseline) option(o Option) bool {
	switch o.key {
	case target:
		b.Mean, b.MeanGiven = o.value, true
	case deviation:
		b.SD, b.SDGiven = o.value, true
	case grace:
		b.Grace = int64(o.value)
	default:
		return false
	}
	return true
}

func (b *baseline) sound() bool {
	return within(b.Mean, -huge, huge) && within(b.SD, 0, huge) && (!b.SDGiven || b.SD > 0) && b.Learnt.sound() && b.Grace >= 2
}

// ready reports whether it is known what a number should be.
func (b *baseline) ready() bool { return b.MeanGiven && b.SDGiven || b.Learnt.N >= b.Grace }

// learn reports whether the value was of those that say what is usual.
func (b *baseline) learn(x float64) bool {
	if b.ready() {
		return false
	}
	b.Learnt.add(x)
	if b.ready() {
		if !b.MeanGiven {
			b.Mean = b.Learnt.Mean
		}
		if !b.SDGiven {
			b.SD = min(huge, math.Sqrt(b.Learnt.Squares/float64(b.Learnt.N-1)))
		}
	}
	return true
}

// z is how many standard deviations x is above the mean.
func (b *baseline) z(x float64) float64 {
	d := clamp(x) - b.Mean
	return math.Copysign(ratio(math.Abs(d), b.SD), d)
}

// EWMA is a control chart: the exponentially weighted mean of values, w·x + (1-w)·z, whose standard deviation after t values is
//
//	σ·√(w/(2-w)·(1-(1-w)²ᵗ))
//
// It is out of control where that mean is further from its target than a limit. It sees small shifts sooner
// than single values would show. Add and Score take O(1) time.
//
// With a known target and deviation the defaults give a false alarm each 500 values or so, and show a shift of one standard
// deviation after about 10. Where these are learnt from few values, false alarms come more often.
//
// Source: Roberts, "Control chart tests based on geometric moving averages", Technometrics 1, 1959; Lucas, Saccucci, "Exponentially
// weighted moving average control schemes", Technometrics 32, 1990.
type EWMA struct {
	base   baseline
	w, max float64

	z, left float64 // the mean in standard deviations, and (1-w)^2t
	out     bool
}

type plainEWMA EWMA

var kindEWMA = saved.As[plainEWMA]("anomaly.EWMA", 1)

// NewEWMA returns a chart. Options: Target and Deviation; Grace, 100 values from which those are learnt where they are not given, at least 2; Fading, the weight of a new value, 0.2; Limit, 2.962.
func NewEWMA(opts ...Option) *EWMA {
	c := &EWMA{base: baseline{Grace: 100}, w: 0.2, max: 2.962, left: 1}
	for _, o := range opts {
		switch {
		case c.base.option(o):
		case o.key == fading:
			c.w = o.value
		case o.key == limit:
			c.max = o.value
		default:
			o.refuse("EWMA")
		}
	}
	need(c.sound(), "NewEWMA: Fading is above 0 and at most 1, Limit and Deviation are positive, Grace is at least 2: %v, %v, %v, %v", c.w, c.max, c.base.SD, c.base.Grace)
	return c
}

func (c *EWMA) sound() bool {
	return c.base.sound() && c.w > 0 && c.w <= 1 && c.max > 0 && c.max <= huge && mining.Known(c.z) && within(c.left, 0, 1)
}

// Score returns how many of its own standard deviations the weighted mean would be from its target, if x came next: 0 while what
// is usual is being learnt, and of a missing value that of the mean as it is.
func (c *EWMA) Score(x float64) float64 {
	if !c.base.ready() {
		return 0
	}
	z, left := c.z, c.left
	if mining.Known(x) {
		z, left = c.next(x)
	}
	return c.score(z, left)
}

func (c *EWMA) next(x float64) (z, left float64) {
	return c.w*c.base.z(x) + (1-c.w)*c.z, c.left * (1 - c.w) * (1 - c.w)
}

func (c *EWMA) score(z, left float64) float64 {
	return ratio(math.Abs(z), math.Sqrt(c.w/(2-c.w)*(1-left)))
}

// Out reports whether the value that was added last was out of control. The chart then begins anew with the next.
func (c *EWMA) Out() bool { return c.out }

// Add adds a value.
func (c *EWMA) Add(x float64) {
	if !mining.Known(x) || c.base.learn(clamp(x)) {
		return
	}
	if c.out {
		c.z, c.left = 0, 1
	}
	c.z, c.left = c.next(x)
	c.out = c.score(c.z, c.left) > c.max
}

// AppendBinary appends the chart.
func (c *EWMA) AppendBinary(b []byte) ([]byte, error) { return kindEWMA.Append(b, (*plainEWMA)(c)) }

// UnmarshalBinary replaces the chart.
func (c *EWMA) UnmarshalBinary(data []byte) error {
	return kindEWMA.Read(data, (*plainEWMA)(c), func(p *plainEWMA) error {
		if !(*EWMA)(p).sound() {
			return errBroken
		}
		return nil
	})
}

// CUSUM is a control chart: the sums of how far values were above their target, and below, less a slack k for each, in standard
// deviations; no sum is less than 0:
//
//	C⁺ = max(0, C⁺ + z - k),   C⁻ = max(0, C⁻ - z - k)
//
// It is out of control where one is more than a limit. It is the quickest to see a shift of 2k. Add and Score take O(1) time.
//
// With a known target and deviation the defaults, k = ½ and a limit of 5, give a false alarm each 465 values, and show a shift of one
// standard deviation after about 10.
//
// Source: Page, "Continuous inspection schemes", Biometrika 41, 1954; the figures: Montgomery, "Introduction to statistical quality
// control", Wiley.
type CUSUM struct {
	base   baseline
	k, max float64

	up, down float64
	out      bool
}

type plainCUSUM CUSUM

var kindCUSUM = saved.As[plainCUSUM]("anomaly.CUSUM", 1)

// NewCUSUM returns a chart. Options: Target and Deviation; Grace, 100 values from which those are learnt where they are not given, at least 2; Slack, 0.5; Limit, 5.
func NewCUSUM(opts ...Option) *CUSUM {
	c := &CUSUM{base: baseline{Grace: 100}, k: 0.5, max: 5}
	for _, o := range opts {
		switch {
		case c.base.option(o):
		case o.key == slack:
			c.k = o.value
		case o.key == limit:
			c.max = o.value
		default:
			o.refuse("CUSUM")
		}
	}
	need(c.sound(), "NewCUSUM: Slack is not negative, Limit and Deviation are positive, Grace is at least 2: %v, %v, %v, %v", c.k, c.max, c.base.SD, c.base.Grace)
	return c
}

func (c *CUSUM) sound() bool {
	return c.base.sound() && within(c.k, 0, huge) && c.max > 0 && c.max <= huge && within(c.up, 0, huge) && within(c.down, 0, huge)
}

func (c *CUSUM) next(x float64) (up, down float64) {
	z := c.base.z(x)
	return max(0, c.up+z-c.k), max(0, c.down-z-c.k)
}

// Score returns the greater of both sums, if x came next: 0 while what is usual is being learnt, and of a
// missing value that of the sums as they are.
func (c *CUSUM) Score(x float64) float64 {
	if !c.base.ready() {
		return 0
	}
	if !mining.Known(x) {
		return max(c.up, c.down)
	}
	return max(c.next(x))
}

// Out reports whether the value that was added last was out of control. The chart then begins anew with the next.
func (c *CUSUM) Out() bool { return c.out }

// Add adds a value.
func (c *CUSUM) Add(x float64) {
	if !mining.Known(x) || c.base.learn(clamp(x)) {
		return
	}
	if c.out {
		c.up, c.down = 0, 0
	}
	c.up, c.down = c.next(x)
	c.out = c.up > c.max || c.down > c.max
}

// AppendBinary appends the chart.
func (c *CUSUM) AppendBinary(b []byte) ([]byte, error) { return kindCUSUM.Append(b, (*plainCUSUM)(c)) }

// UnmarshalBinary replaces the chart.
func (c *CUSUM) UnmarshalBinary(data []byte) error {
	return kindCUSUM.Read(data, (*plainCUSUM)(c), func(p *plainCUSUM) error {
		if !(*CUSUM)(p).sound() {
			return errBroken
		}
		return nil
	})
}
