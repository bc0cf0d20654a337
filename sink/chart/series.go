package chart

import (
	"github.com/freshet-go/freshet/internal/latest"
	"github.com/freshet-go/freshet/stream"
)

// A Series is a name and the points that belong to it.
type Series struct {
	Name   string
	Points []Point // in any order
}

// Lines returns a Line for each series.
func Lines(all []Series, step float64) (layers []Layer) {
	for _, s := range all {
		layers = append(layers, Line{Name: s.Name, Points: s.Points, Step: step})
	}
	return layers
}

// FromPanes returns a series for each key, in the order of the keys' names: a point for each
// window, at its start. Of the panes of one window the last one counts, and a session
// that has grown replaces what it was, so late events correct what was drawn. The step is how far starts are apart at
// least: with it a Line and an Area have gaps where there was no window.
//
// Panes of one key have to be in the order in which they came.
func FromPanes[K comparable, R any](panes []stream.Pane[K, R], value func(R) float64) (all []Series, step float64) {
	return fromLatest(latest.Of(panes, value))
}

// fromLatest depends on no type of the caller's.
func fromLatest(found []latest.Series) (all []Series, step float64) {
	for _, f := range found {
		s := Series{Name: f.Name}
		for i, p := range f.Points {
			s.Points = append(s.Points, Point{At(p.Start), p.Value})
			if i == 0 {
				continue
			}
			if d := s.Points[i].X - s.Points[i-1].X; step == 0 || d < step {
				step = d
			}
		}
		all = append(all, s)
	}
	return all, step
}
