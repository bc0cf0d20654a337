package chart

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/freshet-go/freshet/sink/internal/numbers"
)

// Ranks are bars from left to right, one below the other, with what there is to
// say of each beside it. It brings the labels of the y axis.
type Ranks struct {
	Bars   []Rank
	labels func(f numbers.Format, i int) string
}

// A Rank is one bar. Its value must not be negative.
type Rank struct {
	Name  string
	Value float64
}

// Funnel shows how many are left after each step, in the order given, as shares of the
// first step and of the one before.
func Funnel(steps []Rank) Ranks {
	return Ranks{steps, func(f numbers.Format, i int) string {
		label := f.Short(steps[i].Value)
		if i == 0 || !(steps[0].Value > 0) {
			return label
		}
		label += " · " + f.Share(steps[i].Value/steps[0].Value)
		if i > 1 && steps[i-1].Value > 0 {
			label += " (" + f.Share(steps[i].Value/steps[i-1].Value) + " of the step before)"
		}
		return label
	}}
}

// Pareto shows the greatest first, and beside each what share of the sum it and
// those above it have. Beyond n, the rest is one bar at the end. It panics if n is
// not positive.
func Pareto(all []Rank, n int) Ranks {
	if n < 1 {
		panic("chart: Pareto: want at least 1 bar, not " + strconv.Itoa(n))
	}
	y := span{}
	sorted := slices.DeleteFunc(slices.Clone(all), func(r Rank) bool { return !y.takes(r.Value) || r.Value < 0 })
	slices.SortStableFunc(sorted, func(a, b Rank) int { return cmp.Compare(b.Value, a.Value) })
	if len(sorted) > n+1 {
		rest := 0.0
		for _, r := range sorted[n:] {
			rest += r.Value
		}
		sorted = append(sorted[:n:n], Rank{strconv.Itoa(len(sorted)-n) + " more", rest})
	}
	sum, until := 0.0, make([]float64, len(sorted))
	for i, r := range sorted {
		sum += r.Value
		until[i] = sum
	}
	return Ranks{sorted, func(f numbers.Format, i int) string {
		if sum == 0 {
			return f.Short(sorted[i].Value)
		}
		return f.Short(sorted[i].Value) + " · " + f.Share(until[i]/sum)
	}}
}

func (r Ranks) measure(x *extent) {
	x.x.zero = true
	var names []string
	for _, b := range r.Bars {
		names = append(names, b.Name)
		if b.Value < 0 {
			x.refused++
		} else {
			x.add(&x.x, b.Value)
		}
	}
	x.y.Labels, x.y.some = names, len(names) > 0
}

func (r Ranks) entries() []entry { return []entry{{"", asArea}} }

// draw writes the label behind the bar, or in it where there is no room behind.
func (r Ranks) draw(p *plot) {
	look := lookOf(p.order)
	for i, b := range r.Bars {
		if !p.x.takes(b.Value) || b.Value < 0 {
			continue
		}
		label := p.Short(b.Value)
		if r.labels != nil {
			label = r.labels(p.Format, i)
		}
		from, to := p.place(Point{p.x.base(), float64(i) - 0.38}), p.place(Point{b.Value, float64(i) + 0.38})
		p.mark(shape{path: []place{from, to}, closed: true, fill: look.ink, tip: b.Name + ": " + label})
		if to.y-from.y < textSize {
			continue
		}
		to.x = min(to.x, p.right) // a bar that the axis cuts off
		middle := (from.y+to.y)/2 + 4
		switch w := breadth(label, textSize); {
		case to.x+6+w <= p.right:
			p.write(to.x+6, middle, label, textSize, text, atStart)
		case w+12 <= to.x-from.x:
			p.add(shape{path: []place{{to.x - 6, middle}}, text: label, size: textSize, fill: ground, anchor: atEnd})
		}
	}
}
