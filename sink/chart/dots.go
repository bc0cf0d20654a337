package chart

import "math"

// Dots is a scatter of points.
type Dots struct {
	Name   string
	Points []Point
}

func (d Dots) measure(x *extent) {
	for _, p := range d.Points {
		x.point(p)
	}
}

func (d Dots) entries() []entry { return []entry{{d.Name, asDot}} }

// draw leaves out a dot that would hide another to half a pixel, and makes many
// of them smaller.
func (d Dots) draw(p *plot) {
	look := lookOf(p.order)
	radius := 3.5
	if len(d.Points) > 500 {
		radius = 2
	}
	type pixel struct{ x, y float64 }
	seen := map[pixel]bool{}
	for _, at := range d.Points {
		if at.X != at.X || at.Y != at.Y || !p.x.takes(at.X) || !p.y.takes(at.Y) {
			continue
		}
		c := p.place(at)
		key := pixel{math.Round(2 * c.x), math.Round(2 * c.y)}
		if seen[key] {
			continue
		}
		seen[key] = true
		p.mark(shape{path: []place{c}, radius: radius, fill: look.ink, line: ground, thick: 0.5, tip: p.tip(d.Name, at)})
	}
}
