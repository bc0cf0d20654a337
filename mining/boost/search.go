package boost

// search finds the best split of a leaf.
func (g *grower) search(l *grown) {
	l.best = split{}
	if l.total.n < 2*g.settings.samples || l.depth >= g.settings.depth {
		return
	}
	each(len(g.columns), g.settings.parallel, func(i int) {
		g.splits[i] = g.searchFeature(l, g.columns[i])
	})
	for i := range g.columns {
		if g.splits[i].gain > l.best.gain {
			l.best = g.splits[i]
		}
	}
}

// searchFeature finds the best split of a leaf by a feature: by each end of a bin, with the missing
// values on either side.
func (g *grower) searchFeature(l *grown, f int) (best split) {
	n := len(g.edges[f]) + 1
	cells := l.cells[g.offset[f] : g.offset[f]+n+1]
	absent := cells[n]
	whole := g.score(l.total)
	try := func(left cell, bin int, missingLeft bool) {
		right := l.total.less(left)
		if left.n < g.settings.samples || right.n < g.settings.samples || left.h < g.settings.hessian || right.h < g.settings.hessian {
			return
		}
		if gain := g.score(left) + g.score(right) - whole; gain > best.gain {
			if absent.n == 0 {
				missingLeft = left.n > right.n
			}
			best = split{gain, f, uint8(bin), missingLeft, left}
		}
	}
	last := n - 1
	if absent.n > 0 {
		last = n
	}
	var left cell
	for b := range last {
		left.g += cells[b].g
		left.h += cells[b].h
		left.n += cells[b].n
		if l.total.n-left.n < g.settings.samples {
			break
		}
		if left.n >= g.settings.samples {
			try(left, b, false)
		}
	}
	if absent.n == 0 {
		return best
	}
	left = absent
	for b := range n - 1 {
		left.g += cells[b].g
		left.h += cells[b].h
		left.n += cells[b].n
		try(left, b, true)
	}
	return best
}

// score is twice what the loss falls by when a leaf gets its best answer.
func (g *grower) score(c cell) float64 { return c.g * c.g / g.settings.damp(c.h) }

// damp returns what a leaf's sum of first derivatives is divided by. A difference of sums may be a hair
// below zero.
func (s *settings) damp(h float64) float64 { return max(0, h) + s.l2 + 1e-15 }
