// Package chart draws results as SVG: a file that every browser shows, in light or dark
// as its viewer is, without a script and without a request to anywhere. [WritePNG] draws them
// as an image.
//
// A [Chart] is data: a title, two [Axis] values, and layers of marks over each other:
//
//   - [Line] for what changes over time, with intervals and gaps; [Area] for the parts of a whole.
//   - [Bars] to compare amounts, beside each other or stacked; [Ranks] for long names, made
//     by [Funnel] and [Pareto], too.
//   - [Bins] for how values are spread, made by [Histogram]; [Boxes] to compare that; [Dots] for two
//     values of each thing.
//   - [Heat] for a table of numbers, such as cohorts.
//
// Ticks are round, dates are in the zone of the axis, and numbers in the chart's language. Colours are
// those that people who see no red or no green can tell apart, and lines have
// dashes as well. Where there is no value there is a gap, and a chart of
// nothing says so. The same chart gives the same bytes.
//
// [File] is a [stream.Sink] that keeps a picture up to date while a pipeline runs:
//
//	revenue.To(chart.File("revenue.svg", func(panes []stream.Pane[string, float64]) chart.Chart {
//		all, step := chart.FromPanes(panes, func(v float64) float64 { return v })
//		return chart.Chart{
//			Title:  "Revenue by shop",
//			X:      chart.Axis{Zone: time.UTC},
//			Y:      chart.Axis{Title: "revenue per minute", Unit: "€"},
//			Layers: chart.Lines(all, step),
//		}
//	}))
//
// A chart is a value without goroutines; several may be drawn at once, of the same data, too.
// It costs memory and time in proportion to its points, of which a line writes at most
// four for each pixel. It is not for pictures that answer to the mouse, beyond the tips
// that a browser shows.
package chart
