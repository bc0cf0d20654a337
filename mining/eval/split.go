package eval

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/freshet-go/freshet/mining"
)

// A Split parts the events of a table in those that a model learns and those that judge it: their numbers, in ascending order.
type Split struct{ Train, Test []int }

// Of returns the two parts of a table. They share its memory.
func (s Split) Of(t *mining.Table) (train, test *mining.Table) {
	return t.Select(s.Train), t.Select(s.Test)
}

// KFold parts n events in k folds of the same size, or nearly: each fold judges what learnt the others. The folds are runs of events as
// they stand, the first n%k of them longer by one: [Shuffled] draws them. It panics if k is less than 2 or more than n.
func KFold(n, k int) []Split { return kfold(inOrder(n), k, "KFold") }

// Shuffled is [KFold] of events in an order that is drawn from a seed. Not for events in time: a model would learn the future.
func Shuffled(n, k int, seed uint64) []Split {
	order := inOrder(n)
	rand.New(rand.NewPCG(seed, 0)).Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	return kfold(order, k, "Shuffled")
}

func inOrder(n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return order
}

func folds(n, k int, who string) {
	if k < 2 || k > n {
		panic(fmt.Sprintf("eval: %s: %d folds of %d: there are 2 or more, and no more than that", who, k, n))
	}
}

func kfold(order []int, k int, who string) []Split {
	n := len(order)
	folds(n, k, who)
	fold := make([]int, n)
	at := 0
	for f := range k {
		size := n / k
		if f < n%k {
			size++
		}
		for range size {
			fold[order[at]] = f
			at++
		}
	}
	return byFold(fold, k)
}

// byFold returns the splits of events with the numbers of their folds.
func byFold(fold []int, k int) []Split {
	splits := make([]Split, k)
	for i, of := range fold {
		for f := range splits {
			if f == of {
				splits[f].Test = append(splits[f].Test, i)
			} else {
				splits[f].Train = append(splits[f].Train, i)
			}
		}
	}
	return splits
}

// Stratified parts events in k folds that have each class as often as all have, or nearly: the numbers of a class in two folds differ
// by 1 at most. Events of a class stay in their order. A class of fewer than k events is missing in some folds. It panics if k is less than
// 2, or if no class has k events.
func Stratified(labels []float64, k int) []Split { return stratified(labels, k, nil, "Stratified") }

// StratifiedShuffled is [Stratified], where the events of a class are dealt out in an order that is drawn from a seed.
func StratifiedShuffled(labels []float64, k int, seed uint64) []Split {
	return stratified(labels, k, rand.New(rand.NewPCG(seed, 0)), "StratifiedShuffled")
}

func stratified(labels []float64, k int, random *rand.Rand, who string) []Split {
	// Classes are numbered as they first come, and lined up: every k-th of the line tells how many of each class a fold gets. So does
	// scikit-learn.
	number := make(map[float64]int)
	var rows [][]int
	for i, y := range labels {
		c, ok := number[y]
		if !ok {
			c = len(rows)
			number[y] = c
			rows = append(rows, nil)
		}
		rows[c] = append(rows[c], i)
	}
	most := 0
	for _, r := range rows {
		most = max(most, len(r))
	}
	folds(most, k, who+", of the events of the greatest class")
	fold := make([]int, len(labels))
	at := 0
	for _, r := range rows {
		share := make([]int, k)
		for range r {
			share[at%k]++
			at++
		}
		var line []int
		for f, n := range share {
			line = append(line, slices.Repeat([]int{f}, n)...)
		}
		if random != nil {
			random.Shuffle(len(line), func(i, j int) { line[i], line[j] = line[j], line[i] })
		}
		for i, row := range r {
			fold[row] = line[i]
		}
	}
	return byFold(fold, k)
}

// Grouped parts events in k folds that have all events of a group or none: all orders of a customer are on one side. Groups are dealt
// out from the greatest down, each to the fold that has the fewest events. Of groups of the same size the one that comes first is first. It
// panics if k is less than 2 or more than the groups.
func Grouped[G comparable](groups []G, k int) []Split {
	number := make(map[G]int)
	of := make([]int, len(groups))
	var sizes []int
	for i, g := range groups {
		n, ok := number[g]
		if !ok {
			n = len(sizes)
			number[g] = n
			sizes = append(sizes, 0)
		}
		of[i] = n
		sizes[n]++
	}
	return grouped(of, sizes, k)
}

func grouped(of, sizes []int, k int) []Split {
	folds(len(sizes), k, "Grouped, of groups")
	order := inOrder(len(sizes))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[b], sizes[a]) })
	foldOf, load := make([]int, len(sizes)), make([]int, k)
	for _, g := range order {
		lightest := 0
		for f := range load {
			if load[f] < load[lightest] {
				lightest = f
			}
		}
		foldOf[g] = lightest
		load[lightest] += sizes[g]
	}
	fold := make([]int, len(of))
	for i, g := range of {
		fold[i] = foldOf[g]
	}
	return byFold(fold, k)
}

// TimeOrdered parts n events in the order of time in k splits: a model learns what is before, and is judged by what is behind. The last
// k·size events are cut in k tests of size each. Gap events before a test are left out, whose labels are not known yet. Longest bounds how
// many events are learnt, the last ones: 0 has no bound. A size of 0 is n/(k+1). It panics if nothing is left to learn.
func TimeOrdered(n, k, size, gap, longest int) []Split {
	if k < 1 || size < 0 || gap < 0 || longest < 0 {
		panic(fmt.Sprintf("eval: TimeOrdered: %d splits of size %d, a gap of %d, %d at most", k, size, gap, longest))
	}
	if size == 0 {
		size = n / (k + 1)
	}
	if size == 0 || n-k*size-gap < 1 {
		panic(fmt.Sprintf("eval: TimeOrdered: of %d events, %d tests of %d and a gap of %d leave nothing to learn", n, k, size, gap))
	}
	all := inOrder(n)
	splits := make([]Split, k)
	for i := range splits {
		from := n - (k-i)*size
		train := all[:from-gap]
		if longest > 0 {
			train = train[max(0, len(train)-longest):]
		}
		splits[i] = Split{slices.Clone(train), slices.Clone(all[from : from+size])}
	}
	return splits
}
