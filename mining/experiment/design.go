package experiment

import "math"

// A Design says how sure an experiment has to be. Fields that are 0 have their defaults.
type Design struct {
	Alpha float64     // greatest part of experiments without a difference that find one; the default is 0.05
	Power float64     // least part of experiments with the difference that find it; the default is 0.8
	Alt   Alternative // Less and Greater are one-sided; the default is TwoSided
	Ratio float64     // values of the second arm for one of the first; the default is 1
}

// filled returns d with its defaults, and panics if a field is impossible.
func (d Design) filled(who string) Design {
	d.Alt.need(who)
	if d.Alpha == 0 {
		d.Alpha = 0.05
	}
	if d.Power == 0 {
		d.Power = 0.8
	}
	if d.Ratio == 0 {
		d.Ratio = 1
	}
	inside(d.Alpha, who, "Alpha")
	inside(d.Power, who, "Power")
	if !(d.Ratio > 0) || math.IsInf(d.Ratio, 1) {
		panic("experiment: " + who + ": the Ratio has to be positive and finite")
	}
	if d.Power <= d.Alpha {
		panic("experiment: " + who + ": the Power has to be above Alpha")
	}
	return d
}

// tail is the part of alpha at one end.
func (d Design) tail() float64 {
	if d.Alt == TwoSided {
		return d.Alpha / 2
	}
	return d.Alpha
}

// Means returns how many values the first arm needs for Student's test to find a difference of effect
// standard deviations (Cohen's d). It is not rounded; round up. The power is that of the noncentral t
// distribution, both ends included. An effect of 0, or NaN, needs +Inf. The sign of the effect does not
// matter: a one-sided test is taken to look where it is.
func (d Design) Means(effect float64) float64 {
	d = d.filled("Design.Means")
	return d.size(effect, d.powerOfMeans)
}

// PowerOfMeans returns the power of Student's test with n values in the first arm, to find a difference
// of effect standard deviations. Power of d is not looked at. It is NaN where the arms have less than
// three values together, or the first less than one.
func (d Design) PowerOfMeans(effect, n float64) float64 {
	return d.filled("Design.PowerOfMeans").powerOfMeans(math.Abs(effect), n)
}

func (d Design) powerOfMeans(effect, n float64) float64 {
	df := n*(1+d.Ratio) - 2
	if !(df > 0) || !(n > 0) {
		return math.NaN()
	}
	shift := effect * math.Sqrt(n*d.Ratio/(1+d.Ratio))
	at := studentQuantile(d.tail(), df)
	power := noncentralSF(at, df, shift)
	if d.Alt == TwoSided {
		power += noncentralSF(at, df, -shift)
	}
	return min(1, power)
}

// DetectableMeans returns the least effect, in standard deviations, that Student's test finds with n
// values in the first arm. It panics if PowerOfMeans is NaN.
func (d Design) DetectableMeans(n float64) float64 {
	d = d.filled("Design.DetectableMeans")
	if math.IsNaN(d.powerOfMeans(0, n)) {
		panic("experiment: Design.DetectableMeans: three values are needed")
	}
	high := 1.0
	for d.powerOfMeans(high, n) < d.Power {
		high *= 2
	}
	return d.solve(0, high, func(e float64) bool { return d.powerOfMeans(e, n) < d.Power })
}

// Arcsine returns how many trials the first arm needs to find that its rate is a and the other's b, by
// the normal distribution of the arcsine of the roots of rates: Cohen, Statistical Power Analysis,
// 1988, chapter 6; both ends included. It is not rounded; round up. Equal rates need +Inf. It panics if
// a rate is not from 0 to 1.
func (d Design) Arcsine(a, b float64) float64 {
	d = d.filled("Design.Arcsine")
	return d.size(Effect(a, b), d.powerOfArcsine)
}

// PowerOfArcsine returns the power with n trials in the first arm to find that its rate is a and the
// other's b, as Arcsine. Power of d is not looked at.
func (d Design) PowerOfArcsine(a, b, n float64) float64 {
	return d.filled("Design.PowerOfArcsine").powerOfArcsine(math.Abs(Effect(a, b)), n)
}

func (d Design) powerOfArcsine(effect, n float64) float64 {
	shift, z := effect*math.Sqrt(n*d.Ratio/(1+d.Ratio)), -normalQuantile(d.tail())
	power := normalCDF(shift - z)
	if d.Alt == TwoSided {
		power += normalCDF(-shift - z)
	}
	return power
}

// Effect returns the difference of two rates on the scale where their variance does not depend on them:
// 2·asin√a - 2·asin√b (Cohen's h). It panics if a rate is not from 0 to 1.
func Effect(a, b float64) float64 {
	if !(a >= 0 && a <= 1 && b >= 0 && b <= 1) {
		panic("experiment: Effect: a rate is from 0 to 1")
	}
	return 2*math.Asin(math.Sqrt(a)) - 2*math.Asin(math.Sqrt(b))
}

// Proportions returns how many trials the first arm needs for the test Proportions to find that its
// rate is a and the other's b, by the normal distribution with pooled variance where there is no
// difference, and not pooled where there is: Fleiss, Levin and Paik, Statistical Methods for Rates and
// Proportions, 2003, chapter 4; the wrong end is left out. It is not rounded; round up. Equal rates
// need +Inf. It panics if a rate is not from 0 to 1.
func (d Design) Proportions(a, b float64) float64 {
	d = d.filled("Design.Proportions")
	Effect(a, b)
	if a == b {
		return math.Inf(1)
	}
	pooled, apart := d.spreads(a, b)
	z := -normalQuantile(d.tail())*pooled + normalQuantile(d.Power)*apart
	return z * z / ((a - b) * (a - b))
}

// PowerOfProportions returns the power of the test Proportions with n trials in the first arm to find
// that its rate is a and the other's b, as Proportions. Power of d is not looked at.
func (d Design) PowerOfProportions(a, b, n float64) float64 {
	d = d.filled("Design.PowerOfProportions")
	Effect(a, b)
	pooled, apart := d.spreads(a, b)
	if apart == 0 {
		return indicator(a != b)
	}
	return normalCDF((math.Abs(a-b)*math.Sqrt(n) + normalQuantile(d.tail())*pooled) / apart)
}

// spreads returns the standard deviations of the difference of rates, times the root of the first arm's
// trials.
func (d Design) spreads(a, b float64) (pooled, apart float64) {
	p := (a + d.Ratio*b) / (1 + d.Ratio)
	return math.Sqrt(p * (1 - p) * (1 + 1/d.Ratio)), math.Sqrt(a*(1-a) + b*(1-b)/d.Ratio)
}

// size returns the least n with enough power.
func (d Design) size(effect float64, power func(effect, n float64) float64) float64 {
	effect = math.Abs(effect)
	if effect == 0 || math.IsNaN(effect) {
		return math.Inf(1)
	}
	short := func(n float64) bool { return !(power(effect, n) >= d.Power) }
	high := 4.0
	for short(high) {
		if high *= 2; high > 1e15 {
			return math.Inf(1)
		}
	}
	low := high / 2
	if high == 4 {
		low = 0
	}
	return d.solve(low, high, short)
}

// solve is bisect to 13 digits, as each try costs an integral.
func (d Design) solve(low, high float64, below func(float64) bool) float64 {
	for range 60 {
		mid := low + (high-low)/2
		if high-low <= 1e-13*high {
			break
		}
		if below(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return low + (high-low)/2
}
