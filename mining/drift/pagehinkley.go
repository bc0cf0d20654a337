package drift

import (
	"math"

	"github.com/freshet-go/freshet/mining"
	"github.com/freshet-go/freshet/mining/internal/saved"
)

// PageHinkley adds up by how much values are above their mean so far, and below, and detects a change where
// such a sum has moved from its least, or its greatest, by more than a threshold λ:
//
//	mₜ = α·mₜ₋₁ + (xₜ - x̄ₜ - δ),   mₜ - min m > λ
//
// Memory and time of an Add are O(1). There is no bound on false alarms but by λ: choose it by a simulation.
//
// Source: Page, "Continuous inspection schemes", Biometrika 41, 1954; Hinkley, "Inference about the change-point from
// cumulative sum tests", Biometrika 58, 1971. The forgetting factor α is the library river's.
type PageHinkley struct {
	delta, threshold, alpha float64
	grace                   int64
	side                    Direction
	older                   bool

	mean       mean
	up, down   float64
	least, top float64
	drift      bool
}

type plainPageHinkley PageHinkley

var kindPageHinkley = saved.As[plainPageHinkley]("drift.PageHinkley", 1)

// NewPageHinkley returns a detector of changes of the mean. Options: Delta, how far from the mean a value may be, 0.005; Threshold, 50; Fading, the
// weight of the past α (not of a new value), 0.9999; Grace, 30; Side, Both; Older, which looks for
// increases only.
func NewPageHinkley(opts ...Option) *PageHinkley {
	p := &PageHinkley{delta: 0.005, threshold: 50, alpha: 1 - 0.0001, grace: 30}
	for _, o := range opts {
		switch o.key {
		case delta:
			p.delta = o.value
		case threshold:
			p.threshold = o.value
		case fading:
			p.alpha = o.value
		case grace:
			p.grace = int64(o.value)
		case side:
			p.side = Direction(o.value)
		case older:
			p.older = true
		default:
			o.refuse("PageHinkley")
		}
	}
	need(p.options(), "NewPageHinkley: Delta and Threshold are not negative, Fading is above 0 and at most 1: %v, %v, %v", p.delta, p.threshold, p.alpha)
	p.Reset()
	return p
}

func (p *PageHinkley) options() bool {
	return p.delta >= 0 && p.delta <= huge && p.threshold >= 0 && p.threshold <= huge && p.alpha > 0 && p.alpha <= 1 && p.grace >= 0 && p.side >= Both && p.side <= Down
}

// Reset forgets all values.
func (p *PageHinkley) Reset() {
	p.mean, p.up, p.down, p.drift = mean{}, 0, 0, false
	p.least, p.top = math.MaxFloat64, -1
}

// Mean returns the mean of the values since the last change, and 0 of none.
func (p *PageHinkley) Mean() float64 { return p.mean.Mean }

// Add adds a value, and reports whether the mean has changed.
func (p *PageHinkley) Add(x float64) bool {
	if !mining.Known(x) {
		return false
	}
	if p.drift {
		p.Reset()
	}
	x = clamp(x)
	p.mean.add(x)
	d := x - p.mean.Mean
	if p.older {
		p.up = max(0, p.alpha*p.up+d-p.delta)
		p.drift = p.mean.N >= p.grace && p.up > p.threshold
		return p.drift
	}
	p.up = p.alpha*p.up + d - p.delta
	p.down = p.alpha*p.down + d + p.delta
	p.least, p.top = min(p.least, p.up), max(p.top, p.down)
	if p.mean.N >= p.grace {
		up, down := p.up-p.least > p.threshold, p.top-p.down > p.threshold
		p.drift = up && p.side != Down || down && p.side != Up
	}
	return p.drift
}

// AppendBinary appends the detector.
func (p *PageHinkley) AppendBinary(b []byte) ([]byte, error) {
	return kindPageHinkley.Append(b, (*plainPageHinkley)(p))
}

// UnmarshalBinary replaces the detector.
func (p *PageHinkley) UnmarshalBinary(data []byte) error {
	return kindPageHinkley.Read(data, (*plainPageHinkley)(p), func(q *plainPageHinkley) error {
		if !(*PageHinkley)(q).options() || !q.mean.sound() || !mining.Known(q.up+q.down) || !mining.Known(q.least) || !mining.Known(q.top) {
			return errBroken
		}
		return nil
	})
}
