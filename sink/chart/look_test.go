package chart

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
	_ "time/tzdata"

	"golang.org/x/text/language"
)

var berlin = func() *time.Location {
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return z
}()

// gallery has a chart of each kind, with what is hard about it.
func gallery() map[string]Chart {
	r := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2026, 10, 24, 22, 0, 0, 0, berlin) // the night in which the clock is set back
	wave := func(phase, height float64) (points []Point, low, high []float64) {
		for i := range 96 {
			y := height * (1.5 + math.Sin(float64(i)/9+phase) + r.Float64()/5)
			if i > 40 && i < 50 {
				continue
			}
			points = append(points, Point{At(start.Add(time.Duration(i) * 15 * time.Minute)), y})
			low, high = append(low, y*0.9), append(high, y*1.1)
		}
		return points, low, high
	}
	north, low, high := wave(0, 1000)
	south, _, _ := wave(2, 800)
	web, _, _ := wave(4, 1500)
	var normal, long []float64
	var scatter, scatter2 []Point
	for range 2000 {
		v := r.NormFloat64()*12 + 100
		normal, long = append(normal, v), append(long, v*math.Exp(r.NormFloat64()/3))
		if len(scatter) < 150 {
			scatter = append(scatter, Point{v, 3*v + 40*r.NormFloat64()})
			scatter2 = append(scatter2, Point{v + 10, 200 + 40*r.NormFloat64()})
		}
	}
	var months []string
	var cohorts [][]float64
	var back []string
	for m := range 10 {
		months = append(months, fmt.Sprintf("2026-%02d", m+1))
		back = append(back, fmt.Sprintf("+%d", m))
		var row []float64
		for k := range 10 - m {
			share := 1.0 // in the month itself all of them buy
			if k > 0 {
				share = 0.5 * math.Pow(0.82, float64(k)) * (0.9 + 0.2*r.Float64())
			}
			row = append(row, share)
		}
		cohorts = append(cohorts, row)
	}
	minutes := Axis{Title: "start of the window", Zone: berlin}
	many := Chart{Title: "Nine series: three have no colour of their own", X: Axis{Title: "step"}, Language: language.German}
	for k := range 9 {
		var points []Point
		for i := range 30 {
			points = append(points, Point{float64(i), float64(k*10_000) + 5000*math.Sin(float64(i)/4+float64(k))})
		}
		many.Layers = append(many.Layers, Line{Name: fmt.Sprint("till ", k+1), Points: points})
	}
	return map[string]Chart{
		"lines": {Title: "Revenue by shop", Subtitle: "fifteen minutes each, over the end of summer time", X: minutes, Y: Axis{Title: "revenue", Unit: "€"}, Note: "made up",
			Layers: []Layer{Line{Name: "north", Points: north, Low: low, High: high, Step: 900}, Line{Name: "south", Points: south, Step: 900}, Line{Name: "web", Points: web, Step: 900}}},
		"area": {Title: "Revenue by shop, stacked", X: minutes, Y: Axis{Title: "revenue", Unit: "€"},
			Layers: []Layer{Area{Parts: []Series{{"north", north}, {"south", south}, {"web", web}}, Step: 900}}},
		"bars": {Title: "Orders and refunds", X: Axis{Labels: []string{"books", "flowers", "games", "kitchen", "tea"}}, Y: Axis{Title: "orders"}, Language: language.German,
			Layers: []Layer{Bars{Name: "orders", Points: []Point{{0, 12000}, {1, 3400}, {2, 8000}, {3, math.NaN()}, {4, 700}}}, Bars{Name: "refunds", Points: []Point{{0, -1200}, {1, -340}, {2, -100}, {3, -90}, {4, -20}}}}},
		"stacked": {Title: "Orders and refunds, stacked", Stacked: true, X: Axis{Labels: []string{"books", "flowers", "games", "kitchen", "tea"}}, Y: Axis{Title: "orders"},
			Layers: []Layer{Bars{Name: "web", Points: []Point{{0, 12000}, {1, 3400}, {2, 8000}, {4, 700}}}, Bars{Name: "shop", Points: []Point{{0, 2000}, {1, 3400}, {2, 100}, {3, 900}, {4, 20}}}, Bars{Name: "refunds", Points: []Point{{0, -1200}, {1, -340}, {2, -100}}}}},
		"histogram": {Title: "How long orders take", X: Axis{Title: "time", Unit: "ms"}, Y: Axis{Title: "orders"}, Layers: []Layer{Histogram("", long, 30)}},
		"boxes":     {Title: "Latency by shard", X: Axis{Labels: []string{"shard 0", "shard 1", "nothing"}}, Y: Axis{Title: "latency", Unit: "ms"}, Layers: []Layer{Boxes{Boxes: []Box{BoxOf(0, normal), BoxOf(1, long), BoxOf(2, nil)}}}},
		"dots":      {Title: "Price and weight", X: Axis{Title: "weight", Unit: "g"}, Y: Axis{Title: "price", Unit: "€"}, Layers: []Layer{Dots{"books", scatter}, Dots{"tea", scatter2}}},
		"heat":      {Title: "Who comes back", Subtitle: "share of a month's new customers that buy again", X: Axis{Title: "months later"}, Layers: []Layer{Heat{Rows: months, Columns: back, Values: cohorts, Share: true}}},
		"funnel":    {Title: "From the visit to the order", X: Axis{Title: "sessions"}, Layers: []Layer{Funnel([]Rank{{"visit", 120_000}, {"product seen", 64_000}, {"in the basket", 9_800}, {"address given", 7_100}, {"paid", 6_350}})}},
		"pareto": {Title: "Products by revenue", X: Axis{Title: "revenue", Unit: "€"}, Layers: []Layer{Pareto([]Rank{{"tea-01", 90}, {"books-17 with a title that is far too long to stand beside a bar of any length at all", 1200},
			{"games-03", 700}, {"kitchen-11", 650}, {"flowers-02", 333}, {"x", 20}, {"y", 10}, {"z", 5}}, 5)}},
		"log":     {Title: "Throughput", X: Axis{Title: "shards"}, Y: Axis{Title: "events", Unit: "1/s", Log: true}, Layers: []Layer{Line{Points: []Point{{1, 3e4}, {2, 1e6}, {3, 0}, {4, 4e9}, {5, 5e10}}}}},
		"huge":    {Title: "Huge values", X: Axis{Title: "step"}, Layers: []Layer{Line{Points: []Point{{1, 3e299}, {2, -1e300}, {3, 1e301}, {4, 1e300}, {5, math.Inf(1)}, {6, 5e299}, {7, 1}}}}},
		"empty":   {Title: "Nothing yet", Layers: []Layer{Line{Name: "none"}}},
		"many":    many,
		"hostile": {Title: `</title><script>alert(1)</script> & "quotes" 'too' ` + "\x00\u202e\xff" + ` 日本語の題名 😀`, Subtitle: "]]> &lt; <!--", X: Axis{Title: `<b onload="x">`, Labels: []string{`<img src=x onerror=alert(1)>`, "\u202eevil", "a\nb"}}, Layers: []Layer{Bars{Name: `"><svg/onload=alert(1)>`, Points: []Point{{0, 1}, {1, 2}, {2, 3}}}}},
		"small":   {Title: "A small chart with quite a long title that has to be broken", Width: 260, Height: 180, X: minutes, Y: Axis{Unit: "€"}, Layers: []Layer{Line{Name: "north", Points: north, Step: 900}, Line{Name: "another shop", Points: south, Step: 900}}},
	}
}
