package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/freshet-go/freshet/stream"

	"github.com/freshet-go/freshet/sink/internal/numbers"
)

// elements parses a picture as a strict reader does, and counts its elements.
func elements(t *testing.T, svg []byte) (count map[string]int, texts []string) {
	t.Helper()
	count = map[string]int{}
	d := xml.NewDecoder(bytes.NewReader(svg))
	within := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return count, texts
		}
		require.NoError(t, err, "%s", svg)
		switch x := token.(type) {
		case xml.StartElement:
			within = x.Name.Local
			count[within]++
			for _, a := range x.Attr {
				assert.False(t, strings.HasPrefix(a.Name.Local, "on"), "%s has the attribute %s", within, a.Name.Local)
				if a.Value == "NaN" || strings.Contains(a.Value, "Inf") {
					t.Fatalf("%s has %s=%q", within, a.Name.Local, a.Value)
				}
			}
		case xml.EndElement:
			within = ""
		case xml.CharData:
			if within == "text" {
				texts = append(texts, string(x))
			}
		}
	}
}

// Whatever names and values are, a picture has no element but those we draw.
func TestNothingForeign(t *testing.T) {
	for name, c := range gallery() {
		count, _ := elements(t, c.SVG())
		for e := range count {
			assert.Contains(t, []string{"svg", "style", "rect", "path", "circle", "text", "title"}, e, name)
		}
	}
}

func TestEmptySaysSo(t *testing.T) {
	nan := math.NaN()
	for name, l := range map[string][]Layer{
		"no layer": nil, "line": {Line{}}, "all NaN": {Line{Points: []Point{{1, nan}, {nan, 1}}}}, "area": {Area{Parts: []Series{{Name: "x"}}}}, "bars": {Bars{}},
		"bins": {Histogram("", nil, 5)}, "boxes": {Boxes{Boxes: []Box{BoxOf(0, nil)}}}, "heat": {Heat{}}, "heat of NaN": {Heat{Rows: []string{"a"}, Columns: []string{"b"}, Values: [][]float64{{nan}}}},
		"funnel": {Funnel(nil)}, "pareto": {Pareto(nil, 3)}, "dots": {Dots{}},
	} {
		_, texts := elements(t, Chart{Layers: l}.SVG())
		assert.Contains(t, texts, "no data", name)
	}
}

// Values that are extreme in every way neither fail nor leave a coordinate that is no number.
func TestExtremeValues(t *testing.T) {
	extreme := []float64{0, math.Copysign(0, -1), 1, -1, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), math.NaN(), 1e300, -1e300, 1e-300, 1e15 + 1, 253402300800}
	drawing := ""
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("drawing", drawing)
		}
	})
	for i, a := range extreme {
		for j, b := range extreme {
			if (i+j)%2 == 1 { // half of the pairs have each value with ones of all kinds
				continue
			}
			points := []Point{{a, b}, {b, a}, {0, a}, {1, b}}
			for _, layer := range []Layer{
				Line{Points: points, Low: []float64{a, b, a, b}, High: []float64{b, a, b, a}, Step: a}, Area{Parts: []Series{{"x", points}, {"y", points}}}, Bars{Points: points, Step: b}, Dots{Points: points},
				Histogram("", []float64{a, b}, 7), Boxes{Boxes: []Box{BoxOf(a, []float64{a, b}), {X: b, Low: a, Q1: a, Median: b, Q3: b, High: b}}}, Heat{Rows: []string{"r"}, Columns: []string{"a", "b"}, Values: [][]float64{{a, b}}},
				Funnel([]Rank{{"a", a}, {"b", b}}), Pareto([]Rank{{"a", a}, {"b", b}}, 1),
			} {
				for _, axis := range []Axis{{}, {Log: true}, {Zone: time.UTC}, {Min: a, Max: b}, {Labels: []string{"one"}}} {
					drawing = fmt.Sprintf("%T of %v and %v on %+v", layer, a, b, axis)
					elements(t, Chart{X: axis, Y: Axis{Log: axis.Log, Min: axis.Min, Max: axis.Max}, Layers: []Layer{layer, layer}, Stacked: a > b}.SVG())
				}
			}
		}
	}
}

func labels(s span, n int, tag language.Tag) (all []string) {
	s.settle()
	s.widen(n)
	for _, t := range s.ticks(n, numbers.New(tag)) {
		all = append(all, strings.TrimSpace(t.label+" "+t.below))
	}
	return all
}

func TestTicksOfNumbers(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		n      int
		tag    language.Tag
		want   []string
	}{
		{0, 97, 5, language.English, []string{"0", "20", "40", "60", "80", "100"}},
		{0, 0.31, 4, language.German, []string{"0,0", "0,1", "0,2", "0,3", "0,4"}},
		{-3, 4, 4, language.English, []string{"-4", "-2", "0", "2", "4"}},
		{0, 1_234_567, 3, language.German, []string{"0", "500.000", "1.000.000", "1.500.000"}},
		{0, 3e18, 3, language.English, []string{"0", "1·10¹⁸", "2·10¹⁸", "3·10¹⁸"}},
		{0, 4e-9, 2, language.English, []string{"0", "2·10⁻⁹", "4·10⁻⁹"}},
		{5, 5, 3, language.English, []string{"2", "4", "6", "8"}},
		{0, 0, 2, language.English, []string{"0.0", "0.5", "1.0"}},
	} {
		assert.Equal(t, c.want, labels(span{lo: c.lo, hi: c.hi, some: true}, c.n, c.tag), "%v to %v", c.lo, c.hi)
	}
}

