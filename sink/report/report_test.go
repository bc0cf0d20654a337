package report_test

import (
	"bytes"
	"context"
	"flag"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/freshet-go/freshet/internal/browsertest"
	"github.com/freshet-go/freshet/sink/chart"
	"github.com/freshet-go/freshet/sink/report"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

var update = flag.Bool("update", false, "write the page that tests compare with")

const evil = `</td></title></style><script>document.title='pwned'</script><img src=x onerror="document.title='pwned'">` + "\x00\u202e"

type euro int64

func (e euro) String() string { return "12.50" }

func page() report.Report {
	var line chart.Line
	for i := range 24 {
		line.Points = append(line.Points, chart.Point{X: chart.At(time.Date(2026, 3, 14, i, 0, 0, 0, time.UTC)), Y: float64(i*i) * 100})
	}
	return report.Report{
		Title: "A day of the shop", Subtitle: "made up", Language: language.German,
		Parts: []report.Part{
			report.Figures{{Name: "revenue", Value: 48211.5, Unit: "€", Note: "2 % more than the day before"}, {Name: "orders", Value: 1_204_567}, {Name: evil, Value: evil, Unit: evil, Note: evil}},
			report.Heading("By hour"),
			report.Picture{Chart: chart.Chart{Title: "Revenue by hour", X: chart.Axis{Zone: time.UTC}, Y: chart.Axis{Title: "revenue", Unit: "€"}, Layers: []chart.Layer{line}}},
			report.Text("A paragraph & <b>no</b> element."),
			report.Table{Caption: "Products", Columns: []string{"product", "sold", "price", "first sold", "share", "a column that is wide enough to make the table wider than a phone", evil}, Most: 2, Rows: [][]any{
				{"books-01", 12345, euro(12), time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC), math.NaN(), nil}, {evil, uint64(7), euro(1), time.Time{}, math.Inf(1), 1e300, evil}, {"cut off"}}},
			report.Table{Caption: "Nothing", Columns: []string{"a", "b"}},
		},
	}
}

func html(t *testing.T, r report.Report) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, r.WriteHTML(&b))
	return b.String()
}

// The page is the same to a byte. Look at it if it changes.
func TestGolden(t *testing.T) {
	got := html(t, page())
	if *update {
		require.NoError(t, os.WriteFile("testdata/page.html", []byte(got), 0o666))
	}
	want, err := os.ReadFile("testdata/page.html")
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "go test -update writes it anew")
	for _, s := range []string{"48.212", "1.204.567", "12.345", ">12.50<", "and 1 more row<", "no data", "2026-03-14 09:00:00"} {
		assert.Contains(t, got, s)
	}
	assert.NotContains(t, got, "<script")
	assert.NotContains(t, got, "<img")
	assert.NotContains(t, got, "\x00")
}

func TestEmptyReport(t *testing.T) {
	assert.Contains(t, html(t, report.Report{}), "no data")
}

// In a browser, wide and narrow, light and dark: nothing sticks out, no script runs,
// nothing is asked for.
func TestBrowser(t *testing.T) {
	b := browsertest.Start(t)
	file, err := filepath.Abs(filepath.Join(t.TempDir(), "page.html"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(html(t, page())), 0o666))
	for _, view := range []struct {
		name  string
		width int
		dark  bool
	}{{"wide", 1200, false}, {"wide-dark", 1200, true}, {"phone", 360, false}, {"phone-dark", 360, true}} {
		b.View(view.width, 800, view.dark)
		b.Open("file://" + file)
		assert.Equal(t, "A day of the shop", b.Eval("document.title"), view.name)
		assert.Equal(t, true, b.Eval("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), "%s: something sticks out", view.name)
		assert.EqualValues(t, 1, b.Eval("[...document.querySelectorAll('svg.freshet-chart')].filter(s => s.getBoundingClientRect().width > 0).length"), view.name)
		ground := "rgb(255, 255, 255)"
		if view.dark {
			ground = "rgb(20, 24, 31)"
		}
		assert.Equal(t, ground, b.Eval("getComputedStyle(document.body).backgroundColor"), view.name)
		assert.Equal(t, ground, b.Eval("getComputedStyle(document.querySelector('svg.freshet-chart rect')).fill"), view.name)
		smallest := b.Eval("Math.min(...[...document.querySelectorAll('svg.freshet-chart text')].map(t => t.getBoundingClientRect().height).filter(h => h > 0))")
		assert.Greater(t, smallest, 11.0, "%s: text can be read", view.name)
		if dir := os.Getenv("FRESHET_SCREENSHOTS"); dir != "" {
			b.Screenshot(filepath.Join(dir, view.name+".png"))
		}
	}
	b.Press("Tab", 9)
	assert.Equal(t, "Products", b.Eval("document.activeElement.getAttribute('aria-label')"), "the table that is scrolled is reached by the keyboard")
	assert.Empty(t, b.Troubles())
	for _, r := range b.Requests() {
		assert.True(t, strings.HasPrefix(r, "file://") || r == "about:blank", r)
	}
}

func TestFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "report.html")
	p := stream.New("reported")
	p.From(source.Slice([]int{1, 2, 3})).To(report.File(name, func(values []int) report.Report {
		return report.Report{Title: "numbers", Parts: []report.Part{report.Figures{{Name: "values", Value: len(values)}}}}
	}, report.Keep(2)))
	require.NoError(t, p.Run(context.Background()))
	got, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Contains(t, string(got), "<b>2</b>")
	assert.Contains(t, string(got), "Of the last 2 values; 1 before them are left out.")
	assert.Panics(t, func() { report.Keep(0) })
	assert.Panics(t, func() { report.Every(-1) })
}
