package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/freshet-go/freshet/mining"
)

// An Importance is how much worse a model scores when a feature tells it nothing.
type Importance struct {
	Feature int
	Name    string // of the table, or the number
	Mean    float64
	StdErr  float64 // of the mean, over the repeats: NaN of one
}

// PermutationImportance scores a model on a table in which the values of one feature are shuffled among the events, for each feature,
// repeats times, and returns how much less the score is then: from the most important feature down. Score is a figure of the
// model that is greater where it is better, and must not change the table. Features that say the same share
// their importance: each alone seems to matter little. It costs features × repeats scores. It is Breiman, "Random forests", Machine
// Learning 45, 2001; over models as in Fisher, Rudin and Dominici, JMLR 20, 2019.
func PermutationImportance(t *mining.Table, repeats int, seed uint64, score func(t *mining.Table) float64) []Importance {
	atLeast(1, repeats, "PermutationImportance: repeats")
	if t.Len() == 0 {
		panic("eval: PermutationImportance: the table is empty")
	}
	whole := score(t)
	all := make([]Importance, t.Features())
	column := make([]float64, t.Len())
	for f := range all {
		random := rand.New(rand.NewPCG(seed, uint64(f)))
		for i, x := range t.X {
			column[i] = x.At(f)
		}
		drops := make([]float64, repeats)
		for r := range drops {
			random.Shuffle(len(column), func(i, j int) { column[i], column[j] = column[j], column[i] })
			changed := *t
			changed.X = make([]mining.Vector, t.Len())
			for i, x := range t.X {
				changed.X[i] = with(x, f, column[i])
			}
			drops[r] = whole - score(&changed)
		}
		all[f] = Importance{f, nameOf(t, f), meanOf(drops), math.Sqrt(varianceOf(drops) / float64(repeats))}
	}
	slices.SortStableFunc(all, func(a, b Importance) int {
		switch {
		case a.Mean > b.Mean:
			return -1
		case a.Mean < b.Mean:
			return 1
		}
		return 0
	})
	return all
}

func nameOf(t *mining.Table, f int) string {
	if f < len(t.Names) {
		return t.Names[f]
	}
	return strconv.Itoa(f)
}

// with returns x with another value at a place.
func with(x mining.Vector, place int, v float64) mining.Vector {
	dense := len(x.Dense())
	c := mining.Vector{Value: append([]float64(nil), x.Dense()...)}
	if place < dense {
		c.Value[place] = v
	}
	for i, s := range x.Sparse() {
		if int(x.Index[i]) != place {
			c.Put(int(x.Index[i]), s)
		}
	}
	if place >= dense && v != 0 {
		c.Put(place, v)
	}
	return c
}

// ImportanceReport returns the importances as a table.
func ImportanceReport(all []Importance) *Report {
	r := &Report{Title: "permutation importance", Columns: []string{"worse by", "standard error"}}
	for _, i := range all {
		r.Rows = append(r.Rows, ReportRow{Name: i.Name, Values: []float64{i.Mean, i.StdErr}})
	}
	if len(all) > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("Without %s the score falls most.", all[0].Name))
	}
	return r
}
