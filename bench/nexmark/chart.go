package main

import (
	"os"
	"strings"
	"text/template"
)

// A bar is a query's in the chart: widths are in pixels.
type bar struct {
	Query, Label   string
	Y, Text        int
	Loop, One, All float64
}

const chartWidth = 620

// writeChart draws how many events a second there are: the loop on one core,
// the query on one and on all.
func writeChart(file string, all []measured) error {
	most := 0.0
	for _, m := range all {
		most = max(most, m.One.Plain, m.All.Plain)
	}
	var bars []bar
	for i, m := range all {
		width := func(rate float64) float64 { return min(chartWidth, chartWidth*rate/most) }
		var label strings.Builder
		_ = chartLabel.Execute(&label, m)
		bars = append(bars, bar{m.Query, label.String(), 60 + 34*i, 60 + 34*i + 16, width(m.Floor), width(m.One.Plain), width(m.All.Plain)})
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := chart.Execute(f, map[string]any{"Bars": bars, "Height": 80 + 34*len(bars)}); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

var (
	millions   = template.FuncMap{"m": func(rate float64) float64 { return float64(int(rate/1e5)) / 10 }, "times": func(r float64) float64 { return float64(int(r*100)) / 100 }}
	chartLabel = template.Must(template.New("label").Funcs(millions).Parse(
		`{{m .One.Plain}} on one core, {{m .All.Plain}} on all, loop {{m .Floor}}: {{times .One.PlainRatio}} times its time`))
	chart = template.Must(template.New("chart").Parse(`<svg xmlns="http://www.w3.org/2000/svg" width="1100" height="{{.Height}}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="white"/>
<text x="20" y="26" font-size="17">Nexmark: millions of events a second, without checkpoints</text>
<text x="20" y="45" fill="#555">dark: one core; light: all cores; line: the loop by hand on one core, cut where it is off the chart</text>
{{range .Bars}}<text x="20" y="{{.Text}}">{{.Query}}</text>
<rect x="60" y="{{.Y}}" width="{{.All}}" height="22" fill="#bcd7ee"/>
<rect x="60" y="{{.Y}}" width="{{.One}}" height="22" fill="#2b6ca3"/>
<rect x="60" y="{{.Y}}" width="{{.Loop}}" height="2" fill="#d1495b"/>
<text x="700" y="{{.Text}}" fill="#333">{{.Label}}</text>
{{end}}</svg>
`))
)
