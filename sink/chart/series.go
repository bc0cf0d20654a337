package chart

import (
	"cmp"
	"fmt"
	"slices"
	"time"

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
	type cell struct {
		key   K
		start time.Time
	}
	place := map[K]int{}
	latest := map[cell]float64{}
	for _, p := range panes {
		for _, old := range p.Replaces {
			delete(latest, cell{p.Key, old.Start.UTC()})
		}
		if _, ok := place[p.Key]; !ok {
			place[p.Key] = len(all)
			all = append(all, Series{Name: nameOf(p.Key)})
		}
		latest[cell{p.Key, p.Start.UTC()}] = value(p.Value)
	}
	for c, v := range latest {
		s := &all[place[c.key]]
		s.Points = append(s.Points, Point{At(c.start), v})
	}
	return all, putInOrder(all)
}

// putInOrder sorts series by name and their points by place, and returns how far points of one
// series are apart at least. It is apart from FromPanes, which is compiled for each type of panes.
func putInOrder(all []Series) (step float64) {
	for _, s := range all {
		slices.SortFunc(s.Points, func(a, b Point) int { return cmp.Compare(a.X, b.X) })
		for i, p := range s.Points[:max(1, len(s.Points))-1] {
			if d := s.Points[i+1].X - p.X; step == 0 || d < step {
				step = d
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Series) int { return cmp.Compare(a.Name, b.Name) })
	return step
}

// nameOf is how a key is written; what has no key needs no name.
func nameOf(key any) string {
	if key == any(stream.NoKey{}) {
		return ""
	}
	return fmt.Sprint(key)
}
