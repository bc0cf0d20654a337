package chart

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/freshet-go/freshet/internal/browsertest"
)

// boxes are the frames of all texts of a picture, as wide as the Go fonts have them.
func boxes(s *scene, l *letters) (all []frame, texts []string) {
	for _, sh := range s.shapes {
		if sh.text == "" {
			continue
		}
		at, w := sh.path[0], l.width(sh.text, face{sh.size, sh.bold})
		left := at.x - w*[]float64{0, 0.5, 1}[sh.anchor]
		all = append(all, frame{left, at.y - 0.75*sh.size, left + w, at.y + 0.2*sh.size})
		texts = append(texts, sh.text)
	}
	return all, texts
}

// apartFrom fails where two texts lie upon each other, or one sticks out of the picture.
func apartFrom(t *testing.T, name string, s *scene, l *letters) {
	t.Helper()
	all, texts := boxes(s, l)
	for i, a := range all {
		if a.left < -1 || a.right > s.width+1 || a.top < -1 || a.bottom > s.height+1 {
			t.Errorf("%s: %q sticks out: %.0f to %.0f of %.0f by %.0f to %.0f of %.0f", name, texts[i], a.left, a.right, s.width, a.top, a.bottom, s.height)
		}
		for k, b := range all[:i] {
			if a.left < b.right-0.5 && b.left < a.right-0.5 && a.top < b.bottom-0.5 && b.top < a.bottom-0.5 {
				t.Errorf("%s: %q lies upon %q: %v and %v", name, texts[i], texts[k], a, b)
			}
		}
	}
}

// No label lies upon another or sticks out, at any width, whatever is drawn.
func TestLabelsDoNotCollide(t *testing.T) {
	l := newLetters(1)
	for name, c := range gallery() {
		for _, width := range []int{240, 328, 480, 720, 1600} {
			for _, height := range []int{160, 400} {
				for _, tag := range []language.Tag{language.German, language.Hindi} {
					c.Width, c.Height, c.Language = width, height, tag
					apartFrom(t, fmt.Sprint(name, " ", width, " by ", height, " in ", tag), c.scene(), l)
				}
			}
		}
	}
}

// The same for names, ranges and times of any size.
func TestLabelsOfAnyLength(t *testing.T) {
	l := newLetters(1)
	r := rand.New(rand.NewPCG(3, 4))
	word := func() string {
		return strings.TrimSpace(strings.Repeat([]string{"m", "i", "W ", "shop ", "Größe ", "ﬁ", "0"}[r.IntN(7)], r.IntN(30)))
	}
	zones := []*time.Location{nil, time.UTC, berlin}
	charts := 200
	if os.Getenv("FRESHET_LONG") != "" {
		charts = 3000
	}
	for n := range charts {
		c := Chart{Title: word() + " " + word(), Subtitle: word(), Note: word() + word(), Width: 200 + r.IntN(900), Height: 100 + r.IntN(600), Stacked: r.IntN(2) > 0,
			X: Axis{Title: word(), Unit: word(), Zone: zones[r.IntN(3)], Log: r.IntN(4) == 0}, Y: Axis{Title: word(), Unit: word(), Log: r.IntN(4) == 0}}
		if r.IntN(3) == 0 {
			for range 1 + r.IntN(40) {
				c.X.Labels = append(c.X.Labels, word())
			}
		}
		size := float64(int64(1) << r.IntN(60))
		var points []Point
		var ranks []Rank
		var values []float64
		for range 1 + r.IntN(20) {
			points = append(points, Point{size * r.Float64(), (r.Float64() - 0.3) * size})
			ranks = append(ranks, Rank{word(), r.ExpFloat64() * size})
			values = append(values, r.NormFloat64()*size)
		}
		heat := Heat{Share: r.IntN(2) > 0}
		for range 1 + r.IntN(20) {
			heat.Rows, heat.Columns, heat.Values = append(heat.Rows, word()), append(heat.Columns, word()), append(heat.Values, values)
		}
		for range 1 + r.IntN(3) {
			c.Layers = append(c.Layers, []Layer{Line{Name: word(), Points: points}, Bars{Name: word(), Points: points, Step: size / 10}, Dots{word(), points}, Area{Parts: []Series{{word(), points}, {word(), points}}},
				Histogram(word(), values, 1+r.IntN(50)), Boxes{word(), []Box{BoxOf(0, values)}}}[r.IntN(6)])
		}
		switch r.IntN(5) {
		case 0:
			c.Layers = []Layer{heat}
		case 1:
			c.Layers = []Layer{Funnel(ranks)}
		case 2:
			c.Layers = []Layer{Pareto(ranks, 1+r.IntN(15))}
		}
		apartFrom(t, fmt.Sprint("chart ", n), c.scene(), l)
		if t.Failed() {
			t.Fatalf("%+v", c)
		}
	}
}

// The same with the letters that a browser has.
func TestLabelsInBrowser(t *testing.T) {
	b := browsertest.Start(t)
	for _, width := range []int{328, 720} {
		var page strings.Builder
		page.WriteString("<!doctype html><meta charset=utf-8><body>")
		for name, c := range gallery() {
			c.Width = width
			page.WriteString("<div data-name=" + name + ">" + string(c.SVG()) + "</div>")
		}
		file := filepath.Join(t.TempDir(), "page.html")
		require.NoError(t, os.WriteFile(file, []byte(page.String()), 0o666))
		b.View(800, 600, false)
		b.Open("file://" + file)
		assert.Empty(t, b.Eval(`[...document.querySelectorAll("body > div")].flatMap(div => {
			const frame = div.querySelector("svg").getBoundingClientRect();
			const texts = [...div.querySelectorAll("text")].map(t => ({text: t.firstChild.data, box: t.getBoundingClientRect()}));
			return texts.flatMap(({text, box: a}, i) => {
				const found = texts.slice(0, i).filter(({box: b}) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3).map(o => text + " lies upon " + o.text);
				if (a.left < frame.left - 1 || a.right > frame.right + 1 || a.top < frame.top - 1 || a.bottom > frame.bottom + 1) found.push(text + " sticks out");
				return found.map(f => div.dataset.name + ": " + f);
			});
		}).join("\n")`), "width %d", width)
	}
}
