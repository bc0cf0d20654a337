package cluster

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/freshet-go/freshet/mining"
)

// Noise is the group of events that are in none.
const Noise = -1

// DBSCAN finds groups of any shape. An event that has at least least events within the distance radius, itself counted, is a core; cores
// within the radius of each other are of one group, and so is what lies within the radius of a core: of several, in the group that is found first. The
// rest is Noise. It returns the group of each event, numbered from 0 in the order in which their first cores stand in the table, and
// how many groups there are.
//
// It is Ester, Kriegel, Sander and Xu, "A Density-Based Algorithm for Discovering Clusters in Large Spatial Databases with
// Noise", KDD 1996. Weights do not count. Events are looked for among those near in the feature that is spread widest, so that it takes between n·log n and n²
// distances: for tables of up to some 50,000 events.
//
// It panics if radius or least is not positive, and returns an error for a table that is empty.
func DBSCAN(t *mining.Table, radius float64, least int) (of []int, groups int, err error) {
	if !(radius > 0) || least < 1 {
		panic(fmt.Sprintf("cluster: DBSCAN with radius %v and at least %d events: want more than 0", radius, least))
	}
	features := max(1, t.Features())
	rows, _, err := table(t, features, "cluster: DBSCAN")
	if err != nil {
		return nil, 0, err
	}
	d := newDensity(rows, radius)
	of = slices.Repeat([]int{Noise}, len(rows))
	seen := make([]bool, len(rows))
	for i := range rows {
		if seen[i] {
			continue
		}
		seen[i] = true
		near := d.near(i)
		if len(near) < least {
			continue
		}
		of[i] = groups
		var open []int // rows of the group whose neighbours are to be looked at: each once
		reach := func(near []int) {
			for _, j := range near {
				if of[j] == Noise {
					of[j] = groups
				}
				if !seen[j] {
					seen[j] = true
					open = append(open, j)
				}
			}
		}
		for reach(near); len(open) > 0; {
			j := open[len(open)-1]
			open = open[:len(open)-1]
			if more := d.near(j); len(more) >= least {
				reach(more)
			}
		}
		groups++
	}
	return of, groups, nil
}

// A density finds what is near. Rows are sorted by one feature; those where it is missing are near in it to all.
type density struct {
	rows    [][]float64
	radius  float64
	feature int
	order   []int // rows whose feature is known, by it
	at      []int // where a row stands in order, or -1
	unknown []int
	found   []int
}

func newDensity(rows [][]float64, radius float64) *density {
	d := &density{rows: rows, radius: radius, at: slices.Repeat([]int{-1}, len(rows))}
	widest := -1.0
	for f := range rows[0] {
		low, high := math.Inf(1), math.Inf(-1)
		for _, row := range rows {
			if v := row[f]; v == v {
				low, high = min(low, v), max(high, v)
			}
		}
		if high-low > widest {
			d.feature, widest = f, high-low
		}
	}
	for i, row := range rows {
		if v := row[d.feature]; v == v {
			d.order = append(d.order, i)
		} else {
			d.unknown = append(d.unknown, i)
		}
	}
	slices.SortStableFunc(d.order, func(a, b int) int { return cmp.Compare(rows[a][d.feature], rows[b][d.feature]) })
	for k, i := range d.order {
		d.at[i] = k
	}
	return d
}

// near returns the rows within the radius of row i, itself included. The slice is used again.
func (d *density) near(i int) []int {
	d.found = d.found[:0]
	row := d.rows[i]
	try := func(j int) {
		if distance(row, d.rows[j]) <= d.radius*d.radius {
			d.found = append(d.found, j)
		}
	}
	for _, j := range d.unknown {
		try(j)
	}
	if d.at[i] < 0 {
		for _, j := range d.order {
			try(j)
		}
		return d.found
	}
	v := row[d.feature]
	for k := d.at[i]; k >= 0 && v-d.rows[d.order[k]][d.feature] <= d.radius; k-- {
		try(d.order[k])
	}
	for k := d.at[i] + 1; k < len(d.order) && d.rows[d.order[k]][d.feature]-v <= d.radius; k++ {
		try(d.order[k])
	}
	return d.found
}
