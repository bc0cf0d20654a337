package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"strconv"
)

// A picture is shapes on a ground that is light or dark as its viewer prefers.
type picture struct {
	width, height float64
	label         string // what a screen reader says
	body          bytes.Buffer
}

func newPicture(width, height float64, label string) *picture {
	return &picture{width: width, height: height, label: label}
}

// Colours are those of package sink/chart, which people who see no red, no green or no blue
// can tell apart; keys have shapes as well. A test of that package counts how far
// apart they are.
const style = `<style>
.g{fill:#fff}.t{fill:#1d2430}.m{fill:#5b6472}.grid{stroke:#e4e7ec}.axis{stroke:#8b94a3}
.f0{fill:#0c6cab}.f1{fill:#bc4e08}.f2{fill:#059a79}.fm{fill:#5b6472}
.l0{stroke:#0c6cab}.l1{stroke:#bc4e08}.l2{stroke:#059a79}.lm{stroke:#5b6472}
.none{fill:none}.pale{fill-opacity:.14}.dash{stroke-dasharray:5 4}
@media(prefers-color-scheme:dark){
.g{fill:#14181f}.t{fill:#e8ebf0}.m{fill:#a3adbb}.grid{stroke:#2a313c}.axis{stroke:#6b7686}
.f0{fill:#4bb6f1}.f1{fill:#ef7614}.f2{fill:#36a872}.fm{fill:#a3adbb}
.l0{stroke:#4bb6f1}.l1{stroke:#ef7614}.l2{stroke:#36a872}.lm{stroke:#a3adbb}
}
</style>
`

func (p *picture) svg() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %[1]s %[2]s" width="%[1]s" height="%[2]s" role="img" aria-label="%[3]s" font-family="system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif" font-size="14">`+"\n",
		num(p.width), num(p.height), html.EscapeString(p.label))
	b.WriteString(style)
	fmt.Fprintf(&b, `<rect width="%s" height="%s" class="g"/>`+"\n", num(p.width), num(p.height))
	b.Write(p.body.Bytes())
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// An anchor says which part of a text stands at its place.
type anchor string

const (
	start  anchor = "start"
	middle anchor = "middle"
	end    anchor = "end"
)

func (p *picture) text(x, y float64, a anchor, class, text string) {
	fmt.Fprintf(&p.body, `<text x="%s" y="%s" text-anchor="%s" class="%s">%s</text>`+"\n", num(x), num(y), a, class, html.EscapeString(text))
}

func (p *picture) bold(x, y float64, a anchor, text string) {
	fmt.Fprintf(&p.body, `<text x="%s" y="%s" text-anchor="%s" class="t" font-weight="600">%s</text>`+"\n", num(x), num(y), a, html.EscapeString(text))
}

func (p *picture) line(x1, y1, x2, y2, width float64, class string) {
	fmt.Fprintf(&p.body, `<path d="M%s %sL%s %s" class="%s" stroke-width="%s"/>`+"\n", num(x1), num(y1), num(x2), num(y2), class, num(width))
}

// arrow is a line with a head at its end.
func (p *picture) arrow(x1, y1, x2, y2 float64, class string) {
	p.line(x1, y1, x2, y2, 1.5, class)
	along := math.Atan2(y2-y1, x2-x1)
	for _, side := range []float64{-1, 1} {
		back := along + math.Pi - side*0.45
		p.line(x2, y2, x2+8*math.Cos(back), y2+8*math.Sin(back), 1.5, class)
	}
}

func (p *picture) rect(x, y, w, h float64, class string) {
	fmt.Fprintf(&p.body, `<rect x="%s" y="%s" width="%s" height="%s" rx="4" class="%s" stroke-width="1.5"/>`+"\n", num(x), num(y), num(w), num(h), class)
}

func (p *picture) path(points [][2]float64, width float64, class string) {
	p.body.WriteString(`<path d="`)
	for i, at := range points {
		p.body.WriteByte("ML"[min(i, 1)])
		p.body.WriteString(num(at[0]) + " " + num(at[1]))
	}
	fmt.Fprintf(&p.body, `" class="none %s" stroke-width="%s"/>`+"\n", class, num(width))
}

// mark is a dot of a series: each has a shape of its own.
func (p *picture) mark(x, y float64, series int) {
	switch series {
	case 0:
		fmt.Fprintf(&p.body, `<circle cx="%s" cy="%s" r="6" class="f0"/>`+"\n", num(x), num(y))
	case 1:
		fmt.Fprintf(&p.body, `<path d="M%s %sl7 7l-7 7l-7 -7z" class="f1"/>`+"\n", num(x), num(y-7))
	default:
		fmt.Fprintf(&p.body, `<rect x="%s" y="%s" width="11" height="11" class="f2"/>`+"\n", num(x-5.5), num(y-5.5))
	}
}

// ring is a dot that is left out: late, or without a match.
func (p *picture) ring(x, y float64, series int) {
	fmt.Fprintf(&p.body, `<circle cx="%s" cy="%s" r="6" class="none l%d" stroke-width="2"/>`+"\n", num(x), num(y), series)
}

// num writes a coordinate with a digit behind the point at most.
func num(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}
