package experiment

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
)

// A Shape says how α is shared out between the looks of a group-sequential test.
type Shape int

// The shapes. The first two fix the form of the bounds; the others the part of α that is spent up to a
// fraction t of all values, so that looks may come when they come: Lan and DeMets, "Discrete sequential
// boundaries for clinical trials", Biometrika 70, 1983.
const (
	OBrienFleming      Shape = iota // z = C/√t: hard at first, hardly less power at last. O'Brien and Fleming, Biometrics 35, 1979
	Pocock                          // z = C at every look. Pocock, Biometrika 64, 1977
	SpendOBrienFleming              // 2 - 2Φ(z_{α/2}/√t) of a one-sided α; if two-sided, that of α/2 on each side
	SpendPocock                     // α·ln(1 + (e-1)t)
)

// Bounds are those of a group-sequential test: at each look, z at or beyond the bound stops with a
// difference.
type Bounds struct {
	Z         []float64 // the bounds of |z|, or of z towards the alternative if one-sided
	Nominal   []float64 // P at the bounds
	Spent     []float64 // of α, up to each look
	fractions []float64
	one       bool
}

// Group returns the bounds for looks at fractions of all values: 0.25, 0.5, 0.75, 1, say, which is four
// equal groups. The last need not be 1: later looks are not planned yet. Without differences, the
// probability to cross a bound ever is alpha (with the Spend shapes, alpha once the last fraction is
// 1). With Less or Greater only one side has a bound. Bounds are solved for, by the recursive
// integration of Armitage, McPherson and Rowe, "Repeated significance tests on accumulating data", JRSS
// A 132, 1969, to about 9 digits. It takes milliseconds for each look.
//
// It panics if there are no fractions, if these do not increase by 0.001 or more, from above 0 to at
// most 1, if alpha is not between 0 and 1, or below 1/2 if one-sided, or there is no such shape.
func Group(shape Shape, alpha float64, alt Alternative, fractions ...float64) Bounds {
	alt.need("Group")
	inside(alpha, "Group", "alpha")
	if len(fractions) == 0 {
		panic("experiment: Group: a fraction is needed for each look")
	}
	before := 0.0
	for _, t := range fractions {
		if !(t-before > 0.000999 && t <= 1) { // closer ones would need more places than advance takes
			panic("experiment: Group: fractions increase by 0.001 or more, from above 0 to at most 1")
		}
		before = t
	}
	one := alt != TwoSided
	if one && alpha >= 0.5 {
		panic("experiment: Group: a one-sided alpha has to be below 1/2")
	}
	b := Bounds{Z: make([]float64, len(fractions)), fractions: append([]float64(nil), fractions...), one: one}
	switch shape {
	case OBrienFleming, Pocock:
		b.fixed(alpha, func(c, t float64) float64 {
			if shape == Pocock {
				return c
			}
			return c / math.Sqrt(t)
		})
	case SpendOBrienFleming:
		sides := 2.0
		if one {
			sides = 1
		}
		b.spend(func(t float64) float64 {
			return sides * 2 * normalCDF(normalQuantile(alpha/sides/2)/math.Sqrt(t))
		})
	case SpendPocock:
		b.spend(func(t float64) float64 { return alpha * math.Log1p((math.E-1)*t) })
	default:
		panic("experiment: Group: there is no such Shape")
	}
	sum := 0.0
	for k, p := range b.Reject(0) {
		sum += p
		b.Spent = append(b.Spent, sum)
		p := normalCDF(-b.Z[k])
		if !one {
			p *= 2
		}
		b.Nominal = append(b.Nominal, p)
	}
	return b
}

// Crossed reports whether z at a look, from 0, is at or beyond its bound. A one-sided z is positive
// towards the alternative. It panics if there is no such look.
func (b Bounds) Crossed(look int, z float64) bool {
	if !b.one {
		z = math.Abs(z)
	}
	return z >= b.Z[look]
}

// Reject returns the probability to stop at each look, if the z of all values is expected to be drift:
// 0 without differences. Of the sum, power is made; Drift finds the drift for a power.
func (b Bounds) Reject(drift float64) []float64 {
	w := b.walk(drift)
	ps := make([]float64, len(b.Z))
	for k, z := range b.Z {
		ps[k] = w.outside(z)
		w.advance(z)
	}
	return ps
}

