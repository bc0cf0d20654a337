package engine

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/door"
)

// Partitions come to several sources, of which each knows the saved numbers of its own alone. Each keeps its number for ever, and no two have the same. A job that is started again with the partitions that it had
// uses up no numbers.
func TestNumbering(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 19))
	for range 50 {
		sources := make([]int, 1+rng.IntN(4)) // how many partitions each has
		known := map[string]int{}
		var saved *rest
		for range 12 {
			sources[rng.IntN(len(sources))] += rng.IntN(3)
			plan, number := &door.Plan{}, 0
			for i, n := range sources {
				s := door.Stage{ID: i, Kind: door.Source, Name: fmt.Sprint("source ", i)}
				for k := range n {
					s.Partitions = append(s.Partitions, door.Partition{Name: fmt.Sprint(k), Number: number})
					number++
				}
				plan.Stages = append(plan.Stages, s)
			}
			for range 2 {
				f := &foreign{plan: plan, stage: &Node{Source: func(*Run) (Opened, error) { return Opened{}, nil }}}
				if saved != nil {
					before := saved.Numbered
					require.NoError(t, f.renumber(saved, nil))
					if listed(plan) == saved.Listed {
						require.Equal(t, before, f.above+numbersOf(plan))
					}
				}
				of := map[int]string{}
				for _, s := range plan.Stages {
					for _, p := range s.Partitions {
						name := s.Name + " " + p.Name
						if _, ok := known[name]; !ok {
							known[name] = f.above + p.Number
						}
						require.Empty(t, of[known[name]], "%s has the number of another one", name)
						of[known[name]] = name
						require.Less(t, known[name], f.above+numbersOf(plan))
					}
				}
				saved = &rest{Above: f.above, Numbered: f.above + numbersOf(plan), Listed: listed(plan), Sources: sourcesOf(plan)}
			}
		}
	}
}
