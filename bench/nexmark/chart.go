package main

import (
	"math"
	"os"
	"strconv"
	"strings"
	"text/template"
)

// A bar is a query's in the chart: widths are in pixels.
type bar struct {
	Query, Label   string
	Y, Text        int
	Loop, One, All float64
}

// A decade is where the chart has a line.
type decade struct {
	X     int
	Label string
}

const (
	chartLeft   = 60
	decadeWidth = 120
	leastRate   = 1e5 // events a second, at the left
)

// width of a bar, on a logarithmic scale.
func width(rate float64) float64 {
	return max(0, decadeWidth*math.Log10(rate/leastRate))
}

// writeChart draws how many events a second there are: the loop on one core,
// the query on one and on all.
func writeChart(file string, all []measured) error {
	var bars []bar
	most := 0.0
	for i, m := range all {
		var label strings.Builder
		if err := chartLabel.Execute(&label, m); err != nil {
			return err
		}
		bars = append(bars, bar{m.Query, label.String(), 66 + 34*i, 66 + 34*i + 16, width(m.Floor), width(m.One.Plain), width(m.All.Plain)})
		most = max(most, m.Floor, m.One.Plain, m.All.Plain)
	}
	var decades []decade
	for rate, x := float64(leastRate), chartLeft; rate < 10*most; rate, x = 10*rate, x+decadeWidth {
		decades = append(decades, decade{x, strconv.FormatFloat(rate/1e6, 'f', -1, 64)})
	}
	height := 80 + 34*len(bars)
	right := decades[len(decades)-1].X
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := chart.Execute(f, map[string]any{"Bars": bars, "Decades": decades, "Height": height, "Bottom": height - 14, "Width": right + 400, "Right": right + 15}); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

var (
	millions   = template.FuncMap{"m": func(rate float64) float64 { return float64(int(rate/1e5)) / 10 }, "times": func(r float64) float64 { return float64(int(r*100)) / 100 }}
	chartLabel = template.Must(template.New("label").Funcs(millions).Parse(
		`{{m .One.Plain}} on one core, {{m .All.Plain}} on all, loop {{m .Floor}}: {{times .One.PlainRatio}} times its time`))
	chart = template.Must(template.New("chart").Parse(`<svg xmlns="http://www.w3.org/2000/svg" width="{{.Width}}" height="{{.Height}}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="white"/>
<text x="20" y="26" font-size="17">Nexmark: millions of events a second, without checkpoints</text>
<text x="20" y="45" fill="#555">dark: one core; light: all cores; line: the loop by hand on one core; the scale is logarithmic</text>
{{range .Decades}}<path d="M{{.X}} 62V{{$.Bottom}}" stroke="#ddd"/><text x="{{.X}}" y="60" font-size="11" fill="#555" text-anchor="middle">{{.Label}}</text>
{{end}}{{range .Bars}}<text x="20" y="{{.Text}}">{{.Query}}</text>
<rect x="60" y="{{.Y}}" width="{{.All}}" height="22" fill="#bcd7ee"/>
<rect x="60" y="{{.Y}}" width="{{.One}}" height="22" fill="#2b6ca3"/>
<rect x="60" y="{{.Y}}" width="{{.Loop}}" height="2" fill="#d1495b"/>
<text x="{{$.Right}}" y="{{.Text}}" fill="#333">{{.Label}}</text>
{{end}}</svg>
`))
)
