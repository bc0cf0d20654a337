package chart

import (
	"math"
	"slices"
)

// Boxes compares how values are spread. Its x axis has Labels.
type Boxes struct {
	Name  string
	Boxes []Box
}

// A Box is the spread of one set of values: half of them lie in the box, and
// the whiskers reach to the last ones within one and a half times its height.
type Box struct {
	X                         float64
	Low, Q1, Median, Q3, High float64
	Outliers                  []float64 // beyond the whiskers
}

// BoxOf returns the box of values at x, with quartiles between neighbours as R's
// default (type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages",
// 1996). NaN is left out. Of no value all is NaN, and nothing drawn.
func BoxOf(x float64, values []float64) Box {
	sorted := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return v != v })
	slices.Sort(sorted)
	nan := math.NaN()
	b := Box{X: x, Low: nan, Q1: nan, Median: nan, Q3: nan, High: nan}
	if len(sorted) == 0 {
		return b
	}
	b.Q1, b.Median, b.Q3 = quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)
	reach := 1.5 * (b.Q3 - b.Q1)
	b.Low, b.High = b.Q1, b.Q3
	for _, v := range sorted {
		if v < b.Q1-reach || v > b.Q3+reach {
			b.Outliers = append(b.Outliers, v)
			continue
		}
		b.Low, b.High = min(b.Low, v), max(b.High, v)
	}
	return b
}

func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) || at == float64(i) {
		return sorted[i]
	}
	f := at - float64(i)
	return (1-f)*sorted[i] + f*sorted[i+1]
}

func (b Box) usable(x, y *span) bool {
	for _, v := range []float64{b.Low, b.Q1, b.Median, b.Q3, b.High} {
		if !y.takes(v) {
			return false
		}
	}
	return x.takes(b.X) && b.Low <= b.Q1 && b.Q1 <= b.Median && b.Median <= b.Q3 && b.Q3 <= b.High
}

func (b Boxes) measure(x *extent) {
	for _, box := range b.Boxes {
		if !box.usable(&x.x, &x.y) {
			if box.Median == box.Median {
				x.refused++
			}
			continue
		}
		x.x.include(box.X)
		x.x.room(box.X, 0.5)
		x.y.include(box.Low)
		x.y.include(box.High)
		for _, v := range box.Outliers {
			x.add(&x.y, v)
		}
	}
	x.x.snug = true
}

func (b Boxes) entries() []entry { return []entry{{b.Name, asArea}} }

func (b Boxes) draw(p *plot) {
	look := lookOf(p.order)
	for _, box := range b.Boxes {
		if !box.usable(&p.x, &p.y) {
			continue
		}
		tip := p.name(&p.x, box.X) + ": " + p.name(&p.y, box.Low) + " · " + p.name(&p.y, box.Q1) + " · " +
			p.name(&p.y, box.Median) + " · " + p.name(&p.y, box.Q3) + " · " + p.name(&p.y, box.High)
		middle := p.across(box.X)
		half := min(0.3*p.frame.width()/(p.x.hi-p.x.lo), 40)
		line := func(x1, y1, x2, y2, thick float64) {
			p.mark(shape{path: []place{{bounded(x1), bounded(y1)}, {bounded(x2), bounded(y2)}}, line: look.ink, thick: thick})
		}
		line(middle, p.down(box.Low), middle, p.down(box.Q1), 1.5)
		line(middle, p.down(box.Q3), middle, p.down(box.High), 1.5)
		line(middle-half/2, p.down(box.Low), middle+half/2, p.down(box.Low), 1.5)
		line(middle-half/2, p.down(box.High), middle+half/2, p.down(box.High), 1.5)
		corners := []place{{bounded(middle - half), bounded(p.down(box.Q1))}, {bounded(middle + half), bounded(p.down(box.Q3))}}
		p.mark(shape{path: corners, closed: true, fill: ground})
		p.mark(shape{path: corners, closed: true, fill: look.ink, faint: true})
		p.mark(shape{path: corners, closed: true, line: look.ink, thick: 1.5, tip: tip})
		line(middle-half, p.down(box.Median), middle+half, p.down(box.Median), 3)
		for _, v := range box.Outliers {
			if p.y.takes(v) {
				p.mark(shape{path: []place{{middle, bounded(p.down(v))}}, radius: 2, line: look.ink, thick: 1, tip: p.name(&p.x, box.X) + ": " + p.name(&p.y, v)})
			}
		}
	}
}
