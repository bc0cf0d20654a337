package experiment

import "math"

// A Belief is what is believed of two rates after their trials: that of a is Beta(successes + Alpha,
// failures + Beta), and so is that of b.
type Belief struct {
	a, b belief
}

type belief struct{ alpha, beta float64 }

// Believe returns what is believed of two rates. Before all trials it is Beta(alpha, beta): 1, 1 is
// that all rates are as likely, and larger ones stand for alpha successes and beta failures seen
// before. It panics if alpha or beta is not positive and finite.
func Believe(a, b Rate, alpha, beta float64) Belief {
	if !(alpha > 0 && beta > 0) || math.IsInf(alpha+beta, 1) {
		panic("experiment: Believe: alpha and beta have to be positive and finite")
	}
	a.need("Believe")
	b.need("Believe")
	of := func(r Rate) belief {
		return belief{alpha + float64(r.Successes), beta + float64(r.Trials-r.Successes)}
	}
	return Belief{of(a), of(b)}
}

// Means returns the expected rates.
func (b Belief) Means() (ofA, ofB float64) { return b.a.mean(), b.b.mean() }

// Intervals returns the middle part of what is believed of each rate.
func (b Belief) Intervals(level float64) (ofA, ofB Interval) {
	inside(level, "Belief.Intervals", "level")
	return b.a.interval(level), b.b.interval(level)
}

func (b belief) mean() float64 { return b.alpha / (b.alpha + b.beta) }

func (b belief) interval(level float64) Interval {
	return Interval{betaQuantile((1-level)/2, b.alpha, b.beta), 1 - betaQuantile((1-level)/2, b.beta, b.alpha)}
}

// Better returns the probability that the rate of b is above that of a: ∫ f_b·F_a, to about 12 digits.
func (b Belief) Better() float64 {
	p := b.integrate(func(x, y, jacobian float64) float64 {
		below, _ := betaCDF(b.a.alpha, b.a.beta, x, y)
		return betaPower(b.b.alpha, b.b.beta, x, y) * below
	})
	return max(0, min(1, p))
}

// Loss returns how much of the rate is lost, on average of what is believed, by who takes a where b is
// better: E max(b-a, 0) = ∫ F_a·(1-F_b); and by who takes b where a is. Experiments stop where that of
// the choice is less than what one cares about: Stucchio, "Bayesian A/B testing at VWO", 2015.
func (b Belief) Loss() (takeA, takeB float64) {
	loss := func(taken, other belief) float64 {
		return b.integrate(func(x, y, jacobian float64) float64 {
			below, _ := betaCDF(taken.alpha, taken.beta, x, y)
			_, above := betaCDF(other.alpha, other.beta, x, y)
			return below * above * jacobian
		})
	}
	return loss(b.a, b.b), loss(b.b, b.a)
}

// integrate returns the integral over the rate x of what f returns, over the logit of x, where a beta
// density is smooth and falls off at both ends. F gets x, 1-x, and dx over the step of the logit.
func (b Belief) integrate(f func(x, y, jacobian float64) float64) float64 {
	g := func(u float64) float64 {
		e := math.Exp(-math.Abs(u))
		x, y := 1/(1+e), e/(1+e)
		if u < 0 {
			x, y = y, x
		}
		return f(x, y, x*y)
	}
	var ends []float64
	for _, d := range []belief{b.a, b.b} {
		center, sd := math.Log(d.alpha)-math.Log(d.beta), math.Sqrt(1/d.alpha+1/d.beta)
		// A factor e^-50 below the peak, the tails fall as e^(alpha·u) and e^(-beta·u), the middle as a bell.
		ends = append(ends, center-max(10*sd, 60/d.alpha), center+max(10*sd, 60/d.beta), center-3*sd, center, center+3*sd)
	}
	low, high := min(ends[0], ends[5]), max(ends[1], ends[6])
	cuts := []float64{low}
	for _, e := range ends {
		if e > low && e < high {
			cuts = append(cuts, e)
		}
	}
	cuts = append(cuts, high)
	return sumUp(g, cuts)
}
