package boost

import "math"

var inf = math.Inf(1)

// A cell sums the slopes of the events of a leaf in one bin.
type cell struct {
	g, h float64
	n    int
}

// A grower grows trees over the same binned events. Its memory is used again for each.
type grower struct {
	*binned
	settings *settings
	flat     bool // h is 1 for every event
	columns  []int
	offset   []int // of the first cell of each feature; each has one more for missing values
	cells    int
	free     [][]cell
	rowsIn   []uint32 // the events, leaf by leaf
	spare    []uint32
	ordered  []slope
	splits   []split
	leaves   []grown
	nodes    []place
}

// A split is the best of a leaf, or of one of its features.
type split struct {
	gain        float64
	feature     int
	bin         uint8
	missingLeft bool
	left        cell
}

// grown is a leaf of a growing tree.
type grown struct {
	node     int
	from, to int // its part of rowsIn
	depth    int
	total    cell
	cells    []cell
	best     split
}

// A place is a node of a growing tree: of a leaf, left is -1.
type place struct {
	split
	leftNode, rightNode int
	total               cell
	value               float64
}

func newGrower(b *binned, s *settings, flat bool) *grower {
	g := &grower{binned: b, settings: s, flat: flat, offset: make([]int, len(b.edges)), spare: make([]uint32, b.rows), ordered: make([]slope, b.rows), splits: make([]split, len(b.edges))}
	for f, e := range b.edges {
		g.offset[f] = g.cells
		g.cells += len(e) + 2
	}
	return g
}

// grow grows a tree over the events with the numbers in rows, in ascending order, by the features in columns. The
// leaf whose split gains most is split next, or with DepthWise one of those that are nearest to the root.
func (g *grower) grow(rows []uint32, columns []int, slopes []slope) {
	g.rowsIn, g.columns = rows, columns
	for i := range g.leaves {
		g.release(&g.leaves[i])
	}
	g.leaves, g.nodes = g.leaves[:0], append(g.nodes[:0], place{leftNode: -1})
	root := grown{to: len(rows), cells: g.take()}
	g.fill(&root, slopes)
	for _, r := range rows {
		root.total.g += slopes[r].g
		root.total.h += slopes[r].h
	}
	root.total.n = len(rows)
	g.nodes[0].total = root.total
	g.search(&root)
	g.leaves = append(g.leaves, root)
	for len(g.leaves) < g.settings.leaves {
		best := -1
		for i := range g.leaves {
			if g.leaves[i].best.gain > 0 && (best < 0 || g.before(&g.leaves[i], &g.leaves[best])) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		g.split(best, slopes)
	}
}

// before reports whether leaf a is split before leaf b.
func (g *grower) before(a, b *grown) bool {
	if g.settings.byDepth && a.depth != b.depth {
		return a.depth < b.depth
	}
	return a.best.gain > b.best.gain
}

func (g *grower) take() []cell {
	if n := len(g.free); n > 0 {
		c := g.free[n-1]
		g.free = g.free[:n-1]
		return c
	}
	return make([]cell, g.cells)
}

func (g *grower) release(l *grown) {
	if l.cells != nil {
		g.free = append(g.free, l.cells)
		l.cells = nil
	}
}

// split makes two leaves of one.
func (g *grower) split(i int, slopes []slope) {
	old := g.leaves[i]
	middle := g.partition(&old)
	left := grown{node: len(g.nodes), from: old.from, to: middle, depth: old.depth + 1, total: old.best.left}
	right := grown{node: len(g.nodes) + 1, from: middle, to: old.to, depth: old.depth + 1, total: old.total.less(old.best.left)}
	at := &g.nodes[old.node]
	at.split, at.leftNode, at.rightNode = old.best, left.node, right.node
	g.nodes = append(g.nodes, place{leftNode: -1, total: left.total}, place{leftNode: -1, total: right.total})
	// The sums of the larger are those of the whole less those of the smaller.
	small, large := &left, &right
	if left.total.n > right.total.n {
		small, large = large, small
	}
	if left.depth < g.settings.depth && len(g.leaves)+1 < g.settings.leaves {
		small.cells, large.cells = g.take(), old.cells
		g.fill(small, slopes)
		for _, f := range g.columns {
			from := g.offset[f]
			whole, part := large.cells[from:from+len(g.edges[f])+2], small.cells[from:from+len(g.edges[f])+2]
			for k := range whole {
				whole[k] = whole[k].less(part[k])
			}
		}
		g.search(small)
		g.search(large)
	} else {
		g.release(&old)
	}
	g.leaves[i] = left
	g.leaves = append(g.leaves, right)
}

func (c cell) less(d cell) cell { return cell{c.g - d.g, c.h - d.h, c.n - d.n} }

// partition moves the events of a leaf that go left before the others, and returns where those begin. Both
// parts stay in order.
func (g *grower) partition(l *grown) int {
	rows, codes := g.rowsIn[l.from:l.to], g.codes[l.best.feature]
	left, right := 0, 0
	// A table instead of comparisons: which way an event goes cannot be guessed.
	var goes [256]int
	for c := range goes {
		if c <= int(l.best.bin) || c == missing && l.best.missingLeft {
			goes[c] = 1
		}
	}
	spare := g.spare[:len(rows)]
	for _, r := range rows {
		one := goes[codes[r]]
		rows[left], spare[right] = r, r
		left += one
		right += 1 - one
	}
	copy(rows[left:], spare[:right])
	return l.from + left
}

// fill sums the slopes of the events of a leaf.
func (g *grower) fill(l *grown, slopes []slope) {
	rows := g.rowsIn[l.from:l.to]
	ordered := slopes
	all := len(rows) == g.rows
	if !all {
		ordered = g.ordered[:len(rows)]
		for i, r := range rows {
			ordered[i] = slopes[r]
		}
	}
	each(len(g.columns), g.settings.parallel, func(i int) {
		f := g.columns[i]
		var cells [256]cell
		codes := g.codes[f]
		switch {
		case all:
			fillAll(&cells, codes, ordered)
		case g.flat:
			fillFlat(&cells, codes, rows, ordered)
		default:
			fillSome(&cells, codes, rows, ordered)
		}
		if g.flat && !all {
			for k := range cells {
				cells[k].h = float64(cells[k].n)
			}
		}
		to := l.cells[g.offset[f]:]
		n := copy(to[:len(g.edges[f])+1], cells[:])
		to[n] = cells[missing]
	})
}

func fillAll(cells *[256]cell, codes []uint8, slopes []slope) {
	slopes = slopes[:len(codes)]
	for i, c := range codes {
		to := &cells[c]
		to.g += slopes[i].g
		to.h += slopes[i].h
		to.n++
	}
}

func fillSome(cells *[256]cell, codes []uint8, rows []uint32, slopes []slope) {
	slopes = slopes[:len(rows)]
	for i, r := range rows {
		to := &cells[codes[r]]
		to.g += slopes[i].g
		to.h += slopes[i].h
		to.n++
	}
}

func fillFlat(cells *[256]cell, codes []uint8, rows []uint32, slopes []slope) {
	slopes = slopes[:len(rows)]
	for i, r := range rows {
		to := &cells[codes[r]]
		to.g += slopes[i].g
		to.n++
	}
}
