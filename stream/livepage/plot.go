package livepage

import (
	"encoding/json/jsontext"
	"encoding/json/v2"
	"math"
	"slices"
	"time"

	"github.com/freshet-go/freshet/internal/latest"
	"github.com/freshet-go/freshet/stream"
)

// A Plot is lines over time. The viewer's browser draws it, and shows the values of the moment that is pointed at.
type Plot struct {
	Unit   string // of the values: "€"
	Series []Series

	// Zone is the zone of the axis. It has to have a name of the IANA database; the default, and
	// what is shown of other zones, is UTC.
	Zone *time.Location

	// Step is how far points are apart: the size of a window, say. Those that are more than one and a
	// half steps apart are not joined. The default joins all but where a value is NaN.
	Step time.Duration
}

// A Series is a line: a name, and points in any order.
type Series struct {
	Name   string
	Points []Point
}

// A Point is a value at a time. NaN and infinite values are gaps.
type Point struct {
	Time  time.Time
	Value float64
}

// Plot returns a sink that shows the last values of a stream as lines over time, with a name. Its parameters, and
// when draw is called, are those of [Page.Show]. Of more than 100 series the first 100 are sent. Of a series of
// more than 4,000 points, the first, lowest, highest and last of each of a thousand equal parts of its time are, so that peaks stay.
func (p *Page) Plot[T any](name string, keep int, draw func(values []T) Plot) stream.Sink[T] {
	return p.show("plot", name, keep, func(values []T) (content, error) { return draw(values).content() })
}

// FromPanes returns a series for each key, in the order of the keys' names: a point for each window, at its
// start. Of the panes of one window the last one counts, and a session that has grown replaces what it
// was. Panes of one key have to be in the order in which they came.
func FromPanes[K comparable, R any](panes []stream.Pane[K, R], value func(R) float64) []Series {
	return fromLatest(latest.Of(panes, value))
}

// fromLatest depends on no type of the caller's, so it is compiled once.
func fromLatest(found []latest.Series) (all []Series) {
	for _, f := range found {
		s := Series{Name: f.Name}
		for _, p := range f.Points {
			s.Points = append(s.Points, Point{p.Start, p.Value})
		}
		all = append(all, s)
	}
	return all
}

const (
	parts      = 1000 // of its time that a long series is thinned in
	mostSeries = 100
)

// A line is a series as it is sent: seconds since 1970, and values, where null is a gap.
type line struct {
	Name   string
	Times  []float64
	Values []*float64
}

func (p Plot) content() (content, error) {
	zone := "Etc/UTC"
	if p.Zone != nil {
		if _, err := time.LoadLocation(p.Zone.String()); err == nil && p.Zone != time.Local {
			zone = p.Zone.String()
		}
	}
	sent := struct {
		Unit, Zone string
		Lines      []line
		More       int // series that are not sent
	}{p.Unit, zone, []line{}, max(0, len(p.Series)-mostSeries)}
	for _, s := range p.Series[:min(len(p.Series), mostSeries)] {
		sent.Lines = append(sent.Lines, s.line(p.Step))
	}
	body, err := json.Marshal(sent, jsontext.AllowInvalidUTF8(true))
	return content{kind: "application/json", body: body}, err
}

// line brings the points into their order, leaves out what cannot be drawn, thins the rest out, and puts gaps
// where they are not joined.
func (s Series) line(step time.Duration) line {
	points := slices.Clone(s.Points)
	slices.SortStableFunc(points, func(a, b Point) int { return a.Time.Compare(b.Time) })
	l := line{Name: s.Name, Times: []float64{}, Values: []*float64{}}
	for i := 0; i < len(points); {
		if !points[i].finite() {
			i++
			continue
		}
		end := i + 1
		for end < len(points) && points[end].finite() && (step <= 0 || points[end].Time.Sub(points[end-1].Time) <= step+step/2) {
			end++
		}
		if n := len(l.Times); n > 0 { // between the last point and this one
			l.Times, l.Values = append(l.Times, (l.Times[n-1]+points[i].seconds())/2), append(l.Values, nil)
		}
		l.stretch(thinned(points[i:end], points))
		i = end
	}
	return l
}

// stretch adds points that are joined. Of several at one time the last one counts.
func (l *line) stretch(points []Point) {
	for _, p := range points {
		if n := len(l.Times); n > 0 && l.Times[n-1] == p.seconds() {
			l.Values[n-1] = &p.Value
			continue
		}
		l.Times, l.Values = append(l.Times, p.seconds()), append(l.Values, &p.Value)
	}
}

func (p Point) finite() bool { return math.Abs(p.Value) <= math.MaxFloat64 }

// seconds are those since 1970.
func (p Point) seconds() float64 { return float64(p.Time.Unix()) + float64(p.Time.Nanosecond())/1e9 }

// thinned keeps of a stretch, in each part of the time of all, the first, lowest, highest and last point. It is M4: Jugel and others, "M4: A
// Visualization-Oriented Time Series Data Aggregation", VLDB 2014.
func thinned(stretch, all []Point) (kept []Point) {
	if len(all) <= 4*parts {
		return stretch
	}
	first := all[0].seconds()
	span := (all[len(all)-1].seconds() - first) / parts
	part := func(p Point) int { return int((p.seconds() - first) / span) }
	if !(span > 0) {
		part = func(Point) int { return 0 }
	}
	for i := 0; i < len(stretch); {
		low, high, end := i, i, i
		for ; end < len(stretch) && part(stretch[end]) == part(stretch[i]); end++ {
			if stretch[end].Value < stretch[low].Value {
				low = end
			}
			if stretch[end].Value > stretch[high].Value {
				high = end
			}
		}
		for _, k := range slices.Compact([]int{i, min(low, high), max(low, high), end - 1}) {
			kept = append(kept, stretch[k])
		}
		i = end
	}
	return kept
}
