package chart

import "math"

// A Heat shows a table by colours: cohorts by month, hours by weekdays. It
// brings the labels of both axes, and goes from the top down.
type Heat struct {
	Columns, Rows []string
	Values        [][]float64 // by row and column; NaN, and what a short row lacks, has no colour

	// Share writes values as per cent.
	Share bool
}

func (h Heat) value(row, column int) float64 {
	if row < len(h.Values) && column < len(h.Values[row]) {
		return h.Values[row][column]
	}
	return math.NaN()
}

func (h Heat) measure(x *extent) {
	some := false
	for r := range h.Rows {
		for c := range h.Columns {
			if v := h.value(r, c); math.Abs(v) <= greatest {
				some = true
			} else if v == v {
				x.refused++
			}
		}
	}
	if some {
		x.x.Labels, x.y.Labels = h.Columns, h.Rows
		x.x.some, x.y.some = true, true
	}
}

func (h Heat) entries() []entry { return nil }

// draw gives each cell one of seven colours, in equal steps from the least value to
// the greatest, and the value itself where there is room for it.
func (h Heat) draw(p *plot) {
	s := h.span()
	for r, row := range h.Rows {
		for c, column := range h.Columns {
			v := h.value(r, c)
			a := place{p.across(float64(c) - 0.5), p.down(float64(r) - 0.5)}
			z := place{p.across(float64(c) + 0.5), p.down(float64(r) + 0.5)}
			cell := shape{path: []place{a, {max(z.x-1, a.x+0.2), max(z.y-1, a.y+0.2)}}, closed: true, fill: absent, tip: row + ", " + column + ": –"}
			label := ""
			if math.Abs(v) <= greatest {
				cell.fill = heat0 + ink(heatStep(s, v))
				if label = p.Short(v); h.Share {
					label = p.Share(v)
				}
				cell.tip = row + ", " + column + ": " + label
			}
			p.mark(cell)
			if label != "" && breadth(label, textSize-1) < z.x-a.x-4 && z.y-a.y > textSize+2 {
				p.mark(shape{path: []place{{(a.x + z.x) / 2, (a.y+z.y)/2 + 4}}, text: label, size: textSize - 1, anchor: atMiddle, fill: cell.fill, onFill: true})
			}
		}
	}
}

// span returns the least value and the greatest.
func (h Heat) span() (s span) {
	for r := range h.Rows {
		for c := range h.Columns {
			if v := h.value(r, c); math.Abs(v) <= greatest {
				s.include(v)
			}
		}
	}
	return s
}

// scale draws the colours of a Heat from the least value to the greatest, and
// returns how wide that is.
func (p *plot) scale(h Heat, x, y float64) float64 {
	s, write := h.span(), p.Short
	if h.Share {
		write = p.Share
	}
	from, to := write(s.lo), write(s.hi)
	p.write(x, y, from, textSize, text, atStart)
	left := x + breadth(from, textSize) + 6
	cell := min(15, max(2, (p.scene.width-margin-left-5-breadth(to, textSize))/heatColours))
	for i := range ink(heatColours) {
		p.add(shape{path: []place{{left, y - 10}, {left + cell - 1, y + 1}}, closed: true, fill: heat0 + i})
		left += cell
	}
	p.write(left+5, y, to, textSize, text, atStart)
	return left + 5 + breadth(to, textSize) - x
}

func heatStep(s span, v float64) int {
	if s.lo == s.hi {
		return heatColours / 2
	}
	return min(int((v-s.lo)/(s.hi-s.lo)*heatColours), heatColours-1)
}
