package chart

import (
	"math"

	"github.com/freshet-go/freshet/sink/internal/numbers"
)

// A tick is a place on an axis with a label. A label has a second line where the
// date changes.
type tick struct {
	at           float64
	label, below string
}

// ticks returns round places along an axis that shows s and has room for n labels.
func (s *span) ticks(n int, f numbers.Format) []tick {
	switch {
	case s.Labels != nil:
		return labelTicks(s.Labels)
	case s.Zone != nil:
		return timeTicks(s, n)
	case s.log():
		return logTicks(s, n, f)
	}
	step := s.step
	if step == 0 {
		step = roundStep(s.hi-s.lo, n)
	}
	var all []tick
	first, last := math.Ceil(s.lo/step-1e-9), math.Floor(s.hi/step+1e-9)
	for k := 0; float64(k) <= last-first && k <= 2*n+2; k++ {
		v := (first + float64(k)) * step
		all = append(all, tick{at: v, label: f.Fixed(v, step)})
	}
	return all
}

// widen moves the ends of the axis to ticks, so that the first and the last
// grid line frame the data.
func (s *span) widen(n int) {
	if s.Labels != nil || s.Zone != nil || s.Max > s.Min || s.snug {
		return
	}
	if s.log() {
		s.lo = math.Pow(10, math.Floor(math.Log10(s.lo)+1e-9))
		s.hi = math.Pow(10, math.Ceil(math.Log10(s.hi)-1e-9))
		return
	}
	step := roundStep(s.hi-s.lo, n)
	s.step = step
	s.lo, s.hi = step*math.Floor(s.lo/step+1e-9), step*math.Ceil(s.hi/step-1e-9)
}

// roundStep returns 1, 2 or 5 times a power of ten that divides a width into at
// most n parts or so.
func roundStep(width float64, n int) float64 {
	raw := width / float64(max(n, 1))
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	if power == 0 { // below the least power of ten that is a float64
		return raw
	}
	for _, m := range []float64{1, 2, 5} {
		if m*power >= raw*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// logTicks has powers of ten, and fewer of them where there are too many.
func logTicks(s *span, n int, f numbers.Format) (all []tick) {
	first, last := math.Ceil(math.Log10(s.lo)-1e-9), math.Floor(math.Log10(s.hi)+1e-9)
	every := max(1, math.Ceil((last-first+1)/float64(max(n, 1))))
	for k := first; k <= last; k += every {
		v := math.Pow(10, k)
		all = append(all, tick{at: v, label: f.Fixed(v, v)})
	}
	if len(all) == 0 { // between two powers of ten
		all = []tick{{at: s.lo, label: f.Short(s.lo)}, {at: s.hi, label: f.Short(s.hi)}}
	}
	return all
}

func labelTicks(labels []string) (all []tick) {
	for i, l := range labels {
		all = append(all, tick{at: float64(i), label: numbers.Clean(l)})
	}
	return all
}
