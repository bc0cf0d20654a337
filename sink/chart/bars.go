package chart

import "math"

// Bars compares lengths. Their x axis has Labels, or values a Step apart.
// Several layers of Bars stand beside each other, or on each other if the chart is
// Stacked.
type Bars struct {
	Name   string
	Points []Point

	// Step is how much of the x axis a bar and the gap beside it take. The default is 1, as
	// categories need.
	Step float64
}

func (b Bars) step() float64 {
	if b.Step > 0 && b.Step <= greatest {
		return b.Step
	}
	return 1
}

func (b Bars) measure(x *extent) {
	x.y.zero = true
	x.barLayers++
	for _, p := range b.Points {
		if x.stack != nil && x.x.takes(p.X) && x.y.takes(p.Y) {
			_, p.Y = x.stack.put(p)
		}
		if x.point(p) && x.x.Labels == nil {
			x.x.room(p.X, b.step()/2)
		}
	}
	if x.x.Labels == nil {
		x.x.snug = true
	}
}

func (b Bars) entries() []entry { return []entry{{b.Name, asArea}} }

func (b Bars) draw(p *plot) {
	look := lookOf(p.order)
	if p.barLayer == 0 && p.stack != nil {
		p.stack = newStack() // as it was filled once, to measure
	}
	width, left := 0.8*b.step(), -0.4*b.step()
	if p.stack == nil {
		width /= float64(p.barLayers)
		left += width * float64(p.barLayer)
	}
	p.barLayer++
	for _, at := range b.Points {
		if !p.x.takes(at.X) || !p.y.takes(at.Y) {
			continue
		}
		from, to := p.y.base(), at.Y
		if p.stack != nil {
			from, to = p.stack.put(at)
			if from == 0 {
				from = p.y.base()
			}
		}
		a, z := p.place(Point{at.X + left, from}), p.place(Point{at.X + left + width, to})
		z.x = max(z.x-1, a.x+0.5) // neighbours do not touch
		p.mark(shape{path: []place{a, z}, closed: true, fill: look.ink, tip: p.tip(b.Name, at)})
	}
	if base := p.y.base(); base > p.y.lo {
		p.rule(p.left, p.down(base), p.right, p.down(base), axisInk, 1)
	}
}

// A stack is how high bars stand on each other, those below zero by themselves.
type stack struct{ up, down map[float64]float64 }

func newStack() *stack { return &stack{map[float64]float64{}, map[float64]float64{}} }

// put puts a bar on those of its place, and returns where it begins and ends.
func (s *stack) put(p Point) (from, to float64) {
	heights := s.up
	if p.Y < 0 {
		heights = s.down
	}
	from = heights[p.X]
	to = math.Max(-greatest, math.Min(greatest, from+p.Y))
	heights[p.X] = to
	return from, to
}
