package chart

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/freshet-go/freshet/sink/internal/numbers"
)

const (
	margin    = 16
	titleSize = 16
	textSize  = 12
	lineSpace = 16
	boldness  = 1.12 // how much wider bold letters are

	leastHeight = 160 // of the frame with its axes
)

// scene lays the chart out: title and legend at the top, then the frame with
// its axes, then what was left out and the note.
func (c Chart) scene() *scene {
	width, height := float64(max(c.Width, 240)), float64(max(c.Height, 160))
	if c.Width == 0 {
		width = 720
	}
	if c.Height == 0 {
		height = 400
	}
	e := &extent{x: span{Axis: c.X}, y: span{Axis: c.Y}}
	if c.Stacked {
		e.stack = newStack()
	}
	for _, l := range c.Layers {
		l.measure(e)
	}
	empty := !e.x.some || !e.y.some
	e.x.settle()
	e.y.settle()

	p := &plot{scene: scene{width: width, height: height, label: c.spoken(empty)}, Format: numbers.New(c.Language), stack: e.stack, barLayers: e.barLayers}
	y := p.heading(c)
	foot := footing(c, e.refused, width)
	if !empty {
		y = p.legend(c.Layers, y)
	}
	// A chart that is too low for its text is made higher.
	p.scene.height = max(height, y+margin+leastHeight+lineSpace*float64(len(foot)))
	bottom := p.foot(foot)
	if empty {
		p.write(width/2, (y+bottom)/2, "no data", textSize+2, muted, atMiddle)
		return &p.scene
	}
	p.axes(e, y, bottom)
	for i, l := range c.Layers {
		if i > 0 {
			p.order += len(c.Layers[i-1].entries())
		}
		l.draw(p)
	}
	return &p.scene
}

// spoken is what a screen reader says of the chart.
func (c Chart) spoken(empty bool) string {
	var parts []string
	for _, s := range []string{c.Title, c.Subtitle} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if empty {
		parts = append(parts, "no data")
	}
	if len(parts) == 0 {
		return "chart"
	}
	return strings.Join(parts, ". ")
}

// heading writes title and subtitle, and returns how far down they reach.
func (p *plot) heading(c Chart) float64 {
	y := float64(margin)
	for _, l := range wrap(c.Title, titleSize, (p.scene.width-2*margin)/boldness) {
		y += titleSize + 4
		p.add(shape{path: []place{{margin, y - 4}}, text: l, size: titleSize, bold: true, fill: text})
	}
	for _, l := range wrap(c.Subtitle, textSize, p.scene.width-2*margin) {
		y += lineSpace
		p.write(margin, y-3, l, textSize, muted, atStart)
	}
	return y
}

// footing returns the note, and what was left out, as lines.
func footing(c Chart, refused int, width float64) []string {
	lines := wrap(c.Note, textSize-1, width-2*margin)
	switch {
	case refused == 1:
		lines = append(lines, "1 value cannot be drawn")
	case refused > 1:
		lines = append(lines, fmt.Sprintf("%d values cannot be drawn", refused))
	}
	return lines
}

// foot writes lines at the bottom, and returns where the room above them ends.
func (p *plot) foot(lines []string) float64 {
	y := p.scene.height - margin
	for i := range lines {
		p.write(margin, y-float64(len(lines)-1-i)*lineSpace+4, lines[i], textSize-1, muted, atStart)
	}
	return y - float64(len(lines))*lineSpace
}

// legend explains the series where there are several, or one that has a name.
func (p *plot) legend(layers []Layer, y float64) float64 {
	x, n, others := float64(margin), 0, 0
	var rows float64
	item := func(name string, look look, kind mark) {
		name = shorten(numbers.Clean(name), textSize, p.scene.width-2*margin-40)
		w := 26 + breadth(name, textSize)
		if x > margin && x+w > p.scene.width-margin {
			x, rows = margin, rows+1
		}
		at := y + 14 + rows*lineSpace
		switch kind {
		case asLine:
			p.add(shape{path: []place{{x, at - 4}, {x + 20, at - 4}}, line: look.ink, thick: 2.5, dash: look.dash})
		case asArea:
			p.add(shape{path: []place{{x + 4, at - 10}, {x + 16, at + 1}}, closed: true, fill: look.ink})
		case asDot:
			p.add(shape{path: []place{{x + 10, at - 4}}, radius: 4, fill: look.ink})
		}
		p.write(x+26, at, name, textSize, text, atStart)
		x += w + 16
	}
	kind := asLine
	for _, l := range layers {
		for _, e := range l.entries() {
			if n++; n > seriesColours {
				others, kind = others+1, e.kind
			} else if e.name != "" {
				item(e.name, lookOf(n-1), e.kind)
			}
		}
	}
	for _, l := range layers {
		if h, ok := l.(Heat); ok && x == margin {
			x += p.scale(h, x, y+14)
		}
	}
	if others > 0 {
		item(fmt.Sprintf("%d more", others), look{ink: other}, kind)
	}
	if x == margin {
		return y
	}
	return y + (rows+1)*lineSpace + 6
}

