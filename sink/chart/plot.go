package chart

import (
	"math"

	"github.com/freshet-go/freshet/sink/internal/numbers"
)

// A plot is what layers draw on.
type plot struct {
	scene
	frame
	x, y span
	numbers.Format
	stack     *stack
	barLayers int
	barLayer  int // which of them is drawn now
	order     int // which series is drawn now
}

// across and down return where a value stands, in pixels.
func (p *plot) across(v float64) float64 { return p.left + p.x.fraction(v)*p.frame.width() }

func (p *plot) down(v float64) float64 {
	f := p.y.fraction(v)
	if p.y.Labels == nil { // categories go from the top down
		f = 1 - f
	}
	return p.top + f*p.frame.height()
}

func (p *plot) place(at Point) place { return place{bounded(p.across(at.X)), bounded(p.down(at.Y))} }

// bounded keeps pixels of what lies far outside, where an axis has Min and Max,
// small enough for every viewer.
func bounded(v float64) float64 { return min(max(v, -1e5), 1e5) }

// mark adds a shape that is cut off at the frame.
func (p *plot) mark(sh shape) {
	sh.clip = &p.frame
	p.add(sh)
}

// base is where lengths begin: at zero, or at the end that is nearest to it.
func (s *span) base() float64 {
	if s.log() {
		return s.lo
	}
	return min(max(0, s.lo), s.hi)
}

// name writes what a value on an axis is, for a tip.
func (p *plot) name(s *span, v float64) string {
	switch {
	case s.Labels != nil:
		if i := int(math.Round(v)); i >= 0 && i < len(s.Labels) {
			return s.Labels[i]
		}
		return ""
	case s.Zone != nil:
		return instant(v).In(s.Zone).Format("2006-01-02 15:04:05")
	}
	return s.united(p.Short(v))
}

// united adds the unit.
func (s *span) united(number string) string {
	if s.Unit == "" {
		return number
	}
	return number + " " + s.Unit // a space that does not break
}

// tip says what a point of a series is.
func (p *plot) tip(series string, at Point) string {
	t := p.name(&p.x, at.X) + ": " + p.name(&p.y, at.Y)
	if series != "" {
		t = series + ", " + t
	}
	return t
}

// An entry explains a series in the legend.
type entry struct {
	name string
	kind mark
}

type mark int

const (
	asLine mark = iota
	asArea
	asDot
)

// A look is how the n-th series looks: colours alone, and dashes of lines, so that
// who sees no colour can tell the first few apart.
type look struct {
	ink
	dash string
}

var dashes = [seriesColours]string{"", "7 3", "2 3", "9 3 2 3", "5 2", "1 4"}

func lookOf(n int) look {
	if n >= seriesColours {
		return look{ink: other}
	}
	return look{series0 + ink(n), dashes[n]}
}
