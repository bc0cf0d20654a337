package chart

import (
	"math"
	"slices"
)

// Bins shows how many values there are in each interval from one edge to the next.
type Bins struct {
	Name   string
	Edges  []float64 // rising; one more than Counts
	Counts []float64
}

// Histogram counts values in intervals that begin at round numbers, n of them or so: the
// first has Edges[0] ≤ v < Edges[1]. Values that are NaN or cannot be drawn are left
// out. It panics if n is not positive or above 10,000.
func Histogram(name string, values []float64, n int) Bins {
	if n < 1 || n > 10_000 {
		panic("chart: Histogram: want 1 to 10,000 intervals")
	}
	s := span{}
	for _, v := range values {
		if s.takes(v) {
			s.include(v)
		}
	}
	b := Bins{Name: name}
	if !s.some {
		return b
	}
	s.settle()
	step := roundStep(s.hi-s.lo, n)
	first := math.Floor(s.lo / step)
	parts := max(1, int(math.Floor(s.hi/step)-first)+1)
	for k := range parts + 1 {
		b.Edges = append(b.Edges, (first+float64(k))*step)
	}
	b.Counts = make([]float64, parts)
	for _, v := range values {
		if s.takes(v) {
			// The edges decide, not the division, which rounds.
			k, exact := slices.BinarySearch(b.Edges, v)
			if !exact {
				k--
			}
			b.Counts[min(max(k, 0), parts-1)]++
		}
	}
	return b
}

func (b Bins) usable(x, y *span, i int) bool {
	return i+1 < len(b.Edges) && x.takes(b.Edges[i]) && x.takes(b.Edges[i+1]) && b.Edges[i] < b.Edges[i+1] && y.takes(b.Counts[i])
}

func (b Bins) measure(x *extent) {
	x.y.zero, x.x.snug = true, true
	for i := range b.Counts {
		if b.usable(&x.x, &x.y, i) {
			x.x.include(b.Edges[i])
			x.x.include(b.Edges[i+1])
			x.y.include(b.Counts[i])
		} else if b.Counts[i] == b.Counts[i] {
			x.refused++
		}
	}
}

func (b Bins) entries() []entry { return []entry{{b.Name, asArea}} }

func (b Bins) draw(p *plot) {
	look := lookOf(p.order)
	for i, n := range b.Counts {
		if n == 0 || !b.usable(&p.x, &p.y, i) {
			continue
		}
		from, to := p.place(Point{b.Edges[i], p.y.base()}), p.place(Point{b.Edges[i+1], n})
		to.x = max(to.x-1, from.x+0.5)
		p.mark(shape{path: []place{from, to}, closed: true, fill: look.ink,
			tip: p.name(&p.x, b.Edges[i]) + " – " + p.name(&p.x, b.Edges[i+1]) + ": " + p.name(&p.y, n)})
	}
}
