package chart

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// An Area shows parts of a whole over x, one upon the other. Where a part has no value and
// another one has, it counts as zero; several of one x are added up. Values must not be negative.
type Area struct {
	Parts []Series

	// Step is as that of a Line: where no part has a value for more than one and a half steps,
	// nothing is drawn.
	Step float64
}

// rows returns the values of the parts at each x.
func (a Area) rows(x *span, y *span) (at []float64, rows map[float64][]float64, refused int) {
	rows = map[float64][]float64{}
	for i, part := range a.Parts {
		for _, p := range part.Points {
			if p.X != p.X || p.Y != p.Y {
				continue
			}
			if !x.takes(p.X) || !y.takes(p.Y) || p.Y < 0 {
				refused++
				continue
			}
			if rows[p.X] == nil {
				rows[p.X] = make([]float64, len(a.Parts))
			}
			rows[p.X][i] += p.Y
		}
	}
	return slices.SortedFunc(maps.Keys(rows), cmp.Compare[float64]), rows, refused
}

func (a Area) measure(x *extent) {
	x.y.zero = true
	at, rows, refused := a.rows(&x.x, &x.y)
	x.refused += refused
	for _, v := range at {
		sum := 0.0
		for _, y := range rows[v] {
			sum += y
		}
		if x.add(&x.y, sum) {
			x.add(&x.x, v)
		}
	}
}

func (a Area) entries() (all []entry) {
	for _, p := range a.Parts {
		all = append(all, entry{p.Name, asArea})
	}
	return all
}

func (a Area) draw(p *plot) {
	at, rows, _ := a.rows(&p.x, &p.y)
	for i := 0; i < len(at); {
		end := i + 1
		for end < len(at) && !(a.Step > 0 && at[end]-at[end-1] > 1.5*a.Step) {
			end++
		}
		a.stretch(p, at[i:end], rows)
		i = end
	}
}

// stretch draws the parts from the lowest to the highest where they are joined.
func (a Area) stretch(p *plot, at []float64, rows map[float64][]float64) {
	below := make([]float64, len(at))
	for k, part := range a.Parts {
		look := lookOf(p.order + k)
		var upper, lower []place
		most := 0.0
		for i, x := range at {
			y := rows[x][k]
			most = max(most, y)
			lower = append(lower, p.place(Point{x, max(below[i], p.y.base())}))
			below[i] = math.Min(below[i]+y, greatest)
			upper = append(upper, p.place(Point{x, max(below[i], p.y.base())}))
		}
		if most == 0 {
			continue
		}
		if len(at) == 1 { // one x has no width: a bar of two pixels
			upper = []place{{upper[0].x - 1, upper[0].y}, {upper[0].x + 1, upper[0].y}}
			lower = []place{{lower[0].x - 1, lower[0].y}, {lower[0].x + 1, lower[0].y}}
		}
		slices.Reverse(lower)
		area := shape{path: append(upper, lower...), closed: true, fill: look.ink, tip: part.Name}
		if upper[len(upper)-1].x-upper[0].x >= 4*float64(len(upper)-1) {
			area.line, area.thick = ground, 1 // parts neighbours; steep edges a pixel or two apart would be nothing but line
		}
		p.mark(area)
	}
}
