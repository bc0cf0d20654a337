package chart

import (
	"cmp"
	"math"
	"slices"
)

// A Line joins points from left to right.
type Line struct {
	Name   string
	Points []Point // in any order

	// Low and High, if they are as many as Points, are an interval about each: a
	// forecast's, say. NaN is none.
	Low, High []float64

	// Step is how far points are apart on the x axis: the size of a window in
	// seconds, say. Those that are more than one and a half steps apart are not joined, as
	// nothing is known between them. The default joins all but where Y is NaN.
	Step float64
}

// A vertex is a point of a line with its interval.
type vertex struct {
	Point
	low, high float64
	gap       bool // it is not joined to the one before
}

// vertices returns what can be drawn, by x, of those with the same x in their order.
func (l Line) vertices(x *extent) (all []vertex) {
	for i, p := range l.Points {
		v := vertex{p, math.NaN(), math.NaN(), false}
		if len(l.Low) == len(l.Points) && len(l.High) == len(l.Points) {
			v.low, v.high = l.Low[i], l.High[i]
		}
		all = append(all, v)
	}
	slices.SortStableFunc(all, func(a, b vertex) int { return cmp.Compare(a.X, b.X) })
	kept, gap := all[:0], false
	for _, v := range all {
		if !x.x.takes(v.X) || !x.y.takes(v.Y) {
			gap = true
			continue
		}
		if n := len(kept); n > 0 && l.Step > 0 && v.X-kept[n-1].X > 1.5*l.Step {
			gap = true
		}
		if !x.y.takes(v.low) || !x.y.takes(v.high) {
			v.low, v.high = math.NaN(), math.NaN()
		}
		v.gap, gap = gap, false
		kept = append(kept, v)
	}
	return kept
}

func (l Line) measure(x *extent) {
	for _, p := range l.Points {
		x.point(p)
	}
	for _, v := range l.vertices(x) {
		if v.low <= v.high {
			x.add(&x.y, v.low)
			x.add(&x.y, v.high)
		}
	}
}

func (l Line) entries() []entry { return []entry{{l.Name, asLine}} }

func (l Line) draw(p *plot) {
	look := lookOf(p.order)
	all := l.vertices(&extent{x: p.x, y: p.y})
	for i := 0; i < len(all); {
		end := i + 1
		for end < len(all) && !all[end].gap {
			end++
		}
		l.stretch(p, look, all[i:end])
		i = end
	}
}

// stretch draws points that are joined.
func (l Line) stretch(p *plot, look look, all []vertex) {
	band(p, look, all)
	if len(all) == 1 {
		p.mark(shape{path: []place{p.place(all[0].Point)}, radius: 2.5, fill: look.ink, tip: p.tip(l.Name, all[0].Point)})
		return
	}
	p.mark(shape{path: thinnedPath(p, all), line: look.ink, thick: 2, dash: look.dash, tip: l.Name})
}

// band draws the intervals, each run of them by itself.
func band(p *plot, look look, all []vertex) {
	for i := 0; i < len(all); i++ {
		var upper, lower []place
		for ; i < len(all) && all[i].low <= all[i].high; i++ {
			upper = append(upper, p.place(Point{all[i].X, all[i].high}))
			lower = append(lower, p.place(Point{all[i].X, all[i].low}))
		}
		if len(upper) > 1 {
			slices.Reverse(lower)
			p.mark(shape{path: append(upper, lower...), closed: true, fill: look.ink, faint: true})
		}
	}
}

// thinnedPath keeps of the points that fall into one column of pixels the first,
// lowest, highest and last: the line looks the same, however many there are. It is
// M4: Jugel, Jerzak, Hackenbroich and Markl, "M4: A Visualization-Oriented Time
// Series Data Aggregation", VLDB 2014.
func thinnedPath(p *plot, all []vertex) (path []place) {
	for i := 0; i < len(all); {
		column := math.Floor(p.across(all[i].X))
		low, high, end := i, i, i
		for ; end < len(all) && math.Floor(p.across(all[end].X)) == column; end++ {
			if all[end].Y < all[low].Y {
				low = end
			}
			if all[end].Y > all[high].Y {
				high = end
			}
		}
		keep := []int{i, min(low, high), max(low, high), end - 1}
		for _, k := range slices.Compact(keep) {
			path = append(path, p.place(all[k].Point))
		}
		i = end
	}
	return path
}