// Drift returns the expected z of all values with which a bound is crossed with that power, from above
// alpha to below 1. With the drift of a test of one look, z_{α/2} + z_β, its square says how many more
// values the most are: 1.024 times as many for four looks of O'Brien and Fleming.
func (b Bounds) Drift(power float64) float64 {
	inside(power, "Bounds.Drift", "power")
	short := func(drift float64) bool {
		sum := 0.0
		for _, p := range b.Reject(drift) {
			sum += p
		}
		return sum < power
	}
	low, high := 0.0, 1.0
	for short(high) && high < 100 {
		high *= 2
	}
	for range 50 {
		if mid := (low + high) / 2; short(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// fixed finds the c with which bounds of a form spend alpha.
func (b *Bounds) fixed(alpha float64, form func(c, t float64) float64) {
	set := func(c float64) float64 {
		for k, t := range b.fractions {
			b.Z[k] = form(c, t)
		}
		sum := 0.0
		for _, p := range b.Reject(0) {
			sum += p
		}
		return sum
	}
	low, high := 0.0, 1.0
	for set(high) > alpha {
		high *= 2
	}
	for range 50 {
		if mid := (low + high) / 2; set(mid) > alpha {
			low = mid
		} else {
			high = mid
		}
	}
	set((low + high) / 2)
}

// spend finds bounds which spend what spent says.
func (b *Bounds) spend(spent func(t float64) float64) {
	w := b.walk(0)
	before := 0.0
	for k, t := range b.fractions {
		now := spent(t)
		low, high := 0.0, 40.0
		for range 60 {
			if mid := (low + high) / 2; w.outside(mid) > now-before {
				low = mid
			} else {
				high = mid
			}
		}
		b.Z[k] = (low + high) / 2
		before = now
		w.advance(b.Z[k])
	}
}

// A walk is a Brownian motion that has not crossed a bound yet: how likely it is where, as a density at
// places with weights.
type walk struct {
	fractions []float64
	drift     float64
	one       bool
	at        float64 // the fraction that the density is of
	look      int
	place     []float64
	weight    []float64 // density times the weight of the place in an integral
}

func (b *Bounds) walk(drift float64) *walk {
	return &walk{fractions: b.fractions, drift: drift, one: b.one, place: []float64{0}, weight: []float64{1}}
}

// step returns the mean and standard deviation of what is added until the next look.
func (w *walk) step() (mean, sd float64) {
	t := w.fractions[w.look] - w.at
	return w.drift * t, math.Sqrt(t)
}

// outside returns the probability to be at or beyond z at the next look.
func (w *walk) outside(z float64) (p float64) {
	mean, sd := w.step()
	edge := z * math.Sqrt(w.fractions[w.look])
	for i, x := range w.place {
		q := normalCDF((x + mean - edge) / sd)
		if !w.one {
			q += normalCDF((-edge - x - mean) / sd)
		}
		p += w.weight[i] * q
	}
	return p
}

// advance goes on to the next look, within z.
func (w *walk) advance(z float64) {
	mean, sd := w.step()
	t := w.fractions[w.look]
	// Beyond 9 standard deviations there is nothing.
	high := min(z*math.Sqrt(t), w.drift*t+9*math.Sqrt(t))
	low := w.drift*t - 9*math.Sqrt(t)
	if !w.one {
		low = max(low, -z*math.Sqrt(t))
	}
	if high <= low {
		high = low
	}
	least := sd // the density is as smooth as the steps to it and from it
	if w.look+1 < len(w.fractions) {
		least = min(sd, math.Sqrt(w.fractions[w.look+1]-t))
	}
	n := int(min(4000, 24+5*(high-low)/least))
	place, weight := make([]float64, n), make([]float64, n)
	if high > low {
		quad.Legendre{}.FixedLocations(place, weight, low, high)
	}
	for i, y := range place {
		var density float64
		for k, x := range w.place {
			d := (y - x - mean) / sd
			density += w.weight[k] * math.Exp(-d*d/2)
		}
		weight[i] *= density / (sd * math.Sqrt(2*math.Pi))
	}
	w.place, w.weight, w.at = place, weight, t
	w.look++
}
