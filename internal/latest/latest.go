// Package latest says what the panes of a stream have come to, for what draws them.
package latest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/freshet-go/freshet/stream"
)

// A Series is what a key has: a value for each window, by its start.
type Series struct {
	Name   string
	Points []Point

	values map[time.Time]float64
}

// A Point is the value of a window.
type Point struct {
	Start time.Time
	Value float64
}

// Of returns a series for each key, in the order of the keys' names. Of the panes of one window the
// last one counts, and a session that has grown replaces what it was. Little of it depends on the types,
// as each program compiles that anew.
func Of[K comparable, R any](panes []stream.Pane[K, R], value func(R) float64) []Series {
	place := map[K]int{}
	var all []Series
	for i := range panes {
		p := &panes[i]
		at, ok := place[p.Key]
		if !ok {
			at = len(all)
			place[p.Key] = at
			all = append(all, Series{Name: nameOf(p.Key), values: map[time.Time]float64{}})
		}
		all[at].put(p.Start, value(p.Value), p.Replaces)
	}
	return sorted(all)
}

// put sets the value of a window, in place of those of others.
func (s *Series) put(start time.Time, value float64, replaces []stream.Span) {
	for _, old := range replaces {
		delete(s.values, old.Start.UTC())
	}
	s.values[start.UTC()] = value
}

func sorted(all []Series) []Series {
	for i := range all {
		s := &all[i]
		for start, v := range s.values {
			s.Points = append(s.Points, Point{start, v})
		}
		slices.SortFunc(s.Points, func(a, b Point) int { return a.Start.Compare(b.Start) })
		s.values = nil
	}
	slices.SortStableFunc(all, func(a, b Series) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// nameOf is how a key is written; what has no key needs no name.
func nameOf(key any) string {
	if key == any(stream.NoKey{}) {
		return ""
	}
	return fmt.Sprint(key)
}