// axes chooses the frame and draws the grid, ticks and titles.
func (p *plot) axes(e *extent, top, bottom float64) {
	across := max(2, int((p.scene.width-100)/75))
	p.x, p.y = e.x, e.y
	xTitle, yTitle := titleOf(p.x.Axis), titleOf(p.y.Axis)
	p.top = top + 16
	if yTitle != "" {
		p.top += lineSpace
	}
	p.bottom = bottom - 18
	if xTitle != "" {
		p.bottom -= lineSpace
	}
	if p.x.Zone != nil {
		p.bottom -= lineSpace - 4
	}
	down := max(2, int(p.frame.height()/45))
	p.x.widen(across)
	p.y.widen(down)
	rows := p.y.ticks(down, p.Format)
	room := 0.0
	for _, t := range rows {
		room = max(room, breadth(t.label, textSize))
	}
	room = min(room, p.scene.width*0.35)
	p.left, p.right = margin+room+8, p.scene.width-margin-4

	p.write(margin, p.top-14, shorten(yTitle, textSize, p.scene.width-2*margin), textSize, muted, atStart)
	p.write(p.right, bottom, shorten(xTitle, textSize, p.frame.width()), textSize, muted, atEnd)
	for _, t := range thinned(rows, p.frame.height()/18) {
		y := p.down(t.at)
		if p.y.Labels == nil {
			p.rule(p.left, y, p.right, y, grid, 1)
		}
		p.add(shape{path: []place{{p.left - 8, y + 4}}, text: shorten(t.label, textSize, room), tip: whole(t.label, textSize, room), size: textSize, fill: muted, anchor: atEnd})
	}
	p.columns(across)
	p.rule(p.left, p.bottom, p.right, p.bottom, axisInk, 1)
}

// columns draws the ticks of the x axis, no label over another.
func (p *plot) columns(n int) {
	ticks := p.x.ticks(n, p.Format)
	slot := p.frame.width()
	if p.x.Labels != nil {
		slot /= float64(max(1, len(p.x.Labels)))
		ticks = thinned(ticks, p.frame.width()/56)
		slot = max(slot, 56) - 6
	}
	end, belowEnd := math.Inf(-1), math.Inf(-1)
	for _, t := range ticks {
		x := p.across(t.at)
		if p.x.Labels == nil {
			p.rule(x, p.bottom, x, p.bottom+4, axisInk, 1)
		}
		label := shorten(t.label, textSize, slot)
		w := breadth(label, textSize)
		// The first and the last label may reach over the ends of the axis: they are moved inside.
		at := max(min(x, p.scene.width-4-w/2), w/2+4)
		if at-w/2 < end+6 {
			continue
		}
		p.add(shape{path: []place{{at, p.bottom + 18}}, text: label, tip: whole(t.label, textSize, slot), size: textSize, fill: muted, anchor: atMiddle})
		end = at + w/2
		if w := breadth(t.below, textSize-1); t.below != "" {
			if at := max(min(x, p.scene.width-4-w/2), w/2+4); at-w/2 >= belowEnd+6 {
				p.write(at, p.bottom+32, t.below, textSize-1, muted, atMiddle)
				belowEnd = at + w/2
			}
		}
	}
}

// thinned leaves out ticks so that at most n or so are left, evenly spread.
func thinned(ticks []tick, n float64) (kept []tick) {
	every := max(1, int(math.Ceil(float64(len(ticks))/max(1, n))))
	for i := 0; i < len(ticks); i += every {
		kept = append(kept, ticks[i])
	}
	return kept
}

// whole returns the whole of a label that is shortened, for its tip.
func whole(label string, size, width float64) string {
	if breadth(label, size) > width {
		return label
	}
	return ""
}

func titleOf(a Axis) string {
	title, unit := numbers.Clean(a.Title), numbers.Clean(a.Unit)
	if a.Zone != nil && unit == "" {
		if unit = a.Zone.String(); a.Zone == time.Local {
			unit = "local time"
		}
	}
	switch {
	case unit == "":
		return title
	case title == "":
		return unit
	}
	return title + " (" + unit + ")"
}
