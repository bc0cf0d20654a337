package chart_test

import (
	"bytes"
	"context"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"time"

	"github.com/freshet-go/freshet/sink/chart"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
	"github.com/freshet-go/freshet/window"
)

type sale struct {
	Time   time.Time
	Shop   string
	Amount float64
}

func (s sale) At() time.Time    { return s.Time }
func (s sale) In() string       { return s.Shop }
func (s sale) Revenue() float64 { return s.Amount }

// The revenue of two shops by minute becomes a picture.
func ExampleFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	name := filepath.Join(dir, "revenue.svg")

	at := func(minute int) time.Time { return time.Date(2026, 3, 14, 9, minute, 0, 0, time.UTC) }
	p := stream.New("revenue")
	p.From(source.Slice([]sale{{at(0), "north", 12}, {at(0), "south", 7}, {at(1), "north", 30}, {at(1), "south", 9}})).
		EventTime(sale.At).
		KeyBy(sale.In).
		Window(window.Tumbling(time.Minute)).
		Aggregate(window.SumFloat(sale.Revenue)).
		To(chart.File(name, func(panes []stream.Pane[string, float64]) chart.Chart {
			all, step := chart.FromPanes(panes, func(v float64) float64 { return v })
			return chart.Chart{
				Title:  "Revenue by shop",
				X:      chart.Axis{Zone: time.UTC},
				Y:      chart.Axis{Title: "revenue", Unit: "€"},
				Layers: chart.Lines(all, step),
			}
		}))
	if err := p.Run(context.Background()); err != nil {
		panic(err)
	}

	svg, err := os.ReadFile(name)
	fmt.Println(bytes.HasPrefix(svg, []byte("<svg ")), bytes.Contains(svg, []byte("09:01")), err)
	// Output: true true <nil>
}

// A funnel as an svg element, to stand in a page.
func ExampleChart_SVG() {
	c := chart.Chart{Title: "From the visit to the order", Layers: []chart.Layer{chart.Funnel([]chart.Rank{{"visit", 1200}, {"basket", 180}, {"paid", 90}})}}
	svg := c.SVG()
	fmt.Println(bytes.Contains(svg, []byte("90 · 7.5% (50% of the step before)")))
	// Output: true
}

// The same as an image, for a message or a slide: twice as many pixels as the chart has.
func ExampleWritePNG() {
	c := chart.Chart{Title: "Orders", X: chart.Axis{Labels: []string{"Mon", "Tue", "Wed"}}, Layers: []chart.Layer{chart.Bars{Points: []chart.Point{{0, 180}, {1, 204}, {2, 190}}}}}
	var image bytes.Buffer
	if err := chart.WritePNG(&image, c, 2); err != nil {
		panic(err)
	}
	header, err := png.DecodeConfig(&image)
	fmt.Println(header.Width, header.Height, err)
	// Output: 1440 800 <nil>
}
