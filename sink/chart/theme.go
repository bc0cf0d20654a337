package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A Theme is the ground that charts are drawn on.
type Theme int

const (
	// Either is light or dark, as the viewer prefers.
	Either Theme = iota
	Light
	Dark
)

func (t Theme) class() string {
	return [...]string{"freshet-chart", "freshet-chart freshet-light", "freshet-chart freshet-dark"}[t]
}

// An ink is a colour by what it is for.
type ink int

const (
	nothing ink = iota
	ground
	text
	muted // text that is read second
	grid
	axisInk
	other  // a series for which there is no colour left
	absent // a cell without a value
	onDeep // text on heat, where that is deep
	onPale
	series0 // the first of seriesColours
	heat0   = series0 + seriesColours
	inks    = heat0 + heatColours
)

const (
	// seriesColours are as many as can be told apart by who sees two of the three
	// primary colours only; a test counts that.
	seriesColours = 6
	heatColours   = 7
)

func (i ink) String() string {
	switch {
	case i >= heat0:
		return fmt.Sprintf("h%d", i-heat0)
	case i >= series0:
		return fmt.Sprintf("s%d", i-series0)
	}
	return [...]string{"nothing", "ground", "text", "muted", "grid", "axis", "other", "absent", "deep", "pale"}[i]
}

// A palette has a colour for each ink.
type palette [inks]string

// The series come from the colours of Okabe and Ito, "Color Universal Design" (2008). They were
// moved, each as little as possible, until every two were as far apart as the test asks
// for with any kind of cones missing, and stood out from their ground. Heat goes from pale to deep on a light ground, and from deep
// to pale on a dark one, so that much stands out.
var (
	light = palette{
		ground: "#ffffff", text: "#1d2430", muted: "#5b6472", grid: "#e4e7ec", axisInk: "#8b94a3", other: "#9aa1ad", absent: "#f1f2f4", onDeep: "#ffffff", onPale: "#1d2430",
		series0: "#0c6cab", series0 + 1: "#bc4e08", series0 + 2: "#059a79", series0 + 3: "#914d71", series0 + 4: "#bd860e", series0 + 5: "#1b2a41",
		heat0: "#e8f1fa", heat0 + 1: "#c6ddf0", heat0 + 2: "#9dc6e4", heat0 + 3: "#66a5d1", heat0 + 4: "#3a81b8", heat0 + 5: "#1a5b95", heat0 + 6: "#0a3565",
	}
	dark = palette{
		ground: "#14181f", text: "#e8ebf0", muted: "#a3adbb", grid: "#2a313c", axisInk: "#6b7686", other: "#7a8391", absent: "#1e242d", onDeep: "#ffffff", onPale: "#10141a",
		series0: "#4bb6f1", series0 + 1: "#ef7614", series0 + 2: "#36a872", series0 + 3: "#d78bb7", series0 + 4: "#e9c03a", series0 + 5: "#f4f6fa",
		heat0: "#17293d", heat0 + 1: "#1c3f5f", heat0 + 2: "#235a86", heat0 + 3: "#3a7bac", heat0 + 4: "#67a2cd", heat0 + 5: "#a2cbe8", heat0 + 6: "#e2f1fc",
	}
)

// on is what text on a colour of heat has.
func (p *palette) on(heat ink) ink {
	if contrast(p[heat], p[onDeep]) > contrast(p[heat], p[onPale]) {
		return onDeep
	}
	return onPale
}

// css has a class for the area and one for the line of each ink, of those that are used. In a page with
// several charts the rules of all of them are the same.
func (t Theme) css(used map[string]bool) string {
	switch t {
	case Light:
		return light.css(".freshet-light", used)
	case Dark:
		return dark.css(".freshet-dark", used)
	}
	return light.css(".freshet-chart", used) + "@media(prefers-color-scheme:dark){" + dark.css(".freshet-chart", used) + "}"
}

func (p *palette) css(within string, used map[string]bool) string {
	var b strings.Builder
	for i := ground; i < inks; i++ {
		if used["f-"+i.String()] {
			fmt.Fprintf(&b, "%s .f-%v{fill:%s}", within, i, p[i])
		}
		if used["l-"+i.String()] {
			fmt.Fprintf(&b, "%s .l-%v{stroke:%s}", within, i, p[i])
		}
	}
	for i := heat0; i < inks; i++ {
		if !used["f-on"+i.String()] {
			continue
		}
		fmt.Fprintf(&b, "%s .f-on%v{fill:%s}", within, i, p[p.on(i)])
	}
	return b.String()
}

// contrast is that of two colours by WCAG 2.2: from 1 to 21.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(colour string) float64 {
	c := linear(colour)
	return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2]
}

// linear returns red, green and blue as amounts of light.
func linear(colour string) (c [3]float64) {
	for i := range c {
		v, _ := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if c[i] = float64(v) / 255; c[i] <= 0.04045 {
			c[i] /= 12.92
		} else {
			c[i] = math.Pow((c[i]+0.055)/1.055, 2.4)
		}
	}
	return c
}
