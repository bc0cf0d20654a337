package chart

import "math"

// greatest is the greatest magnitude that is drawn: sums and differences of
// such values are finite.
const greatest = 1e300

// An extent is what the layers have, to choose the axes by.
type extent struct {
	x, y    span
	refused int // values that cannot be drawn

	barLayers int // how many stand beside each other
	stack     *stack
}

// A span is the range of values along an axis.
type span struct {
	Axis
	lo, hi float64
	some   bool    // it has a value
	zero   bool    // zero belongs to it, as lengths are compared
	snug   bool    // it ends with the data, not at a tick
	step   float64 // between ticks, where the ends are ticks
}

// takes reports whether v can be drawn on the axis.
func (s *span) takes(v float64) bool {
	if s.Zone != nil {
		return v >= firstYear && v < lastYear
	}
	return math.Abs(v) <= greatest && (!s.log() || v >= 1/greatest)
}

// log reports whether it is logarithmic: times and categories are not.
func (s *span) log() bool { return s.Log && s.Labels == nil && s.Zone == nil }

// add makes room for v. A value that cannot be drawn is counted, unless it is NaN.
func (e *extent) add(s *span, v float64) bool {
	if v != v {
		return false
	}
	if !s.takes(v) {
		e.refused++
		return false
	}
	s.include(v)
	return true
}

func (s *span) include(v float64) {
	if !s.some {
		s.lo, s.hi, s.some = v, v, true
	}
	s.lo, s.hi = min(s.lo, v), max(s.hi, v)
}

// room makes room for what reaches as far to both sides of v.
func (s *span) room(v, reach float64) {
	for _, end := range []float64{v - reach, v + reach} {
		if s.takes(end) {
			s.include(end)
		}
	}
}

// point makes room for a point that can be drawn. One that has NaN is a gap, others
// are counted.
func (e *extent) point(p Point) bool {
	switch {
	case p.X != p.X || p.Y != p.Y:
		return false
	case !e.x.takes(p.X) || !e.y.takes(p.Y):
		e.refused++
		return false
	}
	e.x.include(p.X)
	e.y.include(p.Y)
	return true
}

// settle chooses what the axis shows, once all the data has been seen.
func (s *span) settle() {
	if s.Labels != nil {
		s.lo, s.hi, s.some = -0.5, float64(len(s.Labels))-0.5, len(s.Labels) > 0
		return
	}
	if s.Max > s.Min && s.takes(s.Min) && s.takes(s.Max) {
		s.lo, s.hi = s.Min, s.Max
		return
	}
	if !s.some {
		s.lo, s.hi = 0, 1
		if s.log() {
			s.lo = 0.1
		}
		return
	}
	if s.zero && !s.log() {
		s.lo, s.hi = min(s.lo, 0), max(s.hi, 0)
	}
	switch {
	case s.Zone != nil:
		if s.lo == s.hi {
			s.lo, s.hi = s.lo-0.5, s.hi+0.5
		}
	case s.log():
		if math.Log(s.hi)-math.Log(s.lo) < 1e-9 {
			s.lo, s.hi = s.lo/10, s.hi*10
		}
	case s.hi-s.lo <= max(1/greatest, 1e-12*max(math.Abs(s.lo), math.Abs(s.hi))):
		// All but the same: floating point could not tell ticks between them apart.
		d := max(math.Abs(s.lo), math.Abs(s.hi)) / 2
		if d < 1/greatest {
			d = 1
		}
		if s.lo >= 0 {
			s.lo = max(0, s.lo-d)
		} else {
			s.lo -= d
		}
		s.hi += d
	}
	if s.lo == 0 && s.hi == 0 {
		s.hi = 1
	}
}

// fraction is where v lies between lo and hi.
func (s *span) fraction(v float64) float64 {
	if s.log() {
		v = max(v, 1/greatest) // a bar on such an axis may begin below zero
		return (math.Log(v) - math.Log(s.lo)) / (math.Log(s.hi) - math.Log(s.lo))
	}
	return (v - s.lo) / (s.hi - s.lo)
}