func TestTicksOfTime(t *testing.T) {
	at := func(s string, zone *time.Location) float64 {
		v, err := time.ParseInLocation("2006-01-02 15:04:05", s, zone)
		require.NoError(t, err)
		return At(v)
	}
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	require.NoError(t, err)
	for _, c := range []struct {
		from, to string
		zone     *time.Location
		n        int
		want     []string
	}{
		{"2026-03-14 22:30:00", "2026-03-15 01:30:00", time.UTC, 4, []string{"23:00 2026-03-14", "00:00 2026-03-15", "01:00"}},
		{"2026-03-14 22:30:00", "2026-03-15 01:30:00", kolkata, 4, []string{"23:00 2026-03-14", "00:00 2026-03-15", "01:00"}},
		{"2026-03-29 00:00:00", "2026-03-29 06:00:00", berlin, 6, []string{"00:00 2026-03-29", "01:00", "03:00", "04:00", "05:00", "06:00"}}, // the clock skips 2
		{"2026-10-25 00:00:00", "2026-10-25 12:00:00", berlin, 5, []string{"00:00 2026-10-25", "03:00", "06:00", "09:00", "12:00"}},
		{"2026-12-30 12:00:00", "2027-01-02 12:00:00", time.UTC, 5, []string{"12-31 2026", "01-01 2027", "01-02"}},
		{"1969-11-02 00:00:00", "1970-02-15 00:00:00", time.UTC, 4, []string{"1969-12", "1970-01", "1970-02"}},
		{"1900-01-01 00:00:00", "2026-01-01 00:00:00", time.UTC, 4, []string{"1900", "1950", "2000"}},
		{"2026-01-01 00:00:00", "2026-01-01 00:00:02", time.UTC, 3, []string{"00:00:00 2026-01-01", "00:00:01", "00:00:02"}},
	} {
		assert.Equal(t, c.want, labels(span{Axis: Axis{Zone: c.zone}, lo: at(c.from, c.zone), hi: at(c.to, c.zone), some: true}, c.n, language.English), "%s to %s", c.from, c.to)
	}
}

// Bins agree with the definition, at the edges too.
func TestHistogram(t *testing.T) {
	values := []float64{0.1, 0.2, 0.3, 0.3, 0.30000000000000004, 0.7, -0.1, 1, math.NaN(), math.Inf(1)}
	b := Histogram("", values, 10)
	total := 0.0
	for i, n := range b.Counts {
		want := 0.0
		for _, v := range values {
			if v >= b.Edges[i] && v < b.Edges[i+1] {
				want++
			}
		}
		assert.Equal(t, want, n, "[%v, %v)", b.Edges[i], b.Edges[i+1])
		total += n
	}
	assert.EqualValues(t, 8, total)
}

func TestBoxOf(t *testing.T) {
	b := BoxOf(0, []float64{5, 1, 2, math.NaN(), 4, 3, 100})
	// R: quantile(c(1,2,3,4,5,100)) is 1, 2.25, 3.5, 4.75, 100.
	assert.Equal(t, Box{0, 1, 2.25, 3.5, 4.75, 5, []float64{100}}, b)
}

// A line of a million points is drawn with at most four for each pixel, and keeps its peak.
func TestLongLine(t *testing.T) {
	points := make([]Point, 1_000_000)
	for i := range points {
		points[i] = Point{float64(i), math.Sin(float64(i) / 1000)}
	}
	points[777_777].Y = 50
	c := Chart{Layers: []Layer{Line{Points: points}}, Y: Axis{Min: -1, Max: 50}}
	svg := c.SVG()
	assert.Less(t, len(svg), 60_000)
	p := &plot{frame: frame{0, 0, 700, 300}, x: span{lo: 0, hi: 1e6}, y: span{lo: -1, hi: 50}}
	highest := math.Inf(1)
	for _, at := range thinnedPath(p, Line{Points: points}.vertices(&extent{})) {
		highest = min(highest, at.y)
	}
	assert.Zero(t, highest)
}

func TestFromPanes(t *testing.T) {
	pane := func(key string, minute int, v float64, replaces ...int) stream.Pane[string, float64] {
		p := stream.Pane[string, float64]{Key: key, Start: time.Unix(int64(60*minute), 0).UTC(), Value: v}
		for _, m := range replaces {
			p.Replaces = append(p.Replaces, stream.Span{Start: time.Unix(int64(60*m), 0).UTC()})
		}
		return p
	}
	all, step := FromPanes([]stream.Pane[string, float64]{pane("b", 2, 1), pane("a", 0, 1), pane("b", 1, 5), pane("b", 2, 3), pane("a", 7, 9), pane("a", 6, 8, 7)}, func(v float64) float64 { return v })
	assert.Equal(t, []Series{{"a", []Point{{0, 1}, {360, 8}}}, {"b", []Point{{60, 5}, {120, 3}}}}, all)
	assert.EqualValues(t, 60, step)
}
