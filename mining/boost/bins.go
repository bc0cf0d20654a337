package boost

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/freshet-go/freshet/mining"
)

// missing is the bin of values that are missing.
const missing = 255

// binned is a table in bins, column by column.
type binned struct {
	edges [][]float64 // of each feature: bin i has the values that are edges[i] at most, and more than edges[i-1]
	codes [][]uint8
	rows  int
}

// sampled is how many values the edges of a feature are chosen by, at most.
const sampled = 200_000

// bin puts the events with these numbers into bins.
func bin(t *mining.Table, rows []int, features int, s *settings) *binned {
	b := &binned{edges: make([][]float64, features), codes: make([][]uint8, features), rows: len(rows)}
	values := make([]float64, features*len(rows))
	x := make([]float64, features)
	for i, r := range rows {
		t.X[r].Expand(x)
		for f, v := range x {
			values[f*len(rows)+i] = v
		}
	}
	each(features, s.parallel, func(f int) {
		column := values[f*len(rows) : (f+1)*len(rows)]
		b.edges[f] = edges(column, s.bins, s.seed)
		b.codes[f] = codes(column, b.edges[f])
	})
	return b
}

// edges returns where bins end: between neighbours, where there are no more values than bins, and
// otherwise at quantiles.
func edges(column []float64, bins int, seed uint64) []float64 {
	sorted := make([]float64, 0, min(len(column), sampled))
	random := rand.New(rand.NewPCG(seed, 1))
	for i, v := range column {
		// As long as the sample has room for all that follow, all are taken.
		if len(column) > sampled && random.IntN(len(column)-i) >= sampled-len(sorted) {
			continue
		}
		if mining.Known(v) {
			sorted = append(sorted, v)
		} else if len(column) > sampled {
			sorted = append(sorted, mining.Missing) // it has its place in the sample
		}
	}
	slices.Sort(sorted) // NaN comes first
	for len(sorted) > 0 && !mining.Known(sorted[0]) {
		sorted = sorted[1:]
	}
	if len(sorted) == 0 {
		return nil
	}
	distinct := make([]float64, 0, bins+1)
	for i, v := range sorted {
		if i == 0 || v != distinct[len(distinct)-1] {
			if distinct = append(distinct, v); len(distinct) > bins {
				break
			}
		}
	}
	var to []float64
	if len(distinct) <= bins {
		for i := 1; i < len(distinct); i++ {
			to = append(to, middle(distinct[i-1], distinct[i]))
		}
		return to
	}
	for i := 1; i < bins; i++ {
		// The quantile that Hyndman and Fan, 1996, number 2.
		at := i * len(sorted)
		e := sorted[max(0, (at+bins-1)/bins-1)]
		if at%bins == 0 {
			e = middle(e, sorted[at/bins])
		}
		if len(to) == 0 || e > to[len(to)-1] {
			to = append(to, e)
		}
	}
	return to
}

// middle returns a number that is at least a, and less than b where a is.
func middle(a, b float64) float64 {
	if m := a/2 + b/2; m >= a && m < b {
		return m
	}
	return a
}

func codes(column, edges []float64) []uint8 {
	// The search below has eight steps, whatever the number of edges, and no branches to guess.
	var all [256]float64
	n := copy(all[:], edges)
	for i := n; i < len(all); i++ {
		all[i] = inf
	}
	to := make([]uint8, len(column))
	for i, v := range column {
		if !mining.Known(v) {
			to[i] = missing
			continue
		}
		c := uint8(0)
		for step := uint8(128); step > 0; step /= 2 {
			if v > all[c+step-1] {
				c += step
			}
		}
		to[i] = c
	}
	return to
}

// each calls do with 0 to n-1, by that many goroutines.
func each(n, goroutines int, do func(i int)) {
	if goroutines = min(goroutines, n); goroutines <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var done sync.WaitGroup
	for range goroutines {
		done.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	done.Wait()
}
