package main

import (
	"fmt"
	"os"
	"text/template"
)

// A part of the chart is a contest.
type part struct {
	Title string
	Y     int
	Bars  []bar
}

type bar struct {
	Name, Label string
	Y           int
	Width       float64
	Ours        bool
}

const barWidth = 420 // of the longest

// chart draws a bar for each row: of seconds, of nanoseconds an event, or of the
// p99 in milliseconds. The shorter the better.
func (b *bench) chart(file string, wanted []contested) error {
	y := 60
	var parts []part
	for _, c := range wanted {
		p := part{Y: y, Title: c.Name + ": " + map[kind]string{ofFiles: "seconds", ofEvents: "ns an event", ofLatency: "p99 in ms"}[c.Kind]}
		most := 0.0
		for _, r := range b.rows(c) {
			most = max(most, r.figure(c.Kind))
		}
		for _, r := range b.rows(c) {
			if r.Runs == 0 {
				continue
			}
			y += 22
			name := r.title()
			if c.Kind == ofEvents {
				name += ", " + cores(r.Threads)
			}
			if c.Kind == ofEvents && r.Saved {
				name += ", checkpoints"
			}
			v := r.figure(c.Kind)
			p.Bars = append(p.Bars, bar{name, fmt.Sprintf("%.3g", v), y, barWidth * v / most, r.Program == "freshet"})
		}
		if len(p.Bars) > 0 {
			parts = append(parts, p)
			y += 44
		}
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := drawing.Execute(f, map[string]any{"Parts": parts, "Height": y}); err != nil {
		return err
	}
	return f.Close()
}

var drawing = template.Must(template.New("chart").Parse(`<svg xmlns="http://www.w3.org/2000/svg" width="800" height="{{.Height}}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="white"/>
<text x="20" y="26" font-size="17">The same work by Freshet and by others; the shorter the better</text>
{{range .Parts}}<text x="20" y="{{.Y}}" font-size="15">{{.Title}}</text>
{{range .Bars}}<text x="280" y="{{.Y}}" text-anchor="end">{{.Name}}</text>
<rect x="290" y="{{.Y}}" width="{{printf "%.1f" .Width}}" height="14" transform="translate(0 -12)" fill="{{if .Ours}}#2b6ca3{{else}}#bcd7ee{{end}}"/>
<text x="{{printf "%.1f" .Width}}" y="{{.Y}}" dx="296" fill="#333">{{.Label}}</text>
{{end}}{{end}}</svg>
`))
