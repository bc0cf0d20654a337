package chart_test

import (
	"context"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/sink"
	"github.com/freshet-go/freshet/sink/chart"
	"github.com/freshet-go/freshet/sink/sinktest"
	"github.com/freshet-go/freshet/source"
	"github.com/freshet-go/freshet/stream"
)

func TestFileSuite(t *testing.T) {
	var events []stream.Event[int]
	for i := range 40 {
		events = append(events, stream.Event[int]{Time: stream.Time(i), Value: i})
	}
	sinktest.Suite[int]{
		Events: events,
		Sink: func(t testing.TB) (stream.Sink[int], func() []int) {
			var drawn []int
			s := chart.File(filepath.Join(t.TempDir(), "chart.svg"), func(values []int) chart.Chart {
				drawn = slices.Clone(values)
				return chart.Chart{}
			})
			return s, func() []int { return drawn }
		},
	}.Run(t)
}

// A run leaves a whole picture and no other file; one of nothing says so.
func TestFileOfARun(t *testing.T) {
	for _, n := range []int{0, 1, 5000} {
		dir := t.TempDir()
		name := filepath.Join(dir, "chart.svg")
		values := make([]int, n)
		for i := range values {
			values[i] = i
		}
		p := stream.New("drawn")
		p.From(source.Slice(values)).To(chart.File(name, func(values []int) chart.Chart {
			var l chart.Line
			for _, v := range values {
				l.Points = append(l.Points, chart.Point{X: float64(v), Y: float64(v)})
			}
			return chart.Chart{Layers: []chart.Layer{l}, Note: "made up"}
		}, chart.Keep(100)))
		require.NoError(t, p.Run(context.Background()))
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, files, 1)
		svg, err := os.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, n == 0, strings.Contains(string(svg), "no data"))
		assert.Equal(t, n > 100, strings.Contains(string(svg), "made up – the last 100 values; 4900 before them are not shown"), "%s", svg)
	}
}

func TestFileThatCannotBeWritten(t *testing.T) {
	p := stream.New("drawn")
	p.From(source.Slice([]int{1})).To(chart.File(filepath.Join(t.TempDir(), "none", "chart.svg"), func([]int) chart.Chart { return chart.Chart{} }))
	err := p.Run(context.Background())
	var failed *sink.WriteError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestOptionsThatAreWrong(t *testing.T) {
	assert.Panics(t, func() { chart.Keep(0) })
	assert.Panics(t, func() { chart.Every(-1) })
	assert.Panics(t, func() { chart.Histogram("", nil, 0) })
	assert.Panics(t, func() { chart.Pareto(nil, 0) })
}

// A name that ends in .png asks for an image.
func TestFileOfAnImage(t *testing.T) {
	name := filepath.Join(t.TempDir(), "chart.PNG")
	p := stream.New("drawn")
	p.From(source.Slice([]float64{1, 2, 2, 3})).To(chart.File(name, func(values []float64) chart.Chart {
		return chart.Chart{Width: 300, Height: 200, Layers: []chart.Layer{chart.Histogram("", values, 3)}}
	}))
	require.NoError(t, p.Run(context.Background()))
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	picture, err := png.Decode(f)
	require.NoError(t, err)
	assert.Equal(t, 600, picture.Bounds().Dx())

	p = stream.New("too large")
	p.From(source.Slice([]float64{1})).To(chart.File(name, func([]float64) chart.Chart { return chart.Chart{Width: 1e6, Height: 1e6} }))
	require.ErrorContains(t, p.Run(context.Background()), "take a smaller scale")
}
