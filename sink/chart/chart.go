package chart

import (
	"io"
	"time"

	"golang.org/x/text/language"
)

// A Chart is data, and how it is to be shown. The zero Chart says that it has no
// data. Layers are drawn in their order, over each other, on common axes.
//
// What is not set is chosen: the range of an axis so that all the data is
// inside and ticks are round, 720 by 400 for the size, English for numbers.
//
// NaN is a gap. An infinite value, one beyond 1e300, and on a logarithmic axis one
// below 1e-300 cannot be drawn; the chart says under itself how many there are.
type Chart struct {
	Title    string
	Subtitle string
	Note     string // below the chart: a source, a remark
	X, Y     Axis
	Layers   []Layer

	// Stacked puts the bars of several layers upon each other, not beside.
	Stacked bool

	Width, Height int          // in pixels, where the viewer does not scale it; at least 240 by 160
	Language      language.Tag // whose digits, signs and separators numbers have
	Theme         Theme
}

// An Axis says what one of the two directions means.
type Axis struct {
	Title string // what is measured: "revenue"
	Unit  string // in what: "€". It stands behind the title.

	// Zone makes it an axis of time, with dates and times of day there. Values are
	// those of At.
	Zone *time.Location

	// Labels make it an axis of categories: value 0 is the first, 1 the second.
	Labels []string

	// Log makes it logarithmic.
	Log bool

	// Min and Max bound what is shown, if Max is greater than Min. What lies
	// outside is cut off.
	Min, Max float64
}

// At returns the place of t on an axis of time: the seconds since 1970. It is
// exact to a microsecond until the year 2242.
func At(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

// instant is the inverse of At.
func instant(x float64) time.Time {
	return time.UnixMicro(int64(x * 1e6))
}

// A Layer is one set of marks: Line, Area, Bars, Dots, Bins, Boxes, Heat, Ranks.
type Layer interface {
	// measure tells x what has to have room.
	measure(x *extent)
	// entries returns what the legend has to explain.
	entries() []entry
	draw(p *plot)
}

// A Point is a place in a chart.
type Point struct{ X, Y float64 }

// WriteSVG writes the chart to w as a file of its own. The same chart gives the
// same bytes.
func (c Chart) WriteSVG(w io.Writer) error {
	_, err := w.Write(c.SVG())
	return err
}

// SVG returns the chart as an svg element, which can be a file or stand in HTML. It has no
// script and asks for nothing from elsewhere. All text is escaped.
func (c Chart) SVG() []byte {
	s := c.scene()
	return s.svg(c.Theme)
}
